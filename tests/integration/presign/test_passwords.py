"""The upload passwords, from Secrets Manager in moto."""

import pytest

from presign.passwords import SecretPasswords
from presign.ports import PasswordsUnavailableError
from runtime.secrets import SECRET_REFRESH_SECONDS
from tests.integration.presign.conftest import PASSWORD
from tests.secrets_manager import FakeMonotonicClock


def accepts(passwords: SecretPasswords, candidate: str) -> bool:
    return passwords.match(candidate) is not None


def test_password_of_the_secret_is_accepted(secrets_manager, secret):
    passwords = SecretPasswords(secrets_manager, secret)
    assert (accepts(passwords, PASSWORD), accepts(passwords, "other")) == (True, False)


def test_secret_can_be_read_by_arn(secrets_manager, secret):
    arn = secrets_manager.describe_secret(SecretId=secret)["ARN"]
    assert accepts(SecretPasswords(secrets_manager, arn), PASSWORD)


def test_rotated_secret_is_read_after_the_refresh_interval(secrets_manager, secret):
    clock = FakeMonotonicClock()
    passwords = SecretPasswords(secrets_manager, secret, clock)
    assert accepts(passwords, PASSWORD)
    secrets_manager.put_secret_value(SecretId=secret, SecretString='{"passwords": ["new", "пароль"]}')
    clock.sleep(SECRET_REFRESH_SECONDS)
    assert [accepts(passwords, each) for each in (PASSWORD, "new", "пароль")] == [False, True, True]


def test_missing_secret_is_unavailable(secrets_manager):
    with pytest.raises(PasswordsUnavailableError, match="secret missing: ResourceNotFoundException"):
        accepts(SecretPasswords(secrets_manager, "missing"), PASSWORD)


def test_secret_without_a_value_is_unavailable(secrets_manager):
    """As the template creates it, before an operator sets the passwords."""
    secrets_manager.create_secret(Name="fresh")
    with pytest.raises(PasswordsUnavailableError, match="secret fresh"):
        accepts(SecretPasswords(secrets_manager, "fresh"), PASSWORD)


def test_binary_secret_is_unavailable(secrets_manager):
    secrets_manager.create_secret(Name="binary", SecretBinary=b'{"passwords": ["local-demo-password"]}')
    with pytest.raises(PasswordsUnavailableError, match="must be"):
        accepts(SecretPasswords(secrets_manager, "binary"), PASSWORD)


def test_change_of_the_secret_begins_a_new_count_for_a_password_without_label(secrets_manager, secret):
    clock = FakeMonotonicClock()
    passwords = SecretPasswords(secrets_manager, secret, clock)
    before = passwords.match(PASSWORD)
    secrets_manager.put_secret_value(SecretId=secret, SecretString=f'{{"passwords": ["new-password-1", "{PASSWORD}"]}}')
    clock.sleep(SECRET_REFRESH_SECONDS)
    after = passwords.match(PASSWORD)
    assert before is not None
    assert after is not None
    assert before.counter != after.counter
    assert (before.counter[-2:], after.counter[-2:]) == ("/0", "/1")
