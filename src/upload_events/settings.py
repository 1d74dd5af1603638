"""Settings of upload_events, read from environment variables."""

from dataclasses import dataclass

from runtime.settings import text


@dataclass(frozen=True, slots=True)
class Settings:
    """`event_bus` is the name of the bus, `final_bucket` the name of the bucket of accepted files."""

    event_bus: str
    final_bucket: str
    metrics_namespace: str


def load() -> Settings:
    """Raises SettingError."""
    return Settings(
        event_bus=text("EVENT_BUS"),
        final_bucket=text("FINAL_BUCKET"),
        metrics_namespace=text("POWERTOOLS_METRICS_NAMESPACE"),
    )
