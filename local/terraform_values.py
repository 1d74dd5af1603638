"""Writes the secret and SSM parameters that Terraform provides in the other environments."""

import json
import secrets

from local.aws import Aws
from local.user_pool import LocalUserPool

APP_SECRET = "phenom-local-app-secrets"  # noqa: S105 - the name of one
NONE = "none"  # as Terraform writes it: SSM does not accept an empty value
_PREFIX = "/phenom/local"


def admin_secret(aws: Aws) -> str:
    """Returns Hasura's admin secret from the app secret, or a new one."""
    secrets_manager = aws.client("secretsmanager")
    try:
        content = json.loads(secrets_manager.get_secret_value(SecretId=APP_SECRET)["SecretString"])
    except secrets_manager.exceptions.ResourceNotFoundException:
        content = {}
    return str(content.get("hasuraAdminSecret") or secrets.token_urlsafe(24))


def write(aws: Aws, pool: LocalUserPool, hasura: dict[str, str]) -> None:
    """Writes all values. `hasura` is the content of the app secret: hasuraEndpoint, hasuraAdminSecret, databaseUrl."""
    parameters = {
        "monitoring/alarm-topic-arn": NONE,
        "cognito/user-pool-id": pool.id,
        "cognito/user-pool-arn": pool.arn,
        "cognito/user-pool-client-id": pool.client_id,
        "secrets/app-secret-arn": _write_secret(aws, json.dumps(hasura)),
        "network/private-subnet-ids": NONE,  # the local cloud has no VPC
        "network/lambda-security-group-id": NONE,
    }
    for name, value in parameters.items():
        _put(aws, name, value)


def write_clamd(aws: Aws, host: str | None) -> None:
    _put(aws, "clamd/host", host or NONE)


def _put(aws: Aws, name: str, value: str) -> None:
    kind = "StringList" if name.endswith("-ids") else "String"
    aws.client("ssm").put_parameter(Name=f"{_PREFIX}/{name}", Value=value, Type=kind, Overwrite=True)


def _write_secret(aws: Aws, content: str) -> str:
    secrets_manager = aws.client("secretsmanager")
    try:
        secrets_manager.put_secret_value(SecretId=APP_SECRET, SecretString=content)
    except secrets_manager.exceptions.ResourceNotFoundException:
        secrets_manager.create_secret(Name=APP_SECRET, SecretString=content)
    return str(secrets_manager.describe_secret(SecretId=APP_SECRET)["ARN"])
