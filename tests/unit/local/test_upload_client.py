"""The command-line client's manners towards a real HTTP server: it waits, tries again, and takes no for an answer."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from local import upload
from local.progress import TroubleError
from local.upload_client import Client, RefusedError, Source
from uploads.media_types import MEDIA_TYPES


class Script(BaseHTTPRequestHandler):
    """Answers requests with what `answers` holds, in turn; keeps what came."""

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

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 - names that http.server looks for

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


def test_throttled_call_comes_back_after_the_time_asked_for(client: Client) -> None:
    Script.answers += [(429, {"Retry-After": "0"}, {"code": "throttled"}), (200, {}, {"uploadId": "1"})]
    assert client.issue(SOURCE) == {"uploadId": "1"}


def test_a_long_wait_is_left_to_the_person(client: Client) -> None:
    problem = {
        "code": "throttled",
        "detail": "Too many wrong passwords came from this address. Try again in 900 seconds.",
    }
    Script.answers += [(429, {"Retry-After": "900"}, problem)]
    with pytest.raises(TroubleError, match="Try again in 900 seconds"):
        client.issue(SOURCE)


def test_refusal_is_not_tried_again(client: Client) -> None:
    Script.answers += [(401, {}, PROBLEM)]
    with pytest.raises(RefusedError) as caught:
        client.issue(SOURCE)
    assert (caught.value.code, caught.value.detail) == ("wrong_password", "No.")


def test_internal_error_is_trouble_and_no_refusal(client: Client) -> None:
    Script.answers += [(500, {}, {"code": "internal", "detail": "Correlation id: 1"})]
    with pytest.raises(TroubleError, match="Correlation id: 1"):
        client.issue(SOURCE)


def test_second_put_that_finds_the_object_there_has_arrived(client: Client, server: str, tmp_path: Path) -> None:
    Script.answers += [(500, {}, {}), (412, {}, {})]
    (tmp_path / "a").write_bytes(b"abc")
    with (tmp_path / "a").open("rb") as file:
        client.put({"method": "PUT", "uploadUrl": f"{server}/put", "headers": {}}, file, 3)
    assert [body for _, _, body in Script.requests] == [b"abc", b"abc"]


def test_first_put_that_finds_an_object_there_is_refused(client: Client, server: str, tmp_path: Path) -> None:
    Script.answers += [(412, {}, {})]
    (tmp_path / "a").write_bytes(b"abc")
    with (tmp_path / "a").open("rb") as file, pytest.raises(RefusedError):
        client.put({"method": "PUT", "uploadUrl": f"{server}/put", "headers": {}}, file, 3)


def test_verdict_is_awaited(client: Client) -> None:
    Script.answers += [(200, {}, {"status": status}) for status in ("issued", "validating", "accepted")]
    assert client.verdict("/upload/1") == {"status": "accepted"}


def test_patience_ends(server: str) -> None:
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
def test_exit_code_tells_the_verdict(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], verdict: dict[str, str], code: int
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"abc")
    stack_file = tmp_path / "stack.json"
    _write_stack(stack_file, server)
    issued = _issued(server)
    Script.answers += [(200, {}, issued), (200, {}, {}), (200, {}, verdict)]
    assert upload.main([str(tmp_path / "a.jpg"), "--stack", str(stack_file), "--json"]) == code
    assert json.loads(capsys.readouterr().out) == {"file": str(tmp_path / "a.jpg"), **verdict}


def test_held_file_is_explained(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.jpg").write_bytes(b"abc")
    _write_stack(tmp_path / "stack.json", server)
    issued = _issued(server)
    Script.answers += [(200, {}, issued), (200, {}, {}), (200, {}, {"status": "held"})]
    assert upload.main([str(tmp_path / "a.jpg"), "--stack", str(tmp_path / "stack.json")]) == 2
    assert "a.jpg: held: it could not be judged and was put aside; `make redrive ENV=local` " in capsys.readouterr().out


def test_missing_file_is_named_once(server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write_stack(tmp_path / "stack.json", server)
    assert upload.main([str(tmp_path / "none.jpg"), "--stack", str(tmp_path / "stack.json")]) == 2
    assert capsys.readouterr().out == f"{tmp_path / 'none.jpg'}: trouble: No such file or directory\n"


def test_content_type_follows_the_accepted_extensions(tmp_path: Path) -> None:
    for media_type in MEDIA_TYPES.values():
        for extension in media_type.extensions:
            path = tmp_path / f"a.{extension.upper()}"
            path.touch()
            assert Source.of(path, None).content_type == media_type.mime


def test_missing_file_and_missing_cloud_are_trouble(tmp_path: Path, server: str) -> None:
    _write_stack(tmp_path / "stack.json", server)
    assert upload.main([str(tmp_path / "none.jpg"), "--stack", str(tmp_path / "stack.json")]) == 2
    assert upload.main([str(tmp_path / "none.jpg"), "--stack", str(tmp_path / "no-stack.json")]) == 2


def test_refused_file_leads_to_its_story_also_where_nobody_knows_the_verdict(
    server: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"abc")
    _write_stack(tmp_path / "stack.json", server)
    Script.answers += [(200, {}, _issued(server)), (200, {}, {}), (200, {}, {"status": "issued"})]
    assert upload.main([str(tmp_path / "a.jpg"), "--wait", "0", "--stack", str(tmp_path / "stack.json")]) == 2
    said = capsys.readouterr().out
    assert "No verdict within 0 seconds" in said
    assert "make logs UPLOAD=1 ENV=local" in said


def _issued(server: str) -> dict[str, Any]:
    return {
        "uploadId": "1", "method": "PUT", "uploadUrl": f"{server}/put", "headers": {}, "statusUrl": "/upload/1",
    }  # fmt: skip


def _write_stack(path: Path, url: str) -> None:
    from tests.unit.local.test_stack import NAMES

    content: dict[str, Any] = dict.fromkeys(NAMES) | {"apiUrl": url, "apiKey": "key", "password": "password"}
    content["demoUser"] = {"username": "name", "password": "password"}
    content["functions"] = dict.fromkeys(["presign", "validator", "cognitoTrigger", "userSync", "uploadEvents"], "name")
    path.write_text(json.dumps(content))
