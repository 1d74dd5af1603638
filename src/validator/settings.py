"""Settings of the validator, read from environment variables."""

from dataclasses import dataclass

from runtime.settings import read_optional_text, read_text, read_whole_number


@dataclass(frozen=True, slots=True)
class Settings:
    """`clamav_host` is None if scanning is off; `retry_base_seconds` is the wait before the second attempt."""

    uploads_table: str
    staging_bucket: str
    final_bucket: str
    queue_url: str
    max_file_bytes: int
    max_picture_pixels: int
    retry_base_seconds: int
    clamav_host: str | None
    clamav_port: int


def load() -> Settings:
    """Reads the settings. Raises SettingError for a missing or invalid one."""
    return Settings(
        uploads_table=read_text("UPLOADS_TABLE"),
        staging_bucket=read_text("STAGING_BUCKET"),
        final_bucket=read_text("FINAL_BUCKET"),
        queue_url=read_text("QUEUE_URL"),
        max_file_bytes=read_whole_number("MAX_FILE_BYTES", minimum=1),
        max_picture_pixels=read_whole_number("MAX_PICTURE_PIXELS", minimum=1),
        retry_base_seconds=read_whole_number("RETRY_BASE_SECONDS"),
        clamav_host=_host_or_none("CLAMAV_HOST"),
        clamav_port=read_whole_number("CLAMAV_PORT", minimum=1),
    )


def _host_or_none(name: str) -> str | None:
    """Returns None for "none": the host name comes from an SSM parameter, which cannot be empty."""
    host = read_optional_text(name)
    return None if host == "none" else host
