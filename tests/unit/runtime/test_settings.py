"""Readers of environment variables."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.settings import SettingError, read_mapping, read_optional_text, read_text, read_whole_number

NAME = "PHENOM_TEST_SETTING"


def test_text_is_returned_unchanged(monkeypatch):
    monkeypatch.setenv(NAME, " as it is ")
    assert read_text(NAME) == read_optional_text(NAME) == " as it is "


@pytest.mark.parametrize("value", [None, ""])
def test_empty_variable_counts_as_absent(monkeypatch, value):
    """CloudFormation cannot omit a variable, only leave it empty."""
    monkeypatch.delenv(NAME, raising=False)
    if value is not None:
        monkeypatch.setenv(NAME, value)
    assert read_optional_text(NAME) is None
    for read in (read_text, read_whole_number):
        with pytest.raises(SettingError, match=f"{NAME} is not set"):
            read(NAME)


@pytest.mark.parametrize(("value", "number"), [("0", 0), ("007", 7), ("524288000", 524_288_000)])
def test_whole_number_is_read(monkeypatch, value, number):
    monkeypatch.setenv(NAME, value)
    assert read_whole_number(NAME) == number


def test_number_below_the_minimum_is_refused(monkeypatch):
    monkeypatch.setenv(NAME, "4")
    with pytest.raises(SettingError, match=f"{NAME} must be a whole number of at least 5"):
        read_whole_number(NAME, minimum=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100))
def test_any_text_is_a_number_or_an_error_that_names_the_variable(monkeypatch, value):
    monkeypatch.setenv(NAME, value)
    try:
        number = read_whole_number(NAME)
    except SettingError as refused:
        named = str(refused)
    else:
        named = NAME
        assert number == int(value)
    assert NAME in named


def test_mapping_is_a_json_object_of_texts(monkeypatch):
    monkeypatch.setenv(NAME, ' {"a": "1", "\\u00fc": "{}"} ')
    assert read_mapping(NAME) == {"a": "1", "ü": "{}"}


@pytest.mark.parametrize(
    "value", ["a=b", "[]", "null", '"a"', '{"a": 1}', '{"a": ""}', '{"a": "b", "a": "b"}', "[" * 99_999]
)
def test_invalid_mapping_is_refused_by_name(monkeypatch, value):
    """Includes a duplicate name, of which JSON parsers silently keep the last value."""
    monkeypatch.setenv(NAME, value)
    with pytest.raises(SettingError, match=f"{NAME} must be a JSON object"):
        read_mapping(NAME)
