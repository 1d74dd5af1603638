"""The ledger, the buckets and the scanner in memory, with the conditions of the real ones."""

import base64
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from uploads.errors import LeaseHeldError, LeaseLostError, LedgerError, SettledError, UnknownUploadError
from uploads.reasons import Reason
from uploads.record import DECIDED, Release, ReleaseMode, Status, Upload
from validator.formats.reader import Fetch
from validator.ports import Infection, ObjectChangedError, Promoted, Promotion, StagedObject

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class FakeClock:
    """A clock that the test moves."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeLedger:
    """uploads.ledger.DynamoDbLedger without DynamoDB. `verdicts` lists every settled status of each upload."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.uploads: dict[str, Upload] = {}
        self.owners: dict[str, str] = {}
        self.verdicts: dict[str, list[Status]] = {}

    def issue(self, upload: Upload) -> None:
        if upload.upload_id in self.uploads:
            raise LedgerError("PutItem: ConditionalCheckFailedException")
        self.uploads[upload.upload_id] = upload

    def find(self, upload_id: str) -> Upload | None:
        return self.uploads.get(upload_id)

    def claim(self, upload_id: str, owner: str, seconds: float) -> Upload:
        upload = self.uploads.get(upload_id)
        if upload is None:
            raise UnknownUploadError
        now = self._clock().timestamp()
        if upload.status in DECIDED | {Status.HELD}:
            raise SettledError(upload)
        if upload.status is Status.VALIDATING and upload.lease_until >= now and self.owners[upload_id] != owner:
            raise LeaseHeldError(upload.lease_until)
        self.owners[upload_id] = owner
        return self._write(upload, status=Status.VALIDATING, lease_until=now + seconds)

    def accept(self, upload_id: str, owner: str, *, final_key: str, etag: str, sha256: str | None) -> None:
        upload = self._leased(upload_id, owner)
        self._settle(
            upload, Status.ACCEPTED, final_key=final_key, etag=etag, sha256=sha256 or upload.sha256, quarantined=False
        )

    def reject(
        self,
        upload_id: str,
        owner: str,
        *,
        reason: Reason,
        detail: str,
        etag: str,
        quarantine_etag: str | None = None,
        signature: str | None = None,
    ) -> None:
        self._settle(
            self._leased(upload_id, owner),
            Status.REJECTED,
            reason=reason,
            detail=detail,
            etag=etag,
            quarantined=quarantine_etag is not None,
            quarantine_etag=quarantine_etag,
            signature=signature,
        )

    def reopen(self, upload_id: str, *, held_etag: str, mode: ReleaseMode, by: str, because: str) -> bool:
        upload = self.uploads[upload_id]
        now = self._clock()
        leased = upload.status is Status.VALIDATING and upload.lease_until >= now.timestamp()
        approved = upload.approved_etag is not None and upload.status is not Status.REJECTED
        if not upload.quarantined or upload.status is Status.ACCEPTED or leased or approved:
            return False
        release = Release(mode=mode, by=by, because=because, at=now)
        self.owners[upload_id] = "release"
        self._write(upload, status=Status.VALIDATING, lease_until=0.0, held_etag=held_etag, release=release)
        return True

    def approve(self, upload_id: str, owner: str, *, etag: str) -> None:
        self._write(self._leased(upload_id, owner), approved_etag=etag)

    def hold(self, upload_id: str, owner: str, *, etag: str, held_etag: str) -> None:
        self._settle(self._leased(upload_id, owner), Status.HELD, etag=etag, held_etag=held_etag)

    def release(self, upload_id: str, owner: str) -> None:
        self._write(self._leased(upload_id, owner), lease_until=0.0)

    def withdraw(self, upload_id: str, owner: str) -> None:
        self._write(self._leased(upload_id, owner), status=Status.ISSUED)

    def readmit(self, upload_id: str, held_etag: str) -> None:
        upload = self.uploads[upload_id]
        leased = upload.status is Status.VALIDATING and upload.lease_until >= self._clock().timestamp()
        if upload.status not in DECIDED and not leased:
            self._write(upload, status=Status.ISSUED, held_etag=held_etag)

    def _leased(self, upload_id: str, owner: str) -> Upload:
        upload = self.uploads.get(upload_id)
        if upload is None or upload.status is not Status.VALIDATING or self.owners.get(upload_id) != owner:
            raise LeaseLostError(upload_id)
        return upload

    def _settle(self, upload: Upload, status: Status, **changes: object) -> None:
        self.verdicts.setdefault(upload.upload_id, []).append(status)
        self._write(upload, status=status, **changes)

    def _write(self, upload: Upload, **changes: object) -> Upload:
        changed = replace(upload, updated_at=self._clock(), **changes)  # type: ignore[arg-type]
        self.uploads[upload.upload_id] = changed
        return changed


@dataclass(frozen=True, slots=True)
class Final:
    """An object in the final bucket."""

    content: bytes
    promotion: Promotion
    promoted: Promoted


def etag_of(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


def sha256_of(content: bytes) -> str:
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


class FakeStorage:
    """validator.s3_storage.S3Storage without S3: `staging` has content by key, `final` promoted objects by key.

    `sealed` has the keys of used URLs, `archived` the storage class of objects that cannot be read, `overruled` the
    held keys that an operator marked, `quarantined` content by key, which no method reads.
    """

    chunk_bytes = 16

    def __init__(self) -> None:
        self.staging: dict[str, bytes] = {}
        self.final: dict[str, Final] = {}
        self.quarantined: dict[str, bytes] = {}
        self.sealed: set[str] = set()
        self.archived: dict[str, str] = {}
        self.overruled: set[str] = set()
        self.removed: list[tuple[str, bytes]] = []

    def find(self, key: str) -> StagedObject | None:
        content = self.staging.get(key)
        if content is None:
            return None
        return StagedObject(key, etag_of(content), len(content), self.archived.get(key), key in self.overruled)

    def fetch(self, staged: StagedObject) -> Fetch:
        return lambda offset, length: self._content(staged)[offset : offset + length]

    def stream(self, staged: StagedObject) -> Iterator[bytes]:
        content = self._content(staged)
        return (content[at : at + self.chunk_bytes] for at in range(0, len(content), self.chunk_bytes))

    def promote(self, staged: StagedObject, promotion: Promotion) -> Promoted:
        existing = self.final.get(promotion.key)
        if existing is not None:
            if existing.promoted.source_etag != staged.etag:
                raise ObjectChangedError(promotion.key)
            return existing.promoted
        content = self._content(staged)
        promoted = Promoted(staged.etag, sha256_of(content))
        self.final[promotion.key] = Final(content, promotion, promoted)
        return promoted

    def promoted(self, final_key: str) -> Promoted | None:
        return self.final[final_key].promoted if final_key in self.final else None

    def hold(self, staged: StagedObject, held_key: str) -> str:
        if held_key not in self.staging:
            self.staging[held_key] = self._content(staged)
        return etag_of(self.staging[held_key])

    def quarantine(self, staged: StagedObject, quarantine_key: str) -> None:
        self.quarantined[quarantine_key] = self._content(staged)

    def seal(self, staged: StagedObject) -> None:
        if self.find(staged.key) == staged:
            self.sealed.add(staged.key)
        self.delete(staged)

    def delete(self, staged: StagedObject) -> None:
        if self.find(staged.key) == staged:
            self.removed.append((staged.key, self.staging.pop(staged.key)))

    def _content(self, staged: StagedObject) -> bytes:
        if self.find(staged.key) != staged:
            raise ObjectChangedError(staged.key)
        return self.staging[staged.key]


class FakeScanner:
    """Detects `SIGNATURE`, and `NEW_SIGNATURE` once `knows_more` is set."""

    SIGNATURE = b"virus"
    NEW_SIGNATURE = b"not yet known"

    def __init__(self) -> None:
        self.knows_more = False
        self.scanned = 0

    def scan(self, chunks: Iterable[bytes]) -> Infection | None:
        content = b"".join(chunks)
        self.scanned += 1
        if self.SIGNATURE in content or (self.knows_more and self.NEW_SIGNATURE in content):
            return Infection(Reason.INFECTED, "The virus scanner found malware in the file.", "Test.Virus")
        return None
