"""Peak memory for a small and a huge video, with and without scanning: `python -m benchmarks.peak_memory`.

An S3 stand-in generates the object's bytes on request; the scanner reads all and answers OK. Each measurement runs in a
separate process, whose peak resident set size the kernel reports.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from testkit.samples.videos import box, chunk_offsets, file_type, movie, track
from testkit.scripted_clamd import Session, clamd_that

ROOT = Path(__file__).parents[1]
SMALL = 1_000_000
HUGE = 2_000_000_000
ZEROS = bytes(1 << 20)


class Video:
    """An MP4 of `size` bytes with its index at the end, generated on request."""

    def __init__(self, size: int) -> None:
        head = file_type(b"isom", b"isom", b"mp42")
        tail = movie(track(offsets=chunk_offsets(len(head) + 16)))
        self.size = size
        self._head = head + box(b"mdat", wide=True, size=size - len(head) - len(tail))
        self._tail = tail

    def parts(self, start: int, end: int) -> Iterator[bytes]:
        """Yields the bytes [start, end) in pieces."""
        tail_at = self.size - len(self._tail)
        while start < end:
            if start < len(self._head):
                part = self._head[start:end]
            elif start < tail_at:
                part = ZEROS[: min(end, tail_at) - start]
            else:
                part = self._tail[start - tail_at : end - tail_at]
            yield part
            start += len(part)


@contextmanager
def stand_in_for_s3(video: Video) -> Iterator[str]:
    """Answers HEAD and GET of any key, with ranges; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(0, video.size, 200)

        def do_GET(self) -> None:
            first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
            end = int(last) + 1 if last else video.size
            self._answer(int(first), end, 206 if "Range" in self.headers else 200)
            for part in video.parts(int(first), end):
                self.wfile.write(part)

        def _answer(self, start: int, end: int, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(end - start))
            self.send_header("ETag", '"video"')
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Logs nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def drain(session: Session) -> None:
    while session.chunk():
        pass
    session.say(b"stream: OK\0")


def measure(size: int, *, scanning: bool) -> dict[str, int]:
    """Returns peak memory in bytes, bytes read for the inspection, and range requests."""
    with stand_in_for_s3(Video(size)) as url, clamd_that(drain) as clamd:
        port = str(clamd.port) if scanning else "0"
        environment = os.environ | {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}
        command = [sys.executable, "-m", "benchmarks.peak_memory", "--inspect", url, port]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    result: dict[str, int] = json.loads(done.stdout)
    return result


def inspect_object(url: str, clamd_port: int) -> None:
    """Runs in the measured process: reads an object as the pipeline does."""
    import botocore.session  # noqa: PLC0415 - only in the measured process

    from validator.clamav import ClamAv  # noqa: PLC0415
    from validator.formats import libmagic  # noqa: PLC0415
    from validator.formats.reader import RangeReader  # noqa: PLC0415
    from validator.inspection import budget_for, inspect  # noqa: PLC0415
    from validator.s3_storage import S3Storage  # noqa: PLC0415

    libmagic.load()
    client: Any = botocore.session.get_session().create_client("s3", "us-east-1", endpoint_url=url)
    storage = S3Storage(client, "staging", "final")
    staged = storage.find("uploads/video.mp4")
    assert staged is not None
    reader = RangeReader(storage.fetch(staged), staged.size, budget_for("video/mp4"))
    verdict = inspect(reader, "video/mp4")
    assert verdict.accepted, verdict
    if clamd_port:
        assert ClamAv("127.0.0.1", clamd_port).scan(storage.stream(staged)) is None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak": peak, "bytes_read": reader.cost.bytes_read, "ranges": reader.cost.ranges}))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.peak_memory", description=__doc__.partition("\n")[0])
    parser.add_argument("--inspect", nargs=2, metavar=("URL", "PORT"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inspect:
        inspect_object(arguments.inspect[0], int(arguments.inspect[1]))
        return
    print("| scanning | 1 MB, peak MB | 2 GB, peak MB | difference, MB | bytes inspected | ranges |")
    print("|---|---|---|---|---|---|")
    for scanning in (False, True):
        small, huge = measure(SMALL, scanning=scanning), measure(HUGE, scanning=scanning)
        peaks = [each["peak"] / 1e6 for each in (small, huge)]
        print(
            f"| {'on' if scanning else 'off'} | {peaks[0]:.1f} | {peaks[1]:.1f} | {peaks[1] - peaks[0]:+.1f} "
            f"| {huge['bytes_read']} | {huge['ranges']} |"
        )


if __name__ == "__main__":
    main()
