"""The upload passwords: which are accepted, and for how long without Secrets Manager."""

import contextlib
import hmac
import json

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from presign import passwords as module
from presign.passwords import PASSWORDS_STALE_SECONDS, SecretPasswords
from presign.ports import PasswordsUnavailableError
from runtime.secrets import SECRET_REFRESH_SECONDS, SECRET_RETRY_SECONDS
from tests.secrets_manager import FakeMonotonicClock, client_error
from tests.unit.presign.fakes import PASSWORD, FakePasswordSecret

DOWN = EndpointConnectionError(endpoint_url="https://secretsmanager.us-east-1.amazonaws.com")


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
    assert [passwords.accept(p) for p in ("first", "second", "third")] == [True] * 3
    assert not any(passwords.accept(p) for p in ("", "firs", "first ", "First", "firstsecond", "fourth"))


@pytest.mark.parametrize("password", ["пароль", "密码", "🔑👨\u200d👩\u200d👧", "a\x00b", " ", "p" * 10_000])
def test_any_text_can_be_a_password(passwords, secrets, password):
    secrets.store(password)
    assert passwords.accept(password)
    assert not passwords.accept(password + "x")


def test_password_is_accepted_in_any_unicode_composition(passwords, secrets):
    """RFC 8265: an umlaut may be one character or two, which look the same."""
    secrets.store("u\u0308ber", "caf\u00e9")
    assert passwords.accept("\u00fcber")
    assert passwords.accept("cafe\u0301")
    assert not passwords.accept("uber")


def test_lone_surrogate_is_a_wrong_password(passwords):
    assert not passwords.accept("\ud800")


def test_all_passwords_are_compared_after_a_match(passwords, secrets, monkeypatch):
    """Otherwise the response time would reveal which one matched."""
    secrets.store("first", "second", "third")
    compared = []
    monkeypatch.setattr(module.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    assert passwords.accept("first")
    assert len(compared) == 3


def test_compared_digests_have_equal_length(passwords, secrets, monkeypatch):
    """The time of compare_digest reveals a difference in length; digests have equal length."""
    secrets.store("x", "y" * 500)
    lengths = set()
    real = hmac.compare_digest
    monkeypatch.setattr(module.hmac, "compare_digest", lambda a, b: lengths.update((len(a), len(b))) or real(a, b))
    passwords.accept("z")
    assert lengths == {32}


def test_secret_is_read_every_five_minutes(passwords, secrets, clock):
    for _ in range(10):
        passwords.accept(PASSWORD)
        clock.sleep(SECRET_REFRESH_SECONDS / 10 - 0.1)
    assert secrets.reads == 1
    clock.sleep(2)
    assert passwords.accept(PASSWORD)
    assert (secrets.reads, SECRET_REFRESH_SECONDS) == (2, 300)


def test_secret_is_not_read_at_creation(passwords, secrets):
    assert secrets.reads == 0


def test_rotated_password_replaces_the_old_one_after_five_minutes(passwords, secrets, clock):
    passwords.accept(PASSWORD)
    secrets.store("new")
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert (passwords.accept(PASSWORD), passwords.accept("new")) == (True, False)
    clock.sleep(1)
    assert (passwords.accept(PASSWORD), passwords.accept("new")) == (False, True)


def test_empty_list_accepts_no_password(passwords, secrets):
    """An operator disables uploads this way: a refusal, not an outage."""
    secrets.store()
    assert not passwords.accept(PASSWORD)
    assert not passwords.accept("")


def test_cached_passwords_serve_for_a_bounded_time(passwords, secrets, clock):
    passwords.accept(PASSWORD)
    secrets.value = DOWN
    clock.sleep(SECRET_REFRESH_SECONDS + PASSWORDS_STALE_SECONDS)
    assert passwords.accept(PASSWORD)
    assert not passwords.accept("wrong")
    clock.sleep(1)
    with pytest.raises(PasswordsUnavailableError):
        passwords.accept(PASSWORD)
    clock.sleep(SECRET_RETRY_SECONDS)
    with pytest.raises(PasswordsUnavailableError):
        passwords.accept(PASSWORD)


def test_unreadable_secret_without_a_cache_is_unavailable(passwords, secrets):
    secrets.value = DOWN
    with pytest.raises(PasswordsUnavailableError):
        passwords.accept(PASSWORD)


def test_failing_read_is_retried_every_15_seconds(passwords, secrets, clock):
    secrets.value = DOWN
    for _ in range(30):
        with pytest.raises(PasswordsUnavailableError):
            passwords.accept(PASSWORD)
        clock.sleep(1)
    assert (secrets.reads, SECRET_RETRY_SECONDS) == (2, 15)


def test_retry_pause_counts_from_the_end_of_a_timed_out_read(passwords, secrets, clock):
    """Otherwise every caller would wait for the timeout."""
    passwords.accept(PASSWORD)
    clock.sleep(SECRET_REFRESH_SECONDS)
    secrets.value, secrets.seconds = ReadTimeoutError(endpoint_url="https://x"), SECRET_RETRY_SECONDS + 1
    assert passwords.accept(PASSWORD)
    assert passwords.accept(PASSWORD)
    assert secrets.reads == 2


def test_successful_read_ends_the_outage(passwords, secrets, clock):
    secrets.value = DOWN
    with pytest.raises(PasswordsUnavailableError):
        passwords.accept(PASSWORD)
    secrets.store("new")
    clock.sleep(SECRET_RETRY_SECONDS)
    assert passwords.accept("new")
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert passwords.accept("new")
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
        passwords.accept("plain")
    assert "the-secret must be" in str(refused.value)
    assert "plain" not in str(refused.value)


def test_cached_passwords_serve_when_the_secret_becomes_malformed(passwords, secrets, clock):
    passwords.accept(PASSWORD)
    clock.sleep(SECRET_REFRESH_SECONDS)
    secrets.value = "{oops"
    assert passwords.accept(PASSWORD)


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
        passwords.accept(PASSWORD)
    assert str(refused.value) == f"secret the-secret: {named}"


def test_every_failed_read_is_reported_while_the_cache_serves(secrets, clock):
    """A quarter of an hour before the first caller is refused."""
    reported = []
    passwords = SecretPasswords(secrets, "the-secret", clock, on_failure=reported.append)
    passwords.accept(PASSWORD)
    secrets.value = client_error("AccessDeniedException")
    for _ in range(2):
        clock.sleep(SECRET_REFRESH_SECONDS)
        assert passwords.accept(PASSWORD)
    assert [(str(each), each.metric) for each in reported] == [
        ("secret the-secret: AccessDeniedException", "SecretRefused")
    ] * 2


def test_programming_error_is_not_an_outage(passwords, secrets):
    secrets.value = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        passwords.accept(PASSWORD)


@given(st.lists(st.text(min_size=1)), st.text(min_size=1))
def test_password_is_accepted_exactly_when_it_is_in_the_secret(stored, candidate):
    clock = FakeMonotonicClock()
    secrets = FakePasswordSecret(clock, value=json.dumps({"passwords": stored}))
    passwords = SecretPasswords(secrets, "the-secret", clock)
    assert all(passwords.accept(each) for each in stored)
    normal = {module.unicodedata.normalize("NFC", each) for each in stored}
    assert passwords.accept(candidate) is (module.unicodedata.normalize("NFC", candidate) in normal)


@given(
    st.text()
    | st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)).map(
        json.dumps
    )
)
def test_any_secret_text_is_passwords_or_an_outage(text):
    clock = FakeMonotonicClock()
    with contextlib.suppress(PasswordsUnavailableError):
        SecretPasswords(FakePasswordSecret(clock, value=text), "the-secret", clock).accept(PASSWORD)
