"""The passwords against Secrets Manager."""

import pytest

from presign.passwords import SecretPasswords
from presign.service import PasswordsUnavailableError
from runtime.secrets import SECRET_REFRESH_SECONDS
from tests.integration.presign.conftest import PASSWORD


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_password_of_the_secret_opens(secrets_manager, secret):
    passwords = SecretPasswords(secrets_manager, secret)
    assert (passwords.accept(PASSWORD), passwords.accept("other")) == (True, False)


def test_the_secret_may_be_named_by_its_arn(secrets_manager, secret):
    arn = secrets_manager.describe_secret(SecretId=secret)["ARN"]
    assert SecretPasswords(secrets_manager, arn).accept(PASSWORD)


def test_a_rotated_secret_is_taken_up(secrets_manager, secret, clock):
    passwords = SecretPasswords(secrets_manager, secret, clock)
    assert passwords.accept(PASSWORD)
    secrets_manager.put_secret_value(SecretId=secret, SecretString='{"passwords": ["new", "пароль"]}')
    clock.now = SECRET_REFRESH_SECONDS
    assert [passwords.accept(each) for each in (PASSWORD, "new", "пароль")] == [False, True, True]


def test_a_missing_secret_is_an_outage(secrets_manager):
    with pytest.raises(PasswordsUnavailableError, match="secret missing: ResourceNotFoundException"):
        SecretPasswords(secrets_manager, "missing").accept(PASSWORD)


def test_a_secret_without_a_value_yet_is_an_outage(secrets_manager):
    """As the template leaves it, until an operator puts the passwords in."""
    secrets_manager.create_secret(Name="fresh")
    with pytest.raises(PasswordsUnavailableError, match="secret fresh"):
        SecretPasswords(secrets_manager, "fresh").accept(PASSWORD)


def test_a_binary_secret_is_an_outage(secrets_manager):
    secrets_manager.create_secret(Name="binary", SecretBinary=b'{"passwords": ["local-demo-password"]}')
    with pytest.raises(PasswordsUnavailableError, match="must be"):
        SecretPasswords(secrets_manager, "binary").accept(PASSWORD)
