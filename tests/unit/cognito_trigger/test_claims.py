"""Claims: which session variables of Hasura users and machine clients get."""

from hypothesis import given
from hypothesis import strategies as st

from cognito_trigger.claims import ALLOWED_ROLES, DEFAULT_ROLE, RESERVED_CLAIMS, USER_ID, Policy, User

SUB = "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"
POLICY = Policy(
    default_role="user",
    roles_by_group={"moderators": "moderator", "staff": "moderator", "editors": "editor", "members": "user"},
    roles_by_client={"nightly": "worker"},
    claims_by_attribute={"custom:tenant": "x-hasura-tenant-id", "locale": "x-hasura-locale"},
)
names = st.text(max_size=12) | st.sampled_from(["admin", *POLICY.roles_by_group, *POLICY.roles_by_group.values()])


def claims(*groups, **attributes):
    return POLICY.user_claims(User(SUB, groups, {"sub": SUB, **attributes}))


def test_user_without_groups_gets_the_default_role():
    assert claims() == {USER_ID: SUB, DEFAULT_ROLE: "user", ALLOWED_ROLES: ["user"]}


def test_groups_add_roles_in_order_without_duplicates():
    assert claims("editors", "staff", "members", "moderators")[ALLOWED_ROLES] == ["user", "editor", "moderator"]


def test_group_does_not_change_the_default_role():
    """Otherwise every request of a moderator would bypass the row permissions of users."""
    assert claims("moderators")[DEFAULT_ROLE] == "user"


def test_group_named_like_a_role_grants_nothing():
    assert claims("admin", "moderator", "editor")[ALLOWED_ROLES] == ["user"]


def test_only_listed_attributes_become_claims():
    granted = claims(**{"custom:tenant": "north", "email": "ada@example.org", "x-hasura-role": "admin"})
    assert granted == claims() | {"x-hasura-tenant-id": "north"}


def test_empty_attribute_becomes_a_claim_and_absent_one_does_not():
    assert claims(locale="")["x-hasura-locale"] == ""
    assert "x-hasura-locale" not in claims()


def test_client_gets_only_its_mapped_role():
    assert POLICY.client_claims("nightly") == {USER_ID: "nightly", DEFAULT_ROLE: "worker", ALLOWED_ROLES: ["worker"]}


def test_no_attribute_can_set_a_claim_that_code_computes():
    computed = POLICY.user_claims(User(SUB, (), {})) | (POLICY.client_claims("nightly") or {})
    assert computed.keys() <= RESERVED_CLAIMS


def test_client_without_a_mapped_role_gets_no_claims():
    assert POLICY.client_claims("unknown") is None
    assert POLICY.client_claims("worker") is None


@given(
    st.lists(names, max_size=6), st.dictionaries(names | st.sampled_from(list(POLICY.claims_by_attribute)), st.text())
)
def test_groups_and_attributes_never_grant_an_unmapped_role(groups, attributes):
    granted = POLICY.user_claims(User(SUB, groups, attributes))
    earned = {POLICY.roles_by_group[group] for group in groups if group in POLICY.roles_by_group}
    assert set(granted[ALLOWED_ROLES]) == {"user"} | earned
    assert (granted[USER_ID], granted[DEFAULT_ROLE]) == (SUB, "user")
    assert granted.keys() <= {USER_ID, DEFAULT_ROLE, ALLOWED_ROLES, *POLICY.claims_by_attribute.values()}
