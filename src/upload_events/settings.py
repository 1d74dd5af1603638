"""Settings of upload_events, read from environment variables."""

from dataclasses import dataclass

from runtime.settings import read_text


@dataclass(frozen=True, slots=True)
class Settings:
    """`event_bus` is the name of the bus, `final_bucket` the name of the bucket of accepted files."""

    event_bus: str
    final_bucket: str
    metrics_namespace: str


def load() -> Settings:
    """Raises SettingError."""
    return Settings(
        event_bus=read_text("EVENT_BUS"),
        final_bucket=read_text("FINAL_BUCKET"),
        metrics_namespace=read_text("POWERTOOLS_METRICS_NAMESPACE"),
    )
