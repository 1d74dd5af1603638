"""Imports handlers as Lambda does: fresh, with their environment variables, building their clients."""

import importlib
import sys
from collections.abc import Mapping
from types import ModuleType

import pytest

CREDENTIALS: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "AKIDTESTING",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}
PRESIGN: Mapping[str, str] = {
    "UPLOADS_TABLE": "phenom-test-uploads",
    "WRONG_PASSWORDS_TABLE": "phenom-test-wrong-passwords",
    "WRONG_PASSWORD_LIMIT": "0",
    "WRONG_PASSWORD_WINDOW_SECONDS": "900",
    "STAGING_BUCKET": "phenom-test-staging-123456789012",
    "PASSWORDS_SECRET_ID": "phenom-test-video-upload-passwords",
    "MAX_FILE_BYTES": "524288000",
    "PART_BYTES": "5242880",
    "URL_TTL_SECONDS": "3600",
    "ALLOWED_ORIGINS": "https://upload.example.org,https://app.example.org",
    "DAILY_QUOTAS_TABLE": "phenom-test-daily-quotas",
    "DAILY_QUOTA": "10000",
    "SHORT_PASSWORDS": "accept",
    "POWERTOOLS_SERVICE_NAME": "phenom-dev-presign",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
}
VALIDATOR: Mapping[str, str] = {
    "UPLOADS_TABLE": "phenom-test-uploads",
    "STAGING_BUCKET": "phenom-test-staging-123456789012",
    "FINAL_BUCKET": "phenom-test-final-123456789012",
    "QUEUE_URL": "http://127.0.0.1:9/queue",
    "MAX_FILE_BYTES": "524288000",
    "MAX_PICTURE_PIXELS": "220000000",
    "RETRY_BASE_SECONDS": "1",
    "CLAMAV_HOST": "none",
    "CLAMAV_PORT": "3310",
    "POWERTOOLS_SERVICE_NAME": "phenom-dev-validator",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
}
# As events/README.md says.
COGNITO_TRIGGER: Mapping[str, str] = {
    "DEFAULT_ROLE": "user",
    "ROLES_BY_GROUP": '{"moderators":"moderator"}',
    "ROLES_BY_CLIENT": "{}",
    "CLAIMS_BY_ATTRIBUTE": "{}",
    "CLAIMS_FORMAT": "stringified_json",
    "POWERTOOLS_SERVICE_NAME": "phenom-dev-cognito-trigger",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
}
USER_SYNC: Mapping[str, str] = {
    "APP_SECRET_ID": "arn:aws:secretsmanager:us-east-1:123456789012:secret:phenom-test-app-secrets-AbCdEf",
    "QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/phenom-test-user-sync",
    "DEAD_LETTER_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/phenom-test-user-sync-dead-letters",
    "COLUMNS_BY_ATTRIBUTE": "",
    "RETRY_BASE_SECONDS": "10",
    "POWERTOOLS_SERVICE_NAME": "phenom-dev-user-sync",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
}

UPLOAD_EVENTS: Mapping[str, str] = {
    "EVENT_BUS": "phenom-test",
    "FINAL_BUCKET": "phenom-test-final-123456789012",
    "POWERTOOLS_SERVICE_NAME": "upload_events",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
    "POWERTOOLS_LOG_LEVEL": "DEBUG",
}
ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "presign": PRESIGN,
    "validator": VALIDATOR,
    "cognito_trigger": COGNITO_TRIGGER,
    "user_sync": USER_SYNC,
    "upload_events": UPLOAD_EVENTS,
}
"""The environment variables of each function."""


class Stdout:
    """Writes to the current sys.stdout, because pytest replaces it for each phase of a test."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


def import_fresh(monkeypatch: pytest.MonkeyPatch, module: str, environment: Mapping[str, str]) -> ModuleType:
    """Imports `module` with `environment` and without AWS settings of the machine."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE", "POWERTOOLS_LOGGER_LOG_EVENT"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {**CREDENTIALS, **environment}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, module, raising=False)
    fresh = importlib.import_module(module)
    for stream_handler in fresh.logger.handlers:
        monkeypatch.setattr(stream_handler, "stream", Stdout())
    return fresh
