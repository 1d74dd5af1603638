"""Generated parts are up to date."""

from tools import generate


def test_generated_parts_are_up_to_date():
    assert not generate.outdated(), "run `make generate`"
