"""The upload passwords: which are accepted, and for how long without Secrets Manager."""

import contextlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from presign import passwords as module
from presign.password_entries import PasswordEntry, normalise
from presign.passwords import PASSWORDS_STALE_SECONDS, SecretPasswords
from presign.ports import PasswordsUnavailableError, UploadPassword
from runtime.secrets import SECRET_REFRESH_SECONDS, SECRET_RETRY_SECONDS
from tests.secrets_manager import FakeMonotonicClock, client_error
from tests.unit.presign.fakes import PASSWORD, FakePasswordSecret

DOWN = EndpointConnectionError(endpoint_url="https://secretsmanager.us-east-1.amazonaws.com")


def accepts(passwords: SecretPasswords, candidate: str) -> bool:
    return passwords.match(candidate) is not None


@pytest.fixture
def clock() -> FakeMonotonicClock:
    return FakeMonotonicClock()


@pytest.fixture
def secrets(clock) -> FakePasswordSecret:
    return FakePasswordSecret(clock)


@pytest.fixture
def passwords(clock, secrets) -> SecretPasswords:
    return SecretPasswords(secrets, "the-secret", clock)


def test_only_passwords_of_the_secret_are_accepted(passwords, secrets):
    secrets.store("first", "second", "third")
    assert [accepts(passwords, p) for p in ("first", "second", "third")] == [True] * 3
    assert not any(accepts(passwords, p) for p in ("", "firs", "first ", "First", "firstsecond", "fourth"))


@pytest.mark.parametrize("password", ["пароль", "密码", "🔑👨\u200d👩\u200d👧", "a\x00b", " ", "p" * 10_000])
def test_any_text_can_be_a_password(passwords, secrets, password):
    secrets.store(password)
    assert accepts(passwords, password)
    assert not accepts(passwords, password + "x")


def test_password_is_accepted_in_any_unicode_composition(passwords, secrets):
    """RFC 8265: an umlaut may be one character or two, which look the same."""
    secrets.store("u\u0308ber", "caf\u00e9")
    assert accepts(passwords, "\u00fcber")
    assert accepts(passwords, "cafe\u0301")
    assert not accepts(passwords, "uber")


def test_lone_surrogate_is_a_wrong_password(passwords):
    assert not accepts(passwords, "\ud800")


def test_all_passwords_are_compared_after_a_match(passwords, secrets, monkeypatch):
    """Otherwise the response time would reveal which one matched."""
    secrets.store("first", "second", "third")
    compared = []
    monkeypatch.setattr(module.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    assert accepts(passwords, "first")
    assert len(compared) == 3


def test_compared_digests_have_equal_length(passwords, secrets, monkeypatch):
    """The time of compare_digest reveals a difference in length; digests have equal length."""
    secrets.store("x", "y" * 500)
    lengths = set()
    real = hmac.compare_digest
    monkeypatch.setattr(module.hmac, "compare_digest", lambda a, b: lengths.update((len(a), len(b))) or real(a, b))
    accepts(passwords, "z")
    assert lengths == {32}


def test_secret_is_read_every_five_minutes(passwords, secrets, clock):
    for _ in range(10):
        accepts(passwords, PASSWORD)
        clock.sleep(SECRET_REFRESH_SECONDS / 10 - 0.1)
    assert secrets.reads == 1
    clock.sleep(2)
    assert accepts(passwords, PASSWORD)
    assert (secrets.reads, SECRET_REFRESH_SECONDS) == (2, 300)


def test_secret_is_not_read_at_creation(passwords, secrets):
    assert secrets.reads == 0


def test_rotated_password_replaces_the_old_one_after_five_minutes(passwords, secrets, clock):
    accepts(passwords, PASSWORD)
    secrets.store("new")
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert (accepts(passwords, PASSWORD), accepts(passwords, "new")) == (True, False)
    clock.sleep(1)
    assert (accepts(passwords, PASSWORD), accepts(passwords, "new")) == (False, True)


def test_empty_list_accepts_no_password(passwords, secrets):
    """An operator disables uploads this way: a refusal, not an outage."""
    secrets.store()
    assert not accepts(passwords, PASSWORD)
    assert not accepts(passwords, "")


def test_cached_passwords_serve_for_a_bounded_time(passwords, secrets, clock):
    accepts(passwords, PASSWORD)
    secrets.value = DOWN
    clock.sleep(SECRET_REFRESH_SECONDS + PASSWORDS_STALE_SECONDS)
    assert accepts(passwords, PASSWORD)
    assert not accepts(passwords, "wrong")
    clock.sleep(1)
    with pytest.raises(PasswordsUnavailableError):
        accepts(passwords, PASSWORD)
    clock.sleep(SECRET_RETRY_SECONDS)
    with pytest.raises(PasswordsUnavailableError):
        accepts(passwords, PASSWORD)


def test_unreadable_secret_without_a_cache_is_unavailable(passwords, secrets):
    secrets.value = DOWN
    with pytest.raises(PasswordsUnavailableError):
        accepts(passwords, PASSWORD)


def test_failing_read_is_retried_every_15_seconds(passwords, secrets, clock):
    secrets.value = DOWN
    for _ in range(30):
        with pytest.raises(PasswordsUnavailableError):
            accepts(passwords, PASSWORD)
        clock.sleep(1)
    assert (secrets.reads, SECRET_RETRY_SECONDS) == (2, 15)


def test_retry_pause_counts_from_the_end_of_a_timed_out_read(passwords, secrets, clock):
    """Otherwise every caller would wait for the timeout."""
    accepts(passwords, PASSWORD)
    clock.sleep(SECRET_REFRESH_SECONDS)
    secrets.value, secrets.seconds = ReadTimeoutError(endpoint_url="https://x"), SECRET_RETRY_SECONDS + 1
    assert accepts(passwords, PASSWORD)
    assert accepts(passwords, PASSWORD)
    assert secrets.reads == 2


def test_successful_read_ends_the_outage(passwords, secrets, clock):
    secrets.value = DOWN
    with pytest.raises(PasswordsUnavailableError):
        accepts(passwords, PASSWORD)
    secrets.store("new")
    clock.sleep(SECRET_RETRY_SECONDS)
    assert accepts(passwords, "new")
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert accepts(passwords, "new")
    assert secrets.reads == 2


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "plain",
        "null",
        "[]",
        '["p"]',
        '"passwords"',
        "7",
        "{}",
        '{"password": "p"}',
        '{"passwords": null}',
        '{"passwords": "plain"}',
        '{"passwords": {"plain": 1}}',
        '{"passwords": [1]}',
        '{"passwords": [""]}',
        '{"passwords": ["plain", null]}',
        '{"passwords": ["plain", ["x"]]}',
    ],
)
def test_malformed_secret_is_unavailable_and_not_in_the_error(passwords, secrets, text):
    secrets.value = text
    with pytest.raises(PasswordsUnavailableError) as refused:
        accepts(passwords, "plain")
    assert str(refused.value).startswith("secret the-secret: ")
    assert "must be" in str(refused.value)
    assert "plain" not in str(refused.value)


def test_cached_passwords_serve_when_the_secret_becomes_malformed(passwords, secrets, clock):
    accepts(passwords, PASSWORD)
    clock.sleep(SECRET_REFRESH_SECONDS)
    secrets.value = "{oops"
    assert accepts(passwords, PASSWORD)


@pytest.mark.parametrize(
    ("failure", "named"),
    [
        (client_error("ResourceNotFoundException"), "ResourceNotFoundException"),
        (client_error("AccessDeniedException"), "AccessDeniedException"),
        (client_error("ThrottlingException"), "ThrottlingException"),
        (DOWN, "EndpointConnectionError"),
    ],
)
def test_error_names_the_secret_and_the_cause(passwords, secrets, failure, named):
    secrets.value = failure
    with pytest.raises(PasswordsUnavailableError) as refused:
        accepts(passwords, PASSWORD)
    assert str(refused.value) == f"secret the-secret: {named}"


def test_every_failed_read_is_reported_while_the_cache_serves(secrets, clock):
    """A quarter of an hour before the first caller is refused."""
    reported = []
    passwords = SecretPasswords(secrets, "the-secret", clock, on_failure=reported.append)
    accepts(passwords, PASSWORD)
    secrets.value = client_error("AccessDeniedException")
    for _ in range(2):
        clock.sleep(SECRET_REFRESH_SECONDS)
        assert accepts(passwords, PASSWORD)
    assert [(str(each), each.metric) for each in reported] == [
        ("secret the-secret: AccessDeniedException", "SecretRefused")
    ] * 2


def test_programming_error_is_not_an_outage(passwords, secrets):
    secrets.value = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        accepts(passwords, PASSWORD)


@given(st.lists(st.text(min_size=1)), st.text(min_size=1))
def test_password_is_accepted_exactly_when_it_is_in_the_secret(stored, candidate):
    clock = FakeMonotonicClock()
    secrets = FakePasswordSecret(clock, value=json.dumps({"passwords": stored}))
    passwords = SecretPasswords(secrets, "the-secret", clock)
    assert all(accepts(passwords, each) for each in stored)
    normal = {normalise(each) for each in stored}
    assert accepts(passwords, candidate) is (normalise(candidate) in normal)


@given(
    st.text()
    | st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)).map(
        json.dumps
    )
)
def test_any_secret_text_is_passwords_or_an_outage(text):
    clock = FakeMonotonicClock()
    with contextlib.suppress(PasswordsUnavailableError):
        SecretPasswords(FakePasswordSecret(clock, value=text), "the-secret", clock).match(PASSWORD)


def test_matching_password_has_its_label_and_counter(passwords, secrets):
    secrets.store(
        "plain-password", {"password": "partner-password", "label": "partner"}, {"password": "third-password"}
    )
    assert passwords.match("plain-password") == UploadPassword(None, "v7/0")
    assert passwords.match("partner-password") == UploadPassword("partner", "partner")
    assert passwords.match("third-password") == UploadPassword(None, "v7/2")


@pytest.mark.parametrize("secret_text", ["open-sesame-42", "correct horse"])
def test_counter_is_not_derived_from_the_password(clock, secret_text):
    """Readers of the table must not be able to guess it."""
    secrets = FakePasswordSecret(clock, value=json.dumps({"passwords": [secret_text]}))
    assert SecretPasswords(secrets, "the-secret", clock).match(secret_text) == UploadPassword(None, "v7/0")


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    """Sets the wall clock."""
    monkeypatch.setattr(module, "datetime", SimpleNamespace(now=lambda _zone: moment))


def test_password_works_until_it_expires(passwords, secrets, monkeypatch):
    moment = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    at(monkeypatch, moment)
    secrets.store({"password": "partner-password", "expires": "2026-12-31"}, PASSWORD)
    assert accepts(passwords, "partner-password")
    at(monkeypatch, moment + timedelta(seconds=1))
    assert not accepts(passwords, "partner-password"), "before the secret is read again"
    assert accepts(passwords, PASSWORD)


def test_password_in_two_entries_works_while_one_of_them_does(passwords, secrets, monkeypatch):
    at(monkeypatch, datetime(2027, 1, 1, tzinfo=UTC))
    old, new = {"password": PASSWORD, "label": "old", "expires": "2026-12-31"}, {"password": PASSWORD, "label": "new"}
    secrets.store(old, new)
    assert passwords.match(PASSWORD) == UploadPassword("new", "new")


def test_only_selected_entries_work_and_all_are_offered_at_every_read(clock, secrets):
    offered = []

    def without_short(entries: Sequence[PasswordEntry]) -> Sequence[PasswordEntry]:
        offered.append([each.name for each in entries])
        return [each for each in entries if not each.is_short]

    passwords = SecretPasswords(secrets, "the-secret", clock, select=without_short)
    secrets.store("eleven-char", "twelve-chars", {"password": "short", "label": "partner"})
    assert [accepts(passwords, each) for each in ("eleven-char", "twelve-chars", "short")] == [False, True, False]
    assert offered == [["passwords[0]", "passwords[1]", "partner"]]
    clock.sleep(SECRET_REFRESH_SECONDS)
    assert accepts(passwords, "twelve-chars")
    assert len(offered) == 2
