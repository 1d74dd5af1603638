"""What the two sign-in functions cost whoever waits for them, beside an empty one: `python -m benchmarks.triggers`.

Each runs as built (`make build`) under the Lambda runtime emulator, which reports how long the start and each call
took. The functions take turns, so that whatever else the machine does meets them alike. The user sync writes a row to
a stand-in on loopback, without TLS, and has its secret from there: what the network takes comes on top.
"""

import argparse
import io
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

from tests import expectation
from tests.package.lambda_runtime import runtime
from tests.wiring import COGNITO_TRIGGER, CREDENTIALS, USER_SYNC

BUILD = Path(__file__).parents[1] / ".aws-sam" / "build"
INIT = re.compile(r"INIT REPORT\(durationMs: ([0-9.]+)\)")
CALL = re.compile(r"INVOKE RTDONE\(status: success, .*duration: ([0-9.]+)ms\)")


@dataclass
class Contestant:
    """A function, and its times in milliseconds, one of each kind a round."""

    name: str
    package: Path
    handler: str
    event: dict[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    init: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)

    def run(self, warm_calls: int) -> None:
        """One start, the first call and the median of those after it."""
        environment = {**CREDENTIALS, **self.environment, "POWERTOOLS_LOG_LEVEL": "INFO", "PATH": "/usr/bin:/bin"}
        with TemporaryDirectory() as scratch:
            with runtime(self.package, self.handler, environment, Path(scratch)) as function:
                for _ in range(1 + warm_calls):
                    answer = function.invoke(self.event)
                    assert "errorType" not in answer, answer
            log = (Path(scratch) / "log").read_text()
        assert "user synced later" not in log, log
        assert "user not synced" not in log, log
        (init,) = INIT.findall(log)
        first, *warm = map(float, CALL.findall(log))
        self.init.append(float(init))
        self.first.append(first)
        self.warm.append(median(warm))

    def zipped_kilobytes(self) -> float:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
            for path in sorted(self.package.rglob("*")):
                target.write(path, path.relative_to(self.package))
        return archive.tell() / 1000


@contextmanager
def stand_in() -> Iterator[str]:
    """Hasura, which writes every user, and Secrets Manager, which knows where it is; yields the URL of both."""
    written = {"data": {"insert_users_one": {"id": "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"}}}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = json.dumps(written if self.path == "/v1/graphql" else {"SecretString": secret}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    secret = json.dumps({"hasuraEndpoint": f"{url}/v1/graphql", "hasuraAdminSecret": "any"})
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield url
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def contestants() -> Iterator[list[Contestant]]:
    sign_in = expectation.load("user_sync", "post_authentication")[0]
    token = expectation.load("cognito_trigger", "v2_mapped_group")[0]
    with TemporaryDirectory() as scratch, stand_in() as url:
        (Path(scratch) / "empty.py").write_text("def handler(event, context):\n    return event\n")
        yield [
            Contestant("empty", Path(scratch), "empty.handler", token),
            _built("CognitoTriggerFunction", "cognito_trigger", token, COGNITO_TRIGGER),
            _built("UserSyncFunction", "user_sync", sign_in, {**USER_SYNC, "AWS_ENDPOINT_URL_SECRETS_MANAGER": url}),
        ]


def _built(logical_id: str, name: str, event: dict[str, Any], environment: Mapping[str, str]) -> Contestant:
    package = BUILD / logical_id
    if not package.is_dir():
        raise SystemExit(f"{package} is missing: run `make build` first")
    return Contestant(name, package, f"{name}.handler.handler", event, environment)


def _shown(times: list[float]) -> str:
    return f"{median(times):.1f} ({min(times):.1f}-{max(times):.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.triggers", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11, help="starts of each function (default: 11)")
    parser.add_argument("--warm", type=int, default=30, help="calls after the first in each round (default: 30)")
    arguments = parser.parse_args()
    with contestants() as all_of_them:
        for _ in range(arguments.rounds):
            for contestant in all_of_them:
                contestant.run(arguments.warm)
    load = os.getloadavg()[0]
    print(
        f"Milliseconds, median (least-most) of {arguments.rounds} rounds; load {load:.1f} on {os.cpu_count()} cores\n"
    )
    print("| function | init | first call | warm call | zipped, KB |")
    print("|---|---|---|---|---|")
    for each in all_of_them:
        times = " | ".join(_shown(kind) for kind in (each.init, each.first, each.warm))
        print(f"| {each.name} | {times} | {each.zipped_kilobytes():.0f} |")


if __name__ == "__main__":
    main()
