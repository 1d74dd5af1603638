"""Settings of user_sync, read from environment variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from runtime.settings import SettingError, read_mapping, read_text, read_whole_number
from user_sync.users import RESERVED_COLUMNS

DEFAULT_COLUMNS: Mapping[str, str] = {
    "email": "email",
    "email_verified": "email_verified",
    "name": "display_name",
    "picture": "avatar_url",
    "locale": "locale",
}
"""Columns of the table in hasura/migrations, by Cognito attribute."""

_COLUMN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class Settings:
    """`retry_base_seconds` is the delay before the second attempt; it doubles with each further one."""

    app_secret_id: str
    queue_url: str
    dead_letter_queue_url: str
    columns_by_attribute: Mapping[str, str]
    retry_base_seconds: int


def load() -> Settings:
    """Raises SettingError."""
    return Settings(
        app_secret_id=read_text("APP_SECRET_ID"),
        queue_url=read_text("QUEUE_URL"),
        dead_letter_queue_url=read_text("DEAD_LETTER_QUEUE_URL"),
        columns_by_attribute=_columns("COLUMNS_BY_ATTRIBUTE"),
        retry_base_seconds=read_whole_number("RETRY_BASE_SECONDS"),
    )


def _columns(name: str) -> Mapping[str, str]:
    """Returns the column of each attribute, DEFAULT_COLUMNS when the variable is not set. Raises SettingError."""
    columns = read_mapping(name) or DEFAULT_COLUMNS
    for attribute, column in columns.items():
        if not _COLUMN.fullmatch(column) or column in RESERVED_COLUMNS:
            raise SettingError(
                f"environment variable {name} must give {attribute!r} a column of the users table other than "
                f"{', '.join(sorted(RESERVED_COLUMNS))}; not {column!r}"
            )
    if len(set(columns.values())) != len(columns):
        raise SettingError(f"environment variable {name} must not give one column to two attributes")
    return columns
