"""Publishes upload events to an EventBridge bus."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from runtime.aws_errors import code_of
from upload_events.upload_event import SOURCE, UploadEvent

MAX_ENTRIES_PER_CALL = 10
"""The limit of PutEvents."""


class EventsClient(Protocol):
    """The method of botocore's EventBridge client that is used here."""

    def put_events(self, **kwargs: Any) -> Mapping[str, Any]: ...


class UploadEventPublisher:
    """Publishes to one event bus, given by its name."""

    def __init__(self, client: EventsClient, bus_name: str) -> None:
        self._client = client
        self._bus_name = bus_name

    def publish(self, events: Sequence[UploadEvent]) -> list[str | None]:
        """Returns an error code for each event that EventBridge did not take, and None for the others, in order.

        Takes up to MAX_ENTRIES_PER_CALL events. A call that fails as a whole is an error of each event, not raised.
        """
        try:
            answer = self._client.put_events(Entries=[self._entry(event) for event in events])
        except (ClientError, BotoCoreError) as error:
            return [code_of(error)] * len(events)
        # The API reference guarantees the order of the request.
        errors = [entry.get("ErrorCode") for entry in answer["Entries"]]
        return errors + ["no answer"] * (len(events) - len(errors))

    def _entry(self, event: UploadEvent) -> dict[str, Any]:
        return {
            "EventBusName": self._bus_name,
            "Source": SOURCE,
            "DetailType": event.detail_type,
            "Detail": json.dumps(event.detail),
            "Time": event.recorded_at,
        }
