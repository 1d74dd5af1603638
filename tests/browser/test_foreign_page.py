"""A page of another origin in a real Chromium, which guesses passwords with its visitor's address."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.network import Network
from tests.e2e.api import Application
from tests.e2e.conftest import changed_settings as changed_settings  # noqa: PLC0414 - a fixture

type ChangeSettings = Callable[..., AbstractContextManager[None]]

LISTED = "https://upload.example.org"
TRIES = 22
GUESS = """async ([url, key, tries]) => {
    const seen = [];
    for (let guess = 0; guess < tries; guess += 1) {
        const body = JSON.stringify({
            password: `guess-${guess}`, fileName: "a.png", contentType: "image/png", fileSize: 1,
        });
        const headers = {"Content-Type": "application/json", "x-api-key": key};
        try {
            const answer = await fetch(url, {method: "POST", headers, body});
            seen.push((await answer.json()).code);
        } catch (error) {
            seen.push(error.name);
        }
    }
    return seen;
}"""
GUESS_WITHOUT_PREFLIGHT = """async ([url, key]) => {
    const body = JSON.stringify({password: "guess", fileName: "a.png", contentType: "image/png", fileSize: 1});
    await fetch(`${url}?x-api-key=${key}`, {method: "POST", mode: "no-cors", body}).catch(() => null);
}"""


class Html(BaseHTTPRequestHandler):
    """Serves an empty page."""

    def do_GET(self) -> None:
        content = b"<!doctype html><title>foreign</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def foreign(browser: Browser, network: Network) -> Iterator[Any]:
    """A page on another port of this machine, which is another origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Html)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = browser.new_context(proxy={"server": network.address, "bypass": "<-loopback>"})
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    yield page
    context.close()
    server.shutdown()
    server.server_close()


def wrong_attempts(application: Application) -> int:
    """Returns the counted attempts of this machine's address."""
    key = {"address": {"S": "127.0.0.1"}}
    table = application.stack["wrongPasswordsTable"]
    item = application.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
    return int(item.get("wrong", {"N": "0"})["N"])


def forget_attempts(application: Application) -> None:
    key = {"address": {"S": "127.0.0.1"}}
    application.client("dynamodb").delete_item(TableName=application.stack["wrongPasswordsTable"], Key=key)


def test_foreign_page_can_neither_guess_nor_lock_its_visitor_out(
    application: Application, foreign: Any, changed_settings: ChangeSettings
):
    url = application.stack["apiUrl"] + "/upload/generate-url"
    forget_attempts(application)
    with changed_settings("presign", ALLOWED_ORIGINS=LISTED):
        seen = foreign.evaluate(GUESS, [url, application.stack["apiKey"], TRIES])
        assert seen == ["TypeError"] * TRIES, "the preflight must fail, so that the page makes no call"
        foreign.evaluate(GUESS_WITHOUT_PREFLIGHT, [url, application.stack["apiKey"]])
        assert wrong_attempts(application) == 0
        assert application.request_url(contentType="image/png", fileSize=1).status == 200


def test_listed_page_sees_every_answer(application: Application, foreign: Any, changed_settings: ChangeSettings):
    """The same calls from a listed page: without the list, the attack would work."""
    url = application.stack["apiUrl"] + "/upload/generate-url"
    forget_attempts(application)
    try:
        with changed_settings("presign", ALLOWED_ORIGINS=f"{LISTED},{foreign.evaluate('location.origin')}"):
            seen = foreign.evaluate(GUESS, [url, application.stack["apiKey"], TRIES])
        assert seen == ["wrong_password"] * 20 + ["throttled"] * 2
        assert wrong_attempts(application) == 20
    finally:
        forget_attempts(application)


def test_call_with_a_foreign_origin_is_refused_and_not_counted(
    application: Application, changed_settings: ChangeSettings
):
    """A program may send any origin; one that sends a foreign one gets nowhere near the password."""
    forget_attempts(application)
    headers = {"x-api-key": application.stack["apiKey"], "Origin": "https://evil.example"}
    body = {"password": application.stack["password"], "fileName": "a.png", "contentType": "image/png", "fileSize": 1}
    with changed_settings("presign", ALLOWED_ORIGINS=LISTED):
        for path, content in (("generate-url", body), ("multipart", body), ("generate-url", body | {"password": "x"})):
            response = application.call("POST", f"/upload/{path}", content, headers)
            assert (response.status, response.json["code"]) == (403, "forbidden")
            assert "access-control-allow-origin" not in response.headers
    assert wrong_attempts(application) == 0
