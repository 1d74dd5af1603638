"""Lambda handler with two event sources: Cognito's triggers after a sign-in, and the retry queue in SQS."""

from runtime import cold_start  # isort: split

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import botocore.session
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.config import Config

from runtime.keep_warm import is_warm_up
from runtime.secrets import SecretError
from user_sync import settings
from user_sync.cognito_event import parse_trigger_event
from user_sync.credentials import SecretCredentials
from user_sync.deadline import DeadlineError
from user_sync.hasura_client import HasuraClient
from user_sync.ports import UnavailableError
from user_sync.service import RETRY_BUDGET_SECONDS, Outcome, Result, UserSync
from user_sync.sqs_retry_queue import SqsRetryQueue
from user_sync.users import MalformedUserError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

MAX_RETRY_DELAY_SECONDS = 900
_RESERVED_SECONDS = 1.0  # of the function's time, to return unfinished messages to the queue
_METRICS: Mapping[Outcome, str] = {
    Outcome.PUT_OFF: "UserSyncPutOff",
    Outcome.GIVEN_UP: "UserSyncGivenUp",
    Outcome.LOST: "UserSyncLost",
}

logger = Logger()


class _Wiring:
    """The settings and adapters, built once per cold start."""

    def __init__(self) -> None:
        self.settings = settings.load()
        session: Any = botocore.session.get_session()
        # Short time-outs, because a user waits: the queue retries what fails here.
        client_config = Config(connect_timeout=0.5, read_timeout=1, retries={"mode": "standard", "max_attempts": 2})
        secrets_manager = session.create_client("secretsmanager", config=client_config)
        self.retry_queue = SqsRetryQueue(
            lambda: session.create_client("sqs", config=client_config),
            self.settings.queue_url,
            self.settings.dead_letter_queue_url,
        )
        self.credentials = SecretCredentials(
            secrets_manager, self.settings.app_secret_id, on_failure=_report_secret_failure
        )
        self.sync = UserSync(HasuraClient(self.credentials), self.retry_queue, self.settings.columns_by_attribute)


def _wire() -> _Wiring | None:
    """Returns None when the function is misconfigured, which must not block sign-ins."""
    try:
        return _Wiring()
    except Exception:
        logger.exception("the function is misconfigured: users are not written")
        return None


def _report_secret_failure(error: SecretError) -> None:
    """Logs and counts a failed read of the secret, which the cached value otherwise hides."""
    logger.error("secret not read", cause=str(error), refused=error.refused)
    _count(error.metric)


_wiring = _wire()
cold_start.finish()


# log_event=False: the event holds personal data.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Returns Cognito's event unchanged in every case; for SQS, the messages to deliver again."""
    if is_warm_up(event):
        return _warm_up()
    return _handle_batch(event["Records"], context) if "Records" in event else _handle_sign_in(event)


def _warm_up() -> dict[str, Any]:
    """Reads Hasura's secret, so that the next user does not wait for Secrets Manager."""
    if _wiring is not None:
        with suppress(UnavailableError):  # reported by _report_secret_failure
            _wiring.credentials.refresh()
    return {}


# Cognito


def _handle_sign_in(event: dict[str, Any]) -> dict[str, Any]:
    try:
        _report(_sync_sign_in(event))
    except Exception:
        logger.exception("unexpected error")
        _report(Result(Outcome.LOST, "unexpected error"))
    return event


def _sync_sign_in(event: Mapping[str, Any]) -> Result:
    if _wiring is None:
        return Result(Outcome.LOST, "the function is misconfigured")
    try:
        user = parse_trigger_event(event, datetime.now(UTC))
    except MalformedUserError as error:
        return Result(Outcome.LOST, str(error))
    logger.append_keys(user_id=user.sub)
    return _wiring.sync.sync_sign_in(user)


# SQS


def _handle_batch(records: Sequence[Mapping[str, Any]], context: "LambdaContext") -> dict[str, Any]:
    """Stops at the first message for which Hasura is unavailable, or when time is short: the others would fail too."""
    if _wiring is None:
        raise RuntimeError("the function is misconfigured")
    failed = []
    keep_going = True
    for record in records:
        remaining_seconds = context.get_remaining_time_in_millis() / 1000
        keep_going = keep_going and remaining_seconds > RETRY_BUDGET_SECONDS + _RESERVED_SECONDS
        done, keep_going = _retry(_wiring.sync, record) if keep_going else (False, False)
        if not done:
            failed.append(record)
    if failed:
        _delay(_wiring, failed)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}


def _retry(sync: UserSync, record: Mapping[str, Any]) -> tuple[bool, bool]:
    """Returns whether the message is done, and whether Hasura was available."""
    logger.append_keys(message_id=record["messageId"])
    try:
        _report(sync.retry(record["body"]))
    except (UnavailableError, DeadlineError) as error:
        logger.warning("retry failed", cause=str(error), attempt=_attempt(record))
        return False, False
    except Exception:
        logger.exception("unexpected error", attempt=_attempt(record))
        return False, True
    return True, True


def _delay(wiring: _Wiring, records: Sequence[Mapping[str, Any]]) -> None:
    """Doubles the delay of each message with each attempt, in place of the queue's visibility timeout."""
    base = wiring.settings.retry_base_seconds
    delays = [
        (record["receiptHandle"], min(MAX_RETRY_DELAY_SECONDS, base * 2 ** min(_attempt(record) - 1, 10)))
        for record in records
    ]
    try:
        wiring.retry_queue.delay(delays)
    except UnavailableError:
        logger.exception("retry delay not set")


def _attempt(record: Mapping[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


# Reports of both


def _report(result: Result) -> None:
    if result.refused_urls:
        logger.warning("attributes not stored: no http(s) URLs", attributes=result.refused_urls)
    if result.cause is None:
        logger.info("user synced", outcome=result.outcome)
    elif result.outcome is Outcome.PUT_OFF:
        logger.warning("user queued", outcome=result.outcome, cause=result.cause)
    else:
        logger.error("user not synced", outcome=result.outcome, cause=result.cause)
    if result.outcome in _METRICS:
        _count(_METRICS[result.outcome])


def _count(name: str) -> None:
    """Writes a metric. Raises nothing: a metric must not block a sign-in or repeat a finished message."""
    try:
        with single_metric(name, MetricUnit.Count, 1):
            pass
    except Exception:
        logger.exception("metric not written", metric=name)
