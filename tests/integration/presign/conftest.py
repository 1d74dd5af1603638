"""AWS on moto, with the tables and the secret that the template defines."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from moto import mock_aws

from testkit.wiring import CREDENTIALS, PRESIGN, import_fresh
from tests import template
from tests.fakes import NOON, FakeClock
from uploads.ledger import DynamoDbLedger
from uploads.record import Status, Upload

PASSWORD = "local-demo-password"
ID = "0123456789abcdef" * 2


@pytest.fixture(scope="session")
def described() -> dict[str, Any]:
    """The properties of the ledger's table in template.yaml."""
    return template.properties("UploadsTable")


@pytest.fixture
def aws(monkeypatch) -> Iterator[None]:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@pytest.fixture(scope="session")
def clients() -> dict[str, Any]:
    """Shared, because clients are slow to build and have no state: each test has its own AWS behind them."""
    session = botocore.session.Session()
    session.set_credentials("AKIDTESTING", "testing")
    return {name: session.create_client(name, region_name="us-east-1") for name in ("dynamodb", "secretsmanager", "s3")}


@pytest.fixture
def dynamodb(aws, clients) -> Any:
    return clients["dynamodb"]


@pytest.fixture
def secrets_manager(aws, clients) -> Any:
    return clients["secretsmanager"]


@pytest.fixture
def s3(aws, clients) -> Any:
    return clients["s3"]


@pytest.fixture
def staging(s3) -> str:
    """The name of the staging bucket."""
    name = PRESIGN["STAGING_BUCKET"]
    s3.create_bucket(Bucket=name)
    return name


@pytest.fixture
def table(dynamodb, described, daily_quotas) -> str:
    """The name of the ledger's table, created as in the template."""
    name = PRESIGN["UPLOADS_TABLE"]
    dynamodb.create_table(
        TableName=name,
        **{key: described[key] for key in ("BillingMode", "AttributeDefinitions", "KeySchema")},
    )
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=described["TimeToLiveSpecification"])
    return name


@pytest.fixture
def wrong_passwords(dynamodb) -> str:
    """The name of the limiter's table, created as in the template."""
    name, described = PRESIGN["WRONG_PASSWORDS_TABLE"], template.properties("WrongPasswordsTable")
    dynamodb.create_table(
        TableName=name,
        **{key: described[key] for key in ("BillingMode", "AttributeDefinitions", "KeySchema")},
    )
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=described["TimeToLiveSpecification"])
    return name


@pytest.fixture
def daily_quotas(dynamodb) -> str:
    """The name of the daily quotas' table, created as in the template."""
    name, described = PRESIGN["DAILY_QUOTAS_TABLE"], template.properties("DailyQuotasTable")
    dynamodb.create_table(
        TableName=name,
        **{key: described[key] for key in ("BillingMode", "AttributeDefinitions", "KeySchema")},
    )
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=described["TimeToLiveSpecification"])
    return name


@pytest.fixture
def secret(secrets_manager) -> str:
    """The name of the secret, which holds the password named in events/README.md."""
    name = PRESIGN["PASSWORDS_SECRET_ID"]
    secrets_manager.create_secret(Name=name, SecretString=f'{{"passwords": ["{PASSWORD}"]}}')
    return name


@pytest.fixture
def presign(aws, wrong_passwords, daily_quotas, monkeypatch) -> ModuleType:
    """presign.handler as a cold start imports it, with the default attempt limit."""
    return import_fresh(monkeypatch, "presign.handler", {**PRESIGN, "WRONG_PASSWORD_LIMIT": "20"})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def ledger(dynamodb, table, clock) -> DynamoDbLedger:
    """Holds one upload, ID, issued at NOON."""
    ledger = DynamoDbLedger(dynamodb, table, clock)
    ledger.issue(
        Upload(
            upload_id=ID,
            status=Status.ISSUED,
            content_type="video/quicktime",
            file_size=48_211_234,
            file_name="写真 \N{PILE OF POO}.MOV",
            created_at=NOON,
            updated_at=NOON,
        )
    )
    return ledger
