"""A server on loopback that behaves like Cloudflare's API for the certificates of one zone."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ZONE = "0123456789abcdef0123456789abcdef"
TOKEN = "cf-token-of-the-test"


@dataclass
class Cloudflare:
    """State of the fake. `polls_until_active` is how often a new certificate is asked for before it is active."""

    certificates: dict[str, dict[str, str]] = field(default_factory=dict)
    in_use: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    polls_until_active: int = 2
    refuse: dict[str, tuple[int, str]] = field(default_factory=dict)
    url: str = ""

    def add(self, certificate: str, *, status: str = "active") -> str:
        number = len(self.certificates) + len(self.calls) + 1
        identifier = f"{number:08x}-0c35-4c7f-82c7-8e9487d3ff60"
        self.certificates[identifier] = {"id": identifier, "status": status, "certificate": certificate}
        return identifier

    def answer(self, method: str, path: str, body: str) -> tuple[int, Any]:
        path = path.partition("?")[0].removeprefix(f"/zones/{ZONE}/origin_tls_client_auth/hostnames")
        self.calls.append(f"{method} {path}")
        if method in self.refuse:
            status, message = self.refuse[method]
            return status, {"success": False, "errors": [{"code": 1400, "message": message}], "result": None}
        found = self._result(method, path.strip("/").split("/"), body)
        return (404, {"success": False, "errors": []}) if found is None else (200, {"success": True, "result": found})

    def _result(self, method: str, parts: list[str], body: str) -> Any:
        match method, parts:
            case "GET", ["certificates"]:
                return list(self.certificates.values())
            case "POST", ["certificates"]:
                return self._upload(body)
            case "GET", ["certificates", identifier]:
                return self._poll(identifier)
            case "DELETE", ["certificates", identifier]:
                return self.certificates.pop(identifier, None)
            case "GET", [host] if host in self.in_use:
                return {"hostname": host, "cert_id": self.in_use[host], "enabled": True}
        return None

    def _upload(self, body: str) -> dict[str, str]:
        self.bodies.append(body)
        sent = json.loads(body)
        assert sent["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
        return self.certificates[self.add(sent["certificate"], status="pending_deployment")]

    def _poll(self, identifier: str) -> dict[str, str] | None:
        found = self.certificates.get(identifier)
        if found is not None and found["status"] == "pending_deployment":
            self.polls_until_active -= 1
            if self.polls_until_active <= 0:
                found["status"] = "active"
        return found

    @property
    def changes(self) -> list[str]:
        return [call for call in self.calls if not call.startswith("GET")]


@contextmanager
def cloudflare_server() -> Iterator[Cloudflare]:
    fake = Cloudflare()

    class Handler(BaseHTTPRequestHandler):
        def _handle(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status, document = 403, {"success": False}
            else:
                status, document = fake.answer(self.command, self.path, body)
            content = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


def write_locals(directory: Path, **cloudflare: str | None) -> None:
    """Writes locals.tf of production below `directory`."""
    values = {"zone_id": ZONE, "certificate_id": None} | cloudflare
    folder = directory / "production"
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(f"      {name} = {json.dumps(value)}" for name, value in values.items())
    (folder / "locals.tf").write_text(
        'locals {\n  chat = {\n    host_name = "chat.acme.org"\n    elsewhere_host = "try.acme.org"\n'
        f"    cloudflare = {{\n{text}\n    }}\n  }}\n}}\n"
    )
