"""Settings of presign, read from environment variables."""

from dataclasses import dataclass
from datetime import timedelta

from runtime.settings import read_optional_text, read_text, read_whole_number

SMALLEST_PART_BYTES = 5 * 1024 * 1024
"""The smallest part that S3 accepts, except for the last one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of presign.

    `s3_endpoint` is None on AWS, the emulator's URL in the local cloud. A `wrong_password_limit` of 0 means no limit.
    """

    uploads_table: str
    staging_bucket: str
    passwords_secret_id: str
    max_file_bytes: int
    part_bytes: int
    url_valid_for: timedelta
    allowed_origin: str
    region: str
    s3_endpoint: str | None
    metrics_namespace: str
    wrong_passwords_table: str
    wrong_password_limit: int
    wrong_password_window_seconds: int


def load() -> Settings:
    """Returns the settings. Raises SettingError."""
    return Settings(
        uploads_table=read_text("UPLOADS_TABLE"),
        staging_bucket=read_text("STAGING_BUCKET"),
        passwords_secret_id=read_text("PASSWORDS_SECRET_ID"),
        max_file_bytes=read_whole_number("MAX_FILE_BYTES", minimum=1),
        part_bytes=read_whole_number("PART_BYTES", minimum=SMALLEST_PART_BYTES),
        url_valid_for=timedelta(seconds=read_whole_number("URL_TTL_SECONDS", minimum=1)),
        allowed_origin=read_text("ALLOWED_ORIGIN"),
        region=read_text("AWS_REGION"),
        s3_endpoint=read_optional_text("AWS_ENDPOINT_URL_S3") or read_optional_text("AWS_ENDPOINT_URL"),
        metrics_namespace=read_text("POWERTOOLS_METRICS_NAMESPACE"),
        wrong_passwords_table=read_text("WRONG_PASSWORDS_TABLE"),
        wrong_password_limit=read_whole_number("WRONG_PASSWORD_LIMIT"),
        wrong_password_window_seconds=read_whole_number("WRONG_PASSWORD_WINDOW_SECONDS", minimum=1),
    )
