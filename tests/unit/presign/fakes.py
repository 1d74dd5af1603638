"""Stand-ins for what the presign function talks to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from presign.service import SignedUpload
from uploads.record import Upload

NOW = datetime(2026, 11, 23, 11, 0, 0, 250_000, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
GOOD: Mapping[str, Any] = {
    "password": PASSWORD,
    "fileName": "IMG_0042.MOV",
    "contentType": "video/quicktime",
    "fileSize": 48_211_234,
}


def body(**changes: Any) -> str:
    """A good request body with some fields changed."""
    return json.dumps({**GOOD, **changes})


@dataclass
class FakeLedger:
    """Keeps uploads in memory; `broken` is raised instead."""

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


@dataclass
class FakePasswords:
    """Knows PASSWORD alone; `broken` is raised instead."""

    broken: Exception | None = None
    asked: list[str] = field(default_factory=list)

    def accept(self, candidate: str) -> bool:
        self.asked.append(candidate)
        if self.broken:
            raise self.broken
        return candidate == PASSWORD


@dataclass
class FakeSigner:
    """Signs with a recognisable URL; remembers what the ledger held at that moment."""

    ledger: FakeLedger
    signed: list[tuple[Upload, timedelta]] = field(default_factory=list)

    def sign_put(self, upload: Upload, valid_for: timedelta) -> SignedUpload:
        assert upload.upload_id in self.ledger.uploads, "signed before it was recorded"
        self.signed.append((upload, valid_for))
        return SignedUpload(f"https://staging.example/{upload.staging_key}?signed", {"If-None-Match": "*"})


@dataclass
class FakeClock:
    """Seconds that pass when the test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class FakeSecrets:
    """Secrets Manager with one secret; an Exception as `value` is raised, after `seconds` of the clock."""

    clock: FakeClock
    value: str | Exception | None = f'{{"passwords": ["{PASSWORD}"]}}'
    seconds: float = 0.0
    reads: int = 0

    def get_secret_value(self, **kwargs: Any) -> Mapping[str, Any]:
        assert kwargs == {"SecretId": "the-secret"}
        self.reads += 1
        self.clock.sleep(self.seconds)
        if isinstance(self.value, Exception):
            raise self.value
        return {"Name": "the-secret"} if self.value is None else {"Name": "the-secret", "SecretString": self.value}

    def store(self, *passwords: str) -> None:
        self.value = json.dumps({"passwords": passwords})


def client_error(code: str, operation: str = "GetSecretValue", **more: Any) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": "no value of the request is told"}, **more}
    return ClientError(response, operation)
