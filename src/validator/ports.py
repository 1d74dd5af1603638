"""Protocols of the pipeline's adapters (storage, scanner, ledger), with their data and errors."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from uploads.reasons import Reason
from uploads.record import Upload
from validator.formats.reader import Fetch


class ObjectChangedError(Exception):
    """The object was replaced or deleted since it was found. The next delivery must start over."""


class ScannerError(Exception):
    """The scanner gave no verdict. The scan must be repeated; the file must not count as clean."""


@dataclass(frozen=True, slots=True)
class StagedObject:
    """One version of an object in the staging bucket: `size` in bytes, `etag` as S3 returns it, with quotes.

    `archived` names the storage class of an object that must be restored before it can be read, None for any other.
    `overruled` is True for a held copy that an operator released from quarantine without another scan.
    """

    key: str
    etag: str
    size: int
    archived: str | None = None
    overruled: bool = False


@dataclass(frozen=True, slots=True)
class Promotion:
    """Key and properties of an accepted object in the final bucket; `sha256` in base64, None if not computed yet."""

    key: str
    content_type: str
    upload_id: str
    file_name: str
    sha256: str | None
    as_attachment: bool


@dataclass(frozen=True, slots=True)
class Promoted:
    """An object in the final bucket: the ETag of the staged object it was copied from, and S3's SHA-256 in base64."""

    source_etag: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Infection:
    """The finding of a scan: malware, or a file that cannot be scanned. `signature` is the scanner's name for it."""

    reason: Reason
    detail: str
    signature: str | None = None


class Storage(Protocol):
    """The staging and the final bucket. Every call on an object raises ObjectChangedError if it was replaced.

    A final key is written once: `promote` raises ObjectChangedError if another object was promoted before. A held key
    is written once too: `hold` keeps an existing held object. `hold` returns the ETag of the held object. `quarantine`
    may be repeated. `seal` replaces the object by an empty one, which `find` does not find: while it exists, S3 refuses
    another file for the same URL.
    """

    def find(self, key: str) -> StagedObject | None: ...
    def fetch(self, staged: StagedObject) -> Fetch: ...
    def stream(self, staged: StagedObject) -> Iterator[bytes]: ...
    def promote(self, staged: StagedObject, promotion: Promotion) -> Promoted: ...
    def promoted(self, final_key: str) -> Promoted | None: ...
    def hold(self, staged: StagedObject, held_key: str) -> str: ...
    def quarantine(self, staged: StagedObject, quarantine_key: str) -> None: ...
    def seal(self, staged: StagedObject) -> None: ...
    def delete(self, staged: StagedObject) -> None: ...


class Scanner(Protocol):
    """A virus scanner. Only None means clean; any failure raises ScannerError."""

    def scan(self, chunks: Iterable[bytes]) -> Infection | None: ...


class Ledger(Protocol):
    """The upload ledger. uploads.ledger.DynamoDbLedger documents the errors."""

    def claim(self, upload_id: str, owner: str, seconds: float) -> Upload: ...
    def approve(self, upload_id: str, owner: str, *, etag: str) -> None: ...
    def accept(self, upload_id: str, owner: str, *, final_key: str, etag: str, sha256: str | None) -> None: ...

    def reject(  # noqa: PLR0913 - a verdict with its facts
        self,
        upload_id: str,
        owner: str,
        *,
        reason: Reason,
        detail: str,
        etag: str,
        quarantine_etag: str | None,
        signature: str | None,
    ) -> None: ...

    def hold(self, upload_id: str, owner: str, *, etag: str, held_etag: str) -> None: ...

    def release(self, upload_id: str, owner: str) -> None:
        """Ends the lease, so that the next delivery need not wait; the upload stays `validating`."""
        ...

    def withdraw(self, upload_id: str, owner: str) -> None:
        """Undoes the claim: the upload is `issued` again, because there is no object to validate."""
        ...
