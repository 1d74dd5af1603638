"""The function with a Hasura server on loopback and AWS by moto."""

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
from tests.integration.user_sync.hasura_server import HasuraServer, close_idle_connections, hasura_server
from tests.unit.user_sync.fakes import ADMIN_SECRET
from user_sync import service

SECRET = "phenom-test-app-secrets"


@pytest.fixture(autouse=True)
def long_budgets(monkeypatch) -> None:
    """Prevents time-outs on a busy machine; tests of time-outs shorten the budget again."""
    for budget in ("WRITE_BUDGET_SECONDS", "SIGN_IN_BUDGET_SECONDS"):
        monkeypatch.setattr(service, budget, 60)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Made once, because making keys is slow."""
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch) -> trustme.CA:
    """The only certificate authority that this process trusts."""
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
    """Built once, because clients are slow to build and stateless; each test has its own mocked AWS."""
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
    """The function and the systems that it calls."""

    module: ModuleType
    server: HasuraServer
    secrets_manager: Any
    sqs: Any

    def sign_in(self, case: str = "post_authentication") -> None:
        """Handles a sign-in; Cognito must get its event back unchanged."""
        event, expected = event_cases.load("user_sync", case)
        assert self.module.handler(event, FakeContext(milliseconds=5000)) == expected["result"]

    def store(self, **content: str) -> None:
        """Changes the secret."""
        known = {"hasuraEndpoint": self.server.url, "hasuraAdminSecret": ADMIN_SECRET}
        self.secrets_manager.put_secret_value(SecretId=SECRET, SecretString=json.dumps(known | content))

    def receive(self, queue: str = "QUEUE_URL") -> list[dict[str, Any]]:
        """Returns the visible messages of the queue as Lambda passes them to the function."""
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

    def handle_batch(self, *records: dict[str, Any], milliseconds: int = 5000) -> list[str]:
        """Returns the ids of the messages to retry."""
        answer = self.module.handler({"Records": list(records)}, FakeContext(milliseconds=milliseconds))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


type Wire = Callable[..., Stack]


@pytest.fixture
def wire(aws, clients, server, monkeypatch) -> Iterator[Wire]:
    """Creates the secret and the queues, and imports the handler as a cold start does."""
    wirings = []

    def wired(hasura: HasuraServer = server, **environment: str) -> Stack:
        for url in ("QUEUE_URL", "DEAD_LETTER_QUEUE_URL"):
            clients["sqs"].create_queue(QueueName=USER_SYNC[url].rpartition("/")[2])
        arn = clients["secretsmanager"].create_secret(Name=SECRET, SecretString="{}")["ARN"]
        module = import_fresh(monkeypatch, "user_sync.handler", {**USER_SYNC, "APP_SECRET_ID": arn, **environment})
        stack = Stack(module, hasura, clients["secretsmanager"], clients["sqs"])
        stack.store()
        wirings.append(module._wiring)
        return stack

    yield wired
    for each in filter(None, wirings):
        close_idle_connections(each.sync.users)


@pytest.fixture
def stack(wire) -> Stack:
    return wire()
