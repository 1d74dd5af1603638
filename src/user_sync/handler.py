"""The edges: Cognito's post-authentication trigger, and the queue of users that could not be written at once."""

from runtime import cold_start  # isort: split

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import botocore.session
from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.config import Config

from runtime.secrets import SecretError
from user_sync import messages, settings
from user_sync.credentials import SecretCredentials
from user_sync.deadline import DeadlineError
from user_sync.hasura import Hasura
from user_sync.ports import UnavailableError
from user_sync.queues import Queues
from user_sync.service import RETRY_SECONDS, Outcome, Result, UserSync
from user_sync.users import MalformedUserError

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

LONGEST_WAIT_SECONDS = 900
_SPARE_SECONDS = 1.0  # of the function's time, to send back what is not done
_METRICS: Mapping[Outcome, str] = {
    Outcome.PUT_OFF: "UserSyncPutOff",
    Outcome.GIVEN_UP: "UserSyncGivenUp",
    Outcome.LOST: "UserSyncLost",
}

logger = Logger()


def _secret_failed(error: SecretError) -> None:
    """Where what was known goes on to serve, nothing else would tell."""
    logger.error("secret not read", cause=str(error), refused=error.refused)
    _count(error.metric)


class _Wired:
    """What stands behind the edges, built once."""

    def __init__(self) -> None:
        self.settings = settings.load()
        session: Any = botocore.session.get_session()
        # A person waits: what does not answer at once is tried again from the queue.
        patience = Config(connect_timeout=0.5, read_timeout=1, retries={"mode": "standard", "max_attempts": 2})
        secrets_manager = session.create_client("secretsmanager", config=patience)
        self.queues = Queues(
            lambda: session.create_client("sqs", config=patience),
            self.settings.queue_url,
            self.settings.dead_letter_queue_url,
        )
        credentials = SecretCredentials(secrets_manager, self.settings.app_secret_id, on_failure=_secret_failed)
        hasura = Hasura(credentials)
        self.sync = UserSync(hasura, self.queues, self.settings.columns_by_attribute)


def _wire() -> _Wired | None:
    """None where the function is misconfigured: that must not keep anybody from signing in."""
    try:
        return _Wired()
    except Exception:
        logger.exception("the function is misconfigured: users are not written")
        return None


_wired = _wire()
cold_start.finish()


# log_event=False: an event holds what a person has told about themselves.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Cognito gets its event back untouched, whatever happens; SQS is told which messages failed."""
    if "Records" in event:
        return _work_off(event["Records"], context)
    try:
        _report(_signed_in(event))
    except Exception:
        logger.exception("unexpected error")
        _report(Result(Outcome.LOST, "unexpected error"))
    return event


def _signed_in(event: Mapping[str, Any]) -> Result:
    if _wired is None:
        return Result(Outcome.LOST, "the function is misconfigured")
    try:
        user = messages.of_trigger(event, datetime.now(UTC))
    except MalformedUserError as error:
        return Result(Outcome.LOST, str(error))
    logger.append_keys(user_id=user.sub)
    return _wired.sync.signed_in(user)


def _work_off(records: Sequence[Mapping[str, Any]], context: "LambdaContext") -> dict[str, Any]:
    """Begins nothing more once Hasura is not there, or the time is short: the others would only wait for it, too."""
    if _wired is None:
        raise RuntimeError("the function is misconfigured")
    left = []
    there = True
    for record in records:
        there = there and context.get_remaining_time_in_millis() / 1000 > RETRY_SECONDS + _SPARE_SECONDS
        done, there = _retry(_wired.sync, record) if there else (False, False)
        if not done:
            left.append(record)
    if left:
        _send_back(_wired, left)
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in left]}


def _retry(sync: UserSync, record: Mapping[str, Any]) -> tuple[bool, bool]:
    """Whether the message is done with, and whether Hasura was there for it."""
    logger.append_keys(message_id=record["messageId"])
    try:
        _report(sync.retry(record["body"]))
    except (UnavailableError, DeadlineError) as error:
        logger.warning("not yet", cause=str(error), attempt=_attempt(record))
        return False, False
    except Exception:
        logger.exception("unexpected error", attempt=_attempt(record))
        return False, True
    return True, True


def _send_back(wired: _Wired, records: Sequence[Mapping[str, Any]]) -> None:
    """Each waits longer than the last time, instead of the queue's visibility timeout."""
    base = wired.settings.retry_base_seconds
    waits = [
        (record["receiptHandle"], min(LONGEST_WAIT_SECONDS, base * 2 ** min(_attempt(record) - 1, 10)))
        for record in records
    ]
    try:
        wired.queues.wait(waits)
    except UnavailableError:
        logger.exception("could not set the wait")


def _attempt(record: Mapping[str, Any]) -> int:
    return int(record["attributes"]["ApproximateReceiveCount"])


def _report(result: Result) -> None:
    if result.cause is None:
        logger.info("user synced", outcome=result.outcome)
    elif result.outcome is Outcome.PUT_OFF:
        logger.warning("user synced later", outcome=result.outcome, cause=result.cause)
    else:
        logger.error("user not synced", outcome=result.outcome, cause=result.cause)
    if result.outcome in _METRICS:
        _count(_METRICS[result.outcome])


def _count(name: str) -> None:
    """Never in the way of a sign-in, or of a message that is done with."""
    try:
        with single_metric(name, MetricUnit.Count, 1):
            pass
    except Exception:
        logger.exception("not counted", metric=name)
