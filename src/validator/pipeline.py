"""The life of an uploaded object: claim → inspect → scan → approve → promote → record. Every step is idempotent.

The order of the last steps gives the guarantees: the approval is recorded before the object is promoted, the final
object exists before `accepted` is recorded, and the verdict is recorded before the staging object is deleted. A worker
may die after any step, or stall and be overtaken; the next delivery continues from there.
"""

import base64
import contextlib
import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from uploads.errors import LeaseLostError, LedgerError, SettledError, UnknownUploadError
from uploads.reasons import QUARANTINED, Reason
from uploads.record import (
    DECIDED,
    HELD_PREFIX,
    STAGING_PREFIX,
    ReleaseMode,
    Status,
    Upload,
    upload_id_from_key,
)
from validator.formats.pixels import PixelBudget
from validator.formats.reader import Cost, RangeReader
from validator.inspection import budget_for, inspect
from validator.ports import Ledger, Promoted, Promotion, Scanner, ScannerError, StagedObject, Storage
from validator.retries import is_exhausted

_NO_COST = Cost(0, 0)


class Outcome(StrEnum):
    """How one delivery ended. The values are part of the log and of the names of metrics."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    HELD = "held"
    REPLAYED = "replayed"
    UNKNOWN_UPLOAD = "unknown_upload"
    ALREADY_DECIDED = "settled_before"
    OBJECT_MISSING = "nothing_there"


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one delivery and the facts for its log line; `signature` is the scanner's name for its finding."""

    outcome: Outcome
    upload: Upload | None = None
    reason: Reason | None = None
    detail: str = ""
    cost: Cost = _NO_COST
    quarantined: bool = False
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One SQS delivery of the ObjectCreated event for `key`.

    `attempt` counts the deliveries of this event from 1; `owner` names the worker, whose lease lasts `lease_seconds`.
    """

    key: str
    attempt: int
    owner: str
    lease_seconds: float

    @property
    def exhausted(self) -> bool:
        return is_exhausted(self.attempt)


@dataclass(frozen=True, slots=True)
class Approval:
    """An object that passed inspection and scan; `sha256` is in base64, None if neither client nor scan gave one."""

    mime: str
    sha256: str | None = None
    cost: Cost = _NO_COST


@dataclass(frozen=True, slots=True)
class Rejection:
    """An object that failed a check: the reason, one sentence for a person, and what the scanner called it."""

    reason: Reason
    detail: str
    cost: Cost = _NO_COST
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Validates staged objects. `scanner` is None if scanning is off.

    `max_bytes` is the size of the largest accepted file, `max_pixels` that of the largest accepted picture.
    """

    ledger: Ledger
    storage: Storage
    scanner: Scanner | None
    max_bytes: int
    max_pixels: int

    def process(self, delivery: Delivery) -> Result:
        """Takes the upload of one delivery through all remaining steps.

        Raises LeaseHeldError while another worker has the lease, and every error of the adapters. The event must then
        be delivered again.
        """
        upload_id = upload_id_from_key(delivery.key)
        if upload_id is None:
            return self._discard_unknown(delivery.key)
        try:
            upload = self.ledger.claim(upload_id, delivery.owner, delivery.lease_seconds)
        except UnknownUploadError:
            return self._discard_unknown(delivery.key)
        except SettledError as settled:
            return self._discard_settled(settled.upload, delivery.key)
        except LedgerError:
            if delivery.exhausted:
                self._hold_without_ledger(delivery.key)
            raise
        try:
            return self._process_claimed(upload, delivery)
        except BaseException:
            with contextlib.suppress(LedgerError, LeaseLostError):
                self.ledger.release(upload.upload_id, delivery.owner)
            raise

    def _process_claimed(self, upload: Upload, delivery: Delivery) -> Result:
        if delivery.key != upload.staging_key:  # the right id with another extension: no URL was issued for it
            self.ledger.withdraw(upload.upload_id, delivery.owner)
            return self._discard_unknown(delivery.key)
        source = self.storage.find(delivery.key if upload.held_etag is None else upload.held_key)
        if source is not None and delivery.exhausted:
            return self._hold(upload, source, delivery.owner)
        promoted = self.storage.promoted(upload.promotion_key) if upload.approved_etag else None
        if promoted is not None:  # by an earlier worker that died before it recorded the acceptance
            return self._record_acceptance(upload, source, promoted, Approval(upload.content_type), delivery.owner)
        if source is None:
            self.ledger.withdraw(upload.upload_id, delivery.owner)
            return Result(Outcome.OBJECT_MISSING, upload)
        if source.etag == upload.approved_etag:
            # No second check: it might reject the object while an earlier worker is still copying it.
            approval = Approval(upload.content_type, upload.sha256)
            return self._promote(upload, source, approval, delivery.owner)
        match self._check(upload, source):
            case Rejection() as rejection:
                return self._reject(upload, source, rejection, delivery.owner)
            case Approval() as approval:
                self.ledger.approve(upload.upload_id, delivery.owner, etag=source.etag)
                return self._promote(upload, source, approval, delivery.owner)

    def _check(self, upload: Upload, staged: StagedObject) -> Approval | Rejection:
        """Checks size, format and viruses. Raises ScannerError if the scanner did not see every byte."""
        if staged.size > self.max_bytes:
            detail = f"The file has {staged.size} bytes; at most {self.max_bytes} are allowed."
            return Rejection(Reason.TOO_LARGE, detail)
        if staged.size != upload.file_size:
            detail = f"The file has {staged.size} bytes; {upload.file_size} were announced."
            return Rejection(Reason.SIZE_MISMATCH, detail)
        if staged.archived is not None:  # an answer for the client, because no retry could read it
            detail = (
                f"The file was stored in the class {staged.archived}, which cannot be read. Send it again without it."
            )
            return Rejection(Reason.MALFORMED, detail)
        # CPU seconds, so that a slow S3 does not count against the file; Lambda's timeout limits the waiting.
        budget = budget_for(upload.content_type)
        pixels = PixelBudget(self.max_pixels)
        reader = RangeReader(self.storage.fetch(staged), staged.size, budget, time.thread_time, pixels)
        verdict = inspect(reader, upload.content_type)
        # Fails closed: a verdict without a reason and without a type is a rejection too.
        if verdict.reason is not None or verdict.mime is None:
            reason = Reason(verdict.reason or Reason.UNSUPPORTED_TYPE)
            return Rejection(reason, verdict.detail, reader.cost)
        if self.scanner is None:
            return Approval(verdict.mime, upload.sha256, reader.cost)
        digest = _Digest(self.storage.stream(staged))
        infection = None
        if staged.overruled and upload.release is not None and upload.release.mode is ReleaseMode.OVERRULE:
            digest.consume()
        else:
            infection = self.scanner.scan(digest)
        if infection is not None:
            return Rejection(infection.reason, infection.detail, reader.cost, infection.signature)
        if digest.size != staged.size:
            raise ScannerError(f"clean, but only {digest.size} of {staged.size} bytes were scanned")
        return Approval(verdict.mime, digest.base64(), reader.cost)

    def _promote(self, upload: Upload, staged: StagedObject, approval: Approval, owner: str) -> Result:
        promotion = Promotion(
            key=upload.promotion_key,
            content_type=approval.mime,
            upload_id=upload.upload_id,
            file_name=upload.file_name,
            sha256=approval.sha256,
            as_attachment=approval.mime == "image/svg+xml",
        )
        promoted = self.storage.promote(staged, promotion)
        return self._record_acceptance(upload, staged, promoted, approval, owner)

    def _record_acceptance(
        self, upload: Upload, staged: StagedObject | None, promoted: Promoted, approval: Approval, owner: str
    ) -> Result:
        """Records `accepted`; also used if an earlier worker promoted the object but died before recording it."""
        self.ledger.accept(
            upload.upload_id,
            owner,
            final_key=upload.promotion_key,
            etag=promoted.source_etag,
            sha256=promoted.sha256 or approval.sha256,
        )
        self._clear(upload, staged)
        return Result(Outcome.ACCEPTED, upload, cost=approval.cost)

    def _reject(self, upload: Upload, staged: StagedObject, rejection: Rejection, owner: str) -> Result:
        """Copies the object under quarantine/ if the scanner may be wrong, records `rejected`, deletes the object.

        What an operator released from there is still there, and stays, also if the reason is another one now.
        """
        reason, detail, signature = rejection.reason, rejection.detail, rejection.signature
        quarantine_etag = upload.quarantine_etag if upload.quarantined else None
        if quarantine_etag is None and reason in QUARANTINED:
            quarantine_etag = staged.etag
            self.storage.quarantine(staged, upload.quarantine_key(staged.etag))
        self.ledger.reject(
            upload.upload_id,
            owner,
            reason=reason,
            detail=detail,
            etag=staged.etag,
            quarantine_etag=quarantine_etag,
            signature=signature,
        )
        self._clear(upload, staged)
        quarantined = quarantine_etag is not None
        return Result(Outcome.REJECTED, upload, reason, detail, rejection.cost, quarantined, signature)

    def _clear(self, upload: Upload, decided: StagedObject | None) -> None:
        """Removes the decided object; if that was the held copy, also the staged one (left over, or sent again)."""
        if decided is not None:
            self._remove(decided)
        if upload.held_etag is not None:
            self._remove(self.storage.find(upload.staging_key))

    def _remove(self, staged: StagedObject | None) -> None:
        """Removes the object so that its URL, which is valid for an hour, takes no second file."""
        if staged is None:
            return
        if staged.key.startswith(STAGING_PREFIX):
            self.storage.seal(staged)
        else:
            self.storage.delete(staged)

    def _hold(self, upload: Upload, source: StagedObject, owner: str) -> Result:
        """Copies the object under held/ and records `held`, so that an operator can redrive it."""
        already_held = source.key == upload.held_key
        held_etag = source.etag if already_held else self.storage.hold(source, upload.held_key)
        self.ledger.hold(upload.upload_id, owner, etag=source.etag, held_etag=held_etag)
        if not already_held:
            self._remove(source)
        return Result(Outcome.HELD, upload)

    def _hold_without_ledger(self, key: str) -> None:
        """Copies the object under held/ without recording it: the copy survives the lifecycle rule of uploads/."""
        staged = self.storage.find(key)
        if staged is not None:
            self.storage.hold(staged, HELD_PREFIX + key.removeprefix(STAGING_PREFIX))

    def _discard_unknown(self, key: str) -> Result:
        """Deletes an object without an upload. Only under uploads/: an event must never delete a held object."""
        staged = self.storage.find(key) if key.startswith(STAGING_PREFIX) else None
        if staged is None:
            return Result(Outcome.OBJECT_MISSING)
        self.storage.delete(staged)  # no URL was issued for the key, so no URL can be used again
        return Result(Outcome.UNKNOWN_UPLOAD, reason=Reason.UNKNOWN_UPLOAD, detail="No upload was issued for this key.")

    def _discard_settled(self, upload: Upload, key: str) -> Result:
        """Deletes the staged object of a decided or held upload.

        A worker that died left it, or a client sent a file to the URL again.
        """
        staged = self.storage.find(key)
        if key == upload.staging_key:
            self._remove(staged)
        elif staged is not None:
            self.storage.delete(staged)
        if upload.status in DECIDED and upload.held_etag is not None:
            self._remove(self.storage.find(upload.held_key))
        if staged is not None and staged.etag != upload.etag:
            return Result(Outcome.REPLAYED, upload, Reason.REPLAYED, "The verdict on this upload stands.")
        return Result(Outcome.HELD if upload.status is Status.HELD else Outcome.ALREADY_DECIDED, upload)


class _Digest:
    """Iterates over chunks and counts their bytes and computes their SHA-256 on the way."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._sha256 = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._sha256.update(chunk)
            self.size += len(chunk)
            yield chunk

    def consume(self) -> None:
        """Reads all chunks, for a file that is not scanned."""
        for _ in self:
            pass

    def base64(self) -> str:
        return base64.b64encode(self._sha256.digest()).decode()
