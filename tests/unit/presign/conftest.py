"""The presign handler on fakes."""

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest

from presign.attempt_limiter import NoAttemptLimit
from presign.multipart import MultipartService
from presign.service import UploadService
from testkit.lambda_context import FakeContext
from testkit.wiring import PRESIGN, import_fresh
from tests.unit.presign.fakes import NOW, FakeLedger, FakeMultipartStorage, FakePasswords, FakeQuota, FakeSigner


@pytest.fixture(scope="module")
def imported():
    """The handler's module, imported once because building botocore's clients is slow."""
    with pytest.MonkeyPatch.context() as environment:
        yield import_fresh(environment, "presign.handler", PRESIGN)


class Edge:
    """Sends API Gateway events to the handler, which runs on the fakes."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.ledger = FakeLedger()
        self.passwords = FakePasswords()
        self.quota = FakeQuota()
        self.service = UploadService(
            self.ledger,
            self.passwords,
            NoAttemptLimit(),
            self.quota,
            FakeSigner(self.ledger),
            max_bytes=524_288_000,
            valid_for=timedelta(hours=1),
            clock=lambda: NOW,
        )
        self.storage = FakeMultipartStorage()
        self.multipart = MultipartService(
            self.service, self.ledger, FakeSigner(self.ledger), self.storage, part_bytes=10_000_000, clock=lambda: NOW
        )

    def send(self, event: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.module.handler(event, FakeContext())
        return answer

    def post(self, body: Any, **more: Any) -> dict[str, Any]:
        return self.send({"httpMethod": "POST", "resource": "/upload/generate-url", "body": body, **more})

    def get(self, upload_id: Any) -> dict[str, Any]:
        parameters = {"uploadId": upload_id}
        return self.send({"httpMethod": "GET", "resource": "/upload/{uploadId}", "pathParameters": parameters})

    def call(self, method: str, resource: str, upload_id: Any, body: Any = None) -> dict[str, Any]:
        parameters = {"uploadId": upload_id}
        return self.send({"httpMethod": method, "resource": resource, "pathParameters": parameters, "body": body})


@pytest.fixture
def edge(imported, monkeypatch) -> Edge:
    edge = Edge(imported)
    monkeypatch.setattr(imported, "_service", edge.service)
    monkeypatch.setattr(imported, "_multipart", edge.multipart)
    return edge
