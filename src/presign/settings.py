"""Settings of presign, read from environment variables."""

from dataclasses import dataclass
from datetime import timedelta

from presign.origins import AllowedOrigins, parse_origins
from runtime.settings import SettingError, read_optional_text, read_text, read_whole_number

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
    allowed_origins: AllowedOrigins
    region: str
    s3_endpoint: str | None
    metrics_namespace: str
    wrong_passwords_table: str
    wrong_password_limit: int
    wrong_password_window_seconds: int
    daily_quotas_table: str
    daily_quota: int
    refuse_short_passwords: bool


def load() -> Settings:
    """Returns the settings. Raises SettingError."""
    return Settings(
        uploads_table=read_text("UPLOADS_TABLE"),
        staging_bucket=read_text("STAGING_BUCKET"),
        passwords_secret_id=read_text("PASSWORDS_SECRET_ID"),
        max_file_bytes=read_whole_number("MAX_FILE_BYTES", minimum=1),
        part_bytes=read_whole_number("PART_BYTES", minimum=SMALLEST_PART_BYTES),
        url_valid_for=timedelta(seconds=read_whole_number("URL_TTL_SECONDS", minimum=1)),
        allowed_origins=_read_origins("ALLOWED_ORIGINS"),
        region=read_text("AWS_REGION"),
        s3_endpoint=read_optional_text("AWS_ENDPOINT_URL_S3") or read_optional_text("AWS_ENDPOINT_URL"),
        metrics_namespace=read_text("POWERTOOLS_METRICS_NAMESPACE"),
        wrong_passwords_table=read_text("WRONG_PASSWORDS_TABLE"),
        wrong_password_limit=read_whole_number("WRONG_PASSWORD_LIMIT"),
        wrong_password_window_seconds=read_whole_number("WRONG_PASSWORD_WINDOW_SECONDS", minimum=1),
        daily_quotas_table=read_text("DAILY_QUOTAS_TABLE"),
        daily_quota=read_whole_number("DAILY_QUOTA", minimum=1),
        refuse_short_passwords=_read_refusal("SHORT_PASSWORDS"),
    )


def _read_origins(name: str) -> AllowedOrigins:
    origins = parse_origins(read_text(name))
    if origins is None:
        raise SettingError(f"environment variable {name} must list origins such as https://upload.example.org")
    return origins


def _read_refusal(name: str) -> bool:
    value = read_text(name)
    if value not in {"accept", "refuse"}:
        raise SettingError(f"environment variable {name} must be accept or refuse")
    return value == "refuse"
