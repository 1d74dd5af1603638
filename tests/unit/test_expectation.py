"""How results are compared with what events/*.expected.json say."""

import pytest

from tests.expectation import mismatches


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
