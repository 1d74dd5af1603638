"""What fuzzing once found stays fixed, and the seeds are what they are taken for."""

import pytest

from tests.fuzz.regressions import decode, keep, kept_inputs
from tests.fuzz.seeds import seeds_of
from tests.fuzz.targets import TARGETS

KEPT = kept_inputs()


@pytest.mark.parametrize("name", KEPT)
def test_an_input_that_showed_a_defect_shows_none(name):
    target, data = KEPT[name]
    TARGETS[target].check(data)


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_show_no_defect(name):
    seeds = seeds_of(name)
    assert seeds, "nothing to begin with"
    for data in seeds:
        TARGETS[name].check(data)


def test_what_is_kept_is_what_was_found(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.fuzz.regressions.KEPT", tmp_path)
    path = keep("png", "every_byte", bytes(range(256)), "All bytes survive.")
    assert path.read_text().startswith("# All bytes survive.\n")
    assert decode(path.read_text()) == bytes(range(256))
    assert kept_inputs() == {"png/every_byte": ("png", bytes(range(256)))}
