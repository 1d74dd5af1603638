"""Who may ask as whom: the rules of Hasura v2's admin secret and JWT mode, with real keys and a real key set."""

import json
import time

import jwt
import pytest

from local.hasura import key_set
from local.hasura.errors import HasuraError
from local.hasura.sessions import Authentication, Session
from local.hasura.settings import Settings, jwt_settings
from tests.pool_tokens import NAMESPACE, USER_ID, Pool, forged, hasura_claims, new_key, payload

SECRET = "the admin secret"


def authentication(pool: Pool | None, **changed) -> Authentication:
    return Authentication(Settings("", SECRET, jwt_settings(pool.settings(**changed)) if pool else None))


def bearer(token: str, **headers: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} | headers


def refusal(who: Authentication, headers: dict[str, str]) -> tuple[str, str]:
    with pytest.raises(HasuraError) as caught:
        who.session(headers)
    assert caught.value.path == "$"
    return caught.value.code, caught.value.message


def test_admin_secret_makes_an_admin(pool):
    for name in ("x-hasura-admin-secret", "x-hasura-access-key"):
        assert authentication(pool).session({name: SECRET}) == Session("admin", {})


def test_admin_secret_may_act_as_any_role_with_the_variables_of_the_headers():
    headers = {"x-hasura-admin-secret": SECRET, "x-hasura-role": "user", "x-hasura-user-id": USER_ID, "accept": "*/*"}
    session = authentication(None).session(headers)
    assert session.role == "user"
    assert session.variable("X-Hasura-User-Id") == USER_ID
    assert SECRET not in session.variables.values()


@pytest.mark.parametrize("wrong", ["", "x", SECRET + " ", "\udce4"])
def test_wrong_admin_secret_is_denied_even_beside_a_good_token(pool, wrong):
    code, message = refusal(authentication(pool), bearer(pool.token()) | {"x-hasura-admin-secret": wrong})
    assert (code, message) == ("access-denied", "invalid x-hasura-admin-secret/x-hasura-access-key")


def test_without_jwt_mode_only_the_admin_secret_opens(pool):
    code, message = refusal(authentication(None), bearer(pool.token()))
    assert code == "access-denied"
    assert message == "x-hasura-admin-secret/x-hasura-access-key required, but not found"


def test_token_gives_role_and_variables(pool):
    session = authentication(pool).session(bearer(pool.token()))
    assert session == Session("user", {"x-hasura-user-id": USER_ID})


def test_names_of_claims_know_no_case_and_what_is_not_hasuras_is_left_out(pool):
    claims = {"X-Hasura-Default-Role": "user", "X-HASURA-ALLOWED-ROLES": ["user"], "X-Hasura-User-Id": "7", "other": 1}
    assert authentication(pool).session(bearer(pool.token(payload(claims)))) == Session(
        "user", {"x-hasura-user-id": "7"}
    )


def test_headers_of_a_token_bearer_are_no_session_variables(pool):
    headers = bearer(pool.token()) | {"x-hasura-user-id": "somebody else", "x-hasura-team": "1"}
    assert authentication(pool).session(headers).variables == {"x-hasura-user-id": USER_ID}


def test_role_of_the_header_is_taken_when_it_is_allowed(pool):
    token = pool.token(payload(hasura_claims(allowed_roles=["user", "editor"])))
    assert authentication(pool).session(bearer(token, **{"x-hasura-role": "editor"})).role == "editor"
    assert authentication(pool).session(bearer(token, **{"x-hasura-role": ""})).role == "user"


@pytest.mark.parametrize("role", ["admin", "editor", "User", "user "])
def test_role_that_is_not_allowed_is_denied(pool, role):
    denied = ("access-denied", "Your requested role is not in allowed roles")
    assert refusal(authentication(pool), bearer(pool.token(), **{"x-hasura-role": role})) == denied


def test_default_role_must_be_allowed_too(pool):
    token = pool.token(payload(hasura_claims(allowed_roles=["editor"])))
    assert refusal(authentication(pool), bearer(token))[0] == "access-denied"


def test_nested_claims_are_taken_where_the_format_is_json(pool):
    who = authentication(pool, claims_format="json")
    assert who.session(bearer(pool.token(payload(nested=True)))).role == "user"


@pytest.mark.parametrize(
    ("claims_format", "claims", "message"),
    [
        ("json", json.dumps(hasura_claims()), "expecting a json object when claims_format is json"),
        ("stringified_json", 7, "expecting a string when claims_format is stringified_json"),
        ("stringified_json", "[1", f"expecting stringified json at: 'claims_namespace {NAMESPACE}', but found: [1"),
        ("stringified_json", "[]", f"expecting stringified json at: 'claims_namespace {NAMESPACE}', but found: []"),
    ],
)
def test_claims_in_another_format_are_refused(pool, claims_format, claims, message):
    who = authentication(pool, claims_format=claims_format)
    assert refusal(who, bearer(pool.token(payload(claims)))) == ("jwt-invalid-claims", message)


def test_nested_claims_are_refused_where_a_string_is_expected(pool):
    code, message = refusal(authentication(pool), bearer(pool.token(payload(nested=True))))
    assert (code, message) == ("jwt-invalid-claims", "expecting a string when claims_format is stringified_json")


def test_missing_namespace_is_told(pool):
    token = pool.token(payload(**{NAMESPACE: None}))
    assert refusal(authentication(pool), bearer(token)) == (
        "jwt-invalid-claims",
        f"claims key: '{NAMESPACE}' not found",
    )


@pytest.mark.parametrize(
    ("claims", "code", "message"),
    [
        (
            hasura_claims(allowed_roles=None),
            "jwt-missing-role-claims",
            "JWT claim does not contain x-hasura-allowed-roles",
        ),
        (
            hasura_claims(default_role=None),
            "jwt-missing-role-claims",
            "JWT claim does not contain x-hasura-default-role",
        ),
        (
            hasura_claims(allowed_roles="user"),
            "jwt-invalid-claims",
            (
                "invalid x-hasura-allowed-roles; should be a list of roles: "
                "parsing [] failed, expected Array, but encountered String"
            ),
        ),
        (
            hasura_claims(allowed_roles=["user", 1]),
            "jwt-invalid-claims",
            (
                "invalid x-hasura-allowed-roles; should be a list of roles: "
                "parsing Text failed, expected String, but encountered Number"
            ),
        ),
        (
            hasura_claims(default_role=["user"]),
            "jwt-invalid-claims",
            (
                "invalid x-hasura-default-role; should be a single role name: "
                "parsing Text failed, expected String, but encountered Array"
            ),
        ),
        (
            hasura_claims(user_id=7),
            "jwt-invalid-claims",
            "x-hasura-* claims: parsing Text failed, expected String, but encountered Number",
        ),
    ],
)
def test_claims_that_hasura_cannot_use_are_told(pool, claims, code, message):
    assert refusal(authentication(pool), bearer(pool.token(payload(claims)))) == (code, message)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"exp": 1_000_000_000}, "JWTExpired"),
        ({"nbf": 4_000_000_000}, "JWTNotYetValid"),
        ({"iat": 4_000_000_000}, "JWTIssuedAtFuture"),
        ({"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"}, "JWTNotInIssuer"),
        ({"aud": "another client"}, "JWTNotInAudience"),
        ({"aud": ["another", "client"]}, "JWTNotInAudience"),
        ({"exp": "soon"}, "JWSError (JSONDecodeError)"),
    ],
)
def test_token_of_another_time_issuer_or_client_is_refused(pool, changed, why):
    token = pool.token(payload(**changed))
    assert refusal(authentication(pool), bearer(token)) == ("invalid-jwt", f"Could not verify JWT: {why}")


def test_clocks_may_differ_by_the_allowed_skew(pool):
    token = pool.token(payload(exp=int(time.time()) - 30))
    assert authentication(pool, allowed_skew=60).session(bearer(token)).role == "user"


@pytest.mark.parametrize(
    ("settings", "changed"),
    [
        ({"audience": ["another", "client-of-the-tests"]}, {}),
        ({}, {"aud": ["another", "client-of-the-tests"]}),
        ({"audience": None}, {"aud": "whoever"}),
        ({"issuer": None}, {"iss": "whoever"}),
        ({}, {"aud": None, "client_id": "client-of-the-tests"}),
        ({}, {"iss": None}),
        ({}, {"exp": None}),
    ],
)
def test_what_is_not_set_or_not_said_is_not_checked(pool, settings, changed):
    assert authentication(pool, **settings).session(bearer(pool.token(payload(**changed)))).role == "user"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256"])
def test_forged_signature_is_refused_whatever_algorithm_it_claims(pool, algorithm):
    header = {"alg": algorithm, "typ": "JWT", "kid": "first"}
    for secret in (None, b"", pool.public_pem(), pool.key_set()):
        code, message = refusal(authentication(pool), bearer(forged(header, payload(), secret)))
        assert code == "invalid-jwt"
        assert message == "Could not verify JWT: JWSError JWSInvalidSignature"


def test_token_of_another_key_under_the_same_id_is_refused(pool):
    other = Pool({"first": new_key()})
    code, message = refusal(authentication(pool), bearer(other.token()))
    assert (code, message) == ("invalid-jwt", "Could not verify JWT: JWSError JWSInvalidSignature")


def test_changed_payload_is_refused(pool):
    header, _, signature = pool.token().split(".")
    content = forged({}, payload(hasura_claims(allowed_roles=["user", "admin"])), None).split(".")[1]
    assert refusal(authentication(pool), bearer(f"{header}.{content}.{signature}"))[0] == "invalid-jwt"


def test_key_set_is_fetched_once_for_many_tokens(pool):
    who = authentication(pool)
    for _ in range(5):
        who.session(bearer(pool.token()))
    assert pool.asked == 1


def test_new_key_of_the_pool_is_learned_and_the_old_one_forgotten(pool, monkeypatch):
    monkeypatch.setattr(key_set, "REFETCH_SECONDS", 0.0)
    who = authentication(pool)
    old = pool.token()
    who.session(bearer(old))
    pool.keys = {"second": new_key()}
    assert who.session(bearer(pool.token(key_id="second"))).role == "user"
    assert refusal(who, bearer(old))[0] == "invalid-jwt"


def test_tokens_with_made_up_keys_do_not_send_us_to_the_pool_each_time(pool, monkeypatch):
    monkeypatch.setattr(key_set, "REFETCH_SECONDS", 3600.0)
    who = authentication(pool)
    for number in range(5):
        token = forged({"alg": "RS256", "kid": f"made up {number}"}, payload(), b"")
        assert refusal(who, bearer(token))[0] == "invalid-jwt"
    assert pool.asked == 1


def test_token_that_names_no_key_is_tried_with_all(pool):
    pool.keys = {"another": new_key(), **pool.keys}
    token = jwt.encode(payload(), pool.keys["first"], "RS256")
    assert authentication(pool).session(bearer(token)).role == "user"


def test_keys_outlive_a_pool_that_is_down_and_none_are_told(pool, monkeypatch):
    monkeypatch.setattr(key_set, "REFETCH_SECONDS", 0.0)
    who, late = authentication(pool), authentication(pool)
    token = pool.token()
    who.session(bearer(token))
    pool.status = 500
    assert who.session(bearer(token)).role == "user"
    assert refusal(late, bearer(token)) == ("invalid-jwt", "Could not verify JWT: JWSError NoUsableKeys")
    pool.stop()
    assert who.session(bearer(token)).role == "user"
    assert refusal(late, bearer(token))[0] == "invalid-jwt"


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ({}, "Missing Authorization header in JWT authentication mode"),
        ({"authorization": "Bearer"}, "Malformed Authorization header"),
        ({"authorization": "bearer x.y.z"}, "Malformed Authorization header"),
        ({"authorization": "Basic dTpw"}, "Malformed Authorization header"),
        ({"authorization": "Bearer a b"}, "Malformed Authorization header"),
    ],
)
def test_header_without_a_token_is_refused(pool, headers, message):
    assert refusal(authentication(pool), headers) == ("invalid-headers", message)


@pytest.mark.parametrize("token", ["x", "x.y", "x.y.z.u", "..", "x.y.z", "é.é.é", "." * 1000, "e30.e30.e30"])
def test_text_that_is_no_token_is_refused(pool, token):
    assert refusal(authentication(pool), bearer(token))[0] == "invalid-jwt"


def test_missing_variable_is_told_by_its_name():
    with pytest.raises(HasuraError, match='missing session variable: "x-hasura-user-id"') as caught:
        Session("user", {}).variable("X-Hasura-User-Id")
    assert caught.value.code == "not-found"
