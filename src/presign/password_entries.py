"""The entries of the secret with the upload passwords, parsed and checked."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

LEAST_PASSWORD_CHARACTERS = 12
"""Shorter passwords raise an alarm, because many addresses together can guess them."""

_FIELDS = frozenset({"password", "label", "expires"})
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SHAPE = (
    'must be {"passwords": ["…", …]}; an entry is a non-empty string or '
    '{"password": "…", "label": "…", "expires": "2026-12-31"}'
)


class InvalidEntriesError(Exception):
    """The secret has the wrong shape. The message names the entry by its index, never anything in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordEntry:
    """One entry. `password` is normalised; it stops working at `expires_at`, None for never."""

    index: int
    password: str
    label: str | None = None
    expires_at: datetime | None = None

    @property
    def name(self) -> str:
        """The label, or the place in the secret: what logs may say about the entry."""
        return self.label or f"passwords[{self.index}]"

    @property
    def is_short(self) -> bool:
        return len(self.password) < LEAST_PASSWORD_CHARACTERS

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def __repr__(self) -> str:
        return f"PasswordEntry({self.name})"


def parse_entries(text: str) -> Sequence[PasswordEntry]:
    """Returns the entries of `{"passwords": […]}`. Raises InvalidEntriesError, also when only one entry is invalid."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        content = None
    found = content.get("passwords") if isinstance(content, dict) else None
    if not isinstance(found, list):
        raise InvalidEntriesError(_SHAPE)
    entries = [_parse_entry(index, each) for index, each in enumerate(found)]
    labels: dict[str, int] = {}
    for entry in entries:
        if entry.label and (first := labels.setdefault(entry.label.casefold(), entry.index)) != entry.index:
            raise InvalidEntriesError(f"passwords[{entry.index}].label must differ from that of passwords[{first}]")
    return entries


def normalise(password: str) -> str:
    """Returns the password in one composition (RFC 8265, section 4.2.2): keyboards compose an umlaut differently."""
    return unicodedata.normalize("NFC", password)


def _parse_entry(index: int, content: Any) -> PasswordEntry:
    name = f"passwords[{index}]"
    fields = {"password": content} if isinstance(content, str) else content
    if not isinstance(fields, dict) or not isinstance(fields.get("password"), str) or not fields["password"]:
        raise InvalidEntriesError(f"{name}: {_SHAPE}")
    if not fields.keys() <= _FIELDS:  # a misspelt "expires" must not become a password that works forever
        raise InvalidEntriesError(f"{name} may have only the fields password, label and expires")
    password, label = normalise(fields["password"]), fields.get("label")
    if "label" in fields and not (isinstance(label, str) and _LABEL.fullmatch(label)):
        raise InvalidEntriesError(f"{name}.label must have 1 to 32 of the characters A-Z, a-z, 0-9, . _ -")
    if label == password:  # labels are logged
        raise InvalidEntriesError(f"{name}.label must not be the password")
    expires_at = _parse_expiry(name, fields["expires"]) if "expires" in fields else None
    return PasswordEntry(index=index, password=password, label=label, expires_at=expires_at)


def _parse_expiry(name: str, text: Any) -> datetime:
    """Returns the end of the day for a date, and a timestamp itself; both are UTC unless it has an offset."""
    try:
        if _DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise InvalidEntriesError(
            f"{name}.expires must be a date such as 2026-12-31, its last day, or a time such as 2026-12-31T18:00:00Z"
        ) from None
