"""The stream to clamd: only an explicit OK to the whole file is clean."""

import threading
import time
from collections.abc import Iterator

import pytest

from testkit.scripted_clamd import ScriptedClamd, Session, clamd_that
from uploads.reasons import Reason
from validator.clamav import ClamAv
from validator.ports import Infection, ObjectChangedError, ScannerError

pytestmark = pytest.mark.usefixtures("short_timeouts")

CHUNKS = [b"first chunk", b"second chunk", b"third chunk"]
SIZE_LIMIT = b"INSTREAM size limit exceeded. ERROR\0"


def scan(clamd: ScriptedClamd, chunks: object = CHUNKS) -> Infection | None:
    return ClamAv("127.0.0.1", clamd.port).scan(chunks)


def answering(*parts: bytes):
    def script(session: Session) -> None:
        session.all()
        session.say(*parts)

    return script


def test_ok_is_clean():
    with clamd_that(answering(b"stream: OK\0")) as clamd:
        assert scan(clamd) is None


def test_reply_in_pieces_is_one_reply():
    with clamd_that(answering(b"str", b"eam: ", b"O", b"K", b"\0")) as clamd:
        assert scan(clamd) is None


def test_stream_arrives_whole_and_framed():
    """Empty chunks are left out: they would end the stream."""
    seen: list[bytes] = []

    def script(session: Session) -> None:
        seen.extend(iter(session.chunk, b""))
        session.say(b"stream: OK\0")

    with clamd_that(script) as clamd:
        scan(clamd, [b"", b"a" * 200_000, b"", b"b", b""])
        assert clamd.commands == [b"VERSION", b"INSTREAM"]
    assert seen == [b"a" * 200_000, b"b"]


def test_empty_stream_is_ended_and_scanned():
    """The pipeline counts the bytes and decides."""
    with clamd_that(answering(b"stream: OK\0")) as clamd:
        assert scan(clamd, []) is None


def after(event: threading.Event) -> Iterator[bytes]:
    """Yields the first chunk, and the others after the event."""
    yield CHUNKS[0]
    assert event.wait(5)
    time.sleep(0.05)
    yield from CHUNKS[1:]


def early(*parts: bytes, reset: bool = False):
    """Returns a script of clamd that replies after the first chunk, and chunks of which the rest come after that."""
    spoken = threading.Event()

    def script(session: Session) -> None:
        session.chunk()
        session.say(*parts)
        if reset:
            session.reset()
        spoken.set()
        session.stop.wait(5)

    return script, after(spoken)


def test_ok_before_the_end_of_the_stream_is_not_clean():
    script, chunks = early(b"stream: OK\0")
    with clamd_that(script) as clamd, pytest.raises(ScannerError, match="before the end"):
        scan(clamd, chunks)


def test_found_before_the_end_of_the_stream_is_infected():
    script, chunks = early(b"stream: Win.Test FOUND\0")
    with clamd_that(script) as clamd:
        assert scan(clamd, chunks).reason is Reason.INFECTED


@pytest.mark.parametrize("reset", [False, True])
def test_size_limit_in_the_middle_of_the_stream_is_unscannable(reset):
    """Clamd replies and closes; pyclamd would raise BrokenPipeError."""
    script, chunks = early(SIZE_LIMIT, reset=reset)
    with clamd_that(script) as clamd:
        assert scan(clamd, chunks).reason is Reason.UNSCANNABLE


def test_size_limit_at_the_last_chunk_is_unscannable():
    """The connection is closed when the end of the stream is sent."""
    spoken = threading.Event()

    def script(session: Session) -> None:
        session.chunk()
        session.say(SIZE_LIMIT)
        session.reset()
        spoken.set()

    def chunks() -> Iterator[bytes]:
        yield CHUNKS[0]
        assert spoken.wait(5)
        time.sleep(0.05)

    with clamd_that(script) as clamd:
        assert scan(clamd, chunks()).reason is Reason.UNSCANNABLE


@pytest.mark.parametrize("reset", [False, True])
def test_close_in_the_middle_of_the_stream_raises_scanner_error(reset):
    script, chunks = early(reset=True) if reset else early(b"")

    def close(session: Session) -> None:
        session.stop.set()
        script(session)

    with clamd_that(close) as clamd, pytest.raises(ScannerError):
        scan(clamd, chunks)


def test_close_after_the_stream_raises_scanner_error():
    with clamd_that(answering()) as clamd, pytest.raises(ScannerError, match="cut off"):
        scan(clamd)


def test_reset_after_the_stream_raises_scanner_error():
    def script(session: Session) -> None:
        session.all()
        session.reset()

    with clamd_that(script) as clamd, pytest.raises(ScannerError):
        scan(clamd)


def test_missing_reply_raises_scanner_error_after_the_timeout():
    def script(session: Session) -> None:
        session.all()
        session.stop.wait(5)

    with clamd_that(script) as clamd, pytest.raises(ScannerError, match="TimeoutError"):
        scan(clamd)


def test_stalled_read_raises_scanner_error_after_the_timeout():
    with clamd_that(lambda session: session.stop.wait(5)) as clamd, pytest.raises(ScannerError, match="TimeoutError"):
        scan(clamd, (bytes(1 << 20) for _ in range(64)))


def test_reply_within_the_timeout_is_awaited():
    def script(session: Session) -> None:
        session.all()
        time.sleep(0.2)
        session.say(b"stream: OK\0")

    with clamd_that(script) as clamd:
        assert scan(clamd) is None


def test_error_while_reading_the_file_is_raised_and_the_stream_not_ended():
    """Clamd could find a regularly ended part of a file clean."""

    def chunks() -> Iterator[bytes]:
        yield CHUNKS[0]
        raise ObjectChangedError("uploads/a.png")

    with clamd_that(answering(b"stream: OK\0")) as clamd:
        with pytest.raises(ObjectChangedError):
            scan(clamd, chunks())
        deadline = time.monotonic() + 2
        while not clamd.unfinished and time.monotonic() < deadline:
            time.sleep(0.01)
        assert clamd.unfinished == ["EOFError"]


def test_connection_is_closed_after_every_scan():
    """Clamd accepts few connections; leaked sockets would use them up."""
    closed = threading.Event()

    def script(session: Session) -> None:
        session.all()
        session.say(b"stream: OK\0")
        session.connection.settimeout(5)
        if session.connection.recv(1) == b"":
            closed.set()

    with clamd_that(script) as clamd:
        scan(clamd)
        assert closed.wait(5)
