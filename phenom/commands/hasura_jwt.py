"""What Hasura must know to take the tokens of an environment's user pool: HASURA_GRAPHQL_JWT_SECRET, as JSON.

https://hasura.io/docs/latest/auth/authentication/jwt/
"""

import argparse
import json
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from phenom.aws.stacks import ENVIRONMENTS, LOCAL_STACK, SAMCONFIG, UnreachableError

CLAIMS_NAMESPACE = "https://hasura.io/jwt/claims"
STRINGIFIED, NESTED = "stringified_json", "json"


@dataclass(frozen=True, slots=True)
class UserPool:
    """A Cognito user pool and the client whose tokens are taken; `endpoint` is where an emulator stands in for AWS."""

    id: str
    client_id: str
    endpoint: str | None = None

    @property
    def issuer(self) -> str:
        """`iss` of its tokens, an emulator's too. The id begins with the region: us-east-1_Ab12Cd34."""
        return f"https://cognito-idp.{self.id.partition('_')[0]}.amazonaws.com/{self.id}"

    @property
    def jwk_url(self) -> str:
        return (
            f"{self.endpoint}/{self.id}/.well-known/jwks.json"
            if self.endpoint
            else f"{self.issuer}/.well-known/jwks.json"
        )


def secret(pool: UserPool, claims_format: str = STRINGIFIED) -> str:
    """The value of HASURA_GRAPHQL_JWT_SECRET. With `jwk_url` there is no `type`: each key tells its own."""
    return json.dumps(
        {
            "jwk_url": pool.jwk_url,
            "issuer": pool.issuer,
            "audience": pool.client_id,
            "claims_namespace": CLAIMS_NAMESPACE,
            "claims_format": claims_format,
        }
    )


def find(environment: str, local_stack: Path = LOCAL_STACK) -> UserPool:
    """The pool of one of ENVIRONMENTS: `local` by its stack.json, the others by what Terraform wrote to SSM.

    Raises UnreachableError.
    """
    if environment == "local":
        return _local(local_stack)
    config = tomllib.loads(SAMCONFIG.read_text())[environment]
    overrides = dict(each.split("=", 1) for each in config["deploy"]["parameters"]["parameter_overrides"])
    return _deployed(environment, overrides["Environment"], config["global"]["parameters"]["region"])


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        print(secret(find(options.env), options.claims_format))
    except UnreachableError as trouble:
        print(trouble, file=sys.stderr)
        return 1
    return 0


def _local(path: Path) -> UserPool:
    try:
        stack = json.loads(path.read_text())
    except FileNotFoundError:
        raise UnreachableError("The local cloud is not running: start it with `make run`.") from None
    if not (stack.get("userPoolId") and stack.get("userPoolClientId")):
        raise UnreachableError("The local cloud that runs has no user pool: stop it, then `make run`.")
    return UserPool(stack["userPoolId"], stack["userPoolClientId"], stack["endpointUrl"])


def _deployed(environment: str, short: str, region: str) -> UserPool:
    names = [f"/phenom/{short}/cognito/user-pool-id", f"/phenom/{short}/cognito/user-pool-client-id"]
    ssm: Any = boto3.Session(region_name=region).client("ssm")
    try:
        answer = ssm.get_parameters(Names=names)
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(f"SSM in {region} cannot be read: {error}\nCheck AWS_PROFILE.") from error
    values = {each["Name"]: each["Value"] for each in answer["Parameters"]}
    if missing := [name for name in names if name not in values]:
        raise UnreachableError(
            f"SSM in {region} has no {' and no '.join(missing)}.\n"
            f"Terraform writes it: apply infra/terraform/environments/{environment} first."
        )
    return UserPool(*(values[name] for name in names))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m phenom.commands.hasura_jwt", description=__doc__)
    parser.add_argument("--env", required=True, choices=ENVIRONMENTS, help="whose user pool")
    text = f"how the claims stand in the token: {STRINGIFIED} (the default) or {NESTED}; cognito_trigger's setting"
    parser.add_argument("--claims-format", default=STRINGIFIED, choices=(STRINGIFIED, NESTED), help=text)
    return parser


if __name__ == "__main__":
    sys.exit(main())
