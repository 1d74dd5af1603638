"""Checks that hold for every response: API Gateway's format, CORS, RFC 9457."""

import json
from http import HTTPStatus
from typing import Any


def content(answer: dict[str, Any]) -> dict[str, Any]:
    """Returns the JSON body of a response, after checking its format and its headers."""
    json.dumps(answer, ensure_ascii=False).encode()  # as Lambda's runtime encodes it
    assert type(answer["statusCode"]) is int
    assert all(isinstance(value, str) for value in answer["headers"].values())
    expected = {
        "Access-Control-Allow-Origin": "https://upload.example.org",
        "Access-Control-Expose-Headers": "Retry-After",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Origin",
    }
    assert answer["headers"].items() >= expected.items()
    read: dict[str, Any] = json.loads(answer["body"])
    return read


def problem(answer: dict[str, Any]) -> tuple[int, str]:
    """Returns status and code of a response, after checking that it is a problem as RFC 9457 defines it."""
    read = content(answer)
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert read["status"] == answer["statusCode"] >= 400
    assert read["title"] == HTTPStatus(read["status"]).phrase
    assert read["type"] == "about:blank"
    return read["status"], read["code"]
