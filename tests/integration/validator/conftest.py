"""Fixtures: AWS by moto, with the buckets, the table and the queue of the local stack."""

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from testkit.wiring import CREDENTIALS, import_fresh
from validator.s3_storage import S3Storage

STAGING = "phenom-local-staging-000000000000"
FINAL = "phenom-local-final-000000000000"
TABLE = "phenom-local-uploads"
QUEUE = "phenom-local-validator"
VALIDATOR: Mapping[str, str] = {
    "UPLOADS_TABLE": TABLE,
    "STAGING_BUCKET": STAGING,
    "FINAL_BUCKET": FINAL,
    "QUEUE_URL": f"https://sqs.us-east-1.amazonaws.com/123456789012/{QUEUE}",
    "MAX_FILE_BYTES": "524288000",
    "MAX_PICTURE_PIXELS": "220000000",
    "RETRY_BASE_SECONDS": "15",
    "CLAMAV_HOST": "",
    "CLAMAV_PORT": "3310",
    "POWERTOOLS_SERVICE_NAME": "validator",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
}


@pytest.fixture(scope="session")
def clients() -> dict[str, Any]:
    """Clients are slow to create and have no state, so all tests share them; each test has its own AWS."""
    session = botocore.session.Session()
    session.set_credentials("AKIDTESTING", "testing")
    return {name: session.create_client(name, region_name="us-east-1") for name in ("dynamodb", "s3", "sqs")}


@pytest.fixture
def aws(monkeypatch) -> Iterator[None]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture
def s3(aws, clients) -> Any:
    """Returns a client of S3 with the two buckets, of which the final one is versioned."""
    client = clients["s3"]
    client.create_bucket(Bucket=STAGING)
    client.create_bucket(Bucket=FINAL)
    client.put_bucket_versioning(Bucket=FINAL, VersioningConfiguration={"Status": "Enabled"})
    return client


@pytest.fixture
def storage(s3) -> S3Storage:
    return S3Storage(s3, STAGING, FINAL)


@pytest.fixture
def dynamodb(aws, clients) -> Any:
    clients["dynamodb"].create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "uploadId", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "uploadId", "KeyType": "HASH"}],
    )
    return clients["dynamodb"]


@pytest.fixture
def sqs(aws, clients) -> Any:
    clients["sqs"].create_queue(QueueName=QUEUE)
    return clients["sqs"]


@pytest.fixture(scope="module")
def started() -> Iterator[ModuleType]:
    """Returns validator.handler, imported as in a cold start."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield import_fresh(monkeypatch, "validator.handler", VALIDATOR)


@pytest.fixture
def validator(s3, dynamodb, sqs, started) -> ModuleType:
    return started
