"""Who gets which of Hasura's session variables."""

from hypothesis import given
from hypothesis import strategies as st

from cognito_trigger.claims import ALLOWED_ROLES, DEFAULT_ROLE, USER_ID, Policy, User

SUB = "0f3c9a52-7f41-4b8e-9d26-3c5a1b7e8f90"
POLICY = Policy(
    default_role="user",
    roles_by_group={"moderators": "moderator", "staff": "moderator", "editors": "editor", "members": "user"},
    roles_by_client={"nightly": "worker"},
    claims_by_attribute={"custom:tenant": "x-hasura-tenant-id", "locale": "x-hasura-locale"},
)
names = st.text(max_size=12) | st.sampled_from(["admin", *POLICY.roles_by_group, *POLICY.roles_by_group.values()])


def claims(*groups, **attributes):
    return POLICY.claims_of(User(SUB, groups, {"sub": SUB, **attributes}))


def test_a_user_is_themselves_in_the_default_role():
    assert claims() == {USER_ID: SUB, DEFAULT_ROLE: "user", ALLOWED_ROLES: ["user"]}


def test_groups_add_roles_in_their_order_each_once():
    assert claims("editors", "staff", "members", "moderators")[ALLOWED_ROLES] == ["user", "editor", "moderator"]


def test_a_group_never_changes_the_role_that_a_request_begins_with():
    """Else each request of a moderator would see everything, and bypass the rules for rows."""
    assert claims("moderators")[DEFAULT_ROLE] == "user"


def test_a_group_that_is_called_like_a_role_gives_nothing():
    assert claims("admin", "moderator", "editor")[ALLOWED_ROLES] == ["user"]


def test_attributes_of_the_list_are_claims_and_no_others():
    given_claims = claims(**{"custom:tenant": "north", "email": "ada@example.org", "x-hasura-role": "admin"})
    assert given_claims == claims() | {"x-hasura-tenant-id": "north"}


def test_an_empty_attribute_is_a_claim_and_an_absent_one_is_none():
    assert claims(locale="")["x-hasura-locale"] == ""
    assert "x-hasura-locale" not in claims()


def test_a_client_has_the_role_of_its_map_and_no_other():
    assert POLICY.claims_of_client("nightly") == {USER_ID: "nightly", DEFAULT_ROLE: "worker", ALLOWED_ROLES: ["worker"]}


def test_a_client_without_a_role_gets_no_claims():
    assert POLICY.claims_of_client("unknown") is None
    assert POLICY.claims_of_client("worker") is None


@given(
    st.lists(names, max_size=6), st.dictionaries(names | st.sampled_from(list(POLICY.claims_by_attribute)), st.text())
)
def test_no_groups_and_no_attributes_ever_give_a_role_that_is_not_mapped(groups, attributes):
    given_claims = POLICY.claims_of(User(SUB, groups, attributes))
    earned = {POLICY.roles_by_group[group] for group in groups if group in POLICY.roles_by_group}
    assert set(given_claims[ALLOWED_ROLES]) == {"user"} | earned
    assert (given_claims[USER_ID], given_claims[DEFAULT_ROLE]) == (SUB, "user")
    assert given_claims.keys() <= {USER_ID, DEFAULT_ROLE, ALLOWED_ROLES, *POLICY.claims_by_attribute.values()}
