"""Settings of cognito_trigger, read from environment variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from cognito_trigger.claims import RESERVED_CLAIMS, Policy
from runtime.settings import SettingError, read_mapping, read_text

_ROLE = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,62}")
_CLAIM = re.compile(r"x-hasura-[a-z0-9]+(-[a-z0-9]+)*")
ADMIN = "admin"


class ClaimsFormat(StrEnum):
    """Hasura's `claims_format`, the same for all tokens: the claims are an object, or its JSON in a string."""

    STRINGIFIED_JSON = "stringified_json"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Settings:
    """The claims policy, and the format in which Hasura expects the claims."""

    policy: Policy
    claims_format: ClaimsFormat


def load() -> Settings:
    """Raises SettingError."""
    policy = Policy(
        default_role=_default_role("DEFAULT_ROLE"),
        roles_by_group=_roles("ROLES_BY_GROUP"),
        roles_by_client=_roles("ROLES_BY_CLIENT"),
        claims_by_attribute=_claims("CLAIMS_BY_ATTRIBUTE"),
    )
    return Settings(policy, _claims_format("CLAIMS_FORMAT"))


def _default_role(name: str) -> str:
    role = read_text(name)
    if not _ROLE.fullmatch(role):
        raise SettingError(f"environment variable {name} must be the name of a role, such as user")
    if role == ADMIN:
        raise SettingError(f"environment variable {name} must not be admin: it would make every user an admin")
    return role


def _roles(name: str) -> Mapping[str, str]:
    roles = read_mapping(name)
    for key, role in roles.items():
        if not _ROLE.fullmatch(role):
            raise SettingError(f"environment variable {name} must give {key!r} the name of a role, not {role!r}")
    return roles


def _claims(name: str) -> Mapping[str, str]:
    claims = read_mapping(name)
    for attribute, claim in claims.items():
        if not _CLAIM.fullmatch(claim) or claim in RESERVED_CLAIMS:
            raise SettingError(
                f"environment variable {name} must give {attribute!r} its own claim, such as x-hasura-tenant-id, "
                f"not {claim!r}"
            )
    if len(set(claims.values())) != len(claims):
        raise SettingError(f"environment variable {name} must not give one claim to two attributes")
    return claims


def _claims_format(name: str) -> ClaimsFormat:
    try:
        return ClaimsFormat(read_text(name))
    except ValueError:
        raise SettingError(f"environment variable {name} must be one of: {', '.join(ClaimsFormat)}") from None
