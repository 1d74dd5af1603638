"""The rules: which Hasura session variables a user or a machine client gets.

Hasura uses `x-hasura-default-role` for requests that name no role, and accepts any of `x-hasura-allowed-roles` in the
`x-hasura-role` header (https://hasura.io/docs/2.0/auth/authentication/jwt/).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMESPACE = "https://hasura.io/jwt/claims"
USER_ID = "x-hasura-user-id"
DEFAULT_ROLE = "x-hasura-default-role"
ALLOWED_ROLES = "x-hasura-allowed-roles"
# Names that have a meaning to Hasura: no attribute may set them.
RESERVED_CLAIMS = frozenset(
    {USER_ID, DEFAULT_ROLE, ALLOWED_ROLES, "x-hasura-role", "x-hasura-admin-secret", "x-hasura-access-key"}
)

type Claims = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class User:
    """The user of a token: `sub`, groups in order of precedence, attributes."""

    sub: str
    groups: Sequence[str]
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """The roles and claims that tokens may carry. Nothing else is ever granted."""

    default_role: str
    roles_by_group: Mapping[str, str]
    roles_by_client: Mapping[str, str]
    claims_by_attribute: Mapping[str, str]

    def user_claims(self, user: User) -> Claims:
        """Returns the claims of a user.

        The default role is the same for all users: a role that a group grants acts only in requests that ask for it.
        """
        granted = [self.roles_by_group[group] for group in user.groups if group in self.roles_by_group]
        extra = {
            claim: user.attributes[attribute]
            for attribute, claim in self.claims_by_attribute.items()
            if attribute in user.attributes
        }
        return {
            **extra,
            USER_ID: user.sub,
            DEFAULT_ROLE: self.default_role,
            ALLOWED_ROLES: list(dict.fromkeys([self.default_role, *granted])),
        }

    def client_claims(self, client_id: str) -> Claims | None:
        """Returns the claims of a machine client; None when it has no role, so that Hasura refuses its tokens."""
        role = self.roles_by_client.get(client_id)
        return None if role is None else {USER_ID: client_id, DEFAULT_ROLE: role, ALLOWED_ROLES: [role]}
