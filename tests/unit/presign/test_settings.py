"""The settings of presign."""

from datetime import timedelta

import pytest

from presign.settings import Settings, load
from runtime.settings import SettingError

COMPLETE = {
    "UPLOADS_TABLE": "phenom-dev-uploads",
    "STAGING_BUCKET": "phenom-dev-staging",
    "PASSWORDS_SECRET_ID": "phenom-dev-video-upload-passwords",
    "MAX_FILE_BYTES": "524288000",
    "PART_BYTES": "8388608",
    "URL_TTL_SECONDS": "3600",
    "ALLOWED_ORIGIN": "https://upload.example.org",
    "AWS_REGION": "eu-central-1",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
    "WRONG_PASSWORDS_TABLE": "phenom-dev-wrong-passwords",
    "WRONG_PASSWORD_LIMIT": "20",
    "WRONG_PASSWORD_WINDOW_SECONDS": "900",
}


@pytest.fixture
def environment(monkeypatch):
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.delenv(name, raising=False)
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_complete_environment_is_read(environment):
    assert load() == Settings(
        uploads_table="phenom-dev-uploads",
        staging_bucket="phenom-dev-staging",
        passwords_secret_id="phenom-dev-video-upload-passwords",
        max_file_bytes=524_288_000,
        part_bytes=8_388_608,
        url_valid_for=timedelta(hours=1),
        allowed_origin="https://upload.example.org",
        region="eu-central-1",
        s3_endpoint=None,
        metrics_namespace="Phenom",
        wrong_passwords_table="phenom-dev-wrong-passwords",
        wrong_password_limit=20,
        wrong_password_window_seconds=900,
    )


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("value", [None, ""])
def test_missing_setting_is_named(environment, name, value):
    environment.delenv(name) if value is None else environment.setenv(name, value)
    with pytest.raises(SettingError, match=name):
        load()


@pytest.mark.parametrize("name", ["MAX_FILE_BYTES", "URL_TTL_SECONDS", "PART_BYTES", "WRONG_PASSWORD_WINDOW_SECONDS"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "1e3", "many", " 1", "\N{FULLWIDTH DIGIT ONE}"])
def test_invalid_number_is_named(environment, name, value):
    environment.setenv(name, value)
    with pytest.raises(SettingError, match=name):
        load()


def test_s3_endpoint_overrides_the_general_endpoint(environment):
    environment.setenv("AWS_ENDPOINT_URL", "http://everything:4566")
    assert load().s3_endpoint == "http://everything:4566"
    environment.setenv("AWS_ENDPOINT_URL_S3", "http://s3:4566")
    assert load().s3_endpoint == "http://s3:4566"


def test_part_size_below_the_s3_minimum_is_refused(environment):
    environment.setenv("PART_BYTES", str(5 * 1024 * 1024))
    assert load().part_bytes == 5_242_880
    environment.setenv("PART_BYTES", str(5 * 1024 * 1024 - 1))
    with pytest.raises(SettingError, match="PART_BYTES must be a whole number of at least 5242880"):
        load()


def test_password_limit_may_be_0(environment):
    environment.setenv("WRONG_PASSWORD_LIMIT", "0")
    assert load().wrong_password_limit == 0
