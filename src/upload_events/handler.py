"""The edge: batches of the ledger's stream in, EventBridge's events out."""

from runtime import cold_start  # isort: split

from collections.abc import Iterator, Mapping, Sequence
from itertools import batched
from typing import TYPE_CHECKING, Any

import botocore.session
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from upload_events import settings
from upload_events.announcement import Announcement, announce
from upload_events.bus import MOST_AT_ONCE, EventBus
from upload_events.stream import MalformedRecordError, news_of, sequence_number

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

logger = Logger()


def _build_bus(config: settings.Settings) -> EventBus:
    # Lambda repeats what fails; waiting here would only hold up the shard.
    patience = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
    events: Any = botocore.session.get_session().create_client("events", config=patience)
    return EventBus(events, config.event_bus)


_settings = settings.load()
_bus = _build_bus(_settings)
metrics = Metrics(namespace=_settings.metrics_namespace)
cold_start.finish()


# log_event=False: an image holds the name of a stranger's file.
@logger.inject_lambda_context(clear_state=True, log_event=False)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Tells Lambda which records EventBridge did not take: it repeats the first of them and all that follow."""
    try:
        news = list(_news(event["Records"]))
        failed = [number for batch in batched(news, MOST_AT_ONCE, strict=False) for number in _put(batch)]
        return {"batchItemFailures": [{"itemIdentifier": number} for number in failed]}
    finally:
        if metrics.metric_set:
            metrics.flush_metrics()


def _news(records: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Announcement]]:
    """By sequence number. A record that makes no sense would make none later: it must not hold up the others."""
    for record in records:
        try:
            upload = news_of(record)
            if upload is not None:
                yield sequence_number(record), announce(upload, _settings.final_bucket)
        except MalformedRecordError as error:
            logger.exception("upload never announced", cause=str(error), event_id=record.get("eventID"))
            metrics.add_metric("AnnouncementLost", MetricUnit.Count, 1)


def _put(news: Sequence[tuple[str, Announcement]]) -> list[str]:
    """The sequence numbers of those that were not taken."""
    refusals = _bus.put([announcement for _, announcement in news])
    for (_, announcement), refusal in zip(news, refusals, strict=True):
        upload_id, status = announcement.upload_id, announcement.status
        if refusal is None:
            logger.info("upload announced", upload_id=upload_id, status=status)
            metrics.add_metric("UploadAnnounced", MetricUnit.Count, 1)
        else:
            logger.error("upload not announced yet", cause=refusal, upload_id=upload_id, status=status)
            metrics.add_metric("AnnouncementFailed", MetricUnit.Count, 1)
    return [number for (number, _), refusal in zip(news, refusals, strict=True) if refusal is not None]
