"""The settings of presign."""

from datetime import timedelta

import pytest

from presign.origins import AllowedOrigins
from presign.settings import Settings, load
from runtime.settings import SettingError

COMPLETE = {
    "UPLOADS_TABLE": "phenom-dev-uploads",
    "STAGING_BUCKET": "phenom-dev-staging",
    "PASSWORDS_SECRET_ID": "phenom-dev-video-upload-passwords",
    "MAX_FILE_BYTES": "524288000",
    "PART_BYTES": "8388608",
    "URL_TTL_SECONDS": "3600",
    "ALLOWED_ORIGINS": "https://upload.example.org,https://app.example.org",
    "AWS_REGION": "eu-central-1",
    "POWERTOOLS_METRICS_NAMESPACE": "Phenom",
    "WRONG_PASSWORDS_TABLE": "phenom-dev-wrong-passwords",
    "WRONG_PASSWORD_LIMIT": "20",
    "WRONG_PASSWORD_WINDOW_SECONDS": "900",
    "DAILY_QUOTAS_TABLE": "phenom-dev-daily-quotas",
    "DAILY_QUOTA": "10000",
    "SHORT_PASSWORDS": "accept",
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
        allowed_origins=AllowedOrigins(("https://upload.example.org", "https://app.example.org")),
        region="eu-central-1",
        s3_endpoint=None,
        metrics_namespace="Phenom",
        wrong_passwords_table="phenom-dev-wrong-passwords",
        wrong_password_limit=20,
        wrong_password_window_seconds=900,
        daily_quotas_table="phenom-dev-daily-quotas",
        daily_quota=10_000,
        refuse_short_passwords=False,
    )


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("value", [None, ""])
def test_missing_setting_is_named(environment, name, value):
    environment.delenv(name) if value is None else environment.setenv(name, value)
    with pytest.raises(SettingError, match=name):
        load()


@pytest.mark.parametrize(
    "name", ["MAX_FILE_BYTES", "URL_TTL_SECONDS", "PART_BYTES", "WRONG_PASSWORD_WINDOW_SECONDS", "DAILY_QUOTA"]
)
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


@pytest.mark.parametrize(
    "text",
    [
        *("upload.example.org", "https://upload.example.org/", "https://a.example.org,", "null", "https://"),
        *("https://Upload.example.org", "ftp://a.example.org", "https://a.example.org/x", "https://*.example.org"),
    ],
)
def test_invalid_origin_is_refused(environment, text):
    environment.setenv("ALLOWED_ORIGINS", text)
    with pytest.raises(SettingError, match="ALLOWED_ORIGINS"):
        load()


def test_repeated_origin_counts_once(environment):
    environment.setenv("ALLOWED_ORIGINS", "https://a.example.org, http://localhost:5173,https://a.example.org")
    assert load().allowed_origins.origins == ("https://a.example.org", "http://localhost:5173")


@pytest.mark.parametrize(("text", "refused"), [("accept", False), ("refuse", True)])
def test_short_passwords_are_accepted_or_refused(environment, text, refused):
    environment.setenv("SHORT_PASSWORDS", text)
    assert load().refuse_short_passwords is refused


def test_unknown_word_for_short_passwords_is_refused(environment):
    environment.setenv("SHORT_PASSWORDS", "yes")
    with pytest.raises(SettingError, match="SHORT_PASSWORDS must be accept or refuse"):
        load()
