"""Lambda handler of the uploads table's stream: publishes status changes to EventBridge."""

from runtime import cold_start  # isort: split

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

import botocore.session
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from upload_events import settings
from upload_events.publisher import MAX_ENTRIES_PER_CALL, UploadEventPublisher
from upload_events.stream import MalformedRecordError, parse_record, sequence_number
from upload_events.upload_event import UploadEvent, build_event

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


def _build_publisher(config: settings.Settings) -> UploadEventPublisher:
    # Few attempts: Lambda retries the batch, and waiting here would block the shard.
    client_config = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
    client: Any = botocore.session.get_session().create_client("events", config=client_config)
    return UploadEventPublisher(client, config.event_bus)


_settings = settings.load()
_publisher = _build_publisher(_settings)
metrics = Metrics(namespace=_settings.metrics_namespace)
cold_start.finish()


# log_event=False: a stream image holds the file name.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Returns the records that EventBridge did not take: Lambda retries the first of them and all after it."""
    try:
        pending = list(_build_events(event["Records"]))
        failed = [
            number for batch in batched(pending, MAX_ENTRIES_PER_CALL, strict=False) for number in _publish(batch)
        ]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()


def _build_events(records: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, UploadEvent]]:
    """Yields sequence numbers and events. Skips malformed records: a retry cannot fix them and blocks the shard."""
    for record in records:
        try:
            upload = parse_record(record)
            if upload is not None:
                yield sequence_number(record), build_event(upload, _settings.final_bucket)
        except MalformedRecordError as error:
            logger.exception("upload event lost", cause=str(error), event_id=record.get("eventID"))
            metrics.add_metric("AnnouncementLost", MetricUnit.Count, 1)


def _publish(pending: Sequence[tuple[str, UploadEvent]]) -> list[str]:
    """Returns the sequence numbers of the events that were not taken."""
    errors = _publisher.publish([event for _, event in pending])
    for (_, event), error in zip(pending, errors, strict=True):
        if error is None:
            logger.info("upload event published", upload_id=event.upload_id, status=event.status)
            metrics.add_metric("UploadAnnounced", MetricUnit.Count, 1)
        else:
            logger.error("upload event not published", cause=error, upload_id=event.upload_id, status=event.status)
            metrics.add_metric("AnnouncementFailed", MetricUnit.Count, 1)
    return [number for (number, _), error in zip(pending, errors, strict=True) if error is not None]
