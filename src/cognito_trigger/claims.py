"""Who a token is for, and which of Hasura's session variables that comes to.

Hasura takes `x-hasura-default-role`, which it uses where a request names none, and `x-hasura-allowed-roles`, of which a
request may name one in its `x-hasura-role` header (https://hasura.io/docs/2.0/auth/authentication/jwt/).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NAMESPACE = "https://hasura.io/jwt/claims"
USER_ID = "x-hasura-user-id"
DEFAULT_ROLE = "x-hasura-default-role"
ALLOWED_ROLES = "x-hasura-allowed-roles"
# What Hasura itself gives a meaning to: no attribute may take its place.
RESERVED_CLAIMS = frozenset(
    {USER_ID, DEFAULT_ROLE, ALLOWED_ROLES, "x-hasura-role", "x-hasura-admin-secret", "x-hasura-access-key"}
)

type Claims = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class User:
    """A person: `sub`, their groups in order of precedence, their attributes."""

    sub: str
    groups: Sequence[str]
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """Which roles and extra claims there are to have. Nothing is given that does not stand here."""

    default_role: str
    roles_by_group: Mapping[str, str]
    roles_by_client: Mapping[str, str]
    claims_by_attribute: Mapping[str, str]

    def claims_of(self, user: User) -> Claims:
        """Everybody begins as the default role; what their groups allow, a request must ask for by name."""
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

    def claims_of_client(self, client_id: str) -> Claims | None:
        """For a machine that signs in as itself; None where it has no role, so that Hasura refuses its tokens."""
        role = self.roles_by_client.get(client_id)
        return None if role is None else {USER_ID: client_id, DEFAULT_ROLE: role, ALLOWED_ROLES: [role]}
