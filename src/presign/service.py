"""The rules for issuing an upload URL, and the lookup of an upload."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from presign.models import FileRequest, UploadRequest
from presign.ports import AttemptLimiter, Ledger, Passwords, Quota, SignedUpload, Signer, UploadPassword
from uploads.media_types import MEDIA_TYPES
from uploads.record import UPLOAD_ID, Status, Upload


class WrongPasswordError(Exception):
    """None of the upload passwords matches."""


class TooManyAttemptsError(Exception):
    """No password from this address is checked for `retry_after` more seconds, right or wrong."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"for {retry_after} seconds")
        self.retry_after = retry_after


class UnsupportedTypeError(Exception):
    """The declared type is not accepted."""


class FileTooLargeError(Exception):
    """The declared size exceeds the limit of `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"over {max_bytes} bytes")
        self.max_bytes = max_bytes


class UploadNotFoundError(LookupError):
    """There is no upload with this id."""


@dataclass(frozen=True, slots=True)
class Issued:
    """An upload recorded in the ledger, and the URL to send the file to."""

    upload: Upload
    signed: SignedUpload
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UploadService:
    """Issues and finds uploads. `max_bytes` is the size of the largest file, `valid_for` the lifetime of a URL."""

    ledger: Ledger
    passwords: Passwords
    limiter: AttemptLimiter
    quota: Quota
    signer: Signer
    max_bytes: int
    valid_for: timedelta
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def issue(self, request: UploadRequest, address: str) -> Issued:
        """Records the upload before signing its URL, so that every URL handed out is in the ledger.

        Raises the errors of `admit` and of the adapters.
        """
        upload = replace(self.admit(request, address), sha256=request.sha256)
        self.ledger.issue(upload)
        return Issued(upload, self.signer.sign_put(upload, self.valid_for), upload.created_at + self.valid_for)

    def admit(self, request: FileRequest, address: str) -> Upload:
        """Returns a new upload, not yet recorded, when the password is right and the file is acceptable.

        `address` is the caller's. Only such an upload counts against the password's quota: neither a caller without a
        password nor a refused file can use it up. Raises TooManyAttemptsError, WrongPasswordError,
        UnsupportedTypeError, FileTooLargeError or QuotaExceededError.
        """
        password = self._check_password(request.password.reveal(), address)
        media_type = MEDIA_TYPES.get(request.content_type.lower())
        if media_type is None:
            raise UnsupportedTypeError
        if request.file_size > self.max_bytes:
            raise FileTooLargeError(self.max_bytes)
        self.quota.count(password)
        now = self.clock()
        return Upload(
            upload_id=secrets.token_hex(16),
            status=Status.ISSUED,
            content_type=media_type.mime,
            file_size=request.file_size,
            file_name=request.file_name,
            created_at=now,
            updated_at=now,
            password_label=password.label,
        )

    def _check_password(self, candidate: str, address: str) -> UploadPassword:
        """Returns the password that `candidate` is. Raises TooManyAttemptsError or WrongPasswordError.

        A blocked address gets TooManyAttemptsError for a right password too, or the answer would reveal it.

        A right password does not reset the count: a caller that knows one could guess others in between.
        """
        seconds = self.limiter.retry_after(address)
        if seconds > 0:
            raise TooManyAttemptsError(seconds)
        password = self.passwords.match(candidate)
        if password is None:
            self.limiter.record_failure(address)
            raise WrongPasswordError
        return password

    def find(self, upload_id: str) -> Upload:
        """Returns the upload. Raises UploadNotFoundError; text that cannot be an id does not reach the ledger."""
        upload = self.ledger.find(upload_id) if UPLOAD_ID.fullmatch(upload_id) else None
        if upload is None:
            raise UploadNotFoundError
        return upload
