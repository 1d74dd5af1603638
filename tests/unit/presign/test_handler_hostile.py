"""Hostile input: every event gets a well-formed answer that reveals no secret."""

import base64
import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.unit.presign.answers import content, problem
from tests.unit.presign.fakes import GOOD, PASSWORD, body
from uploads.errors import LedgerError

hostile = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SECRET = "hunter2-and-more"


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({**GOOD, "password": SECRET}),
        json.dumps({**GOOD, "password": [SECRET]}),
        json.dumps({**GOOD, "password": {SECRET: SECRET}}),
        json.dumps({**GOOD, "password": SECRET * 100}),
        json.dumps({"password": SECRET}),
        json.dumps({"Password": SECRET}),
        json.dumps([SECRET]),
        json.dumps(SECRET),
        json.dumps({**GOOD, "password": SECRET})[:-1],
        SECRET,
        '{"password": "' + SECRET + '\\ud800"}',
        '{"password": "' + SECRET + '\n"}',
        '{"password": "' + SECRET + '", ' + SECRET,
        json.dumps({**GOOD, "password": SECRET, "contentType": "text/html"}),
    ],
)
@pytest.mark.parametrize("log_event", ["false", "true"])
@pytest.mark.parametrize("broken", [None, LedgerError("x"), ZeroDivisionError("x")], ids=str)
def test_password_is_in_no_answer_and_no_log(edge, capsys, monkeypatch, text, log_event, broken):
    """Not even when POWERTOOLS_LOGGER_LOG_EVENT is on or a dependency fails."""
    monkeypatch.setenv("POWERTOOLS_LOGGER_LOG_EVENT", log_event)
    edge.ledger.broken = edge.passwords.broken = broken
    answer = edge.post(text)
    printed = capsys.readouterr()
    assert SECRET not in answer["body"]
    assert SECRET not in printed.out + printed.err


def test_password_sent_as_a_field_name_is_not_logged(edge, capsys):
    edge.post(json.dumps({SECRET: "password"}))
    logged = capsys.readouterr().out
    assert SECRET not in logged
    assert "fileName" in logged


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
fields = st.sampled_from(["httpMethod", "resource", "body", "isBase64Encoded", "pathParameters", "headers", "x"])


@hostile
@given(json_values | st.dictionaries(fields, json_values))
@example([])
@example({"httpMethod": [], "resource": {}})
def test_any_event_is_answered(edge, event):
    assert problem(edge.send(event))[0] in {404, 500}


@hostile
@given(json_values | st.text() | st.binary().map(lambda raw: base64.b64encode(raw).decode()), st.booleans())
def test_any_body_is_an_invalid_request(edge, text, encoded):
    assert problem(edge.post(text, isBase64Encoded=encoded)) == (400, "invalid_request")


@hostile
@given(json_values)
def test_any_id_answers_404(edge, upload_id):
    assert problem(edge.get(upload_id)) == (404, "not_found")


@hostile
@given(st.dictionaries(st.sampled_from(sorted(GOOD)), json_values, min_size=1))
def test_any_field_value_answers_200_or_4xx(edge, changes):
    answer = edge.post(json.dumps({**GOOD, **changes}))
    assert content(answer)
    assert answer["statusCode"] == 200 or problem(answer)[0] in {400, 401, 413, 415}


@hostile
@given(st.text(min_size=1, max_size=200))
def test_any_file_name_leaves_key_and_log_well_formed(edge, capsys, name):
    answer = edge.post(body(fileName=name))
    key = content(answer).get("key", "")
    assert key == "" or key.removeprefix("uploads/").removesuffix(".mov").isalnum()
    for line in capsys.readouterr().out.splitlines():
        json.loads(line)


def test_right_password_works_after_a_wrong_one(edge):
    edge.post(body(password="x"))
    assert edge.post(body(password=PASSWORD))["statusCode"] == 200
