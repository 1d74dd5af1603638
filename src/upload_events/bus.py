"""The event bus, in EventBridge."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from runtime.aws_errors import code_of
from upload_events.announcement import SOURCE, Announcement

MOST_AT_ONCE = 10
"""PutEvents takes no more entries in one call."""


class EventsClient(Protocol):
    """The one call of botocore's EventBridge client that is made here."""

    def put_events(self, **kwargs: Any) -> Mapping[str, Any]: ...


class EventBus:
    """One bus, by its name."""

    def __init__(self, client: EventsClient, name: str) -> None:
        self._client = client
        self._name = name

    def put(self, announcements: Sequence[Announcement]) -> list[str | None]:
        """For each announcement None, or why EventBridge did not take it. At most MOST_AT_ONCE of them.

        Never raises for what a repetition may heal: each refused entry, and a call that fails as a whole, is an answer.
        """
        try:
            answer = self._client.put_events(Entries=[self._entry(each) for each in announcements])
        except (ClientError, BotoCoreError) as error:
            return [code_of(error)] * len(announcements)
        # In the order of the entries, as the API's reference promises.
        refusals = [entry.get("ErrorCode") for entry in answer["Entries"]]
        return refusals + ["no answer"] * (len(announcements) - len(refusals))

    def _entry(self, announcement: Announcement) -> dict[str, Any]:
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": announcement.title,
            "Detail": json.dumps(announcement.detail),
            "Time": announcement.at,
        }
