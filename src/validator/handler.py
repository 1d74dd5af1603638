"""Lambda handler of the SQS queue: S3 events in, partial batch failures out."""

from runtime import cold_start  # isort: split

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
from uploads.ledger import DynamoDbLedger
from uploads.record import upload_id_from_key
from validator import settings
from validator.clamav import ClamAv
from validator.formats import libmagic
from validator.pipeline import Delivery, Outcome, Pipeline, Result
from validator.ports import ScannerError
from validator.retries import backoff_seconds, is_exhausted, visibility_timeout
from validator.s3_events import MalformedMessageError, created_keys
from validator.s3_storage import S3Storage

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

LEASE_MARGIN_SECONDS = 10
"""The lease outlives the invocation by this much, so that two workers never have the same upload."""

_ERROR_METRICS: Mapping[type[Exception], str] = {ScannerError: "ScannerUnavailable", LedgerError: "LedgerUnavailable"}
_OUTCOME_METRICS: Mapping[Outcome, str] = {
    Outcome.ACCEPTED: "UploadAccepted",
    Outcome.REJECTED: "UploadRejected",
    Outcome.HELD: "UploadHeld",
    Outcome.REPLAYED: "UploadReplayed",
    Outcome.UNKNOWN_UPLOAD: "UploadUnknownUpload",
    Outcome.ALREADY_DECIDED: "UploadSettledBefore",
    Outcome.OBJECT_MISSING: "UploadNothingThere",
}

logger = Logger()
metrics = Metrics()

_settings = settings.load()
libmagic.load()
_session = botocore.session.get_session()
_client_config = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})
_s3: Any = _session.create_client("s3", config=_client_config)
_dynamodb: Any = _session.create_client("dynamodb", config=_client_config)
_pipeline = Pipeline(
    ledger=DynamoDbLedger(_dynamodb, _settings.uploads_table),
    storage=S3Storage(_s3, _settings.staging_bucket, _settings.final_bucket),
    scanner=ClamAv(_settings.clamav_host, _settings.clamav_port, _settings.max_file_bytes)
    if _settings.clamav_host
    else None,
    max_bytes=_settings.max_file_bytes,
    max_pixels=_settings.max_picture_pixels,
)
cold_start.finish()


# The event may be logged, unlike presign's and user_sync's: it holds keys, no password and no personal data.
@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Validates the objects that the messages name. Returns the messages that must be delivered again."""
    try:
        failed = [record["messageId"] for record in event["Records"] if not _handle_record(record, context)]
    finally:
        if metrics.metric_set:  # Powertools' decorator would warn about an empty set, as plain text in the JSON log
            metrics.flush_metrics()
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _handle_record(record: Mapping[str, Any], context: "LambdaContext") -> bool:
    """Returns True if the message is done, False if it must be delivered again."""
    attempt = int(record["attributes"]["ApproximateReceiveCount"])
    logger.remove_keys(["upload_id", "key"])  # of the previous message
    # A redelivered message keeps its id; a redriven one, or a second event from S3, has a new one.
    logger.append_keys(message_id=record["messageId"], attempt=attempt)
    try:
        keys = created_keys(record["body"], _settings.staging_bucket)
    except MalformedMessageError:
        logger.exception("malformed message")
        metrics.add_metric("MalformedMessage", MetricUnit.Count, 1)
        _delay_redelivery(record, 0)
        return False
    delays = [delay for key in keys if (delay := _handle_object(key, attempt, context)) is not None]
    if delays:
        _delay_redelivery(record, max(delays))
    return not delays


def _handle_object(key: str, attempt: int, context: "LambdaContext") -> float | None:
    """Returns the seconds until the next attempt, None if the object is done. Catches the errors of this object."""
    logger.append_keys(upload_id=upload_id_from_key(key), key=key)
    logger.info("delivery started")  # the only trace of a worker that is killed
    try:
        outcome = _process(key, attempt, context)
    except LeaseHeldError as held:
        seconds = held.until - time.time()
        logger.info("another worker has the lease", seconds_left=round(seconds, 3))
        return seconds
    except Exception as error:
        logger.exception("delivery failed")
        metrics.add_metric("DeliveryFailed", MetricUnit.Count, 1)
        for kind, metric in _ERROR_METRICS.items():
            if isinstance(error, kind):
                metrics.add_metric(metric, MetricUnit.Count, 1)
        return backoff_seconds(_settings.retry_base_seconds, attempt)
    # 0: SQS delivers the message of a held object once more at once, and then moves it to the dead-letter queue.
    return 0 if outcome is Outcome.HELD and is_exhausted(attempt) else None


def _process(key: str, attempt: int, context: "LambdaContext") -> Outcome:
    started = time.monotonic()
    seconds = context.get_remaining_time_in_millis() / 1000 + LEASE_MARGIN_SECONDS
    result = _pipeline.process(Delivery(key, attempt, context.aws_request_id, seconds))
    _report(result, time.monotonic() - started)
    return result.outcome


def _report(result: Result, seconds: float) -> None:
    """Logs the result and counts it."""
    upload = result.upload
    logger.info(
        "delivery finished",
        result=result.outcome,
        reason=result.reason,
        detail=result.detail,
        quarantined=result.quarantined,
        signature=result.signature,
        content_type=upload.content_type if upload else None,
        file_size=upload.file_size if upload else None,
        bytes_read=result.cost.bytes_read,
        ranges=result.cost.ranges,
        seconds=round(seconds, 3),
    )
    metrics.add_metric(_OUTCOME_METRICS[result.outcome], MetricUnit.Count, 1)
    if result.quarantined:
        metrics.add_metric("UploadQuarantined", MetricUnit.Count, 1)
    if result.reason is not None:
        with single_metric("UploadRefused", MetricUnit.Count, 1) as metric:
            metric.add_dimension("reason", result.reason)


@cache
def _sqs() -> Any:
    """Returns the SQS client, created on first use: most invocations have no failed message."""
    return _session.create_client("sqs", config=_client_config)


def _delay_redelivery(record: Mapping[str, Any], seconds: float) -> None:
    """Sets when SQS delivers the message again; if that fails, the queue's own visibility timeout applies."""
    try:
        _sqs().change_message_visibility(
            QueueUrl=_settings.queue_url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=visibility_timeout(seconds),
        )
    except (BotoCoreError, ClientError):
        logger.exception("could not change the visibility timeout")
