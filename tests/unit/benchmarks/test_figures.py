"""Figures computed from measurements."""

import pytest

from benchmarks.figures import Figure, Outcome, Target, not_measured, ratio, spread


def test_ratio_is_the_median_of_the_rounds():
    """A round that was slow for both sides does not change it."""
    figure = ratio("a ÷ b", [1.0, 20.0, 3.0], [2.0, 40.0, 3.0], Target(0.6), unit="ms")
    assert (figure.value, figure.outcome) == (0.5, Outcome.MET)
    assert figure.detail == "3 ms against 3 ms"
    assert figure.spread is not None
    assert figure.spread.count == 3


def test_ratio_needs_equal_numbers_of_rounds():
    with pytest.raises(ValueError, match="argument"):
        ratio("a ÷ b", [1.0], [1.0, 2.0], unit="ms")


def test_spread_is_the_middle_half():
    assert spread([5.0, 1.0, 2.0, 3.0, 4.0]) == spread([1.0, 2.0, 3.0, 4.0, 5.0])
    middle = spread([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (middle.low, middle.middle, middle.high, middle.count) == (2.0, 3.0, 4.0, 5)


def test_spread_of_one_value_is_that_value():
    one = spread([7.0])
    assert (one.low, one.middle, one.high) == (7.0, 7.0, 7.0)


def test_spread_of_no_values_raises():
    with pytest.raises(ValueError, match="no values"):
        spread([])


@pytest.mark.parametrize(
    ("target", "value", "outcome"),
    [
        (Target(3), 3.0, Outcome.MET),
        (Target(3), 3.1, Outcome.MISSED),
        (Target(0.5, at_least=True), 0.5, Outcome.MET),
        (Target(0.5, at_least=True), 0.4, Outcome.MISSED),
        (None, 9.0, Outcome.REPORTED),
    ],
)
def test_outcome_compares_the_value_with_the_target(target, value, outcome):
    assert Figure("name", value, "ms", target).outcome is outcome


def test_missing_value_is_neither_met_nor_missed():
    figure = not_measured("name", "Node.js is missing", Target(1))
    assert (figure.outcome, figure.note) == (Outcome.NOT_MEASURED, "Node.js is missing")
