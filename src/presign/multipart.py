"""The rules of uploads that come in parts: begun, signed for, listed, completed, aborted.

Every call may be repeated, because the client may not have heard of its success. Which of completion and abortion came
first is decided in the ledger alone (docs/adr/0008-multipart.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from presign.callers import UNKNOWN
from presign.models import CompletionRequest, FieldError, InvalidRequestError, MultipartRequest, PartsRequest
from presign.service import SignedUpload, UploadService
from uploads.errors import LedgerError, PartsSettledError
from uploads.multipart import Multipart, MultipartState
from uploads.record import Status, Upload

STAGED_PARTS_TTL = timedelta(days=1)
"""S3 removes parts that nobody completed after a day at the earliest: `abandoned-parts` in template.yaml."""

_TOLD = 10


class ConflictError(Exception):
    """The upload is not in a state for this call. The message says what to do; `errors` name the parts."""

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = errors


class PartsGoneError(Exception):
    """S3 has no such multipart upload (any more): it is completed, aborted or expired."""


class PartsChangedError(Exception):
    """A part was sent again while the upload was being completed."""


class StagingUnavailableError(Exception):
    """The staging bucket cannot be reached or refuses. The call may be repeated."""


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that S3 has: `number` from 1, `size` in bytes, `etag` with its quotes, `sha256` in base64."""

    number: int
    size: int
    etag: str
    sha256: str | None = None


class Parts(Protocol):
    """The multipart uploads of the staging bucket. Every call may raise StagingUnavailableError."""

    def begin(self, upload: Upload, *, with_sha256: bool) -> str:
        """S3's name for the new multipart upload."""

    def stored(self, key: str, multipart_id: str) -> list[StoredPart]:
        """In order. Raises PartsGoneError."""
        ...

    def complete(self, upload: Upload, multipart_id: str, parts: Sequence[StoredPart]) -> None:
        """Puts the parts together, unless there is an object. Raises PartsGoneError or PartsChangedError."""

    def abort(self, key: str, multipart_id: str) -> None:
        """Also of one that is gone."""


class Ledger(Protocol):
    """Where uploads are recorded; see uploads.ledger.Ledger for the errors."""

    def issue(self, upload: Upload) -> None: ...
    def find(self, upload_id: str) -> Upload | None: ...
    def complete_parts(self, upload_id: str) -> None: ...
    def abort_parts(self, upload_id: str) -> None: ...


class PartSigner(Protocol):
    """Signs parts to the staging bucket."""

    def sign_part(
        self, upload: Upload, multipart: Multipart, number: int, sha256: str | None, valid_for: timedelta
    ) -> SignedUpload: ...


@dataclass(frozen=True, slots=True)
class SignedParts:
    """URLs by part number, in the order asked for."""

    urls: Mapping[int, SignedUpload]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Progress:
    """The parts that S3 has; none when the upload is `arrived`, for then they are one object."""

    upload: Upload
    multipart: Multipart
    parts: Sequence[StoredPart]
    arrived: bool


@dataclass(frozen=True, slots=True)
class MultipartService:
    """Uploads in parts of `part_bytes`. `uploads` knows who may upload what."""

    uploads: UploadService
    ledger: Ledger
    signer: PartSigner
    parts: Parts
    part_bytes: int
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def begin(self, request: MultipartRequest, address: str = UNKNOWN) -> tuple[Upload, Multipart]:
        """Raises what UploadService.admit raises, and what the adapters do."""
        upload = self.uploads.admit(request, address)
        with_sha256 = request.part_checksums is not None
        multipart = Multipart(
            multipart_id=self.parts.begin(upload, with_sha256=with_sha256),
            part_bytes=self.part_bytes,
            part_count=-(-upload.file_size // self.part_bytes),
            with_sha256=with_sha256,
        )
        upload = replace(upload, multipart=multipart)
        try:
            self.ledger.issue(upload)
        except LedgerError:
            self._forget(upload, multipart)
            raise
        return upload, multipart

    def sign(self, upload_id: str, request: PartsRequest) -> SignedParts:
        """Raises UploadNotFoundError, InvalidRequestError, ConflictError."""
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

    def progress(self, upload_id: str) -> Progress:
        """Raises UploadNotFoundError, ConflictError."""
        upload, multipart = self._find(upload_id)
        parts = self._stored(upload, multipart)
        return Progress(upload, multipart, parts or (), arrived=parts is None)

    def complete(self, upload_id: str, request: CompletionRequest) -> Upload:
        """Raises UploadNotFoundError, ConflictError. A completion that was done before is a success."""
        upload, multipart = self._find(upload_id)
        parts = self._stored(upload, multipart)
        if parts is None:
            return upload
        _check_parts(upload, multipart, parts)
        _check_claims(request, parts)
        try:
            self.ledger.complete_parts(upload_id)
            self.parts.complete(upload, multipart.multipart_id, parts)
        except PartsSettledError as settled:
            if settled.upload.status is Status.ISSUED:
                raise _aborted() from None
        except PartsGoneError:
            # Since it was recorded as completing nobody can have aborted it: another call has completed it.
            pass
        except PartsChangedError:
            raise ConflictError("A part was sent again meanwhile. Complete the upload once more.") from None
        return upload

    def abort(self, upload_id: str) -> None:
        """Raises UploadNotFoundError, and ConflictError when the upload was completed before."""
        upload, multipart = self._find(upload_id)
        try:
            self.ledger.abort_parts(upload_id)
        except PartsSettledError:
            raise ConflictError("The upload is complete and cannot be cancelled any more.") from None
        self.parts.abort(upload.staging_key, multipart.multipart_id)

    def _find(self, upload_id: str) -> tuple[Upload, Multipart]:
        upload = self.uploads.status(upload_id)
        if upload.multipart is None:
            raise ConflictError("This upload has no parts: it was issued with one URL for the whole file.")
        return upload, upload.multipart

    def _stored(self, upload: Upload, multipart: Multipart) -> list[StoredPart] | None:
        """The parts that S3 has; None when they are one object, which is on its way to a verdict or past it.

        Raises ConflictError when they are aborted or expired.
        """
        if upload.status is not Status.ISSUED:
            return None
        if multipart.state is MultipartState.ABORTED:
            raise _aborted()
        try:
            return self.parts.stored(upload.staging_key, multipart.multipart_id)
        except PartsGoneError:
            self._check_arrived(upload.upload_id)
            return None

    def _check_arrived(self, upload_id: str) -> None:
        """By what the ledger says now: since it was asked first, another call may have settled the upload."""
        upload, multipart = self._find(upload_id)
        if upload.status is not Status.ISSUED:
            return
        if multipart.state is MultipartState.ABORTED:
            raise _aborted()
        # S3 gives up parts and staged objects at the same age; before that, only a completion takes the parts away.
        if multipart.state is MultipartState.OPEN or self.clock() - upload.created_at >= STAGED_PARTS_TTL:
            raise ConflictError("The parts of this upload have expired. Begin a new upload.")

    def _forget(self, upload: Upload, multipart: Multipart) -> None:
        """What the ledger does not know is of no use. S3 would remove it in a day as well."""
        try:
            self.parts.abort(upload.staging_key, multipart.multipart_id)
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


def _check_parts(upload: Upload, multipart: Multipart, parts: Sequence[StoredPart]) -> None:
    """Every part is there, with the size that was signed: together they are exactly the file that was announced."""
    sizes = {part.number: part.size for part in parts}
    wanted = range(1, multipart.part_count + 1)
    wrong = [
        FieldError(
            "parts", f"part {number} has {sizes[number]} bytes" if number in sizes else f"part {number} is missing"
        )
        for number in wanted
        if sizes.get(number) != multipart.size_of(number, upload.file_size)
    ]
    foreign = [FieldError("parts", f"part {number} is not of this upload") for number in sizes if number not in wanted]
    if wrong or foreign:
        raise ConflictError("Not all parts have arrived. Send those that are missing.", [*wrong, *foreign][:_TOLD])


def _check_claims(request: CompletionRequest, parts: Sequence[StoredPart]) -> None:
    if request.parts is None:
        return
    if [claim.part_number for claim in request.parts] != [part.number for part in parts]:
        raise InvalidRequestError(FieldError("parts", f"must name the parts 1 to {len(parts)}, each once, in order"))
    wrong = [
        FieldError("parts", f"part {part.number} is another one than S3 has")
        for claim, part in zip(request.parts, parts, strict=True)
        if claim.etag.strip('"') != part.etag.strip('"')
    ]
    if wrong:
        raise ConflictError("S3 has other parts than those that were sent. Send them again.", wrong[:_TOLD])
