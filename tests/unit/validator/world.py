"""The surroundings of the pipeline in memory: clients that upload, workers that die, calls that fail."""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import pytest

from tests.fakes import NOON, FakeClock, FakeLedger, FakeScanner, FakeStorage
from uploads.errors import LedgerError
from uploads.record import Status, Upload
from validator import pipeline
from validator.formats.reader import Budget, RangeReader
from validator.formats.verdict import Verdict
from validator.pipeline import Delivery, Pipeline, Result
from validator.ports import ScannerError

MAX_BYTES = 1000
MAX_PIXELS = 1_000_000
LEASE_SECONDS = 310


def good(mime: str = "image/png", note: str = "") -> bytes:
    """Returns a file that the stand-in for the format parsers accepts."""
    return f"good:{mime}:{note}".encode()


def bad(note: str = "") -> bytes:
    return f"bad:{note}".encode()


def inspect(reader: RangeReader, declared: str) -> Verdict:
    """Stands in for the inspection, which has its own tests."""
    word, mime, *_ = [*reader.head().decode().split(":"), ""]
    if word != "good":
        return Verdict(None, "malformed", "The file is cut off: its end is missing.")
    return Verdict(mime) if mime == declared else Verdict(mime, "type_mismatch", "It is another type.")


def use_simple_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "inspect", inspect)
    monkeypatch.setattr(pipeline, "budget_for", lambda declared: Budget(MAX_BYTES, 4, 10.0))


class StorageDownError(Exception):
    """Stands for any error of botocore."""


class CrashError(BaseException):
    """The worker died: it was killed, or ran out of memory or time."""


class Fault(StrEnum):
    """A fault of one call: an error or the worker's death, before or after the call took effect."""

    ERROR_BEFORE = "error before"
    ERROR_AFTER = "error after"
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"


type Plan = Callable[[int, str], Fault | None]


def nothing_fails(number: int, name: str) -> None:
    """The plan without faults."""


class Wire:
    """The calls of one worker. `plan(number, name)` returns the fault of each call, counted from 0.

    A dead worker makes no more calls, not even to release its lease.
    """

    def __init__(self, plan: Plan = nothing_fails) -> None:
        self.calls: list[str] = []
        self._plan = plan
        self._dead = False

    def call(self, name: str, error: type[Exception], function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._dead:
            raise CrashError(name)
        fault = self._plan(len(self.calls), name)
        self.calls.append(name)
        self._fail(fault, Fault.ERROR_BEFORE, Fault.CRASH_BEFORE, error, name)
        result = function(*args, **kwargs)
        self._fail(fault, Fault.ERROR_AFTER, Fault.CRASH_AFTER, error, name)
        return result

    def _fail(self, fault: Fault | None, broken: Fault, dead: Fault, error: type[Exception], name: str) -> None:
        if fault is broken:
            raise error(name)
        if fault is dead:
            self._dead = True
            raise CrashError(name)


class Wired:
    """An adapter whose calls go through a wire."""

    def __init__(self, adapter: object, wire: Wire, error: type[Exception]) -> None:
        self._adapter, self._wire, self._error = adapter, wire, error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        function = getattr(self._adapter, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            result = self._wire.call(name, self._error, function, *args, **kwargs)
            if name == "fetch":
                return lambda *a: self._wire.call("read", self._error, result, *a)
            return self._chunks(result) if name == "stream" else result

        return call

    def _chunks(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            yield self._wire.call("chunk", self._error, lambda chunk=chunk: chunk)


class World:
    """Everything that survives a worker: clock, ledger, storage, scanner."""

    def __init__(self, *, scanning: bool = True) -> None:
        self.clock = FakeClock()
        self.ledger = FakeLedger(self.clock)
        self.storage = FakeStorage()
        self.scanner = FakeScanner() if scanning else None
        self._issued = 0

    def issue(self, content_type: str = "image/png", file_size: int = 0, **fields: Any) -> Upload:
        self._issued += 1
        upload = Upload(
            upload_id=f"{self._issued:032x}",
            status=Status.ISSUED,
            content_type=content_type,
            file_size=file_size,
            file_name="Ferien am Meer.png",
            created_at=NOON,
            updated_at=NOON,
            **fields,
        )
        self.ledger.issue(upload)
        return upload

    def put(self, upload: Upload, content: bytes) -> bool:
        """Sends a client's file. Returns True if S3 accepts it: the key is free and the size is the signed one."""
        if upload.staging_key in self.storage.staging.keys() | self.storage.sealed or len(content) != upload.file_size:
            return False
        self.storage.staging[upload.staging_key] = content
        return True

    def replay(self, upload: Upload, content: bytes) -> None:
        """Puts a second file there, as it was possible before used URLs were sealed."""
        self.storage.sealed.discard(upload.staging_key)
        assert self.put(upload, content)

    def uploaded(self, content: bytes, content_type: str = "image/png", **fields: Any) -> Upload:
        upload = self.issue(content_type, len(content), **fields)
        assert self.put(upload, content)
        return upload

    def deliver(self, key: str, attempt: int = 1, owner: str = "worker", wire: Wire | None = None) -> Result:
        return self.pipeline(wire or Wire()).process(Delivery(key, attempt, owner, LEASE_SECONDS))

    def pipeline(self, wire: Wire) -> Pipeline:
        scanner: Any = self.scanner and Wired(self.scanner, wire, ScannerError)
        ledger: Any = Wired(self.ledger, wire, LedgerError)
        storage: Any = Wired(self.storage, wire, StorageDownError)
        return Pipeline(ledger, storage, scanner, MAX_BYTES, MAX_PIXELS)

    def now(self, upload: Upload) -> Upload:
        """Returns the upload's current record in the ledger."""
        return self.ledger.uploads[upload.upload_id]

    def expire_lease(self) -> None:
        self.clock.advance(LEASE_SECONDS + 1)
