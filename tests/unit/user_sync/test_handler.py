"""The handler with fakes behind it: Cognito's trigger and the retry queue."""

import json
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from phenom import event_cases
from runtime.keep_warm import WARM_UP
from testkit.lambda_context import FakeContext
from testkit.wiring import USER_SYNC, import_fresh
from tests.cold_start import imported_modules
from tests.secrets_manager import FakeMonotonicClock, FakeSecrets, client_error
from tests.unit.user_sync.fakes import COLUMNS, FakeRetryQueue, FakeUsers, ada, sqs_record
from user_sync.credentials import SecretCredentials
from user_sync.ports import UnavailableError, UpsertRefusedError
from user_sync.queue_message import encode_user
from user_sync.service import UserSync
from user_sync.settings import load

DOWN = UnavailableError("Hasura cannot be reached: ConnectionRefusedError")
MESSAGE = encode_user(ada(), COLUMNS)
SECRET = {"hasuraEndpoint": "https://hasura.example.org/v1/graphql", "hasuraAdminSecret": "any"}


class Edge:
    """The handler as Cognito and SQS call it, with fakes behind it."""

    def __init__(self, module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
        self.module, self._capsys = module, capsys
        self.users, self.retry_queue = FakeUsers(), FakeRetryQueue()
        self.settings = load()
        self.sync = UserSync(self.users, self.retry_queue, COLUMNS)
        self.secrets = FakeSecrets(FakeMonotonicClock(), json.dumps(SECRET))
        self.credentials = SecretCredentials(self.secrets, "the-secret", on_failure=module._report_secret_failure)

    def sign_in(self, case: str = "post_authentication") -> None:
        """Handles a sign-in; Cognito must get its event back unchanged."""
        event, expected = event_cases.load("user_sync", case)
        assert self.module.handler(event, FakeContext(milliseconds=5000)) is event
        assert event == expected["result"]

    def handle_batch(self, *records: dict[str, Any], milliseconds: int = 5000) -> list[str]:
        """Returns the numbers of the messages to retry."""
        answer = self.module.handler({"Records": list(records)}, FakeContext(milliseconds=milliseconds))
        return [failure["itemIdentifier"].removeprefix("message-") for failure in answer["batchItemFailures"]]

    def printed(self) -> tuple[list[dict[str, Any]], dict[str, int]]:
        """Returns the log lines, and the count of each metric."""
        printed = [json.loads(line) for line in self._capsys.readouterr().out.splitlines()]
        lines = [line for line in printed if line]  # Powertools prints null when it fails
        metrics: dict[str, int] = {}
        for line in lines:
            for each in line.get("_aws", {}).get("CloudWatchMetrics", []):
                (name,) = (metric["Name"] for metric in each["Metrics"])
                metrics[name] = metrics.get(name, 0) + int(line[name][0])
        return [line for line in lines if "_aws" not in line], metrics


@pytest.fixture(scope="module")
def imported():
    """The handler's module, imported once because botocore's client is slow to build."""
    with pytest.MonkeyPatch.context() as environment:
        yield import_fresh(environment, "user_sync.handler", USER_SYNC)


@pytest.fixture
def edge(imported, monkeypatch, capsys) -> Edge:
    edge = Edge(imported, capsys)
    monkeypatch.setattr(imported, "_wiring", edge)
    return edge


def test_sign_in_is_written_and_logged_by_user_id(edge):
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["message"], line["outcome"]) == ("INFO", "user synced", "written")
    assert (line["user_id"], line["service"], metrics) == (next(iter(edge.users.rows)), "phenom-dev-user-sync", {})


def test_newer_row_is_not_an_error(edge):
    edge.sign_in()
    edge.users.rows = {key: {**row, "synced_at": "2999"} for key, row in edge.users.rows.items()}
    edge.sign_in()
    lines, metrics = edge.printed()
    assert ([line["outcome"] for line in lines], metrics) == (["written", "stale"], {})


def test_queued_user_is_counted(edge):
    edge.users.broken = DOWN
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["outcome"], line["cause"]) == ("WARNING", "put_off", str(DOWN))
    assert metrics == {"UserSyncPutOff": 1}


@pytest.mark.parametrize(
    ("code", "metric"), [("AccessDeniedException", "SecretRefused"), ("InternalServiceError", "SecretUnreachable")]
)
def test_unreadable_secret_is_counted_and_logged(edge, code, metric):
    secrets = FakeSecrets(FakeMonotonicClock(), client_error(code))
    credentials = SecretCredentials(secrets, "the-secret", on_failure=edge.module._report_secret_failure)
    edge.users.broken = credentials.current
    edge.sign_in()
    lines, metrics = edge.printed()
    assert [line["message"] for line in lines] == ["secret not read", "user queued"]
    assert (lines[0]["cause"], metrics) == (f"secret the-secret: {code}", {metric: 1, "UserSyncPutOff": 1})


def test_dead_lettered_user_is_counted(edge):
    edge.users.broken = UpsertRefusedError("constraint-violation: users_email_key")
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["outcome"]) == ("ERROR", "given_up")
    assert metrics == {"UserSyncGivenUp": 1}


@pytest.mark.parametrize(
    ("case", "cause"),
    [
        ("post_authentication_without_sub", "sub is not a UUID"),
        ("post_authentication_attributes_missing", "request.userAttributes is not an object"),
        ("foreign_trigger_source", "triggerSource is neither post-authentication nor post-confirmation"),
    ],
)
def test_malformed_event_is_counted_as_lost_and_names_the_field(edge, case, cause):
    edge.sign_in(case)
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["outcome"], line["cause"]) == ("ERROR", "lost", cause)
    assert metrics == {"UserSyncLost": 1}


def test_first_sign_in_of_a_federated_user_is_written(edge):
    edge.sign_in("post_confirmation_federated")
    ((line,), metrics) = edge.printed()
    assert (line["outcome"], metrics) == ("written", {})
    (row,) = edge.users.rows.values()
    assert row["last_sign_in_at"] == row["synced_at"]


@pytest.mark.parametrize("case", ["post_confirmation", "post_confirmation_of_a_reset_password"])
def test_confirmation_is_written_without_a_sign_in(edge, case):
    edge.sign_in(case)
    ((line,), metrics) = edge.printed()
    assert (line["outcome"], metrics) == ("written", {})
    (row,) = edge.users.rows.values()
    assert "last_sign_in_at" not in row


def test_picture_that_is_no_web_address_is_logged_by_name_only(edge):
    edge.sign_in("post_authentication_hostile_attributes")
    (warning, line), metrics = edge.printed()
    assert (warning["level"], warning["message"]) == ("WARNING", "attributes not stored: no http(s) URLs")
    assert (warning["attributes"], line["outcome"], metrics) == (["picture"], "written", {})
    assert next(iter(edge.users.rows.values()))["avatar_url"] is None


def test_user_that_cannot_be_queued_is_counted_as_lost(edge):
    edge.users.broken, edge.retry_queue.broken = DOWN, UnavailableError("SQS: AccessDenied")
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["cause"], metrics) == (f"{DOWN}; SQS: AccessDenied", {"UserSyncLost": 1})


def test_unexpected_error_does_not_block_the_sign_in(edge):
    edge.users.broken, edge.retry_queue.broken = LookupError("a"), LookupError("b")
    edge.sign_in()
    lines, metrics = edge.printed()
    assert [line["message"] for line in lines] == ["unexpected error", "user not synced"]
    assert metrics == {"UserSyncLost": 1}


def test_misconfigured_function_does_not_block_the_sign_in(edge, monkeypatch):
    monkeypatch.setattr(edge.module, "_wiring", None)
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["cause"], metrics) == ("the function is misconfigured", {"UserSyncLost": 1})
    with pytest.raises(RuntimeError, match="misconfigured"):
        edge.handle_batch(sqs_record(MESSAGE))


def test_failed_metric_does_not_block_the_sign_in(edge, monkeypatch):
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE")
    edge.users.broken = DOWN
    edge.sign_in()
    lines, _ = edge.printed()
    assert [(line["message"], line.get("metric")) for line in lines] == [
        ("user queued", None),
        ("metric not written", "UserSyncPutOff"),
    ]
    assert len(edge.retry_queue.messages) == 1


def test_event_content_is_never_logged(monkeypatch, capsys):
    module = import_fresh(monkeypatch, "user_sync.handler", {**USER_SYNC, "POWERTOOLS_LOGGER_LOG_EVENT": "true"})
    module.handler(event_cases.load("user_sync", "post_authentication_without_sub")[0], FakeContext())
    printed = capsys.readouterr()
    assert "ada@example.org" not in printed.out + printed.err


def test_log_keys_are_cleared_between_sign_ins(edge):
    edge.sign_in()
    edge.sign_in("post_authentication_without_sub")
    lines, _ = edge.printed()
    assert ["user_id" in line for line in lines] == [True, False]


def test_batch_is_written(edge):
    assert edge.handle_batch(*(sqs_record(MESSAGE, number=number) for number in range(3))) == []
    lines, metrics = edge.printed()
    assert [(line["message_id"], line["outcome"]) for line in lines] == [
        ("message-0", "written"),
        ("message-1", "stale"),
        ("message-2", "stale"),
    ]
    assert (metrics, edge.retry_queue.delays) == ({}, [])


def test_batch_stops_at_the_first_message_that_must_wait(edge):
    """Each further one would wait three seconds for the same error, and the function stops after five."""
    edge.users.broken = DOWN
    records = [sqs_record(MESSAGE, receives, number) for number, receives in enumerate([1, 2, 5])]
    assert edge.handle_batch(*records) == ["0", "1", "2"]
    assert len(edge.users.deadlines) == 1
    lines, _ = edge.printed()
    assert [(line["message"], line["cause"], line["attempt"]) for line in lines] == [("retry failed", str(DOWN), 1)]


def test_messages_before_a_failure_stay_done(edge):
    records = [sqs_record(MESSAGE, number=1), sqs_record("no message", number=2), sqs_record(MESSAGE, number=3)]
    edge.retry_queue.broken = UnavailableError("SQS: AccessDenied")
    assert edge.handle_batch(*records) == ["2", "3"]


@pytest.mark.parametrize(
    ("receives", "seconds"), [(1, 10), (2, 20), (3, 40), (7, 640), (8, 900), (100, 900), (5000, 900)]
)
def test_retry_delay_doubles_up_to_15_minutes(edge, receives, seconds):
    edge.users.broken = DOWN
    edge.handle_batch(sqs_record(MESSAGE, receives))
    assert edge.retry_queue.delays == [[("handle-1", seconds)]]


def test_message_is_retried_when_its_delay_cannot_be_set(edge):
    edge.users.broken, edge.retry_queue.broken = DOWN, UnavailableError("SQS: AccessDenied")
    assert edge.handle_batch(sqs_record(MESSAGE)) == ["1"]
    lines, _ = edge.printed()
    assert [line["message"] for line in lines] == ["retry failed", "retry delay not set"]


def test_refused_and_malformed_messages_go_to_the_dead_letter_queue(edge):
    edge.users.broken = UpsertRefusedError("data-exception")
    assert edge.handle_batch(sqs_record(MESSAGE, number=1), sqs_record("no message", number=2)) == []
    assert [reason for _, reason in edge.retry_queue.dead_letters] == ["data-exception", "the message is malformed"]
    assert edge.printed()[1] == {"UserSyncGivenUp": 2}


def test_unexpected_error_retries_the_message(edge):
    edge.users.broken = LookupError("inside")
    assert edge.handle_batch(sqs_record(MESSAGE)) == ["1"]
    ((line,), _) = edge.printed()
    assert (line["level"], line["message"]) == ("ERROR", "unexpected error")


def test_unexpected_error_does_not_stop_the_batch(edge):
    """Otherwise the others would return with it again and again."""
    retry = edge.sync.retry
    faulty = sqs_record("faulty", number=2)

    def fail_once(message):
        if message == "faulty":
            raise LookupError("inside")
        return retry(message)

    edge.sync = SimpleNamespace(retry=fail_once)
    assert edge.handle_batch(sqs_record(MESSAGE, number=1), faulty, sqs_record(MESSAGE, number=3)) == ["2"]
    assert edge.retry_queue.delays == [[("handle-2", 10)]]


def test_no_message_is_started_without_enough_time(edge):
    assert edge.handle_batch(sqs_record(MESSAGE), milliseconds=3999) == ["1"]
    assert edge.users.deadlines == []


def test_empty_batch_is_done(edge):
    assert edge.handle_batch() == []


def test_cold_start_imports_neither_boto3_nor_models():
    """A user waits for every import."""
    loaded = imported_modules("user_sync.handler", USER_SYNC)
    heavy = {"boto3", "pydantic", "asyncio", "aws_xray_sdk", "aws_lambda_powertools.utilities.parser"}
    assert loaded & heavy == set()


def test_warm_up_only_reads_the_secret(edge):
    """No log line even at DEBUG, no metric, no user written or queued."""
    assert edge.module.handler(dict(WARM_UP), FakeContext(milliseconds=5000)) == {}
    assert (edge.secrets.reads, edge.users.rows, edge.retry_queue.messages) == (1, {}, [])
    assert edge.printed() == ([], {})


def test_user_after_a_warm_up_waits_for_no_secret(edge):
    edge.module.handler(dict(WARM_UP), FakeContext(milliseconds=5000))
    assert edge.credentials.current().host == "hasura.example.org"
    assert edge.secrets.reads == 1


def test_warm_up_reports_an_unreadable_secret_before_a_user_signs_in(edge):
    edge.secrets.value = client_error("AccessDeniedException")
    assert edge.module.handler(dict(WARM_UP), FakeContext(milliseconds=5000)) == {}
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["message"], metrics) == ("ERROR", "secret not read", {"SecretRefused": 1})


def test_warm_up_of_a_misconfigured_function_is_answered(edge, monkeypatch):
    monkeypatch.setattr(edge.module, "_wiring", None)
    assert edge.module.handler(dict(WARM_UP), FakeContext(milliseconds=5000)) == {}
    assert edge.printed() == ([], {})
