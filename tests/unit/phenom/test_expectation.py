"""Comparing results with the expectations of events/<function>/cases.yaml."""

import pytest

from phenom.event_cases.expectation import failures, mismatches, outcome


@pytest.mark.parametrize(
    ("expected", "result"),
    [
        ({}, {"anything": 1}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": {"b": []}}, {"a": {"b": [], "c": 1}}),
        ({"body": {"code": "x"}}, {"body": '{"code": "x", "more": 1}'}),
        ([{"a": 1}, 2], [{"a": 1, "b": 1}, 2]),
        ({"a": {"$matches": "^x+$"}}, {"a": "xxx"}),
        (None, None),
        ("", ""),
    ],
)
def test_result_may_have_more_fields_than_expected(expected, result):
    assert list(mismatches(expected, result)) == []


@pytest.mark.parametrize(
    ("expected", "result", "where"),
    [
        ({"a": 1}, {}, "result.a"),
        ({"a": 1}, {"a": 2}, "result.a"),
        ({"a": 1}, {"a": True}, "result.a"),
        ({"a": {}}, {"a": []}, "result.a"),
        ({"a": {"b": 1}}, {"a": '{"b": 2}'}, "result.a.b"),
        ([], [1], "result"),
        ([1], [2], "result[0]"),
        ([1], {}, "result"),
        ({"a": {"$matches": "^x"}}, {"a": "yx"}, "result.a"),
        ({"a": {"$matches": "1"}}, {"a": 1}, "result.a"),
    ],
)
def test_missing_or_different_value_is_named_with_its_path(expected, result, where):
    (mismatch,) = mismatches(expected, result)
    assert mismatch.startswith(where)


def refuse(event: object, context: object) -> None:
    raise ValueError(f"no {event}")


@pytest.mark.parametrize(
    ("expected", "mismatch"),
    [
        ({"error": {"errorType": "ValueError"}}, []),
        ({"given": {}, "error": {"errorMessage": {"$matches": "^no thing$"}}}, []),
        ({"error": {"errorType": "TypeError"}}, ["error.errorType: 'ValueError' is not 'TypeError'"]),
    ],
)
def test_error_is_compared_by_type_and_message(expected, mismatch):
    assert failures(expected, outcome(refuse, "thing", None)) == mismatch


def test_error_instead_of_a_result_and_the_reverse_are_mismatches():
    (mismatch,) = failures({"result": {}}, outcome(refuse, "thing", None))
    assert mismatch.startswith("result is missing: {'error': {'errorType': 'ValueError'")
    (mismatch,) = failures({"error": {}}, outcome(lambda event, context: event, 1, None))
    assert mismatch == "error is missing: {'result': 1}"
