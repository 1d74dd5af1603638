"""Creates the local cloud's user pool, which infra/terraform/modules/cognito provides elsewhere.

The settings are those that Terraform gives production, except for DIFFERENCES. local/emulator/patches/cognito_users.py
makes the emulator follow them.
"""

from collections.abc import Mapping
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

POOL: Mapping[str, Any] = {
    "UserPoolTier": "LITE",
    "DeletionProtection": "INACTIVE",
    "UsernameAttributes": ["email"],
    "AutoVerifiedAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireLowercase": True,
            "RequireUppercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "TemporaryPasswordValidityDays": 7,
        }
    },
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
}
MFA: Mapping[str, Any] = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
CLIENT: Mapping[str, Any] = {
    "GenerateSecret": False,
    "SupportedIdentityProviders": ["COGNITO"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code"],
    "AllowedOAuthScopes": ["openid", "email", "profile"],
    "CallbackURLs": ["http://localhost:3000", "http://localhost:5173/signed-in"],
    "LogoutURLs": ["http://localhost:3000", "http://localhost:5173/"],
    "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    "PreventUserExistenceErrors": "ENABLED",
    "EnableTokenRevocation": True,
    "IdTokenValidity": 60,
    "AccessTokenValidity": 60,
    "RefreshTokenValidity": 30,
    "TokenValidityUnits": {"IdToken": "minutes", "AccessToken": "minutes", "RefreshToken": "days"},
    "WriteAttributes": ["email", "locale", "name", "picture"],
}
DIFFERENCES: Mapping[str, str] = {
    "DeletionProtection": "the local cloud deletes a pool whose settings are outdated",
    "ExplicitAuthFlows": "scripts such as `phenom sign-in` use the password flow",
    "CallbackURLs": "pages on the developer's machine, as in development",
    "LogoutURLs": "pages on the developer's machine, as in development",
}
"""Settings that differ from production's, and why. The emulator itself differs in two points: codes are in its log,
because no mail is sent, and the hosted sign-in needs no domain."""


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
    """Returns the id of a complete pool: the demo user is created last. Deletes pools with outdated settings."""
    for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
        if pool["Name"] == NAME:
            if _is_current(cognito, pool["Id"], triggers):
                return str(pool["Id"])
            cognito.delete_user_pool(UserPoolId=pool["Id"])
    return None


def _is_current(cognito: Any, pool_id: str, triggers: dict[str, str]) -> bool:
    pool = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    clients = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=1)["UserPoolClients"]
    if not clients or not cognito.list_users(UserPoolId=pool_id, Limit=1)["Users"]:
        return False
    client = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=clients[0]["ClientId"])["UserPoolClient"]
    wanted = {name: value for name, value in CLIENT.items() if name != "GenerateSecret"}  # not described
    return (
        triggers.items() <= pool.get("LambdaConfig", {}).items()
        and all(pool.get(name) == value for name, value in POOL.items())
        and all(client.get(name) == value for name, value in wanted.items())
    )


def _create(cognito: Any, triggers: dict[str, str]) -> str:
    pool_id: str = cognito.create_user_pool(PoolName=NAME, LambdaConfig=triggers, **POOL)["UserPool"]["Id"]
    cognito.set_user_pool_mfa_config(UserPoolId=pool_id, **MFA)
    cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="local", **CLIENT)
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
