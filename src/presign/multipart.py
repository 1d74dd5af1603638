"""The rules for uploads that come in parts: begin, sign, list, complete, abort.

Every call may be repeated, because its answer may not have reached the client. Whether completion or abortion came
first is decided only in the ledger (docs/adr/0008-multipart.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from presign.models import CompletionRequest, FieldError, InvalidRequestError, MultipartRequest, PartsRequest
from presign.ports import (
    Ledger,
    MultipartStorage,
    PartsChangedError,
    PartsGoneError,
    SignedUpload,
    Signer,
    StagingUnavailableError,
    StoredPart,
)
from presign.service import UploadService
from uploads.errors import LedgerError, PartsSettledError
from uploads.multipart import Multipart, MultipartState
from uploads.record import Status, Upload

STAGED_PARTS_TTL = timedelta(days=1)
"""S3 deletes abandoned parts after a day at the earliest: rule `abandoned-parts` in template.yaml."""

_MAX_REPORTED_PARTS = 10


class ConflictError(Exception):
    """The upload is in the wrong state for this call. The message says what to do; `errors` name the parts."""

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = errors


@dataclass(frozen=True, slots=True)
class SignedParts:
    """URLs by part number, in the requested order."""

    urls: Mapping[int, SignedUpload]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PartsProgress:
    """The parts stored in S3; empty once the upload is complete, because S3 has merged them."""

    upload: Upload
    multipart: Multipart
    parts: Sequence[StoredPart]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class MultipartService:
    """Uploads in parts of `part_bytes`; `uploads` admits and finds them."""

    uploads: UploadService
    ledger: Ledger
    signer: Signer
    storage: MultipartStorage
    part_bytes: int
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def begin(self, request: MultipartRequest, address: str) -> tuple[Upload, Multipart]:
        """Records a new upload and begins it in S3. Raises the errors of UploadService.admit and of the adapters."""
        upload = self.uploads.admit(request, address)
        with_sha256 = request.part_checksums is not None
        multipart = Multipart(
            multipart_id=self.storage.begin(upload, with_sha256=with_sha256),
            part_bytes=self.part_bytes,
            part_count=-(-upload.file_size // self.part_bytes),
            with_sha256=with_sha256,
        )
        upload = replace(upload, multipart=multipart)
        try:
            self.ledger.issue(upload)
        except LedgerError:
            self._discard(upload, multipart)
            raise
        return upload, multipart

    def sign(self, upload_id: str, request: PartsRequest) -> SignedParts:
        """Returns URLs for the requested parts. Raises UploadNotFoundError, InvalidRequestError or ConflictError."""
        upload, multipart = self._find(upload_id)
        if upload.status is not Status.ISSUED or multipart.state is MultipartState.COMPLETING:
            raise ConflictError("The upload is complete: it takes no more parts.")
        if multipart.state is MultipartState.ABORTED:
            raise _aborted()
        _check_request(multipart, request)
        digests = request.sha256 or {}
        valid_for = self.uploads.valid_for
        urls = {
            number: self.signer.sign_part(upload, multipart, number, digests.get(number), valid_for)
            for number in request.part_numbers
        }
        return SignedParts(urls, self.clock() + valid_for)

    def list_parts(self, upload_id: str) -> PartsProgress:
        """Raises UploadNotFoundError or ConflictError."""
        upload, multipart = self._find(upload_id)
        parts = self._stored_parts(upload, multipart)
        return PartsProgress(upload, multipart, parts or (), is_complete=parts is None)

    def complete(self, upload_id: str, request: CompletionRequest) -> Upload:
        """Merges the parts; succeeds also when that was done before. Raises UploadNotFoundError or ConflictError."""
        upload, multipart = self._find(upload_id)
        parts = self._stored_parts(upload, multipart)
        if parts is None:
            return upload
        _check_stored_parts(upload, multipart, parts)
        _check_named_parts(request, parts)
        try:
            self.ledger.complete_parts(upload_id)
            self.storage.complete(upload, multipart.multipart_id, parts)
        except PartsSettledError as settled:
            if settled.upload.status is Status.ISSUED:
                raise _aborted() from None
        except PartsGoneError:
            # An upload recorded as completing cannot be aborted, so another call has completed it.
            pass
        except PartsChangedError:
            raise ConflictError("A part was sent again meanwhile. Complete the upload once more.") from None
        return upload

    def abort(self, upload_id: str) -> None:
        """Deletes the parts. Raises UploadNotFoundError, and ConflictError once the upload is complete."""
        upload, multipart = self._find(upload_id)
        try:
            self.ledger.abort_parts(upload_id)
        except PartsSettledError:
            raise ConflictError("The upload is complete and cannot be cancelled any more.") from None
        self.storage.abort(upload.staging_key, multipart.multipart_id)

    def _find(self, upload_id: str) -> tuple[Upload, Multipart]:
        upload = self.uploads.find(upload_id)
        if upload.multipart is None:
            raise ConflictError("This upload has no parts: it was issued with one URL for the whole file.")
        return upload, upload.multipart

    def _stored_parts(self, upload: Upload, multipart: Multipart) -> list[StoredPart] | None:
        """Returns the parts stored in S3, None once they are merged into one object.

        Raises ConflictError when they are aborted or expired.
        """
        if upload.status is not Status.ISSUED:
            return None
        if multipart.state is MultipartState.ABORTED:
            raise _aborted()
        try:
            return self.storage.list_parts(upload.staging_key, multipart.multipart_id)
        except PartsGoneError:
            self._check_completed(upload.upload_id)
            return None

    def _check_completed(self, upload_id: str) -> None:
        """Re-reads the ledger, because another request may have completed or aborted the upload meanwhile.

        Raises ConflictError unless the upload was completed.
        """
        upload, multipart = self._find(upload_id)
        if upload.status is not Status.ISSUED:
            return
        if multipart.state is MultipartState.ABORTED:
            raise _aborted()
        # S3 deletes parts and staged objects at the same age; before that, only a completion removes the parts.
        if multipart.state is MultipartState.OPEN or self.clock() - upload.created_at >= STAGED_PARTS_TTL:
            raise ConflictError("The parts of this upload have expired. Begin a new upload.")

    def _discard(self, upload: Upload, multipart: Multipart) -> None:
        """Deletes the parts if S3 can be reached; otherwise the lifecycle rule deletes them after a day."""
        try:
            self.storage.abort(upload.staging_key, multipart.multipart_id)
        except StagingUnavailableError:
            return


def _aborted() -> ConflictError:
    return ConflictError("The upload was cancelled. Begin a new one.")


def _check_request(multipart: Multipart, request: PartsRequest) -> None:
    numbers, digests = request.part_numbers, request.sha256
    if len(set(numbers)) != len(numbers):
        raise InvalidRequestError(FieldError("partNumbers", "must not name a part twice"))
    if max(numbers) > multipart.part_count:
        raise InvalidRequestError(FieldError("partNumbers", f"must be from 1 to {multipart.part_count}"))
    if not multipart.with_sha256 and digests is not None:
        raise InvalidRequestError(FieldError("sha256", "must be announced by partChecksums when the upload begins"))
    if multipart.with_sha256 and set(digests or {}) != set(numbers):
        raise InvalidRequestError(FieldError("sha256", "must hold the digest of each part in partNumbers"))


def _check_stored_parts(upload: Upload, multipart: Multipart, parts: Sequence[StoredPart]) -> None:
    """Raises ConflictError unless every part is stored with its signed size: then they make the announced file."""
    sizes = {part.number: part.size for part in parts}
    expected = range(1, multipart.part_count + 1)
    wrong = [
        FieldError(
            "parts", f"part {number} has {sizes[number]} bytes" if number in sizes else f"part {number} is missing"
        )
        for number in expected
        if sizes.get(number) != multipart.part_size(number, upload.file_size)
    ]
    foreign = [
        FieldError("parts", f"part {number} is not of this upload") for number in sizes if number not in expected
    ]
    if wrong or foreign:
        raise ConflictError(
            "Not all parts have arrived. Send those that are missing.", [*wrong, *foreign][:_MAX_REPORTED_PARTS]
        )


def _check_named_parts(request: CompletionRequest, parts: Sequence[StoredPart]) -> None:
    """Compares the parts that the client names with the stored ones. Raises InvalidRequestError or ConflictError."""
    if request.parts is None:
        return
    if [named.part_number for named in request.parts] != [part.number for part in parts]:
        raise InvalidRequestError(FieldError("parts", f"must name the parts 1 to {len(parts)}, each once, in order"))
    wrong = [
        FieldError("parts", f"part {part.number} differs from the one that S3 has")
        for named, part in zip(request.parts, parts, strict=True)
        if named.etag.strip('"') != part.etag.strip('"')
    ]
    if wrong:
        raise ConflictError(
            "S3 has other parts than those that were sent. Send them again.", wrong[:_MAX_REPORTED_PARTS]
        )
