"""The page server forwards the emulated distribution's answers."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import urllib3

from local import ports
from local.paths import ROOT


class Distribution(BaseHTTPRequestHandler):
    """Answers with the request it received."""

    def do_GET(self) -> None:
        body = f"{self.command} {self.path} of {self.headers['Host']}".encode()
        self.send_response(404 if "nothing" in self.path else 200)
        for name, value in {
            "Content-Type": "text/plain",
            "Content-Length": str(len(body)),
            "Content-Security-Policy": "default-src 'none'",
            "Strict-Transport-Security": "max-age=1",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def upstream() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Distribution)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def door(upstream: ThreadingHTTPServer) -> Iterator[str]:
    port = ports.any_free()
    endpoint = f"http://127.0.0.1:{upstream.server_address[1]}"
    command = [sys.executable, "-I", ROOT / "local/page_server.py", endpoint, "d1.cloudfront.net", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as served:
        deadline = time.monotonic() + 20
        while not ports.answers(port):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        served.kill()


def test_distribution_is_addressed_by_host_and_its_answer_forwarded(door: str) -> None:
    answer = urllib3.request("GET", f"{door}/assets/a.js?b=c")
    assert (answer.status, answer.data) == (200, b"GET /assets/a.js?b=c of d1.cloudfront.net")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Strict-Transport-Security" not in answer.headers  # there is no TLS here


def test_errors_and_head_requests_are_forwarded(door: str) -> None:
    assert urllib3.request("GET", f"{door}/nothing").status == 404
    head = urllib3.request("HEAD", f"{door}/")
    assert (head.status, head.data, head.headers["Content-Length"]) == (200, b"", "27")


def test_stopped_emulator_is_reported(door: str, upstream: ThreadingHTTPServer) -> None:
    upstream.shutdown()
    upstream.server_close()
    assert urllib3.request("GET", door, retries=False).status == 502
