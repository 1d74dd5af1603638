"""Authentication by Hasura v2's rules for admin secret and tokens, with real keys and a real key set."""

import json

import pytest

from local.hasura import authentication
from local.hasura.authentication import Authenticator, Session
from local.hasura.errors import HasuraError
from local.hasura.settings import Settings, parse_jwt_settings
from tests.pool_tokens import NAMESPACE, USER_ID, Pool, forged, hasura_claims, new_key, payload

SECRET = "the admin secret"


def authenticator(pool: Pool | None, **changed) -> Authenticator:
    return Authenticator(Settings("", SECRET, parse_jwt_settings(pool.settings(**changed)) if pool else None))


def bearer(token: str, **headers: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"} | headers


def refusal(who: Authenticator, headers: dict[str, str]) -> tuple[str, str]:
    with pytest.raises(HasuraError) as caught:
        who.authenticate(headers)
    return caught.value.code, caught.value.message


def test_admin_secret_gives_the_admin_role(pool):
    assert authenticator(pool).authenticate({"x-hasura-admin-secret": SECRET}) == Session("admin", {})


def test_admin_secret_may_act_as_any_role_with_variables_from_headers():
    headers = {"x-hasura-admin-secret": SECRET, "x-hasura-role": "user", "x-hasura-user-id": USER_ID, "accept": "*/*"}
    session = authenticator(None).authenticate(headers)
    assert session.role == "user"
    assert session.variable("X-Hasura-User-Id") == USER_ID
    assert SECRET not in session.variables.values()


@pytest.mark.parametrize("wrong", ["", "x", SECRET + " ", "\udce4"])
def test_wrong_admin_secret_is_denied_even_with_a_valid_token(pool, wrong):
    code, message = refusal(authenticator(pool), bearer(pool.token()) | {"x-hasura-admin-secret": wrong})
    assert (code, message) == ("access-denied", "invalid x-hasura-admin-secret")


def test_token_is_denied_without_jwt_settings(pool):
    code, message = refusal(authenticator(None), bearer(pool.token()))
    assert (code, message) == ("access-denied", "x-hasura-admin-secret required, but not found")


def test_token_gives_role_and_variables(pool):
    session = authenticator(pool).authenticate(bearer(pool.token()))
    assert session == Session("user", {"x-hasura-user-id": USER_ID})


def test_claim_names_are_case_insensitive_and_others_are_ignored(pool):
    claims = {"X-Hasura-Default-Role": "user", "X-HASURA-ALLOWED-ROLES": ["user"], "X-Hasura-User-Id": "7", "other": 1}
    session = authenticator(pool).authenticate(bearer(pool.token(payload(claims))))
    assert session == Session("user", {"x-hasura-user-id": "7"})


def test_headers_set_no_session_variables_of_a_token(pool):
    headers = bearer(pool.token()) | {"x-hasura-user-id": "another user", "x-hasura-team": "1"}
    assert authenticator(pool).authenticate(headers).variables == {"x-hasura-user-id": USER_ID}


def test_requested_role_is_used_when_it_is_allowed(pool):
    token = pool.token(payload(hasura_claims(allowed_roles=["user", "editor"])))
    assert authenticator(pool).authenticate(bearer(token, **{"x-hasura-role": "editor"})).role == "editor"
    assert authenticator(pool).authenticate(bearer(token, **{"x-hasura-role": ""})).role == "user"


@pytest.mark.parametrize("role", ["admin", "editor", "User", "user "])
def test_requested_role_that_is_not_allowed_is_denied(pool, role):
    denied = ("access-denied", "Your requested role is not in allowed roles")
    assert refusal(authenticator(pool), bearer(pool.token(), **{"x-hasura-role": role})) == denied


def test_default_role_must_be_allowed(pool):
    token = pool.token(payload(hasura_claims(allowed_roles=["editor"])))
    assert refusal(authenticator(pool), bearer(token))[0] == "access-denied"


def test_claims_are_an_object_with_claims_format_json(pool):
    who = authenticator(pool, claims_format="json")
    assert who.authenticate(bearer(pool.token(payload(nested=True)))).role == "user"


@pytest.mark.parametrize(
    ("claims_format", "claims"),
    [
        *(("json", json.dumps(hasura_claims())), ("stringified_json", 7)),
        *(("stringified_json", "[1"), ("stringified_json", "[]")),
    ],
)
def test_claims_in_another_format_are_refused(pool, claims_format, claims):
    who = authenticator(pool, claims_format=claims_format)
    expected = ("jwt-invalid-claims", f"the claims are not in the claims_format {claims_format}")
    assert refusal(who, bearer(pool.token(payload(claims)))) == expected


def test_missing_namespace_is_named(pool):
    token = pool.token(payload(**{NAMESPACE: None}))
    expected = ("jwt-invalid-claims", f"claims key: '{NAMESPACE}' not found")
    assert refusal(authenticator(pool), bearer(token)) == expected


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        (hasura_claims(allowed_roles=None), "jwt-missing-role-claims"),
        (hasura_claims(default_role=None), "jwt-missing-role-claims"),
        (hasura_claims(allowed_roles="user"), "jwt-invalid-claims"),
        (hasura_claims(allowed_roles=["user", 1]), "jwt-invalid-claims"),
        (hasura_claims(default_role=["user"]), "jwt-invalid-claims"),
        (hasura_claims(user_id=7), "jwt-invalid-claims"),
    ],
)
def test_unusable_claims_are_refused(pool, claims, code):
    assert refusal(authenticator(pool), bearer(pool.token(payload(claims))))[0] == code


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": 1_000_000_000}, "JWTExpired"),
        ({"nbf": 4_000_000_000}, "JWTNotYetValid"),
        ({"iat": 4_000_000_000}, "JWTNotYetValid"),
        ({"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"}, "JWTNotInIssuer"),
        ({"aud": "another client"}, "JWTNotInAudience"),
        ({"aud": ["another", "client"]}, "JWTNotInAudience"),
        ({"exp": "soon"}, "JWSError JWSInvalidSignature"),
    ],
)
def test_token_of_another_time_issuer_or_client_is_refused(pool, changed, reason):
    token = pool.token(payload(**changed))
    assert refusal(authenticator(pool), bearer(token)) == ("invalid-jwt", f"Could not verify JWT: {reason}")


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["another", "client-of-the-tests"]},
        {"aud": None, "client_id": "client-of-the-tests"},
        {"iss": None},
        {"exp": None},
    ],
)
def test_claim_that_the_token_does_not_have_is_not_checked(pool, changed):
    assert authenticator(pool).authenticate(bearer(pool.token(payload(**changed)))).role == "user"


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256"])
def test_forged_signature_is_refused_for_every_algorithm(pool, algorithm):
    header = {"alg": algorithm, "typ": "JWT", "kid": "first"}
    for secret in (None, b"", pool.public_pem(), pool.key_set()):
        code, message = refusal(authenticator(pool), bearer(forged(header, payload(), secret)))
        assert (code, message) == ("invalid-jwt", "Could not verify JWT: JWSError JWSInvalidSignature")


def test_token_of_another_key_with_the_same_id_is_refused(pool):
    other = Pool({"first": new_key()})
    assert refusal(authenticator(pool), bearer(other.token()))[0] == "invalid-jwt"


def test_changed_payload_is_refused(pool):
    header, _, signature = pool.token().split(".")
    content = forged({}, payload(hasura_claims(allowed_roles=["user", "admin"])), None).split(".")[1]
    assert refusal(authenticator(pool), bearer(f"{header}.{content}.{signature}"))[0] == "invalid-jwt"


def test_key_set_is_fetched_once_for_many_tokens(pool):
    who = authenticator(pool)
    for _ in range(5):
        who.authenticate(bearer(pool.token()))
    assert pool.requests == 1


def test_new_key_of_the_pool_is_fetched_and_the_old_one_refused(pool, monkeypatch):
    monkeypatch.setattr(authentication, "KEY_SET_COOLDOWN_SECONDS", 0.0)
    who = authenticator(pool)
    old = pool.token()
    who.authenticate(bearer(old))
    pool.keys = {"second": new_key()}
    assert who.authenticate(bearer(pool.token(key_id="second"))).role == "user"
    assert refusal(who, bearer(old))[0] == "invalid-jwt"


def test_unknown_key_ids_do_not_cause_a_request_each(pool, monkeypatch):
    monkeypatch.setattr(authentication, "KEY_SET_COOLDOWN_SECONDS", 3600.0)
    who = authenticator(pool)
    for number in range(5):
        token = forged({"alg": "RS256", "kid": f"unknown {number}"}, payload(), b"")
        assert refusal(who, bearer(token))[0] == "invalid-jwt"
    assert pool.requests <= 2


def test_known_keys_stay_in_use_while_the_pool_is_down(pool):
    who, late = authenticator(pool), authenticator(pool)
    token = pool.token()
    who.authenticate(bearer(token))
    pool.stop()
    assert who.authenticate(bearer(token)).role == "user"
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
    assert refusal(authenticator(pool), headers) == ("invalid-headers", message)


@pytest.mark.parametrize("token", ["x", "x.y", "x.y.z.u", "..", "x.y.z", "é.é.é", "." * 1000, "e30.e30.e30"])
def test_malformed_token_is_refused(pool, token):
    assert refusal(authenticator(pool), bearer(token))[0] == "invalid-jwt"


def test_missing_session_variable_is_named():
    with pytest.raises(HasuraError, match='missing session variable: "x-hasura-user-id"') as caught:
        Session("user", {}).variable("X-Hasura-User-Id")
    assert caught.value.code == "not-found"
