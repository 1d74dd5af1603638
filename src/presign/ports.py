"""The Protocols that the adapters of presign implement, and the errors that they raise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from uploads.multipart import Multipart
from uploads.record import Upload


class PasswordsUnavailableError(Exception):
    """The passwords cannot be read and none are cached. The message names the secret, never its content."""


class QuotaExceededError(Exception):
    """The uploads of the day with this password have reached `limit`; the next day begins in `retry_after` seconds.

    `label` is the password's, None without one.
    """

    def __init__(self, limit: int, retry_after: int, label: str | None) -> None:
        super().__init__(f"{limit} uploads")
        self.limit = limit
        self.retry_after = retry_after
        self.label = label


class QuotaUnavailableError(Exception):
    """Uploads cannot be counted, so none may be issued. The call may be repeated."""


class LimiterUnavailableError(Exception):
    """Failed attempts cannot be counted, so no password may be checked. The call may be repeated."""


class StagingUnavailableError(Exception):
    """The staging bucket cannot be reached or refused the call. The call may be repeated."""


class PartsGoneError(Exception):
    """S3 has no such multipart upload: it never existed, or was completed, aborted or expired."""


class PartsChangedError(Exception):
    """A part was sent again while the upload was being completed."""


@dataclass(frozen=True, slots=True)
class UploadPassword:
    """An upload password that a caller knows.

    `label` is what operators call it, None without one. `counter` names its daily count; it reveals nothing about the
    password.
    """

    label: str | None
    counter: str


@dataclass(frozen=True, slots=True)
class SignedUpload:
    """A URL that accepts exactly one object or part, and the headers that must be sent with it."""

    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part stored in S3: `number` from 1, `size` in bytes, `etag` with its quotes, `sha256` in base64."""

    number: int
    size: int
    etag: str
    sha256: str | None = None


class Ledger(Protocol):
    """The upload ledger; see uploads.ledger.DynamoDbLedger for the errors."""

    def issue(self, upload: Upload) -> None: ...
    def find(self, upload_id: str) -> Upload | None: ...
    def complete_parts(self, upload_id: str) -> None: ...
    def abort_parts(self, upload_id: str) -> None: ...


class Passwords(Protocol):
    """The upload passwords."""

    def match(self, candidate: str) -> UploadPassword | None:
        """Returns the password that `candidate` is, None for a wrong one. Raises PasswordsUnavailableError."""
        ...

    def refresh(self) -> None:
        """Reads the passwords now. The known ones stay in use when that fails."""
        ...


class Quota(Protocol):
    """The uploads that each password may start in a day."""

    def count(self, password: UploadPassword) -> None:
        """Counts one upload. Raises QuotaExceededError or QuotaUnavailableError."""
        ...


class AttemptLimiter(Protocol):
    """Counts failed attempts by the caller's address. Both methods may raise LimiterUnavailableError."""

    def retry_after(self, address: str) -> int:
        """Returns the seconds until `address` may try again, 0 when it may try now."""
        ...

    def record_failure(self, address: str) -> None: ...


class Signer(Protocol):
    """Signs uploads to the staging bucket."""

    def sign_put(self, upload: Upload, valid_for: timedelta) -> SignedUpload: ...

    def sign_part(
        self, upload: Upload, multipart: Multipart, number: int, sha256: str | None, valid_for: timedelta
    ) -> SignedUpload: ...


class MultipartStorage(Protocol):
    """The multipart uploads of the staging bucket. Every method may raise StagingUnavailableError."""

    def begin(self, upload: Upload, *, with_sha256: bool) -> str:
        """Returns S3's id of the new multipart upload."""
        ...

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        """Returns the stored parts by ascending number. Raises PartsGoneError."""
        ...

    def complete(self, upload: Upload, multipart_id: str, parts: Sequence[StoredPart]) -> None:
        """Merges the parts into one object; does nothing if that object exists.

        Raises PartsGoneError or PartsChangedError.
        """

    def abort(self, key: str, multipart_id: str) -> None:
        """Deletes the parts. Succeeds also when S3 has no such multipart upload."""
