"""The local user pool has the settings that Terraform gives production's, except for the listed differences."""

import json
import re
from collections.abc import Iterator
from typing import Any

from local.paths import ROOT
from local.user_pool import CLIENT, DIFFERENCES, MFA, POOL

MODULE = ROOT / "infra/terraform/modules/cognito/main.tf"
PRODUCTION = ROOT / "infra/terraform/environments/production/locals.tf"
PASSWORDS = POOL["Policies"]["PasswordPolicy"]
(RECOVERY,) = POOL["AccountRecoverySetting"]["RecoveryMechanisms"]

LOCAL = {
    "aws_cognito_user_pool.user_pool_tier": POOL["UserPoolTier"],
    "aws_cognito_user_pool.deletion_protection": POOL["DeletionProtection"],
    "aws_cognito_user_pool.mfa_configuration": MFA["MfaConfiguration"],
    "aws_cognito_user_pool.software_token_mfa_configuration.enabled": MFA["SoftwareTokenMfaConfiguration"]["Enabled"],
    "aws_cognito_user_pool.username_attributes": POOL["UsernameAttributes"],
    "aws_cognito_user_pool.auto_verified_attributes": POOL["AutoVerifiedAttributes"],
    "aws_cognito_user_pool.username_configuration.case_sensitive": POOL["UsernameConfiguration"]["CaseSensitive"],
    "aws_cognito_user_pool.user_attribute_update_settings.attributes_require_verification_before_update": POOL[
        "UserAttributeUpdateSettings"
    ]["AttributesRequireVerificationBeforeUpdate"],
    "aws_cognito_user_pool.password_policy.minimum_length": PASSWORDS["MinimumLength"],
    "aws_cognito_user_pool.password_policy.require_lowercase": PASSWORDS["RequireLowercase"],
    "aws_cognito_user_pool.password_policy.require_uppercase": PASSWORDS["RequireUppercase"],
    "aws_cognito_user_pool.password_policy.require_numbers": PASSWORDS["RequireNumbers"],
    "aws_cognito_user_pool.password_policy.require_symbols": PASSWORDS["RequireSymbols"],
    "aws_cognito_user_pool.password_policy.temporary_password_validity_days": PASSWORDS[
        "TemporaryPasswordValidityDays"
    ],
    "aws_cognito_user_pool.admin_create_user_config.allow_admin_create_user_only": POOL["AdminCreateUserConfig"][
        "AllowAdminCreateUserOnly"
    ],
    "aws_cognito_user_pool.account_recovery_setting.recovery_mechanism.name": RECOVERY["Name"],
    "aws_cognito_user_pool.account_recovery_setting.recovery_mechanism.priority": RECOVERY["Priority"],
    "aws_cognito_user_pool_client.generate_secret": CLIENT["GenerateSecret"],
    "aws_cognito_user_pool_client.supported_identity_providers": CLIENT["SupportedIdentityProviders"],
    "aws_cognito_user_pool_client.allowed_oauth_flows_user_pool_client": CLIENT["AllowedOAuthFlowsUserPoolClient"],
    "aws_cognito_user_pool_client.allowed_oauth_flows": CLIENT["AllowedOAuthFlows"],
    "aws_cognito_user_pool_client.allowed_oauth_scopes": CLIENT["AllowedOAuthScopes"],
    "aws_cognito_user_pool_client.callback_urls": CLIENT["CallbackURLs"],
    "aws_cognito_user_pool_client.logout_urls": CLIENT["LogoutURLs"],
    "aws_cognito_user_pool_client.explicit_auth_flows": CLIENT["ExplicitAuthFlows"],
    "aws_cognito_user_pool_client.prevent_user_existence_errors": CLIENT["PreventUserExistenceErrors"],
    "aws_cognito_user_pool_client.enable_token_revocation": CLIENT["EnableTokenRevocation"],
    "aws_cognito_user_pool_client.id_token_validity": CLIENT["IdTokenValidity"],
    "aws_cognito_user_pool_client.access_token_validity": CLIENT["AccessTokenValidity"],
    "aws_cognito_user_pool_client.refresh_token_validity": CLIENT["RefreshTokenValidity"],
    "aws_cognito_user_pool_client.token_validity_units.id_token": CLIENT["TokenValidityUnits"]["IdToken"],
    "aws_cognito_user_pool_client.token_validity_units.access_token": CLIENT["TokenValidityUnits"]["AccessToken"],
    "aws_cognito_user_pool_client.token_validity_units.refresh_token": CLIENT["TokenValidityUnits"]["RefreshToken"],
    "aws_cognito_user_pool_client.write_attributes": CLIENT["WriteAttributes"],
}
NAMES_OF_DIFFERENCES = {
    "DeletionProtection": "aws_cognito_user_pool.deletion_protection",
    "ExplicitAuthFlows": "aws_cognito_user_pool_client.explicit_auth_flows",
    "CallbackURLs": "aws_cognito_user_pool_client.callback_urls",
    "LogoutURLs": "aws_cognito_user_pool_client.logout_urls",
}
# Names; triggers, which tests/e2e/test_sign_in.py tests; Terraform's own rules.
NO_SETTINGS = re.compile(r".*\.(?:name|user_pool_id|count)|.*\.(?:lambda_config|lifecycle)\..*|.*\.for_each")


def test_local_settings_are_those_of_production_except_for_the_listed_differences() -> None:
    terraform = {path: value for path, value in _settings() if not NO_SETTINGS.fullmatch(path) or "recovery" in path}
    assert terraform.keys() <= LOCAL.keys(), "a new setting in Terraform: add it to local/user_pool.py and to LOCAL"
    different = {path for path, value in terraform.items() if _sorted(value) != _sorted(LOCAL[path])}
    assert different == {NAMES_OF_DIFFERENCES[name] for name in DIFFERENCES}


def test_password_flow_is_the_only_additional_flow() -> None:
    terraform = dict(_settings())["aws_cognito_user_pool_client.explicit_auth_flows"]
    assert set(CLIENT["ExplicitAuthFlows"]) - set(terraform) == {"ALLOW_USER_PASSWORD_AUTH"}


def _settings() -> Iterator[tuple[str, Any]]:
    """Yields the arguments of the module's pool and client with production's values, by path."""
    blocks: list[str] = []
    for line in _statements(MODULE.read_text()):
        if opened := re.fullmatch(r'(?:resource|dynamic) "(\w+)"(?: "\w+")? \{|(\w+) \{', line):
            blocks.append(opened[1] or opened[2])
        elif line == "}" and blocks:
            blocks.pop()
        elif (argument := re.fullmatch(r"(\w+)\s+= (.+)", line)) and blocks and blocks[0] in _RESOURCES:
            path = [each for each in [*blocks, argument[1]] if each != "content"]
            if not NO_SETTINGS.fullmatch(".".join(path)) or "recovery" in ".".join(path):
                yield ".".join(path), _value(argument[2])


_RESOURCES = {"aws_cognito_user_pool", "aws_cognito_user_pool_client"}


def _statements(text: str) -> Iterator[str]:
    """Yields lines without comments; a list on several lines is one line."""
    joined = re.sub(r"\[[^\]]*\]", lambda found: " ".join(found[0].split()), re.sub(r"(?m)\s+#.*$|^\s*#.*$", "", text))
    yield from (line.strip() for line in joined.splitlines() if line.strip())


def _value(expression: str) -> Any:
    if choice := re.fullmatch(r"(!?var\.\w+) \? (.+) : (.+)", expression):
        return _value(choice[2] if _value(choice[1]) else choice[3])
    if expression.startswith("!"):
        return not _value(expression[1:])
    if expression.startswith("var."):
        return _production(expression.removeprefix("var."))
    if expression == "software_token_mfa_configuration.value":  # of a block that is there unless MFA is off
        return True
    return json.loads(re.sub(r",\s*\]", "]", expression))


def _production(variable: str) -> Any:
    found = re.search(rf"(?m)^\s+(?:cognito_)?{variable}\s+= (.+?)(?:\s+#.*)?$", PRODUCTION.read_text())
    assert found, variable
    return json.loads(found[1])


def _sorted(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value
