"""The life of an uploaded object: claim → inspect → scan → promote. Every step may be repeated without harm.

The order of the last steps carries the guarantees: that a file is good is recorded before it is promoted, the final
object exists before `accepted` is recorded, and a verdict is recorded before the staging object goes. A worker may die
after any of them, or be overtaken while it stands still; the next delivery goes on from there.
"""

import base64
import contextlib
import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from uploads.errors import LeaseLostError, LedgerError, SettledError, UnknownUploadError
from uploads.reasons import Reason
from uploads.record import HELD_PREFIX, JUDGED, STAGING_PREFIX, Status, Upload, upload_id_of
from validator.formats.reader import Cost, RangeReader
from validator.inspection import budget_for, inspect
from validator.ports import Ledger, Promoted, Promotion, Scanner, ScannerError, StagedObject, Storage

ATTEMPTS = 5
"""Deliveries that try for a verdict; every later one only holds the object aside."""


_NOTHING = Cost(0, 0)


class Result(StrEnum):
    """What came of one delivery."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    HELD = "held"
    REPLAYED = "replayed"
    UNKNOWN_UPLOAD = "unknown_upload"
    SETTLED_BEFORE = "settled_before"
    NOTHING_THERE = "nothing_there"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one delivery, with what a log line about it should tell."""

    result: Result
    upload: Upload | None = None
    reason: Reason | None = None
    detail: str = ""
    cost: Cost = _NOTHING


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of the news that `key` was created.

    `attempt` counts the deliveries of this news from 1, `owner` names the worker, `seconds` is how long it may live.
    """

    key: str
    attempt: int
    owner: str
    seconds: float

    @property
    def exhausted(self) -> bool:
        return self.attempt > ATTEMPTS


@dataclass(frozen=True, slots=True)
class Judgement:
    """What inspection and scan say of an object: good when `reason` is None."""

    mime: str = ""
    reason: Reason | None = None
    detail: str = ""
    sha256: str | None = None
    cost: Cost = _NOTHING


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Judges staged objects. `scanner` is None where scanning is off; `max_bytes` is the largest file."""

    ledger: Ledger
    storage: Storage
    scanner: Scanner | None
    max_bytes: int

    def process(self, delivery: Delivery) -> Outcome:
        """Brings the upload of one delivery as far as it goes.

        Raises LeaseHeldError while another worker is at it, and whatever the adapters raise: then the news must be
        delivered again.
        """
        upload_id = upload_id_of(delivery.key)
        if upload_id is None:
            return self._discard_unknown(delivery.key)
        try:
            upload = self.ledger.claim(upload_id, delivery.owner, delivery.seconds)
        except UnknownUploadError:
            return self._discard_unknown(delivery.key)
        except SettledError as settled:
            return self._discard_after_verdict(settled.upload, delivery.key)
        except LedgerError:
            if delivery.exhausted:
                self._keep_aside(delivery.key)
            raise
        try:
            return self._process_claimed(upload, delivery)
        except BaseException:
            with contextlib.suppress(LedgerError, LeaseLostError):
                self.ledger.release(upload.upload_id, delivery.owner)
            raise

    def _process_claimed(self, upload: Upload, delivery: Delivery) -> Outcome:
        if delivery.key != upload.staging_key:
            self.ledger.withdraw(upload.upload_id, delivery.owner)
            return self._discard_unknown(delivery.key)
        source = self.storage.find(delivery.key if upload.held_etag is None else upload.held_key)
        if source is not None and delivery.exhausted:
            return self._hold(upload, source, delivery.owner)
        promoted = self.storage.promoted(upload.promotion_key) if upload.approved_etag else None
        if promoted is not None:
            return self._record_acceptance(upload, source, promoted, Judgement(), delivery.owner)
        if source is None:
            self.ledger.withdraw(upload.upload_id, delivery.owner)
            return Outcome(Result.NOTHING_THERE, upload)
        if source.etag == upload.approved_etag:  # judged again it might be refused while its copy is on its way
            judgement = Judgement(mime=upload.content_type, sha256=upload.sha256)
            return self._promote(upload, source, judgement, delivery.owner)
        judgement = self._judge(upload, source)
        if judgement.reason is not None:
            return self._reject(upload, source, judgement, judgement.reason, delivery.owner)
        self.ledger.approve(upload.upload_id, delivery.owner, etag=source.etag)
        return self._promote(upload, source, judgement, delivery.owner)

    def _judge(self, upload: Upload, staged: StagedObject) -> Judgement:
        if staged.size > self.max_bytes:
            return Judgement(
                reason=Reason.TOO_LARGE,
                detail=f"The file has {staged.size} bytes; at most {self.max_bytes} are allowed.",
            )
        if staged.size != upload.file_size:
            return Judgement(
                reason=Reason.SIZE_MISMATCH,
                detail=f"The file has {staged.size} bytes; {upload.file_size} were announced.",
            )
        # Processor seconds count, not waiting for S3, which is no fault of the file; Lambda's time-out ends the wait.
        budget = budget_for(upload.content_type)
        reader = RangeReader(self.storage.fetch(staged), staged.size, budget, clock=time.thread_time)
        verdict = inspect(reader, upload.content_type)
        if verdict.reason is not None or verdict.mime is None:
            reason = Reason(verdict.reason or Reason.UNSUPPORTED_TYPE)
            return Judgement(reason=reason, detail=verdict.detail, cost=reader.cost)
        if self.scanner is None:
            return Judgement(mime=verdict.mime, sha256=upload.sha256, cost=reader.cost)
        digest = _Digest(self.storage.stream(staged))
        infection = self.scanner.scan(digest)
        if infection is not None:
            return Judgement(reason=infection.reason, detail=infection.detail, cost=reader.cost)
        if digest.size != staged.size:
            raise ScannerError(f"clean, but only {digest.size} of {staged.size} bytes were looked at")
        return Judgement(mime=verdict.mime, sha256=digest.base64(), cost=reader.cost)

    def _promote(self, upload: Upload, staged: StagedObject, judgement: Judgement, owner: str) -> Outcome:
        promotion = Promotion(
            key=upload.promotion_key,
            content_type=judgement.mime,
            upload_id=upload.upload_id,
            file_name=upload.file_name,
            sha256=judgement.sha256,
            as_attachment=judgement.mime == "image/svg+xml",
        )
        promoted = self.storage.promote(staged, promotion)
        return self._record_acceptance(upload, staged, promoted, judgement, owner)

    def _record_acceptance(
        self, upload: Upload, staged: StagedObject | None, promoted: Promoted, judgement: Judgement, owner: str
    ) -> Outcome:
        """Also takes up what a worker had promoted that died, or that nobody has heard of since."""
        self.ledger.accept(
            upload.upload_id,
            owner,
            final_key=upload.promotion_key,
            etag=promoted.source_etag,
            sha256=promoted.sha256 or judgement.sha256,
        )
        self._clear(upload, staged)
        return Outcome(Result.ACCEPTED, upload, cost=judgement.cost)

    def _reject(
        self, upload: Upload, staged: StagedObject, judgement: Judgement, reason: Reason, owner: str
    ) -> Outcome:
        self.ledger.reject(upload.upload_id, owner, reason=reason, detail=judgement.detail, etag=staged.etag)
        self._clear(upload, staged)
        return Outcome(Result.REJECTED, upload, reason, judgement.detail, judgement.cost)

    def _clear(self, upload: Upload, judged: StagedObject | None) -> None:
        """Removes what was judged, and, where that was held aside, what is staged: left over, or sent again."""
        if judged is not None:
            self.storage.delete(judged)
        if upload.held_etag is not None:
            self._remove(upload.staging_key)

    def _remove(self, key: str) -> StagedObject | None:
        staged = self.storage.find(key)
        if staged is not None:
            self.storage.delete(staged)
        return staged

    def _hold(self, upload: Upload, source: StagedObject, owner: str) -> Outcome:
        aside = source.key == upload.held_key
        held_etag = source.etag if aside else self.storage.hold(source, upload.held_key)
        self.ledger.hold(upload.upload_id, owner, etag=source.etag, held_etag=held_etag)
        if not aside:
            self.storage.delete(source)
        return Outcome(Result.HELD, upload)

    def _keep_aside(self, key: str) -> None:
        """Without the ledger nobody knows what is due, but what lies aside survives the staging area's clean-up."""
        staged = self.storage.find(key)
        if staged is not None:
            self.storage.hold(staged, HELD_PREFIX + key.removeprefix(STAGING_PREFIX))

    def _discard_unknown(self, key: str) -> Outcome:
        """Outside the staging area nothing is ever removed: an event about what is held must not cost it."""
        if not key.startswith(STAGING_PREFIX) or self._remove(key) is None:
            return Outcome(Result.NOTHING_THERE)
        return Outcome(Result.UNKNOWN_UPLOAD, reason=Reason.UNKNOWN_UPLOAD, detail="No upload was issued for this key.")

    def _discard_after_verdict(self, upload: Upload, key: str) -> Outcome:
        """Finishes a delete that a dead worker left undone, or removes what was sent to the URL a second time."""
        staged = self._remove(key)
        if upload.status in JUDGED and upload.held_etag is not None:
            self._remove(upload.held_key)
        if staged is not None and staged.etag != upload.etag:
            return Outcome(Result.REPLAYED, upload, Reason.REPLAYED, "The verdict on this upload stands.")
        return Outcome(Result.HELD if upload.status is Status.HELD else Result.SETTLED_BEFORE, upload)


class _Digest:
    """Passes chunks on, and on the way counts their bytes and computes the SHA-256 of all of them."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._sha256 = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._sha256.update(chunk)
            self.size += len(chunk)
            yield chunk

    def base64(self) -> str:
        return base64.b64encode(self._sha256.digest()).decode()
