"""Functions that take turns under the Lambda runtime emulator, which reports the time of each start and call."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from benchmarks import peers
from benchmarks.figures import MissingPartError
from phenom import event_cases
from phenom.functions import FUNCTIONS
from testkit.lambda_runtime import EMULATOR, Runtime, emulated, runtime
from testkit.wiring import CREDENTIALS, ENVIRONMENTS, PRESIGN

ROOT = Path(__file__).parents[1]
PASSWORD = "measured"  # noqa: S105 - the stand-in's
_INIT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")
_CALL = re.compile(r"INVOKE RTDONE\(status: success, .*duration: ([0-9.]+)ms\)")
# Log lines which show that the measured path failed.
_TROUBLE = ("user queued", "user not synced", "Traceback", "errorType")


@dataclass
class Contestant:
    """A function and its times in milliseconds by round: init, first call, median of the other calls."""

    name: str
    directory: Path
    handler: str
    event: Mapping[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    node: bool = False
    search: Sequence[Path] = ()
    init: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)

    def run(self, warm_calls: int) -> None:
        """Measures one start and its calls."""
        with TemporaryDirectory() as scratch, self._started(Path(scratch)) as function:
            for _ in range(1 + warm_calls):
                answer = function.invoke(self.event)
                _check(self.name, answer.get("statusCode", 200) == 200 and "errorType" not in answer, str(answer))
            log = (Path(scratch) / "log").read_text()  # before the end, when the runtime logs an error
        _check(self.name, not any(trouble in log for trouble in _TROUBLE), log)
        (init,) = _INIT.findall(log)
        first, *warm = map(float, _CALL.findall(log))
        self.init.append(float(init))
        self.first.append(first)
        self.warm.append(median(warm))

    def _started(self, scratch: Path) -> AbstractContextManager[Runtime]:
        environment = {**CREDENTIALS, **self.environment, "POWERTOOLS_LOG_LEVEL": "INFO", "PATH": "/usr/bin:/bin"}
        if not self.node:
            return runtime(self.directory, self.handler, environment, scratch, self.search)
        command = [peers.node(), str(peers.node_functions() / "bootstrap.mjs"), self.handler]
        return emulated(command, self.directory, environment, scratch)


def _check(name: str, condition: object, what: str) -> None:
    if not condition:
        raise RuntimeError(f"{name} failed while it was measured: {what[-2000:]}")


def built(name: str, event: Mapping[str, Any], environment: Mapping[str, str]) -> Contestant:
    """Returns a function of src/functions.toml. Raises MissingPartError if it is not built."""
    package = FUNCTIONS[name].package
    if not package.is_dir():
        raise MissingPartError(f"{package.relative_to(ROOT)} is missing: run `make build`")
    return Contestant(name, package, f"{name}.handler.handler", event, environment)


@contextmanager
def contestants() -> Iterator[dict[str, Contestant]]:
    """Yields all contestants by name. Raises MissingPartError."""
    if not (ROOT / ".venvs/sam" / EMULATOR).is_file():
        raise MissingPartError("SAM CLI, which carries the runtime emulator, is missing: run `make build`")
    with TemporaryDirectory() as scratch, stand_in() as url:
        (Path(scratch) / "empty.py").write_text("def handler(event, context):\n    return event\n")
        empty = Contestant("empty", Path(scratch), "empty.handler", {})
        yield {each.name: each for each in (empty, *_ours(url), *_peers())}


def _ours(url: str) -> Iterator[Contestant]:
    aws = {"AWS_ENDPOINT_URL_SECRETS_MANAGER": url, "AWS_ENDPOINT_URL_DYNAMODB": url}
    for name in FUNCTIONS:
        event = upload_request() if name == "presign" else event_cases.load(name, FUNCTIONS[name].measured)[0]
        yield built(name, event, {**ENVIRONMENTS[name], **aws})


def _peers() -> Iterator[Contestant]:
    """Yields the peers. Raises MissingPartError."""
    node = peers.node_functions()
    environment = {"STAGING_BUCKET": PRESIGN["STAGING_BUCKET"]}
    event = upload_request()
    for name, file in (
        ("node", "presigner.mjs"),
        ("node_bundled", "bundled/presigner.mjs"),
        ("node_same_clients", "same_clients.mjs"),
        ("node_same_clients_bundled", "bundled/same_clients.mjs"),
    ):
        yield Contestant(name, node, str(node / file), event, environment, node=True)
    boto3 = peers.python_packages("boto3", "boto3")
    yield Contestant("boto3", Path(__file__).parent, "python_peer.handler", event, environment, search=[boto3])


def upload_request() -> dict[str, Any]:
    """Returns API Gateway's event for a request for an upload URL."""
    body = {"password": PASSWORD, "fileName": "IMG_0042.MOV", "contentType": "video/quicktime", "fileSize": 48_211_234}
    return {
        "httpMethod": "POST",
        "resource": "/upload/generate-url",
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


@contextmanager
def stand_in() -> Iterator[str]:
    """Serves Hasura, the ledger and the secrets, which accept everything; yields their URL."""
    written = {"data": {"insert_users_one": {"id": "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"}}}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            target = self.headers.get("X-Amz-Target", "")
            answer = written if not target else {"SecretString": secret} if target.endswith("GetSecretValue") else {}
            content = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Logs nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    secret = json.dumps(
        {"hasuraEndpoint": f"{url}/v1/graphql", "hasuraAdminSecret": "any", "passwords": [PASSWORD]},
    )
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()


def take_turns(all_of_them: Sequence[Contestant], rounds: int, warm_calls: int) -> None:
    """Runs every contestant once per round, so that other load on the machine affects all of them."""
    for number in range(rounds):
        for contestant in all_of_them:
            print(f"\r    round {number + 1}/{rounds}: {contestant.name:28}", end="", file=sys.stderr, flush=True)
            contestant.run(warm_calls)
    print(file=sys.stderr)
