"""Inputs that once showed a defect stay fixed, and the seeds show none."""

import pytest

from tests.fuzz.regressions import decode, keep, kept_inputs
from tests.fuzz.seeds import seeds_of
from tests.fuzz.targets import TARGETS

KEPT = kept_inputs()


@pytest.mark.parametrize("name", KEPT)
def test_former_defect_stays_fixed(name):
    target, data = KEPT[name]
    TARGETS[target].check(data)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_show_no_defect(name):
    seeds = seeds_of(name)
    assert seeds, "no seeds"
    for data in seeds:
        TARGETS[name].check(data)


def test_kept_input_is_read_back_unchanged(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.fuzz.regressions.KEPT", tmp_path)
    path = keep("png", "every_byte", bytes(range(256)), "All bytes survive.")
    assert path.read_text().startswith("# All bytes survive.\n")
    assert decode(path.read_text()) == bytes(range(256))
    assert kept_inputs() == {"png/every_byte": ("png", bytes(range(256)))}
