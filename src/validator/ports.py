"""What the pipeline needs of the world: the Protocols that its adapters fulfil."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from uploads.reasons import Reason
from uploads.record import Upload
from validator.formats.reader import Fetch


class ObjectChangedError(Exception):
    """The object is no longer the one that was found; it must be looked at anew."""


class ScannerError(Exception):
    """The scanner gave no verdict. The scan must be repeated; nothing may be taken for clean."""


@dataclass(frozen=True, slots=True)
class StagedObject:
    """One object version in the staging bucket: `size` in bytes, `etag` as S3 gives it, with its quotes."""

    key: str
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class Promotion:
    """How an accepted object stands in the final bucket; `sha256` in base64, None when nobody has computed it yet."""

    key: str
    content_type: str
    upload_id: str
    file_name: str
    sha256: str | None
    as_attachment: bool


@dataclass(frozen=True, slots=True)
class Promoted:
    """What a worker promoted: the ETag of the staged object that was copied, and S3's SHA-256 of it in base64."""

    source_etag: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Infection:
    """What a scan found when it did not find the file clean."""

    reason: Reason
    detail: str


class Storage(Protocol):
    """The staging and the final bucket. Each call on an object raises ObjectChangedError when it was replaced.

    A final key is written once: `promote` raises ObjectChangedError where another object was promoted before. So is a
    held key: `hold` leaves what lies there, and returns the ETag of what does.
    """

    def find(self, key: str) -> StagedObject | None: ...
    def fetch(self, staged: StagedObject) -> Fetch: ...
    def stream(self, staged: StagedObject) -> Iterator[bytes]: ...
    def promote(self, staged: StagedObject, promotion: Promotion) -> Promoted: ...
    def promoted(self, final_key: str) -> Promoted | None: ...
    def hold(self, staged: StagedObject, held_key: str) -> str: ...
    def delete(self, staged: StagedObject) -> None: ...


class Scanner(Protocol):
    """A virus scanner. None is the one answer that means clean; trouble raises ScannerError."""

    def scan(self, chunks: Iterable[bytes]) -> Infection | None: ...


class Ledger(Protocol):
    """The upload ledger; see uploads.ledger.Ledger for the errors."""

    def claim(self, upload_id: str, owner: str, seconds: float) -> Upload: ...
    def approve(self, upload_id: str, owner: str, *, etag: str) -> None: ...
    def accept(self, upload_id: str, owner: str, *, final_key: str, etag: str, sha256: str | None) -> None: ...
    def reject(self, upload_id: str, owner: str, *, reason: Reason, detail: str, etag: str) -> None: ...
    def hold(self, upload_id: str, owner: str, *, etag: str, held_etag: str) -> None: ...
    def release(self, upload_id: str, owner: str) -> None: ...
    def withdraw(self, upload_id: str, owner: str) -> None: ...
