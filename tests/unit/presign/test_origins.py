"""Pages of which origins may call the API."""

import json
from typing import Any

import pytest

from presign.gateway import caller_origin
from presign.origins import AllowedOrigins, ForeignOriginError
from tests.unit.presign.answers import problem
from tests.unit.presign.fakes import body

PAGE, APP = "https://upload.example.org", "https://app.example.org"
ORIGINS = AllowedOrigins((PAGE, APP))
FOREIGN = [
    *("https://evil.example", "http://upload.example.org", "https://upload.example.org:8443", "null", ""),
    *("https://upload.example.org.evil.example", "https://upload.example.org/", "HTTPS://UPLOAD.EXAMPLE.ORG", "*"),
    *("https://evil.example, https://upload.example.org", "https://xupload.example.org", "é\n\x00" * 500),
]


@pytest.mark.parametrize("origin", [PAGE, APP])
def test_listed_origin_is_named_in_the_answer(origin):
    ORIGINS.check(origin)
    assert ORIGINS.headers(origin) == {"Access-Control-Allow-Origin": origin}


@pytest.mark.parametrize("origin", FOREIGN)
def test_other_origin_is_foreign(origin):
    with pytest.raises(ForeignOriginError) as refused:
        ORIGINS.check(origin)
    assert len(str(refused.value)) <= 100
    assert ORIGINS.headers(origin) == {}


def test_call_without_origin_is_no_page():
    ORIGINS.check(None)
    assert ORIGINS.headers(None) == {"Access-Control-Allow-Origin": PAGE}


def test_star_allows_every_page():
    AllowedOrigins(("*",)).check("https://evil.example")
    assert AllowedOrigins(("*",)).headers("https://evil.example") == {"Access-Control-Allow-Origin": "*"}


@pytest.mark.parametrize(
    ("event", "origin"),
    [
        ({}, None),
        ({"headers": None, "multiValueHeaders": None}, None),
        ({"headers": {"Origin": PAGE}}, PAGE),
        ({"headers": {"origin": PAGE}}, PAGE),  # HTTP/2
        ({"headers": {"ORIGIN": PAGE}, "multiValueHeaders": {"ORIGIN": [PAGE]}}, PAGE),
        ({"headers": {"origin": PAGE}, "multiValueHeaders": {"origin": ["https://evil.example", PAGE]}}, None),
        ({"headers": {"origin": PAGE, "Origin": "https://evil.example"}}, None),
        ({"headers": {"x-origin": PAGE}}, None),
        ({"headers": {"origin": ""}}, ""),
        ({"headers": {"origin": 7}}, "7"),
        ({"headers": "origin"}, None),
    ],
)
def test_origin_is_read_from_any_spelling_of_the_header(event: dict[str, Any], origin: str | None):
    found = caller_origin(event)
    if origin is None and found is not None:  # several values
        with pytest.raises(ForeignOriginError):
            ORIGINS.check(found)
    else:
        assert found == origin


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("password", ["wrong", "correct horse battery staple"])
def test_foreign_page_is_refused_before_the_password_is_looked_at(edge, capsys, origin, password):
    answer = edge.post(body(password=password), headers={"Origin": origin})
    assert (answer["statusCode"], json.loads(answer["body"])["code"]) == (403, "forbidden")
    assert "Access-Control-Allow-Origin" not in answer["headers"]
    assert answer["headers"]["Vary"] == "Origin"
    assert (edge.passwords.asked, edge.quota.counted, edge.ledger.uploads) == ([], [], {})
    (line,) = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    assert (line["message"], line["code"], line["origin"]) == ("request refused", "forbidden", origin[:100])


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "DELETE"])
def test_preflight_and_status_of_a_foreign_page_fail(edge, method):
    event = {"httpMethod": method, "resource": "/upload/{uploadId}", "headers": {"origin": "https://evil.example"}}
    answer = edge.send(event)
    assert answer["statusCode"] == 403
    assert "Access-Control-Allow-Origin" not in answer["headers"]


@pytest.mark.parametrize("origin", [PAGE, APP])
def test_every_listed_page_may_upload_and_sees_errors(edge, origin):
    preflight = edge.send({"httpMethod": "OPTIONS", "resource": "/upload/generate-url", "headers": {"origin": origin}})
    assert preflight["statusCode"] == 204
    good, bad = (edge.post(text, headers={"origin": origin}) for text in (body(), body(password="wrong")))
    assert (good["statusCode"], bad["statusCode"]) == (200, 401)
    assert {each["headers"]["Access-Control-Allow-Origin"] for each in (preflight, good, bad)} == {origin}


def test_call_without_a_page_is_served(edge):
    assert edge.post(body())["statusCode"] == 200
    assert problem(edge.post(body(password="wrong"))) == (401, "wrong_password")
