"""Fakes of the ports of presign, and of Secrets Manager."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from presign.ports import PartsChangedError, PartsGoneError, SignedUpload, StoredPart, UploadPassword
from tests.secrets_manager import FakeSecrets
from uploads.errors import PartsSettledError, UnknownUploadError
from uploads.multipart import Multipart, MultipartState
from uploads.record import Status, Upload

NOW = datetime(2026, 11, 23, 11, 0, 0, 250_000, tzinfo=UTC)
ADDRESS = "203.0.113.24"
PASSWORD = "correct horse battery staple"
GOOD: Mapping[str, Any] = {
    "password": PASSWORD,
    "fileName": "IMG_0042.MOV",
    "contentType": "video/quicktime",
    "fileSize": 48_211_234,
}


def body(**changes: Any) -> str:
    """Returns a valid request body with some fields changed."""
    return json.dumps({**GOOD, **changes})


@dataclass
class FakeLedger:
    """Keeps uploads in memory; raises `broken` when it is set."""

    uploads: dict[str, Upload] = field(default_factory=dict)
    broken: Exception | None = None

    def issue(self, upload: Upload) -> None:
        if self.broken:
            raise self.broken
        self.uploads[upload.upload_id] = upload

    def find(self, upload_id: str) -> Upload | None:
        if self.broken:
            raise self.broken
        return self.uploads.get(upload_id)

    def complete_parts(self, upload_id: str) -> None:
        self._move(upload_id, MultipartState.COMPLETING)

    def abort_parts(self, upload_id: str) -> None:
        self._move(upload_id, MultipartState.ABORTED)

    def _move(self, upload_id: str, state: MultipartState) -> None:
        if self.broken:
            raise self.broken
        upload = self.uploads.get(upload_id)
        if upload is None:
            raise UnknownUploadError
        multipart = upload.multipart
        if upload.status is not Status.ISSUED or multipart is None or multipart.state not in {"open", state}:
            raise PartsSettledError(upload)
        self.uploads[upload_id] = replace(upload, multipart=replace(multipart, state=state))


@dataclass
class FakeMultipartStorage:
    """Multipart uploads in memory: `uploads` by key and id, `objects` by key. `before` runs before the named call."""

    uploads: dict[tuple[str, str], dict[int, StoredPart]] = field(default_factory=dict)
    objects: dict[str, list[StoredPart]] = field(default_factory=dict)
    before: dict[str, Callable[[], object]] = field(default_factory=dict)
    begun: list[tuple[str, bool]] = field(default_factory=list)

    def begin(self, upload: Upload, *, with_sha256: bool) -> str:
        self._run_hook("begin")
        self.begun.append((upload.content_type, with_sha256))
        name = f"multipart-{len(self.begun)}"
        self.uploads[upload.staging_key, name] = {}
        return name

    def put(self, upload: Upload, number: int, size: int | None = None, content: str = "a") -> StoredPart:
        """Stores a part, as a client does with a signed URL."""
        assert upload.multipart is not None
        size = upload.multipart.part_size(number, upload.file_size) if size is None else size
        part = StoredPart(number, size, f'"{content}{number}"', "c2hh" if upload.multipart.with_sha256 else None)
        self.uploads[upload.staging_key, upload.multipart.multipart_id][number] = part
        return part

    def list_parts(self, key: str, multipart_id: str) -> list[StoredPart]:
        self._run_hook("list_parts")
        parts = self._parts_of(key, multipart_id)
        return [parts[number] for number in sorted(parts)]

    def complete(self, upload: Upload, multipart_id: str, parts: Sequence[StoredPart]) -> None:
        self._run_hook("complete")
        stored = self._parts_of(upload.staging_key, multipart_id)
        if any(stored.get(part.number) != part for part in parts):
            raise PartsChangedError
        assert upload.staging_key not in self.objects, "completed twice"
        self.objects[upload.staging_key] = list(parts)
        del self.uploads[upload.staging_key, multipart_id]
        self._run_hook("after complete")

    def abort(self, key: str, multipart_id: str) -> None:
        self._run_hook("abort")
        self.uploads.pop((key, multipart_id), None)

    def _parts_of(self, key: str, multipart_id: str) -> dict[int, StoredPart]:
        if (key, multipart_id) not in self.uploads:
            raise PartsGoneError
        return self.uploads[key, multipart_id]

    def _run_hook(self, call: str) -> None:
        hook = self.before.pop(call, None)
        if hook is not None:
            hook()


@dataclass
class FakePasswords:
    """Accepts only PASSWORD, which has `label`; raises `broken` when it is set."""

    broken: Exception | None = None
    asked: list[str] = field(default_factory=list)
    reads: int = 0
    label: str | None = None

    def refresh(self) -> None:
        self.reads += 1

    def match(self, candidate: str) -> UploadPassword | None:
        self.asked.append(candidate)
        if self.broken:
            raise self.broken
        return UploadPassword(self.label, "v1/0") if candidate == PASSWORD else None


@dataclass
class FakeQuota:
    """Counts in memory; raises `broken` when it is set."""

    counted: list[UploadPassword] = field(default_factory=list)
    broken: Exception | None = None

    def count(self, password: UploadPassword) -> None:
        if self.broken:
            raise self.broken
        self.counted.append(password)


@dataclass
class FakeSigner:
    """Returns recognisable URLs; asserts that the upload is in the ledger first."""

    ledger: FakeLedger
    signed: list[tuple[Upload, timedelta]] = field(default_factory=list)

    def sign_put(self, upload: Upload, valid_for: timedelta) -> SignedUpload:
        assert upload.upload_id in self.ledger.uploads, "signed before it was recorded"
        self.signed.append((upload, valid_for))
        return SignedUpload(f"https://staging.example/{upload.staging_key}?signed", {"If-None-Match": "*"})

    def sign_part(
        self, upload: Upload, multipart: Multipart, number: int, sha256: str | None, valid_for: timedelta
    ) -> SignedUpload:
        assert upload.upload_id in self.ledger.uploads, "signed before it was recorded"
        size = multipart.part_size(number, upload.file_size)
        url = f"https://staging.example/{upload.staging_key}?part={number}&size={size}&for={valid_for.seconds}"
        return SignedUpload(url, {"x-amz-checksum-sha256": sha256} if sha256 else {})


@dataclass
class FakePasswordSecret(FakeSecrets):
    """Secrets Manager with the secret of the upload passwords."""

    value: str | Exception | None = f'{{"passwords": ["{PASSWORD}"]}}'

    def store(self, *passwords: str | dict[str, str]) -> None:
        self.value = json.dumps({"passwords": passwords})
