"""`phenom sign-in`: output and exit codes."""

import base64
import json

import pytest

from local import stack, user_session
from local.stack import LocalUser
from local.user_session import CLAIMS, SignInError, Tokens
from tests.unit.phenom.conftest import Phenom


def token(claims: dict[str, object]) -> str:
    return f"header.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.signature"


class Running:
    """The content of stack.json, as far as the command reads it."""

    demo_user = LocalUser("demo@example.org", "demo password")


@pytest.fixture
def cloud(monkeypatch) -> dict[str, object]:
    """A local cloud that accepts every sign-in; tests change its claims and rows."""
    cloud: dict[str, object] = {
        "claims": {"iat": 0, CLAIMS: json.dumps({"x-hasura-default-role": "user"})},
        "rows": [{"id": "1"}],
    }
    monkeypatch.setattr(stack, "offered", lambda _: Running())
    monkeypatch.setattr(
        user_session, "sign_in", lambda _, user: cloud.update(user=user) or Tokens(token(cloud["claims"]), "", None)
    )
    monkeypatch.setattr(
        user_session, "own_rows", lambda _running, _tokens, role: cloud.update(role=role) or cloud["rows"]
    )
    return cloud


def test_demo_user_signs_in_and_claims_and_row_are_shown(phenom: Phenom, cloud):
    ran = phenom("sign-in")
    assert ran.code == 0
    assert "Signed in as demo@example.org" in ran.out
    assert '"x-hasura-default-role": "user"' in ran.out
    assert "1970-01-01T00:00:00Z" in ran.out


def test_other_user_and_role_are_used(phenom: Phenom, cloud):
    assert phenom("sign-in", "--username", "a@example.org", "--password", "p", "--role", "moderator").code == 0
    assert (cloud["user"], cloud["role"]) == (LocalUser("a@example.org", "p"), "moderator")


def test_json_has_token_claims_and_rows(phenom: Phenom, cloud):
    content = json.loads(phenom("sign-in", "--json").out)
    assert content["rows"] == cloud["rows"]
    assert content["claims"] == cloud["claims"]
    assert content["idToken"] == token(content["claims"])


@pytest.mark.parametrize("missing", [{"claims": {"iat": 0}}, {"rows": []}], ids=["claims", "row"])
def test_missing_claims_or_row_are_not_all_done(phenom: Phenom, cloud, missing):
    cloud.update(missing)
    assert phenom("sign-in").code == 1


def test_refused_sign_in_is_refused(phenom: Phenom, cloud, monkeypatch):
    def refuse(*_: object) -> None:
        raise SignInError("NotAuthorizedException: Incorrect username or password.")

    monkeypatch.setattr(user_session, "sign_in", refuse)
    ran = phenom("sign-in")
    assert ran.code == 2
    assert "Not signed in. NotAuthorizedException" in ran.err


def test_password_without_username_is_refused(phenom: Phenom, cloud):
    assert phenom("sign-in", "--password", "p").code == 2
