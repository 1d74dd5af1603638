"""Creates the local cloud's user pool, which infra/terraform/modules/cognito provides elsewhere."""

from dataclasses import dataclass
from typing import Any

from local.aws import REGION, Aws
from local.stack import LocalUser
from phenom.aws.stacks import LIVE

NAME = "phenom-local"
DEMO_USER = LocalUser("demo@example.org", "Local-demo-1")
DEMO_GROUP = "moderators"  # samconfig.toml maps it to a role
_FUNCTIONS = {
    "PreTokenGeneration": f"phenom-local-hasura-cognito-trigger:{LIVE}",
    "PostAuthentication": f"phenom-local-hasura-cognito-sync-users:{LIVE}",
    "PostConfirmation": f"phenom-local-hasura-cognito-sync-users:{LIVE}",
}


@dataclass(frozen=True, slots=True)
class LocalUserPool:
    """The pool and its app client."""

    id: str
    arn: str
    client_id: str
    is_new: bool


def prepare(aws: Aws) -> LocalUserPool:
    """Returns the pool, created with a demo user if needed. Its triggers name functions that are deployed later."""
    cognito = aws.client("cognito-idp")
    triggers = _triggers(aws)
    found = _find(cognito, triggers)
    pool_id = found or _create(cognito, triggers)
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    clients = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=1)["UserPoolClients"]
    return LocalUserPool(pool_id, pool["Arn"], clients[0]["ClientId"], is_new=found is None)


def _triggers(aws: Aws) -> dict[str, str]:
    account = aws.client("sts").get_caller_identity()["Account"]
    return {trigger: f"arn:aws:lambda:{REGION}:{account}:function:{name}" for trigger, name in _FUNCTIONS.items()}


def _find(cognito: Any, triggers: dict[str, str]) -> str | None:
    """Returns the id of a complete pool: the demo user is created last. Deletes pools with outdated triggers."""
    for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
        if pool["Name"] == NAME:
            calls = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"].get("LambdaConfig", {})
            if triggers.items() <= calls.items() and cognito.list_users(UserPoolId=pool["Id"], Limit=1)["Users"]:
                return str(pool["Id"])
            cognito.delete_user_pool(UserPoolId=pool["Id"])
    return None


def _create(cognito: Any, triggers: dict[str, str]) -> str:
    pool_id: str = cognito.create_user_pool(
        PoolName=NAME,
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireLowercase": True,
                "RequireUppercase": True,
                "RequireNumbers": True,
                "RequireSymbols": True,
            }
        },
        LambdaConfig=triggers,
    )["UserPool"]["Id"]
    cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="local",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )
    cognito.create_group(UserPoolId=pool_id, GroupName=DEMO_GROUP)
    _create_demo_user(cognito, pool_id)
    return pool_id


def _create_demo_user(cognito: Any, pool_id: str) -> None:
    attributes = {"email": DEMO_USER.username, "email_verified": "true", "name": "Demo User", "locale": "en"}
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username=DEMO_USER.username,
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        MessageAction="SUPPRESS",
    )
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username=DEMO_USER.username, Password=DEMO_USER.password, Permanent=True
    )
