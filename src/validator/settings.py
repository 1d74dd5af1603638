"""What the environment says. The only module that reads it."""

import os
from dataclasses import dataclass


class SettingError(Exception):
    """A setting is missing or makes no sense. The message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`clamav_host` is None where scanning is off; `retry_base_seconds` is the wait before the second attempt."""

    uploads_table: str
    staging_bucket: str
    final_bucket: str
    queue_url: str
    max_file_bytes: int
    retry_base_seconds: int
    clamav_host: str | None
    clamav_port: int


def load() -> Settings:
    """Raises SettingError."""
    return Settings(
        uploads_table=_text("UPLOADS_TABLE"),
        staging_bucket=_text("STAGING_BUCKET"),
        final_bucket=_text("FINAL_BUCKET"),
        queue_url=_text("QUEUE_URL"),
        max_file_bytes=_number("MAX_FILE_BYTES"),
        retry_base_seconds=_number("RETRY_BASE_SECONDS"),
        clamav_host=os.environ.get("CLAMAV_HOST") or None,
        clamav_port=_number("CLAMAV_PORT"),
    )


def _text(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingError(f"environment variable {name} is not set")
    return value


def _number(name: str) -> int:
    value = _text(name)
    if not (value.isascii() and value.isdigit()):
        raise SettingError(f"environment variable {name} must be a whole number")
    return int(value)
