"""The upload client and `phenom upload` against a real HTTP server: retries, refusals and exit codes."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from local.progress import TroubleError
from local.upload_client import Client, Source, UploadRefusedError
from phenom.functions import FUNCTIONS
from tests.unit.phenom.conftest import Ran
from uploads.media_types import MEDIA_TYPES


class Script(BaseHTTPRequestHandler):
    """Answers requests with `answers` in turn and keeps the requests."""

    answers: ClassVar[list[tuple[int, dict[str, str], Any]]] = []
    requests: ClassVar[list[tuple[str, str, bytes]]] = []

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.requests.append((self.command, self.path, body))
        status, headers, content = self.answers.pop(0)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        data = json.dumps(content).encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 - http.server looks up these names

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    Script.answers, Script.requests = [], []
    with HTTPServer(("127.0.0.1", 0), Script) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def client(server: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr("local.upload_client._pause", lambda _: 0.0)
    return Client(server, "key", "password", patience=5)


SOURCE = Source("a.jpg", 3, "image/jpeg", "hash")
PROBLEM = {"code": "wrong_password", "detail": "No."}


def test_throttled_call_is_retried_after_retry_after(client: Client) -> None:
    Script.answers += [(429, {"Retry-After": "0"}, {"code": "throttled"}), (200, {}, {"uploadId": "1"})]
    assert client.issue(SOURCE) == {"uploadId": "1"}


def test_long_retry_after_is_an_error_instead_of_a_wait(client: Client) -> None:
    problem = {
        "code": "throttled",
        "detail": "Too many wrong passwords came from this address. Try again in 900 seconds.",
    }
    Script.answers += [(429, {"Retry-After": "900"}, problem)]
    with pytest.raises(TroubleError, match="Try again in 900 seconds"):
        client.issue(SOURCE)


def test_refusal_is_not_retried(client: Client) -> None:
    Script.answers += [(401, {}, PROBLEM)]
    with pytest.raises(UploadRefusedError) as caught:
        client.issue(SOURCE)
    assert (caught.value.code, caught.value.detail) == ("wrong_password", "No.")


def test_internal_error_is_not_reported_as_a_refusal(client: Client) -> None:
    Script.answers += [(500, {}, {"code": "internal", "detail": "Correlation id: 1"})]
    with pytest.raises(TroubleError, match="Correlation id: 1"):
        client.issue(SOURCE)


def test_retried_put_that_finds_the_object_is_a_success(client: Client, server: str, tmp_path: Path) -> None:
    Script.answers += [(500, {}, {}), (412, {}, {})]
    (tmp_path / "a").write_bytes(b"abc")
    with (tmp_path / "a").open("rb") as file:
        client.put({"method": "PUT", "uploadUrl": f"{server}/put", "headers": {}}, file, 3)
    assert [body for _, _, body in Script.requests] == [b"abc", b"abc"]


def test_first_put_that_finds_an_object_is_refused(client: Client, server: str, tmp_path: Path) -> None:
    Script.answers += [(412, {}, {})]
    (tmp_path / "a").write_bytes(b"abc")
    with (tmp_path / "a").open("rb") as file, pytest.raises(UploadRefusedError):
        client.put({"method": "PUT", "uploadUrl": f"{server}/put", "headers": {}}, file, 3)


def test_client_waits_for_the_verdict(client: Client) -> None:
    Script.answers += [(200, {}, {"status": status}) for status in ("issued", "validating", "accepted")]
    assert client.verdict("/upload/1") == {"status": "accepted"}


def test_wait_without_a_verdict_ends_with_an_error(server: str) -> None:
    Script.answers += [(200, {}, {"status": "issued"})]
    with pytest.raises(TroubleError, match="still issued"):
        Client(server, "key", "password", patience=-1).verdict("/upload/1")


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        ({"status": "accepted", "finalKey": "images/1.jpg"}, 0),
        ({"status": "rejected", "reason": "malformed", "detail": "Cut off."}, 1),
        ({"status": "held"}, 2),
    ],
)
def test_exit_code_follows_the_verdict(server: str, tmp_path: Path, verdict: dict[str, str], code: int) -> None:
    (tmp_path / "a.jpg").write_bytes(b"abc")
    stack_file = tmp_path / "stack.json"
    _write_stack(stack_file, server)
    issued = _issued(server)
    Script.answers += [(200, {}, issued), (200, {}, {}), (200, {}, verdict)]
    ran = Ran("upload", str(tmp_path / "a.jpg"), "--stack", str(stack_file), "--json")
    assert ran.code == code
    assert json.loads(ran.out) == {"file": str(tmp_path / "a.jpg"), **verdict}


def test_held_file_is_explained(server: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"abc")
    _write_stack(tmp_path / "stack.json", server)
    issued = _issued(server)
    Script.answers += [(200, {}, issued), (200, {}, {}), (200, {}, {"status": "held"})]
    ran = Ran("upload", str(tmp_path / "a.jpg"), "--stack", str(tmp_path / "stack.json"))
    assert ran.code == 2
    assert "a.jpg: held: it could not be validated and is kept; `phenom redrive local` retries it" in ran.out


def test_missing_file_is_named_once(server: str, tmp_path: Path) -> None:
    _write_stack(tmp_path / "stack.json", server)
    ran = Ran("upload", str(tmp_path / "none.jpg"), "--stack", str(tmp_path / "stack.json"))
    assert ran.code == 2
    assert ran.out == f"{tmp_path / 'none.jpg'}: trouble: No such file or directory\n"


def test_content_type_follows_the_accepted_extensions(tmp_path: Path) -> None:
    for media_type in MEDIA_TYPES.values():
        for extension in media_type.extensions:
            path = tmp_path / f"a.{extension.upper()}"
            path.touch()
            assert Source.of(path, None).content_type == media_type.mime


def test_stopped_local_cloud_says_how_to_start_it(tmp_path: Path) -> None:
    ran = Ran("upload", str(tmp_path / "a.jpg"), "--stack", str(tmp_path / "no-stack.json"))
    assert ran.code == 2
    assert "make run" in ran.err


def test_file_without_a_verdict_shows_the_command_for_its_logs(server: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"abc")
    _write_stack(tmp_path / "stack.json", server)
    Script.answers += [(200, {}, _issued(server)), (200, {}, {}), (200, {}, {"status": "issued"})]
    ran = Ran("upload", str(tmp_path / "a.jpg"), "--wait", "0", "--stack", str(tmp_path / "stack.json"))
    assert ran.code == 2
    assert "No verdict within 0 seconds" in ran.out
    assert "phenom logs local 1" in ran.out


def _issued(server: str) -> dict[str, Any]:
    return {
        "uploadId": "1", "method": "PUT", "uploadUrl": f"{server}/put", "headers": {}, "statusUrl": "/upload/1",
    }  # fmt: skip


def _write_stack(path: Path, url: str) -> None:
    from tests.unit.local.test_stack import NAMES

    content: dict[str, Any] = dict.fromkeys(NAMES) | {"apiUrl": url, "apiKey": "key", "password": "password"}
    content["demoUser"] = {"username": "name", "password": "password"}
    content["functions"] = {each.stack_key: "name" for each in FUNCTIONS.values()}
    path.write_text(json.dumps(content))
