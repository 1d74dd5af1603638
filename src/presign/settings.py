"""What the environment says. The only module that reads it."""

import os
from dataclasses import dataclass
from datetime import timedelta


class SettingError(Exception):
    """A setting is missing or makes no sense. The message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`s3_endpoint` is None on AWS and the emulator's URL in the local cloud."""

    uploads_table: str
    staging_bucket: str
    passwords_secret_id: str
    max_file_bytes: int
    url_valid_for: timedelta
    allowed_origin: str
    region: str
    s3_endpoint: str | None


def load() -> Settings:
    """Raises SettingError."""
    return Settings(
        uploads_table=_text("UPLOADS_TABLE"),
        staging_bucket=_text("STAGING_BUCKET"),
        passwords_secret_id=_text("PASSWORDS_SECRET_ID"),
        max_file_bytes=_positive("MAX_FILE_BYTES"),
        url_valid_for=timedelta(seconds=_positive("URL_TTL_SECONDS")),
        allowed_origin=_text("ALLOWED_ORIGIN"),
        region=_text("AWS_REGION"),
        s3_endpoint=os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or None,
    )


def _text(name: str) -> str:
    value = os.environ.get(name, "")
    if not value:
        raise SettingError(f"environment variable {name} is not set")
    return value


def _positive(name: str) -> int:
    value = _text(name)
    if not (value.isascii() and value.isdigit() and int(value) > 0):
        raise SettingError(f"environment variable {name} must be a whole number above zero")
    return int(value)
