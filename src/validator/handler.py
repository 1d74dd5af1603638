"""The SQS edge: S3 events in, partial batch failures out."""

from runtime import cold_start  # isort: split

import math
import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import botocore.session
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from uploads.errors import LeaseHeldError, LedgerError
from uploads.ledger import Ledger
from uploads.record import upload_id_from_key
from validator import settings
from validator.clamav import ClamAv
from validator.formats import libmagic
from validator.pipeline import ATTEMPTS, Delivery, Outcome, Pipeline, Result
from validator.ports import ScannerError
from validator.s3_events import MalformedMessageError, created_keys
from validator.s3_storage import S3Storage

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

LEASE_MARGIN_SECONDS = 10
LONGEST_WAIT_SECONDS = 3600
_CAUSES: Mapping[type[Exception], str] = {ScannerError: "ScannerUnavailable", LedgerError: "LedgerUnavailable"}

logger = Logger()
metrics = Metrics()

_settings = settings.load()
libmagic.load()
_session = botocore.session.get_session()
_patience = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})
_s3: Any = _session.create_client("s3", config=_patience)
_dynamodb: Any = _session.create_client("dynamodb", config=_patience)
_pipeline = Pipeline(
    ledger=Ledger(_dynamodb, _settings.uploads_table),
    storage=S3Storage(_s3, _settings.staging_bucket, _settings.final_bucket),
    scanner=ClamAv(_settings.clamav_host, _settings.clamav_port, _settings.max_file_bytes)
    if _settings.clamav_host
    else None,
    max_bytes=_settings.max_file_bytes,
)
cold_start.finish()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Judges what the messages announce; the ones that could not be dealt with go back to the queue, each alone."""
    try:
        failed = [record["messageId"] for record in event["Records"] if not _deal_with(record, context)]
    finally:
        if metrics.metric_set:  # Powertools' decorator warns, in plain text amid the JSON log, when there is none
            metrics.flush_metrics()
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _deal_with(record: Mapping[str, Any], context: "LambdaContext") -> bool:
    """Whether the message is done with."""
    attempt = int(record["attributes"]["ApproximateReceiveCount"])
    logger.remove_keys(["upload_id", "key"])  # of the message before
    # Redelivered news has the id that it had; what an operator redrives, or S3 tells twice, has another.
    logger.append_keys(message_id=record["messageId"], attempt=attempt)
    try:
        keys = created_keys(record["body"], _settings.staging_bucket)
    except MalformedMessageError:
        logger.exception("malformed message")
        metrics.add_metric("MalformedMessage", MetricUnit.Count, 1)
        return _send_back(record, 0)
    waits = [wait for key in keys if (wait := _attend_to(key, attempt, context)) is not None]
    return _send_back(record, max(waits)) if waits else True


def _attend_to(key: str, attempt: int, context: "LambdaContext") -> float | None:
    """None when the key is done with, else the seconds until the next attempt. One key's trouble is no other's."""
    logger.append_keys(upload_id=upload_id_from_key(key), key=key)
    logger.info("delivery begun")  # all that a worker leaves behind that is killed
    try:
        result = _process(key, attempt, context)
    except LeaseHeldError as held:
        seconds = held.until - time.time()
        logger.info("another worker has the upload", seconds_left=round(seconds, 3))
        return seconds
    except Exception as error:
        logger.exception("delivery failed")
        metrics.add_metric("DeliveryFailed", MetricUnit.Count, 1)
        for kind, metric in _CAUSES.items():
            if isinstance(error, kind):
                metrics.add_metric(metric, MetricUnit.Count, 1)
        # After the last attempt the next delivery holds the object, which has nothing to wait for.
        return float(_settings.retry_base_seconds * 4 ** (attempt - 1 if attempt != ATTEMPTS else 0))
    # What is held needs nothing more of us: its message goes on, at once, to the dead-letter queue.
    return 0 if result is Result.HELD and attempt > ATTEMPTS else None


def _process(key: str, attempt: int, context: "LambdaContext") -> Result:
    started = time.monotonic()
    seconds = context.get_remaining_time_in_millis() / 1000 + LEASE_MARGIN_SECONDS
    outcome = _pipeline.process(Delivery(key, attempt, context.aws_request_id, seconds))
    _report(outcome, time.monotonic() - started)
    return outcome.result


def _report(outcome: Outcome, seconds: float) -> None:
    upload = outcome.upload
    logger.info(
        "delivery dealt with",
        result=outcome.result,
        reason=outcome.reason,
        detail=outcome.detail,
        content_type=upload.content_type if upload else None,
        file_size=upload.file_size if upload else None,
        bytes_read=outcome.cost.bytes_read,
        ranges=outcome.cost.ranges,
        seconds=round(seconds, 3),
    )
    metrics.add_metric(f"Upload{outcome.result.title().replace('_', '')}", MetricUnit.Count, 1)
    if outcome.reason is not None:
        with single_metric("UploadRefused", MetricUnit.Count, 1) as metric:
            metric.add_dimension("reason", outcome.reason)


@cache
def _sqs() -> Any:
    """Made when a message has to go back, which most never do."""
    return _session.create_client("sqs", config=_patience)


def _send_back(record: Mapping[str, Any], seconds: float) -> bool:
    """Lets the message wait `seconds` instead of the queue's whole visibility timeout before it is delivered again."""
    wait = max(0, min(LONGEST_WAIT_SECONDS, math.ceil(seconds)))  # a moment too early would cost an attempt
    try:
        _sqs().change_message_visibility(
            QueueUrl=_settings.queue_url, ReceiptHandle=record["receiptHandle"], VisibilityTimeout=wait
        )
    except (BotoCoreError, ClientError):
        logger.exception("could not shorten the wait")
    return False
