"""Hasura's place taken by a server on loopback, and AWS as moto plays it."""

import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import botocore.session
import pytest
import trustme
from moto import mock_aws

from phenom import event_cases
from testkit.lambda_context import FakeContext
from testkit.wiring import CREDENTIALS, USER_SYNC, import_fresh
from tests.integration.user_sync.hasura_server import HasuraServer, hang_up, hasura_server
from tests.unit.user_sync.fakes import ADMIN_SECRET
from user_sync import service

SECRET = "phenom-test-app-secrets"


@pytest.fixture(autouse=True)
def patience(monkeypatch) -> None:
    """A busy machine must not look like a Hasura that hangs; a test of one shortens what it is about."""
    for budget in ("WRITE_SECONDS", "SIGN_IN_SECONDS"):
        monkeypatch.setattr(service, budget, 60)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Making keys takes a while."""
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch) -> trustme.CA:
    """The authority, which this process trusts beside no other."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return authority


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def server() -> Iterator[HasuraServer]:
    with hasura_server() as running:
        yield running


@pytest.fixture
def tls_server(trusted) -> Iterator[HasuraServer]:
    with hasura_server(server_context(trusted.issue_cert("127.0.0.1"))) as running:
        yield running


@pytest.fixture(scope="session")
def clients() -> dict[str, Any]:
    """Clients take long to build, and hold nothing: each test has an AWS of its own behind them."""
    session = botocore.session.Session()
    session.set_credentials("AKIDTESTING", "testing")
    return {name: session.create_client(name, region_name="us-east-1") for name in ("secretsmanager", "sqs")}


@pytest.fixture
def aws(monkeypatch) -> Iterator[None]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield


@dataclass
class Stack:
    """The function with all that it talks to."""

    module: ModuleType
    server: HasuraServer
    secrets_manager: Any
    sqs: Any

    def sign_in(self, case: str = "post_authentication") -> None:
        """Cognito must get its event back, whatever happens."""
        event, expected = event_cases.load("user_sync", case)
        assert self.module.handler(event, FakeContext(milliseconds=5000)) == expected["result"]

    def store(self, **content: str) -> None:
        """Puts this into the secret."""
        known = {"hasuraEndpoint": self.server.url, "hasuraAdminSecret": ADMIN_SECRET}
        self.secrets_manager.put_secret_value(SecretId=SECRET, SecretString=json.dumps(known | content))

    def receive(self, queue: str = "QUEUE_URL") -> list[dict[str, Any]]:
        """What is visible in the queue, as Lambda hands it to the function."""
        answer = self.sqs.receive_message(
            QueueUrl=USER_SYNC[queue],
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        return [
            {
                "messageId": message["MessageId"],
                "receiptHandle": message["ReceiptHandle"],
                "body": message["Body"],
                "attributes": message["Attributes"],
                "messageAttributes": message.get("MessageAttributes", {}),
            }
            for message in answer.get("Messages", [])
        ]

    def work_off(self, *records: dict[str, Any], milliseconds: int = 5000) -> list[str]:
        """The ids of the messages that come back."""
        answer = self.module.handler({"Records": list(records)}, FakeContext(milliseconds=milliseconds))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


type Wire = Callable[..., Stack]


@pytest.fixture
def wire(aws, clients, server, monkeypatch) -> Iterator[Wire]:
    """Makes the secret and the queues, and imports the handler as a cold start does."""
    wired_ones = []

    def wired(hasura: HasuraServer = server, **environment: str) -> Stack:
        for url in ("QUEUE_URL", "DEAD_LETTER_QUEUE_URL"):
            clients["sqs"].create_queue(QueueName=USER_SYNC[url].rpartition("/")[2])
        arn = clients["secretsmanager"].create_secret(Name=SECRET, SecretString="{}")["ARN"]
        module = import_fresh(monkeypatch, "user_sync.handler", {**USER_SYNC, "APP_SECRET_ID": arn, **environment})
        stack = Stack(module, hasura, clients["secretsmanager"], clients["sqs"])
        stack.store()
        wired_ones.append(module._wired)
        return stack

    yield wired
    for each in filter(None, wired_ones):
        hang_up(each.sync.users)


@pytest.fixture
def stack(wire) -> Stack:
    return wire()
