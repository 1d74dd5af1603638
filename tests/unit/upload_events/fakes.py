"""A fake EventBridge client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class FakeEvents:
    """Takes entries, except those of `refused` uploads (upload id to error code); raises `broken` when it is set."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    refused: Mapping[str, str] = field(default_factory=dict)
    broken: Exception | None = None
    calls: list[int] = field(default_factory=list)

    def put_events(self, **kwargs: Any) -> Mapping[str, Any]:
        entries = kwargs.pop("Entries")
        assert not kwargs
        assert 1 <= len(entries) <= 10
        self.calls.append(len(entries))
        if self.broken:
            raise self.broken
        answers = [self._answer(entry) for entry in entries]
        return {"FailedEntryCount": sum("ErrorCode" in each for each in answers), "Entries": answers}

    def _answer(self, entry: dict[str, Any]) -> dict[str, str]:
        for upload_id, code in self.refused.items():
            if upload_id in entry["Detail"]:
                return {"ErrorCode": code, "ErrorMessage": "not now"}
        self.taken.append(entry)
        return {"EventId": f"{len(self.taken)}"}
