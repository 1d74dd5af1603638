"""The upload passwords: who gets in, and for how long without Secrets Manager."""

import contextlib
import hmac
import json

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from presign import passwords as module
from presign.passwords import PASSWORDS_STALE_SECONDS, SecretPasswords
from presign.service import PasswordsUnavailableError
from runtime.secrets import SECRET_REFRESH_SECONDS, SECRET_RETRY_SECONDS
from tests.unit.presign.fakes import PASSWORD, FakeClock, FakeSecrets, client_error

DOWN = EndpointConnectionError(endpoint_url="https://secretsmanager.us-east-1.amazonaws.com")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def secrets(clock) -> FakeSecrets:
    return FakeSecrets(clock)


@pytest.fixture
def passwords(clock, secrets) -> SecretPasswords:
    return SecretPasswords(secrets, "the-secret", clock)


def test_each_password_of_the_secret_opens_and_no_other_does(passwords, secrets):
    secrets.store("first", "second", "third")
    assert [passwords.accept(p) for p in ("first", "second", "third")] == [True] * 3
    assert not any(passwords.accept(p) for p in ("", "firs", "first ", "First", "firstsecond", "fourth"))


@pytest.mark.parametrize("password", ["пароль", "密码", "🔑👨\u200d👩\u200d👧", "a\x00b", " ", "p" * 10_000])
def test_a_password_is_any_text(passwords, secrets, password):
    secrets.store(password)
    assert passwords.accept(password)
    assert not passwords.accept(password + "x")


def test_a_password_opens_however_the_keyboard_composes_it(passwords, secrets):
    """RFC 8265: an umlaut may come as one character or as two, and looks the same to the one who types it."""
    secrets.store("u\u0308ber", "caf\u00e9")
    assert passwords.accept("\u00fcber")
    assert passwords.accept("cafe\u0301")
    assert not passwords.accept("uber")


def test_a_lone_surrogate_is_just_a_wrong_password(passwords):
    assert not passwords.accept("\ud800")


def test_every_password_is_compared_even_after_a_match(passwords, secrets, monkeypatch):
    """Else the time of an answer would tell which one matched."""
    secrets.store("first", "second", "third")
    compared = []
    monkeypatch.setattr(module.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or a == b)
    assert passwords.accept("first")
    assert len(compared) == 3


def test_what_is_compared_has_one_length_whatever_the_passwords(passwords, secrets, monkeypatch):
    """compare_digest tells by its time when lengths differ; digests have one length."""
    secrets.store("x", "y" * 500)
    lengths = set()
    real = hmac.compare_digest
    monkeypatch.setattr(module.hmac, "compare_digest", lambda a, b: lengths.update((len(a), len(b))) or real(a, b))
    passwords.accept("z")
    assert lengths == {32}


def test_the_secret_is_read_once_in_five_minutes(passwords, secrets, clock):
    for _ in range(10):
        passwords.accept(PASSWORD)
        clock.sleep(SECRET_REFRESH_SECONDS / 10 - 0.1)
    assert secrets.reads == 1
    clock.sleep(2)
    assert passwords.accept(PASSWORD)
    assert (secrets.reads, SECRET_REFRESH_SECONDS) == (2, 300)


def test_the_secret_is_not_read_before_it_is_needed(passwords, secrets):
    assert secrets.reads == 0


def test_a_new_password_opens_and_an_old_one_stops_after_five_minutes(passwords, secrets, clock):
    passwords.accept(PASSWORD)
    secrets.store("new")
    clock.sleep(SECRET_REFRESH_SECONDS - 1)
    assert (passwords.accept(PASSWORD), passwords.accept("new")) == (True, False)
    clock.sleep(1)
    assert (passwords.accept(PASSWORD), passwords.accept("new")) == (False, True)


def test_an_empty_list_shuts_everybody_out(passwords, secrets):
    """It is how an operator closes the door: a refusal, not a failure."""
    secrets.store()
    assert not passwords.accept(PASSWORD)
    assert not passwords.accept("")


def test_known_passwords_serve_for_a_bounded_while_without_the_secret(passwords, secrets, clock):
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


def test_without_the_secret_nobody_gets_in_at_first(passwords, secrets):
    secrets.value = DOWN
    with pytest.raises(PasswordsUnavailableError):
        passwords.accept(PASSWORD)


def test_a_secret_that_cannot_be_read_is_asked_for_every_15_seconds(passwords, secrets, clock):
    secrets.value = DOWN
    for _ in range(30):
        with pytest.raises(PasswordsUnavailableError):
            passwords.accept(PASSWORD)
        clock.sleep(1)
    assert (secrets.reads, SECRET_RETRY_SECONDS) == (2, 15)


def test_the_pause_counts_from_the_end_of_a_read_that_timed_out(passwords, secrets, clock):
    """Else each caller in turn would wait for a time-out."""
    passwords.accept(PASSWORD)
    clock.sleep(SECRET_REFRESH_SECONDS)
    secrets.value, secrets.seconds = ReadTimeoutError(endpoint_url="https://x"), SECRET_RETRY_SECONDS + 1
    assert passwords.accept(PASSWORD)
    assert passwords.accept(PASSWORD)
    assert secrets.reads == 2


def test_all_is_well_again_with_the_first_read_that_succeeds(passwords, secrets, clock):
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
def test_a_malformed_secret_opens_for_nobody_and_is_not_repeated(passwords, secrets, text):
    secrets.value = text
    with pytest.raises(PasswordsUnavailableError) as refused:
        passwords.accept("plain")
    assert "the-secret must be" in str(refused.value)
    assert "plain" not in str(refused.value)


def test_a_secret_spoilt_by_hand_leaves_the_known_passwords_for_a_while(passwords, secrets, clock):
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
def test_an_operator_is_told_which_secret_and_why(passwords, secrets, failure, named):
    secrets.value = failure
    with pytest.raises(PasswordsUnavailableError) as refused:
        passwords.accept(PASSWORD)
    assert str(refused.value) == f"secret the-secret: {named}"


def test_each_failed_read_is_told_at_once_while_the_known_passwords_still_serve(secrets, clock):
    """A quarter of an hour before anybody is sent away."""
    told = []
    passwords = SecretPasswords(secrets, "the-secret", clock, on_failure=told.append)
    passwords.accept(PASSWORD)
    secrets.value = client_error("AccessDeniedException")
    for _ in range(2):
        clock.sleep(SECRET_REFRESH_SECONDS)
        assert passwords.accept(PASSWORD)
    assert [(str(each), each.metric) for each in told] == [
        ("secret the-secret: AccessDeniedException", "SecretRefused")
    ] * 2


def test_an_error_in_the_program_is_not_taken_for_an_outage(passwords, secrets):
    secrets.value = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        passwords.accept(PASSWORD)


@given(st.lists(st.text(min_size=1)), st.text(min_size=1))
def test_a_password_opens_exactly_when_it_is_in_the_secret(stored, candidate):
    clock = FakeClock()
    secrets = FakeSecrets(clock, value=json.dumps({"passwords": stored}))
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
def test_any_text_in_the_secret_is_passwords_or_an_outage(text):
    clock = FakeClock()
    with contextlib.suppress(PasswordsUnavailableError):
        SecretPasswords(FakeSecrets(clock, value=text), "the-secret", clock).accept(PASSWORD)
