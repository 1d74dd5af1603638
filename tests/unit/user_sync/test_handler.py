"""The two edges, with fakes behind them."""

import json
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from phenom.event_cases import expectation
from testkit.lambda_context import FakeContext
from testkit.wiring import USER_SYNC, import_fresh
from tests.cold_start import modules_of
from tests.unit.presign.fakes import FakeClock, FakeSecrets, client_error
from tests.unit.user_sync.fakes import COLUMNS, FakeLater, FakeUsers, ada, sqs_record
from user_sync.credentials import SecretCredentials
from user_sync.messages import encode
from user_sync.ports import RefusedError, UnavailableError
from user_sync.service import UserSync
from user_sync.settings import load

DOWN = UnavailableError("Hasura cannot be reached: ConnectionRefusedError")
MESSAGE = encode(ada(), COLUMNS)


class Edge:
    """The handler as Cognito and SQS see it, and what stands behind it."""

    def __init__(self, module: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
        self.module, self._capsys = module, capsys
        self.users, self.queues = FakeUsers(), FakeLater()
        self.settings = load()
        self.sync = UserSync(self.users, self.queues, COLUMNS)

    def sign_in(self, case: str = "post_authentication") -> None:
        """Whatever happens, Cognito gets its event back as it was."""
        event, expected = expectation.load("user_sync", case)
        assert self.module.handler(event, FakeContext(milliseconds=5000)) is event
        assert event == expected["result"]

    def work_off(self, *records: dict[str, Any], milliseconds: int = 5000) -> list[str]:
        """The numbers of the messages that come back."""
        answer = self.module.handler({"Records": list(records)}, FakeContext(milliseconds=milliseconds))
        return [failure["itemIdentifier"].removeprefix("message-") for failure in answer["batchItemFailures"]]

    def printed(self) -> tuple[list[dict[str, Any]], dict[str, int]]:
        """The lines of the log, and how often each metric was counted."""
        printed = [json.loads(line) for line in self._capsys.readouterr().out.splitlines()]
        lines = [line for line in printed if line]  # Powertools prints null where it fails
        metrics: dict[str, int] = {}
        for line in lines:
            for each in line.get("_aws", {}).get("CloudWatchMetrics", []):
                (name,) = (metric["Name"] for metric in each["Metrics"])
                metrics[name] = metrics.get(name, 0) + int(line[name][0])
        return [line for line in lines if "_aws" not in line], metrics


@pytest.fixture(scope="module")
def imported():
    """The handler's module; importing builds botocore's client, which takes a while."""
    with pytest.MonkeyPatch.context() as environment:
        yield import_fresh(environment, "user_sync.handler", USER_SYNC)


@pytest.fixture
def edge(imported, monkeypatch, capsys) -> Edge:
    edge = Edge(imported, capsys)
    monkeypatch.setattr(imported, "_wired", edge)
    return edge


def test_who_signs_in_is_written_and_it_is_logged_by_their_id(edge):
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["message"], line["outcome"]) == ("INFO", "user synced", "written")
    assert (line["user_id"], line["service"], metrics) == (next(iter(edge.users.rows)), "phenom-dev-user-sync", {})


def test_a_newer_row_is_no_fault(edge):
    edge.sign_in()
    edge.users.rows = {key: {**row, "synced_at": "2999"} for key, row in edge.users.rows.items()}
    edge.sign_in()
    lines, metrics = edge.printed()
    assert ([line["outcome"] for line in lines], metrics) == (["written", "stale"], {})


def test_who_is_put_off_is_counted(edge):
    edge.users.broken = DOWN
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["outcome"], line["cause"]) == ("WARNING", "put_off", str(DOWN))
    assert metrics == {"UserSyncPutOff": 1}


@pytest.mark.parametrize(
    ("code", "metric"), [("AccessDeniedException", "SecretRefused"), ("InternalServiceError", "SecretUnreachable")]
)
def test_a_secret_that_cannot_be_read_is_counted_and_told(edge, code, metric):
    secrets = FakeSecrets(FakeClock(), client_error(code))
    credentials = SecretCredentials(secrets, "the-secret", on_failure=edge.module._secret_failed)
    edge.users.broken = credentials.current
    edge.sign_in()
    lines, metrics = edge.printed()
    assert [line["message"] for line in lines] == ["secret not read", "user synced later"]
    assert (lines[0]["cause"], metrics) == (f"secret the-secret: {code}", {metric: 1, "UserSyncPutOff": 1})


def test_who_is_given_up_is_counted(edge):
    edge.users.broken = RefusedError("constraint-violation: users_email_key")
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["outcome"]) == ("ERROR", "given_up")
    assert metrics == {"UserSyncGivenUp": 1}


@pytest.mark.parametrize(
    ("case", "cause"),
    [
        ("post_authentication_without_sub", "sub is not a UUID"),
        ("post_authentication_attributes_missing", "request.userAttributes is not an object"),
        ("foreign_trigger_source", "triggerSource is not post-authentication"),
    ],
)
def test_an_event_without_a_user_is_counted_as_lost_and_the_field_is_named(edge, case, cause):
    edge.sign_in(case)
    ((line,), metrics) = edge.printed()
    assert (line["level"], line["outcome"], line["cause"]) == ("ERROR", "lost", cause)
    assert metrics == {"UserSyncLost": 1}


def test_a_user_whom_not_even_the_queue_takes_is_counted_as_lost(edge):
    edge.users.broken, edge.queues.broken = DOWN, UnavailableError("SQS: AccessDenied")
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["cause"], metrics) == (f"{DOWN}; SQS: AccessDenied", {"UserSyncLost": 1})


def test_a_defect_of_ours_never_stops_a_sign_in(edge):
    edge.users.broken, edge.queues.broken = LookupError("a"), LookupError("b")
    edge.sign_in()
    lines, metrics = edge.printed()
    assert [line["message"] for line in lines] == ["unexpected error", "user not synced"]
    assert metrics == {"UserSyncLost": 1}


def test_a_function_that_is_misconfigured_never_stops_a_sign_in(edge, monkeypatch):
    monkeypatch.setattr(edge.module, "_wired", None)
    edge.sign_in()
    ((line,), metrics) = edge.printed()
    assert (line["cause"], metrics) == ("the function is misconfigured", {"UserSyncLost": 1})
    with pytest.raises(RuntimeError, match="misconfigured"):
        edge.work_off(sqs_record(MESSAGE))


def test_a_metric_that_cannot_be_written_never_stops_a_sign_in(edge, monkeypatch):
    monkeypatch.delenv("POWERTOOLS_METRICS_NAMESPACE")
    edge.users.broken = DOWN
    edge.sign_in()
    lines, _ = edge.printed()
    assert [(line["message"], line.get("metric")) for line in lines] == [
        ("user synced later", None),
        ("not counted", "UserSyncPutOff"),
    ]
    assert len(edge.queues.messages) == 1


def test_no_setting_makes_it_log_the_event(monkeypatch, capsys):
    module = import_fresh(monkeypatch, "user_sync.handler", {**USER_SYNC, "POWERTOOLS_LOGGER_LOG_EVENT": "true"})
    module.handler(expectation.load("user_sync", "post_authentication_without_sub")[0], FakeContext())
    printed = capsys.readouterr()
    assert "ada@example.org" not in printed.out + printed.err


def test_nothing_of_one_sign_in_is_told_with_the_next(edge):
    edge.sign_in()
    edge.sign_in("post_authentication_without_sub")
    lines, _ = edge.printed()
    assert ["user_id" in line for line in lines] == [True, False]


def test_messages_are_worked_off(edge):
    assert edge.work_off(*(sqs_record(MESSAGE, number=number) for number in range(3))) == []
    lines, metrics = edge.printed()
    assert [(line["message_id"], line["outcome"]) for line in lines] == [
        ("message-0", "written"),
        ("message-1", "stale"),
        ("message-2", "stale"),
    ]
    assert (metrics, edge.queues.waits) == ({}, [])


def test_the_first_message_that_must_wait_sends_the_rest_back_untried(edge):
    """Each would only take its three seconds to learn the same, and the function ends after five."""
    edge.users.broken = DOWN
    records = [sqs_record(MESSAGE, receives, number) for number, receives in enumerate([1, 2, 5])]
    assert edge.work_off(*records) == ["0", "1", "2"]
    assert len(edge.users.deadlines) == 1
    lines, _ = edge.printed()
    assert [(line["message"], line["cause"], line["attempt"]) for line in lines] == [("not yet", str(DOWN), 1)]


def test_what_was_done_before_stays_done(edge):
    records = [sqs_record(MESSAGE, number=1), sqs_record("no message", number=2), sqs_record(MESSAGE, number=3)]
    edge.queues.broken = UnavailableError("SQS: AccessDenied")
    assert edge.work_off(*records) == ["2", "3"]


@pytest.mark.parametrize(
    ("receives", "seconds"), [(1, 10), (2, 20), (3, 40), (7, 640), (8, 900), (100, 900), (5000, 900)]
)
def test_each_attempt_waits_longer_up_to_a_quarter_of_an_hour(edge, receives, seconds):
    edge.users.broken = DOWN
    edge.work_off(sqs_record(MESSAGE, receives))
    assert edge.queues.waits == [[("handle-1", seconds)]]


def test_a_wait_that_cannot_be_set_leaves_the_queues_own(edge):
    edge.users.broken, edge.queues.broken = DOWN, UnavailableError("SQS: AccessDenied")
    assert edge.work_off(sqs_record(MESSAGE)) == ["1"]
    lines, _ = edge.printed()
    assert [line["message"] for line in lines] == ["not yet", "could not set the wait"]


def test_what_will_never_be_written_is_given_up_and_done_with(edge):
    edge.users.broken = RefusedError("data-exception")
    assert edge.work_off(sqs_record(MESSAGE, number=1), sqs_record("no message", number=2)) == []
    assert [reason for _, reason in edge.queues.given_up] == ["data-exception", "the message is not one of ours"]
    assert edge.printed()[1] == {"UserSyncGivenUp": 2}


def test_a_defect_of_ours_brings_the_message_back(edge):
    edge.users.broken = LookupError("inside")
    assert edge.work_off(sqs_record(MESSAGE)) == ["1"]
    ((line,), _) = edge.printed()
    assert (line["level"], line["message"]) == ("ERROR", "unexpected error")


def test_a_message_that_shows_a_defect_never_holds_up_the_others(edge):
    """They would come with it again and again."""
    retry = edge.sync.retry
    faulty = sqs_record("faulty", number=2)

    def fail_once(message):
        if message == "faulty":
            raise LookupError("inside")
        return retry(message)

    edge.sync = SimpleNamespace(retry=fail_once)
    assert edge.work_off(sqs_record(MESSAGE, number=1), faulty, sqs_record(MESSAGE, number=3)) == ["2"]
    assert edge.queues.waits == [[("handle-2", 10)]]


def test_nearly_out_of_time_nothing_more_is_begun(edge):
    assert edge.work_off(sqs_record(MESSAGE), milliseconds=3999) == ["1"]
    assert edge.users.deadlines == []


def test_a_batch_without_messages_is_done(edge):
    assert edge.work_off() == []


def test_a_start_loads_neither_boto3_nor_models():
    """A person waits for each import. Of Powertools the Logger's package alone imports the metrics, too."""
    loaded = modules_of("user_sync.handler", USER_SYNC)
    heavy = {"boto3", "pydantic", "asyncio", "aws_xray_sdk", "aws_lambda_powertools.utilities.parser"}
    assert loaded & heavy == set()
