"""user_sync's client against the stand-in: it must see the answers and errors of Hasura."""

import time
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.integration.hasura.conftest import SECRET
from tests.integration.user_sync.hasura_server import close_idle_connections
from tests.unit.user_sync.fakes import ADA, COLUMNS, NOON, ada
from user_sync.credentials import Credentials
from user_sync.hasura_client import HasuraClient
from user_sync.ports import UnavailableError, UpsertRefusedError
from user_sync.users import User, upsert_variables

type Upsert = Callable[..., bool]


class FixedCredentials:
    """Credentials of the stand-in, which never change."""

    def __init__(self, url: str) -> None:
        self.admin_secret = SECRET
        self._url = urlsplit(url)

    def current(self) -> Credentials:
        return Credentials(False, str(self._url.hostname), int(self._url.port or 80), self._url.path, self.admin_secret)

    refresh = current


@pytest.fixture
def credentials(hasura) -> FixedCredentials:
    return FixedCredentials(hasura.url)


@pytest.fixture
def upsert(credentials):
    client = HasuraClient(credentials)

    def call(user: User, columns=COLUMNS) -> bool:
        return client.upsert(upsert_variables(user, columns), time.monotonic() + 30)

    yield call
    close_idle_connections(client)


def test_newer_user_is_written_and_older_one_is_not(upsert: Upsert, database):
    assert upsert(ada())
    assert not upsert(ada())
    assert upsert(ada(NOON + timedelta(seconds=1), name="Countess"))
    assert not upsert(ada())
    (row,) = database.execute("SELECT * FROM users").fetchall()
    assert (row["display_name"], row["email"], row["last_sign_in_at"]) == (
        "Countess",
        ADA["email"],
        NOON + timedelta(seconds=1),
    )


def test_violated_constraint_is_refused_with_its_name(upsert: Upsert, database):
    database.execute("ALTER TABLE users ADD CONSTRAINT users_locale_key UNIQUE (locale)")
    try:
        upsert(ada())
        other = "1" * 8 + ADA["sub"][8:]
        with pytest.raises(UpsertRefusedError, match=r"^constraint-violation: users_locale_key$"):
            upsert(User(other, {**ADA, "sub": other}, NOON, True))
    finally:
        database.execute("ALTER TABLE users DROP CONSTRAINT users_locale_key")


def test_user_with_the_address_of_a_deleted_user_is_written(upsert: Upsert, database):
    upsert(ada())
    new = "1" * 8 + ADA["sub"][8:]
    assert upsert(User(new, {**ADA, "sub": new, "email": ADA["email"].upper()}, NOON + timedelta(days=1), True))
    rows = database.execute("SELECT id::text, email, email_verified FROM users ORDER BY synced_at").fetchall()
    assert [tuple(row.values()) for row in rows] == [(ADA["sub"], None, False), (new, ADA["email"].upper(), True)]


def test_unknown_column_is_refused_with_its_name(upsert: Upsert):
    with pytest.raises(UpsertRefusedError, match=r"^validation-failed: colour$"):
        upsert(ada(), {"locale": "colour"})


def test_value_that_the_column_cannot_hold_is_refused(upsert: Upsert):
    with pytest.raises(UpsertRefusedError, match=r"^data-exception$"):
        upsert(User(ADA["sub"], {"name": "not a time"}, NOON, True), {"name": "updated_at"})


def test_wrong_admin_secret_is_temporary(upsert: Upsert, credentials):
    credentials.admin_secret = "wrong"
    with pytest.raises(UnavailableError, match=r"^Hasura refused: access-denied$"):
        upsert(ada())
