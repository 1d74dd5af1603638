"""Signs in to the local cloud's user pool and queries Hasura with the token, as an app does."""

import base64
import json
from dataclasses import dataclass
from typing import Any

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from local.aws import Aws
from local.progress import TroubleError
from local.stack import LocalUser, Stack
from runtime.aws_errors import code_of

CLAIMS = "https://hasura.io/jwt/claims"
_OWN_ROWS = """query OwnRows {
  users { id email email_verified display_name avatar_url locale last_sign_in_at created_at updated_at }
}"""


class SignInError(Exception):
    """Cognito refuses the sign-in. The message says why."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a sign-in; `refresh` is None when Cognito issued no new one."""

    id: str
    access: str
    refresh: str | None

    def claims(self) -> dict[str, Any]:
        """Returns the claims of the ID token, without verifying its signature."""
        payload = self.id.split(".")[1]
        content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return content


def sign_in(offered: Stack, user: LocalUser) -> Tokens:
    """Signs in with user name and password. Raises SignInError or TroubleError."""
    return _authenticate(offered, "USER_PASSWORD_AUTH", {"USERNAME": user.username, "PASSWORD": user.password})


def refresh(offered: Stack, tokens: Tokens) -> Tokens:
    """Exchanges the refresh token for new tokens. Raises SignInError or TroubleError."""
    return _authenticate(offered, "REFRESH_TOKEN_AUTH", {"REFRESH_TOKEN": tokens.refresh or ""})


def own_rows(offered: Stack, tokens: Tokens, role: str | None = None) -> list[dict[str, Any]]:
    """Returns the rows of `users` that Hasura shows to the ID token in this role. Raises TroubleError."""
    headers = {"Authorization": f"Bearer {tokens.id}"} | ({"x-hasura-role": role} if role else {})
    try:
        answer = urllib3.request(
            "POST", offered.graphql_url, json={"query": _OWN_ROWS}, headers=headers, timeout=10, retries=False
        ).json()
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise TroubleError(f"Hasura's stand-in does not answer: {error}") from error
    if "errors" in answer:
        raise TroubleError(f"Hasura refuses: {answer['errors'][0]['message']}")
    rows: list[dict[str, Any]] = answer["data"]["users"]
    return rows


def _authenticate(offered: Stack, flow: str, parameters: dict[str, str]) -> Tokens:
    cognito = Aws(offered.endpoint_url, offered.access_key_id, offered.secret_access_key).client("cognito-idp")
    try:
        answer = cognito.initiate_auth(ClientId=offered.user_pool_client_id, AuthFlow=flow, AuthParameters=parameters)
    except ClientError as error:
        raise SignInError(f"{code_of(error)}: {error.response['Error']['Message']}") from error
    except BotoCoreError as error:
        raise TroubleError(f"Cognito does not answer: {error}") from error
    if "AuthenticationResult" not in answer:
        raise SignInError(f"Cognito requires another step: {answer.get('ChallengeName')}")
    result = answer["AuthenticationResult"]
    return Tokens(result["IdToken"], result["AccessToken"], result.get("RefreshToken"))
