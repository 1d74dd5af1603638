"""Prints HASURA_GRAPHQL_JWT_SECRET: the settings with which Hasura verifies the tokens of a user pool, as JSON.

https://hasura.io/docs/latest/auth/authentication/jwt/
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from phenom.aws.stacks import UnreachableError, read_local_stack
from phenom.environments import LOCAL_STACK, SAMCONFIG
from phenom.errors import DONE, explain

CLAIMS_NAMESPACE = "https://hasura.io/jwt/claims"
STRINGIFIED = "stringified_json"


@dataclass(frozen=True, slots=True)
class UserPool:
    """A Cognito user pool and the client whose tokens are accepted; `endpoint` is the emulator's, None on AWS."""

    id: str
    client_id: str
    endpoint: str | None = None

    @property
    def issuer(self) -> str:
        """`iss` of its tokens, also of an emulator's. The id starts with the region: us-east-1_Ab12Cd34."""
        return f"https://cognito-idp.{self.id.partition('_')[0]}.amazonaws.com/{self.id}"

    @property
    def jwk_url(self) -> str:
        base = f"{self.endpoint}/{self.id}" if self.endpoint else self.issuer
        return f"{base}/.well-known/jwks.json"


def jwt_secret(pool: UserPool, claims_format: str = STRINGIFIED) -> str:
    """Returns the value of HASURA_GRAPHQL_JWT_SECRET. It needs no `type`: each key of `jwk_url` names its own."""
    return json.dumps(
        {
            "jwk_url": pool.jwk_url,
            "issuer": pool.issuer,
            "audience": pool.client_id,
            "claims_namespace": CLAIMS_NAMESPACE,
            "claims_format": claims_format,
        }
    )


def find_pool(environment: str, local_stack: Path = LOCAL_STACK) -> UserPool:
    """Returns the pool of an environment: from stack.json for `local`, else from the parameters that Terraform wrote.

    Raises UnreachableError.
    """
    if environment == "local":
        return _local_pool(local_stack)
    config = tomllib.loads(SAMCONFIG.read_text())[environment]
    overrides = dict(each.split("=", 1) for each in config["deploy"]["parameters"]["parameter_overrides"])
    return _deployed_pool(environment, overrides["Environment"], config["global"]["parameters"]["region"])


def run(pool: UserPool, claims_format: str) -> int:
    print(jwt_secret(pool, claims_format))
    return DONE


def _local_pool(path: Path) -> UserPool:
    stack = read_local_stack(path)
    if not (stack.get("userPoolId") and stack.get("userPoolClientId")):
        raise UnreachableError("The running local cloud has no user pool: `make stop`, then `make run`.")
    return UserPool(stack["userPoolId"], stack["userPoolClientId"], stack["endpointUrl"])


def _deployed_pool(environment: str, short_name: str, region: str) -> UserPool:
    names = [f"/phenom/{short_name}/cognito/user-pool-id", f"/phenom/{short_name}/cognito/user-pool-client-id"]
    ssm: Any = boto3.Session(region_name=region).client("ssm")
    try:
        answer = ssm.get_parameters(Names=names)
    except (BotoCoreError, ClientError) as error:
        raise UnreachableError(f"SSM parameters in {region} cannot be read. {explain(error)}") from error
    values = {each["Name"]: each["Value"] for each in answer["Parameters"]}
    if missing := [name for name in names if name not in values]:
        raise UnreachableError(
            f"SSM in {region} has no {' and no '.join(missing)}.\n"
            f"Terraform writes it: apply infra/terraform/environments/{environment} first."
        )
    return UserPool(*(values[name] for name in names))
