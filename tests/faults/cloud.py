"""AWS in memory, and the real functions and the real redrive wired to it."""

import itertools
import json
import random
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import Credentials

import phenom.aws.operator_role
import phenom.cli
import phenom.commands.quarantine
import phenom.commands.redrive
import phenom.commands.release
import presign.service
import uploads.ledger
from phenom.aws.operator_role import Operator
from phenom.aws.stacks import DeployedStack
from testkit.lambda_context import FakeContext
from testkit.wiring import PRESIGN, import_fresh
from tests.faults.clamd import Clamd, Connection, nothing_to_read
from tests.faults.dynamodb import DynamoDb
from tests.faults.programs import Program
from tests.faults.s3 import S3, Pages
from tests.faults.sqs import Message, Queue, Sqs
from tests.unit.presign.fakes import FakeQuota
from validator import clamav

STAGING, FINAL, TABLE = "phenom-test-staging-123456789012", "phenom-test-final", "phenom-test-uploads"
QUEUE, LETTERS = "https://sqs.us-east-1.amazonaws.com/1/validator", "https://sqs.us-east-1.amazonaws.com/1/letters"
PASSWORD = "a password"
OPERATOR = "arn:aws:sts::123456789012:assumed-role/Admin/ann@example.org"
TIMEOUT_SECONDS = 300
DAY = 86_400
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp()
# Another service name than in other tests: Powertools keeps one logger per service, at its first level.
QUIET = {"POWERTOOLS_SERVICE_NAME": "faults", "POWERTOOLS_LOG_LEVEL": "CRITICAL"}
METRICS = "aws_lambda_powertools.metrics"
VALIDATOR: Mapping[str, str] = {
    "UPLOADS_TABLE": TABLE,
    "STAGING_BUCKET": STAGING,
    "FINAL_BUCKET": FINAL,
    "QUEUE_URL": QUEUE,
    "MAX_FILE_BYTES": "524288000",
    "MAX_PICTURE_PIXELS": "220000000",
    "RETRY_BASE_SECONDS": "15",
    "CLAMAV_HOST": "clamd.internal",
    "CLAMAV_PORT": "3310",
    "POWERTOOLS_SERVICE_NAME": "validator",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
}


class Cloud:
    """Everything that survives a program: services, clock, queues.

    `current` is the running program. `created` is called for each new staging object. `idle` is called while a program
    sleeps, to let others run if it is the only one.
    """

    def __init__(self, chance: random.Random) -> None:
        self.now = MONDAY
        self.chance = chance
        self.current = Program()
        self.created: Callable[[str], None] = lambda _key: None
        self.idle: Callable[[], None] = lambda: None
        self.s3 = S3(self.time, self._notify)
        self.dynamodb = DynamoDb(TABLE)
        letters = Queue({}, visibility=30, kept=14 * DAY)
        queue = Queue({}, visibility=1800, kept=4 * DAY, receives=10, dead_letters=letters)
        self.sqs = Sqs(self.time, chance, {QUEUE: queue, LETTERS: letters})
        self.secretsmanager = SimpleNamespace(
            get_secret_value=lambda **_: {"SecretString": json.dumps({"passwords": [PASSWORD]})}
        )
        self.clamd = Clamd(chance)
        self._invocations = itertools.count(1)

    def time(self) -> float:
        return self.now

    def request_id(self) -> str:
        return f"request {next(self._invocations)}"

    def _notify(self, bucket: str, key: str) -> None:
        if bucket == STAGING and key.startswith("uploads/"):
            self.created(key)


class Stage:
    """Gives programs the cloud of the running test."""

    cloud: Cloud

    def client(self, service: str) -> "Client":
        return Client(self, service)

    def operator_client(self, service: str) -> "Client":
        """Returns a client with the rights of the quarantine's operator."""
        return Client(self, service, is_operator=True)

    def time(self) -> float:
        return self.cloud.now

    def sleep(self, seconds: float) -> None:
        until = self.cloud.now + seconds
        self.cloud.current.pause(seconds)
        self.cloud.idle()
        self.cloud.now = max(self.cloud.now, until)  # without other programs, only sleeping advances the clock


class Client:
    """Replaces a botocore client: each call is made by the running program, whose plan may make it fail."""

    def __init__(self, stage: Stage, service: str, *, is_operator: bool = False) -> None:
        self._stage, self._service, self._is_operator = stage, service, is_operator

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def call(**arguments: Any) -> Any:
            cloud = self._stage.cloud
            function = getattr(getattr(cloud, self._service), operation)
            return cloud.current.call(operation, lambda: self._effect(function, arguments))

        self.__dict__[operation] = call
        return call

    def _effect(self, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        self._stage.cloud.s3.is_operator = self._is_operator
        return function(**arguments)

    def get_paginator(self, operation: str) -> Pages:
        return Pages(getattr(self, operation))


@dataclass(frozen=True, slots=True)
class Context(FakeContext):
    """Lambda's context on the cloud's clock."""

    cloud: Cloud | None = None
    deadline: float = 0.0

    def get_remaining_time_in_millis(self) -> int:
        assert self.cloud
        return max(0, int((self.deadline - self.cloud.now) * 1000))


@dataclass(frozen=True, slots=True)
class Functions:
    """The real handlers and the real redrive, wired once to the cloud on stage."""

    stage: Stage
    presign: ModuleType
    validator: ModuleType

    def enter(self, cloud: Cloud) -> Cloud:
        """Puts a cloud on stage and resets the functions to their state after a cold start."""
        self.stage.cloud = cloud
        self.validator._pipeline.scanner._version = None
        digests = self.presign._service.passwords._known
        digests._read_at = digests._next_read = float("-inf")
        return cloud

    def validate(self, message: Message, body: str | None = None) -> bool:
        """Invokes the validator with a message. Returns True if the message is to be deleted."""
        cloud = self.stage.cloud
        record = {
            "messageId": message.id,
            "receiptHandle": message.receipt,
            "body": message.body if body is None else body,
            "attributes": {"ApproximateReceiveCount": str(message.receives)},
        }
        context = Context(aws_request_id=cloud.request_id(), cloud=cloud, deadline=cloud.now + TIMEOUT_SECONDS)
        failures = self.validator.handler({"Records": [record]}, context)["batchItemFailures"]
        return not failures

    def issue(self, declared: str, size: int) -> dict[str, Any] | None:
        """Calls POST /upload/generate-url. Returns None if it fails."""
        request = {"password": PASSWORD, "fileName": "Ferien 1.jpg", "contentType": declared, "fileSize": size}
        event = {"httpMethod": "POST", "resource": "/upload/generate-url", "body": json.dumps(request)}
        answer = self.presign.handler(event, Context(aws_request_id=self.stage.cloud.request_id()))
        assert answer["statusCode"] in {200, 500, 503}, answer
        return json.loads(answer["body"]) if answer["statusCode"] == 200 else None

    def redrive(self, *arguments: str) -> int:
        """Runs `phenom redrive local`. Returns its exit code."""
        return self.command("redrive", "local", *arguments)

    def release(self, upload_id: str, *arguments: str) -> int:
        """Runs `phenom release`. Returns its exit code."""
        return self.command("release", upload_id, "--because", "the photographer is known", *arguments)

    def command(self, *arguments: str) -> int:
        try:
            phenom.cli.app([*arguments], prog_name="phenom")
        except SystemExit as ended:
            return int(ended.code or 0)
        raise AssertionError("a command ends with an exit code")


def build(monkeypatch: pytest.MonkeyPatch) -> Functions:
    """Imports the functions as a cold start does, with the clients and the clock of the cloud on stage."""
    stage = Stage()
    session = SimpleNamespace(
        create_client=lambda service, **_: stage.client(service), get_credentials=lambda: Credentials("AKID", "secret")
    )
    monkeypatch.setattr("botocore.session.get_session", lambda: session)
    clock = SimpleNamespace(time=stage.time, monotonic=stage.time, sleep=stage.sleep)
    functions = Functions(
        stage,
        import_fresh(monkeypatch, "presign.handler", {**PRESIGN, **QUIET}),
        import_fresh(monkeypatch, "validator.handler", {**VALIDATOR, **QUIET}),
    )
    monkeypatch.setattr(functions.presign._service.passwords._known, "_clock", stage.time)
    object.__setattr__(functions.presign._service, "quota", FakeQuota())
    monkeypatch.setattr(functions.validator, "time", clock)
    for command in (phenom.commands.redrive, phenom.commands.release):
        monkeypatch.setattr(command, "time", clock)
        monkeypatch.setattr(command, "POLL_SECONDS", 30.0)
    operator = Operator(OPERATOR, stage.operator_client)
    for module in (phenom.commands.quarantine, phenom.aws.operator_role):
        monkeypatch.setattr(module, "assume_role", lambda *_: operator)
    for module in (uploads.ledger, presign.service):
        monkeypatch.setattr(module, "datetime", _virtual_datetime(stage))
    monkeypatch.setattr(presign.service, "secrets", SimpleNamespace(token_hex=lambda n: _token(stage.cloud, n)))
    monkeypatch.setattr(clamav, "_connect", lambda _address: Connection(stage.cloud.clamd, stage.cloud.current))
    monkeypatch.setattr(clamav, "select", SimpleNamespace(select=nothing_to_read))
    monkeypatch.setattr("phenom.aws.stacks.find_stack", lambda *_: deployed_stack(stage))
    for module_name in (f"{METRICS}.base", f"{METRICS}.provider.cloudwatch_emf.cloudwatch"):
        monkeypatch.setattr(f"{module_name}.print", lambda *_: None, raising=False)
    monkeypatch.setattr(sys, "argv", [])
    return functions


def deployed_stack(stage: Stage) -> DeployedStack:
    outputs = {
        "VideoStagingBucket": STAGING,
        "UploadsTableName": TABLE,
        "ValidatorQueueUrl": QUEUE,
        "ValidatorDeadLetterQueueUrl": LETTERS,
    }
    listed = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
    return DeployedStack(stage.client, {"StackName": "phenom-test", "Outputs": listed})


def _token(cloud: Cloud, size: int) -> str:
    return f"{cloud.chance.getrandbits(size * 8):0{size * 2}x}"


def _virtual_datetime(stage: Stage) -> type[datetime]:
    class VirtualDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.fromtimestamp(stage.time(), tz)

    return VirtualDatetime
