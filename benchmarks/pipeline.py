"""Uploads through the local cloud: verdicts per minute, waiting times, lost uploads."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import urllib3

from benchmarks.figures import Figure, MissingPartError, Target, spread
from local.ports import any_free
from testkit.samples import images

ROOT = Path(__file__).parents[1]
UPLOADS, QUICK_UPLOADS = 1000, 40
AT_A_TIME = 8
BYTES = 100_000
PATIENCE_SECONDS = 180
_ASK_AGAIN_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Sent:
    """An upload: its final status, and the seconds from the end of its PUT to the verdict."""

    status: str
    seconds: float


def measure(*, quick: bool, say: Callable[[object], None]) -> list[Figure]:
    count = QUICK_UPLOADS if quick else UPLOADS
    say("    starting a local cloud")
    with _cloud() as stack:
        say(f"    {count} uploads of {BYTES / 1000:.0f} KB, {AT_A_TIME} at a time")
        started = time.monotonic()
        sent = _send(stack, count)
        minutes = (time.monotonic() - started) / 60
    return figures(sent, minutes)


def figures(sent: list[Sent], minutes: float) -> list[Figure]:
    outcomes = Counter(each.status for each in sent)
    lost = len(sent) - outcomes["accepted"]
    waits = [each.seconds for each in sent]
    cuts = quantiles(waits, n=100, method="inclusive")
    counts = ", ".join(f"{count:,} {status}" for status, count in outcomes.most_common())
    return [
        Figure(
            "local cloud: uploads with a verdict",
            len(sent) / minutes,
            "/min",
            detail=f"{len(sent):,} uploads: {counts}",
            note="the API key's usage plan permits 600 a minute",
        ),
        Figure("local cloud: uploads not accepted", lost, "", Target(0)),
        Figure("local cloud: from PUT to verdict, p50", cuts[49], "s", spread=spread(waits)),
        Figure("local cloud: from PUT to verdict, p99", cuts[98], "s"),
    ]


@contextmanager
def _cloud() -> Iterator[dict[str, Any]]:
    """Starts a separate local cloud and yields its stack.json. Raises MissingPartError."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE"))}
    command = [sys.executable, "-m", "local.cloud"]
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        where = ["--dir", directory]
        try:
            up = subprocess.run(
                [*command, "up", *where, "--port", str(any_free())],
                cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            if up.returncode:
                raise MissingPartError(f"the local cloud did not start: {(up.stderr or up.stdout).strip()[-400:]}")
            yield json.loads((Path(directory) / "stack.json").read_text())
        finally:
            subprocess.run([*command, "down", *where], cwd=ROOT, env=environment, capture_output=True, check=False)


def _send(stack: dict[str, Any], count: int) -> list[Sent]:
    http = urllib3.PoolManager(maxsize=2 * AT_A_TIME, timeout=30, retries=False)
    photo = _photo()
    done: list[Sent] = []
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        try:
            for sent in pool.map(lambda _: _one(http, stack, photo), range(count)):
                done.append(sent)
                print(f"\r    {len(done)}/{count}", end="", file=sys.stderr, flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True, wait=False)
            raise
    print(file=sys.stderr)
    return done


def _photo() -> bytes:
    """Returns a JPEG of BYTES bytes, filled up with comments."""
    picture = images.jpeg()
    fill = BYTES - len(picture)
    comments = b""
    while fill > 0:
        length = min(fill, 60_000)
        length = length if fill - length == 0 or fill - length > 4 else length - 4
        comments += b"\xff\xfe" + (length - 2).to_bytes(2) + bytes(length - 4)
        fill -= length
    return picture[:2] + comments + picture[2:]


def _one(http: urllib3.PoolManager, stack: dict[str, Any], photo: bytes) -> Sent:
    request = {"password": stack["password"], "fileName": "p.jpg", "contentType": "image/jpeg", "fileSize": len(photo)}
    headers = {"x-api-key": stack["apiKey"], "Content-Type": "application/json"}
    base = stack["apiUrl"].rstrip("/")
    while True:
        answer = http.request("POST", f"{base}/upload/generate-url", body=json.dumps(request), headers=headers)
        if answer.status != HTTPStatus.TOO_MANY_REQUESTS:
            break
        time.sleep(_ASK_AGAIN_SECONDS)  # as a client does: the usage plan of the key limits requests per second
    issued = json.loads(answer.data)
    if "uploadUrl" not in issued:
        return Sent(f"refused ({issued.get('code', answer.status)})", 0)
    put = http.request(issued["method"], issued["uploadUrl"], body=photo, headers=issued["headers"])
    if put.status != 200:
        return Sent(f"not taken ({put.status})", 0)
    return _verdict(http, f"{base}{issued['statusUrl']}")


def _verdict(http: urllib3.PoolManager, url: str) -> Sent:
    began = time.monotonic()
    while (waited := time.monotonic() - began) < PATIENCE_SECONDS:
        status = json.loads(http.request("GET", url).data).get("status", "unknown")
        if status in {"accepted", "rejected", "held"}:
            return Sent(status, time.monotonic() - began)
        time.sleep(_ASK_AGAIN_SECONDS)
    return Sent("without a verdict", waited)
