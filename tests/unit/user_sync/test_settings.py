"""Settings of user_sync."""

import json

import pytest

from runtime.settings import SettingError
from testkit.wiring import USER_SYNC
from user_sync.settings import DEFAULT_COLUMNS, Settings, load
from user_sync.users import RESERVED_COLUMNS


@pytest.fixture
def environment(monkeypatch):
    for name, value in USER_SYNC.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_complete_environment_is_read(environment):
    environment.setenv("COLUMNS_BY_ATTRIBUTE", '{"nickname": "display_name"}')
    assert load() == Settings(
        app_secret_id=USER_SYNC["APP_SECRET_ID"],
        queue_url=USER_SYNC["QUEUE_URL"],
        dead_letter_queue_url=USER_SYNC["DEAD_LETTER_QUEUE_URL"],
        columns_by_attribute={"nickname": "display_name"},
        retry_base_seconds=10,
    )


@pytest.mark.parametrize("value", [None, "", "{}"])
def test_missing_mapping_means_the_default_columns(environment, value):
    environment.delenv("COLUMNS_BY_ATTRIBUTE") if value is None else environment.setenv("COLUMNS_BY_ATTRIBUTE", value)
    assert load().columns_by_attribute == DEFAULT_COLUMNS


@pytest.mark.parametrize("name", ["APP_SECRET_ID", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "RETRY_BASE_SECONDS"])
@pytest.mark.parametrize("value", [None, ""])
def test_missing_setting_is_named(environment, name, value):
    environment.delenv(name) if value is None else environment.setenv(name, value)
    with pytest.raises(SettingError, match=name):
        load()


@pytest.mark.parametrize("value", ["-1", "1.5", "soon"])
def test_invalid_delay_is_named(environment, value):
    environment.setenv("RETRY_BASE_SECONDS", value)
    with pytest.raises(SettingError, match="RETRY_BASE_SECONDS"):
        load()


@pytest.mark.parametrize("column", [*sorted(RESERVED_COLUMNS), "display name", "1st", "x;", "c" * 64, "имя"])
def test_reserved_or_invalid_column_is_refused(environment, column):
    environment.setenv("COLUMNS_BY_ATTRIBUTE", json.dumps({"name": column}))
    with pytest.raises(SettingError, match="COLUMNS_BY_ATTRIBUTE must give 'name' a column"):
        load()


def test_two_attributes_cannot_share_a_column(environment):
    environment.setenv("COLUMNS_BY_ATTRIBUTE", '{"name": "display_name", "nickname": "display_name"}')
    with pytest.raises(SettingError, match="COLUMNS_BY_ATTRIBUTE must not give one column to two attributes"):
        load()
