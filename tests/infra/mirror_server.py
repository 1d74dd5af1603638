"""A server on loopback in place of ClamAV's public mirror, the private mirror's bucket and the credentials of ECS."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

REGION = "us-east-1"
CREDENTIALS = Credentials("ASIATESTING", "se/cret+key=", "session/token+of=the/task==")
CREDENTIALS_PATH = "/v2/credentials/0123"


@dataclass
class MirrorServer:
    """Objects by path. `refusals` has the status with which paths of a folder (`private`, `public`) are answered."""

    port: int = 0
    objects: dict[str, bytes] = field(default_factory=dict)
    refusals: dict[str, int] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)

    def url(self, folder: str) -> str:
        return f"http://127.0.0.1:{self.port}/{folder}"

    def requests_of(self, folder: str) -> list[str]:
        return [request for request in self.requests if f" /{folder}/" in request]


@contextmanager
def serve() -> Iterator[MirrorServer]:
    state = MirrorServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            state.requests.append(f"GET {self.path}")
            if self.path == CREDENTIALS_PATH:
                self._answer(200, _credentials())
            elif status := state.refusals.get(self.path.split("/")[1]):
                self._answer(status, b"refused")
            elif self.path not in state.objects:
                self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            elif range_ := self.headers.get("Range"):
                first, last = map(int, range_.removeprefix("bytes=").split("-"))
                self._answer(206, state.objects[self.path][first : last + 1])
            else:
                self._answer(200, state.objects[self.path])

        def do_PUT(self) -> None:
            state.requests.append(f"PUT {self.path}")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if fault := _fault(self.path, dict(self.headers), body):
                state.rejected.append(fault)
                self._answer(403, f"<Error><Code>{fault}</Code></Error>".encode())
                return
            state.objects[self.path] = body
            self._answer(200, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()


def _credentials() -> bytes:
    """Returns the task role's credentials as ECS answers."""
    return json.dumps(
        {
            "RoleArn": "arn:aws:iam::111122223333:role/mock",
            "AccessKeyId": CREDENTIALS.access_key,
            "SecretAccessKey": CREDENTIALS.secret_key,
            "Token": CREDENTIALS.token,
            "Expiration": "2026-11-29T20:00:00Z",
        }
    ).encode()


def _fault(path: str, headers: dict[str, str], body: bytes) -> str:
    """Returns S3's error code for a wrong checksum or signature, which botocore computes again, or ''."""
    lower = {name.lower(): value for name, value in headers.items()}
    authorization = lower.get("authorization", "")
    if lower.get("x-amz-content-sha256") != hashlib.sha256(body).hexdigest():
        return "XAmzContentSHA256Mismatch"
    if lower.get("x-amz-security-token") != CREDENTIALS.token:
        return "InvalidToken"
    if f"Credential={CREDENTIALS.access_key}/{lower['x-amz-date'][:8]}/{REGION}/s3/aws4_request" not in authorization:
        return "AuthorizationHeaderMalformed"
    signed = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = AWSRequest(method="PUT", url=f"http://{lower['host']}{path}", headers={n: lower[n] for n in signed})
    request.context["timestamp"] = lower["x-amz-date"]
    signer = S3SigV4Auth(CREDENTIALS, "s3", REGION)
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    return "" if authorization.endswith(f"Signature={expected}") else "SignatureDoesNotMatch"
