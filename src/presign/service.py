"""The rules of issuing an upload URL and of telling what became of an upload."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from presign.callers import UNKNOWN
from presign.models import FileRequest, UploadRequest
from uploads.media_types import MEDIA_TYPES
from uploads.record import UPLOAD_ID, Status, Upload


class WrongPasswordError(Exception):
    """None of the upload passwords matches."""


class TooManyWrongPasswordsError(Exception):
    """From this address none is looked at for `seconds` more, right or wrong."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"for {seconds} seconds")
        self.seconds = seconds


class GuardUnavailableError(Exception):
    """Wrong passwords cannot be counted, so none is looked at. The call may be repeated."""


class PasswordsUnavailableError(Exception):
    """The passwords cannot be read and none are cached. The message names the secret, never its content."""


class UnsupportedTypeError(Exception):
    """The declared type is not accepted."""


class FileTooLargeError(Exception):
    """The declared size is over the limit of `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"over {max_bytes} bytes")
        self.max_bytes = max_bytes


class UploadNotFoundError(LookupError):
    """There is no upload with this id."""


class Ledger(Protocol):
    """Where uploads are recorded."""

    def issue(self, upload: Upload) -> None: ...
    def find(self, upload_id: str) -> Upload | None: ...


class Passwords(Protocol):
    """Knows the upload passwords."""

    def accept(self, candidate: str) -> bool: ...


class Guard(Protocol):
    """Counts wrong passwords by address. Both calls may raise GuardUnavailableError."""

    def seconds_to_wait(self, address: str) -> int: ...
    def count(self, address: str) -> None: ...


class Unguarded:
    """Where WrongPasswordLimit is 0: everybody may try for ever."""

    def seconds_to_wait(self, _address: str) -> int:
        return 0

    def count(self, _address: str) -> None:
        pass


@dataclass(frozen=True, slots=True)
class SignedUpload:
    """A URL that takes exactly one object, and the headers that must be sent with it."""

    url: str
    headers: Mapping[str, str]


class Signer(Protocol):
    """Signs uploads to the staging bucket."""

    def sign_put(self, upload: Upload, valid_for: timedelta) -> SignedUpload: ...


@dataclass(frozen=True, slots=True)
class Issued:
    """An upload, recorded, with the URL to send it to."""

    upload: Upload
    signed: SignedUpload
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class UploadService:
    """Issues uploads and finds them again. `max_bytes` is the largest file, `valid_for` the life of a URL."""

    ledger: Ledger
    passwords: Passwords
    signer: Signer
    max_bytes: int
    valid_for: timedelta
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    guard: Guard = field(default_factory=Unguarded)

    def issue(self, request: UploadRequest, address: str = UNKNOWN) -> Issued:
        """Records the upload, then signs its URL: a URL that was handed out is always in the ledger.

        Raises what `admit` raises, and what the adapters do.
        """
        upload = replace(self.admit(request, address), sha256=request.sha256)
        self.ledger.issue(upload)
        return Issued(upload, self.signer.sign_put(upload, self.valid_for), upload.created_at + self.valid_for)

    def admit(self, request: FileRequest, address: str = UNKNOWN) -> Upload:
        """An upload for whoever knows the password and announces a file that may come; nothing is recorded yet.

        Raises TooManyWrongPasswordsError, WrongPasswordError, UnsupportedTypeError or FileTooLargeError.
        """
        self._check_password(request.password.get_secret_value(), address)
        kind = MEDIA_TYPES.get(request.content_type.lower())
        if kind is None:
            raise UnsupportedTypeError
        if request.file_size > self.max_bytes:
            raise FileTooLargeError(self.max_bytes)
        now = self.clock()
        return Upload(
            upload_id=secrets.token_hex(16),
            status=Status.ISSUED,
            content_type=kind.mime,
            file_size=request.file_size,
            file_name=request.file_name,
            created_at=now,
            updated_at=now,
        )

    def _check_password(self, password: str, address: str) -> None:
        """An address that has to wait hears the same of a right password, or it would learn which one it is.

        A right password does not take back the wrong ones: whoever knows one could guess at others behind it.
        """
        seconds = self.guard.seconds_to_wait(address)
        if seconds > 0:
            raise TooManyWrongPasswordsError(seconds)
        if not self.passwords.accept(password):
            self.guard.count(address)
            raise WrongPasswordError

    def status(self, upload_id: str) -> Upload:
        """Raises UploadNotFoundError."""
        upload = self.ledger.find(upload_id) if UPLOAD_ID.fullmatch(upload_id) else None
        if upload is None:
            raise UploadNotFoundError
        return upload
