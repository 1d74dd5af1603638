"""The multipart service on fakes, with short forms of its calls."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from presign.attempt_limiter import NoAttemptLimit
from presign.models import CompletionRequest, MultipartRequest, PartsRequest, parse_as
from presign.multipart import MultipartService
from presign.ports import StagingUnavailableError
from presign.service import UploadService
from tests.unit.presign.fakes import (
    ADDRESS,
    GOOD,
    NOW,
    FakeLedger,
    FakeMultipartStorage,
    FakePasswords,
    FakeQuota,
    FakeSigner,
)
from uploads.multipart import MultipartState
from uploads.record import Status, Upload

PART = 10
SIZE = 25


class World:
    """The service on fakes; `now` is its clock."""

    def __init__(self) -> None:
        self.now = NOW
        self.ledger = FakeLedger()
        self.storage = FakeMultipartStorage()
        self.passwords = FakePasswords()
        signer = FakeSigner(self.ledger)
        uploads = UploadService(
            self.ledger,
            self.passwords,
            NoAttemptLimit(),
            FakeQuota(),
            signer,
            1000,
            timedelta(hours=1),
            clock=lambda: self.now,
        )
        self.service = MultipartService(uploads, self.ledger, signer, self.storage, PART, clock=lambda: self.now)

    def begin(self, **changes: Any) -> Upload:
        request = parse_as(MultipartRequest, json.dumps({**GOOD, "fileSize": SIZE, **changes}))
        return self.service.begin(request, ADDRESS)[0]

    def sign(self, upload: Upload, *numbers: int, **changes: Any) -> dict[int, Any]:
        request = parse_as(PartsRequest, json.dumps({"partNumbers": numbers, **changes}))
        return dict(self.service.sign(upload.upload_id, request).urls)

    def send_all(self, upload: Upload) -> None:
        assert upload.multipart is not None
        for number in range(1, upload.multipart.part_count + 1):
            self.storage.put(upload, number)

    def complete(self, upload: Upload, *named: tuple[int, str]) -> Upload:
        parts = [{"partNumber": number, "etag": etag} for number, etag in named]
        request = parse_as(CompletionRequest, json.dumps({"parts": parts} if named else {}))
        return self.service.complete(upload.upload_id, request)

    def state(self, upload: Upload) -> MultipartState:
        multipart = self.ledger.uploads[upload.upload_id].multipart
        assert multipart is not None
        return multipart.state

    def move(self, upload: Upload, status: Status) -> None:
        self.ledger.uploads[upload.upload_id] = replace(self.ledger.uploads[upload.upload_id], status=status)


def fail() -> None:
    raise StagingUnavailableError
