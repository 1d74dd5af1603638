"""How results are compared with what events/*.expected.json say."""

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
def test_a_result_may_hold_more_than_is_expected(expected, result):
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
def test_what_is_missing_or_different_is_told_with_its_place(expected, result, where):
    (told,) = mismatches(expected, result)
    assert told.startswith(where)


def refuse(event: object, context: object) -> None:
    raise ValueError(f"no {event}")


@pytest.mark.parametrize(
    ("expected", "told"),
    [
        ({"error": {"errorType": "ValueError"}}, []),
        ({"given": {}, "error": {"errorMessage": {"$matches": "^no thing$"}}}, []),
        ({"error": {"errorType": "TypeError"}}, ["error.errorType: 'ValueError' is not 'TypeError'"]),
    ],
)
def test_an_error_is_expected_by_its_type_and_its_message(expected, told):
    assert failures(expected, outcome(refuse, "thing", None)) == told


def test_a_function_that_raises_where_a_result_is_expected_is_told_and_the_other_way_round():
    (told,) = failures({"result": {}}, outcome(refuse, "thing", None))
    assert told.startswith("result is missing: {'error': {'errorType': 'ValueError'")
    (told,) = failures({"error": {}}, outcome(lambda event, context: event, 1, None))
    assert told == "error is missing: {'result': 1}"
