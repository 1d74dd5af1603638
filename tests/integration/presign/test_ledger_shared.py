"""The ledger with concurrent workers, and without its table."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import botocore.session
import pytest
from botocore.config import Config

from tests.integration.presign.conftest import ID
from uploads.errors import LeaseHeldError, LedgerError
from uploads.ledger import DynamoDbLedger

LEASE = 310.0


class OneAtATime:
    """Serialises calls, as DynamoDB does per item; moto does not check conditions atomically across threads."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._lock = threading.Lock()

    def update_item(self, **arguments: Any) -> Any:
        with self._lock:
            return self._client.update_item(**arguments)


def test_concurrent_claims_have_exactly_one_winner(ledger, dynamodb, table, clock):
    together = threading.Barrier(16)
    shared = DynamoDbLedger(OneAtATime(dynamodb), table, clock)

    def claim(worker: int) -> bool:
        together.wait(timeout=30)
        try:
            shared.claim(ID, f"worker {worker}", LEASE)
        except LeaseHeldError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(claim, range(16))) == [False] * 15 + [True]


def test_missing_table_is_a_ledger_error(dynamodb, clock):
    missing = DynamoDbLedger(dynamodb, "missing", clock)
    with pytest.raises(LedgerError, match="GetItem: ResourceNotFoundException"):
        missing.find(ID)
    with pytest.raises(LedgerError, match="UpdateItem: ResourceNotFoundException"):
        missing.claim(ID, "me", LEASE)


def test_unreachable_dynamodb_is_a_ledger_error(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    client = botocore.session.get_session().create_client(
        "dynamodb",
        region_name="us-east-1",
        endpoint_url="http://127.0.0.1:9",
        config=Config(retries={"total_max_attempts": 1}),
    )
    with pytest.raises(LedgerError, match="EndpointConnectionError"):
        DynamoDbLedger(client, "any").find(ID)
