"""Event cases: how cases.yaml is expanded to complete events."""

import hashlib
import json

import pytest

from phenom.event_cases import EVENTS, CaseError, cases, load, names
from phenom.functions import FUNCTIONS

BASE = {
    "headers": {"a": "1"},
    "multiValueHeaders": {"a": ["1"]},
    "body": '{"size": 1, "name": "x"}',
    "Records": [{"messageId": "m0", "body": '{"n":0}', "md5OfBody": "old"}],
}


@pytest.fixture
def expand(tmp_path, monkeypatch):
    """Returns the event that a case with these changes expands to."""

    def run(changes):
        folder = tmp_path / "events" / "f"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "base.json").write_text(json.dumps(BASE))
        text = "\n".join(f"    {line}" for line in changes.splitlines())
        (folder / "cases.yaml").write_text(
            f"base: {{result: 1}}\nc:\n  base: base\n  changes:\n{text}\n  result: {{}}\n"
        )
        monkeypatch.setattr(cases, "EVENTS", tmp_path / "events")
        cases._cases.cache_clear()
        cases._file.cache_clear()
        return load("f", "c")[0]

    yield run
    cases._cases.cache_clear()
    cases._file.cache_clear()


def test_fields_are_merged_and_others_kept(expand):
    event = expand("new: {x: null}\nheaders: {b: '2'}")
    assert event["new"] == {"x": None}
    assert event["headers"] == {"a": "1", "b": "2"}
    assert event["body"] == BASE["body"]


def test_multi_value_headers_follow_the_headers(expand):
    assert expand("headers: {b: '2'}")["multiValueHeaders"] == {"a": ["1"], "b": ["2"]}


def test_change_in_a_json_text_keeps_its_form(expand):
    event = expand("body: {size: 2}\nRecords: {0: {body: {n: 7}}}")
    assert event["body"] == '{"size": 2, "name": "x"}'
    assert event["Records"][0]["body"] == '{"n":7}'


def test_checksum_of_a_message_follows_its_body(expand):
    record = expand("Records: {0: {body: text}}")["Records"][0]
    assert record["md5OfBody"] == hashlib.md5(b"text", usedforsecurity=False).hexdigest()


def test_messages_of_a_batch_have_different_receipt_handles():
    records = load("user_sync", "retry_full_batch")[0]["Records"]
    assert len({record["receiptHandle"] for record in records}) == len(records) == 10


def test_index_beyond_the_array_starts_as_a_copy_of_the_first(expand):
    first, second = expand("Records: {1: {messageId: m1}}")["Records"]
    assert (first["messageId"], second["messageId"], second["body"]) == ("m0", "m1", first["body"])


def test_tags_remove_replace_and_build_text(expand):
    event = expand(
        'headers: !remove\nbody: !join ["[", !repeat [x, 3], "]"]\nRecords: !value []\nmultiValueHeaders: !json {a: 1}'
    )
    assert "headers" not in event
    assert event["body"] == "[xxx]"
    assert event["Records"] == []
    assert event["multiValueHeaders"] == '{"a":1}'


def test_unknown_case_names_the_known_ones():
    with pytest.raises(CaseError, match=r"events/presign/cases\.yaml has no case nope\. It has: abort_after_verdict"):
        load("presign", "nope")
    with pytest.raises(CaseError, match=r"There is no events/nope/cases\.yaml"):
        names("nope")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_case_expands_and_has_an_expectation(function):
    for name in names(function):
        event, expected = load(function, name)
        assert event is not None
        assert expected.keys() - {"given"} in ({"result"}, {"error"}), name
    files = {path.stem for path in (EVENTS / function).glob("*.json")}
    assert files <= set(names(function))
    assert 1 <= len(files) <= 6


def test_number_of_cases_only_grows():
    assert sum(len(names(function)) for function in FUNCTIONS) >= 157
