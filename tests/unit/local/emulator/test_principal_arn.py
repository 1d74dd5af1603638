"""The patched condition key of the emulator names roles, not their sessions."""

import pytest

from local.emulator.patches.principal_arn import naming_roles

SESSION = "arn:aws:sts::000000000000:assumed-role/Operator/ann"


@pytest.mark.parametrize(
    ("key", "value", "resolved"),
    [
        ("aws:PrincipalArn", SESSION, "arn:aws:iam::000000000000:role/Operator"),
        ("aws:principalarn", "arn:aws:iam::000000000000:user/ann", "arn:aws:iam::000000000000:user/ann"),
        ("aws:PrincipalArn", "*", "*"),
        ("aws:userid", SESSION, SESSION),
    ],
)
def test_principal_arn_of_a_session_is_its_role(key: str, value: str, resolved: str) -> None:
    assert naming_roles(lambda _key, _context: value)(key, None) == resolved
