"""The load balancer and Cloudflare let the same paths of chat through, and never the admin API."""

from typing import Any

import pytest

from tests.infra.chat_paths import FORWARD, REDIRECT, Expression, Request, load_balancer_verdict, normalize
from tests.infra.plans import Environment

HOST = "chat.acme.org"
PATHS = {
    FORWARD: (
        "/_matrix/client/versions",
        "/_matrix/client/v3/sync",
        "/_matrix/",
        "/_matrix//client/versions",  # Synapse answers 404
        "/_matrix/client/v3/rooms/%21abc%3Aacme.org/send/m.room.message/1",
        "/_matrix/client/v3/profile/%40a..b%3Aacme.org",
        "/_matrix/client/v3/directory/room/%23a%2Fb%3Aacme.org",
        "/_matrix/media/v3/download/acme.org/abc/holiday...png",
        "/_synapse/client/oidc/callback",
        "/.well-known/matrix/client",
    ),
    REDIRECT: (
        "/",
        "/index.html",
        "/health",
        "/favicon.ico",
        "/cdn-cgi/x",
        "/_matrix",
        "/_matrixx/",
        "/_synapse/client",
        "/_synapse/",
        "/_synapse/admin",
        "/_synapse/admin/v1/users",
        "/_synapse/metrics",
        "/.well-known/openid-configuration",
        # Case.
        "/_MATRIX/client/versions",
        "/_Synapse/client/x",
        "/_SYNAPSE/ADMIN/v1/users",
        # Slashes.
        "//_matrix/client/versions",
        "///",
        "/\\_matrix/client/versions",
        "//_synapse/admin/v1/users",
        "/_synapse//admin/v1/users",
        "/_synapse//client/x",
        # Encodings.
        "/%5Fmatrix/client/versions",
        "/_%6Datrix/client/versions",
        "/_synapse/%61dmin/v1/users",
        "/_synapse%2Fadmin/v1/users",
        "/_synapse%2Fclient/x",
        "/%2e/_matrix/client/versions",
        "/%252e%252e/_synapse/admin",
        # Dot segments.
        "/_matrix/../_synapse/admin/v1/users",
        "/_matrix/..",
        "/_matrix/.",
        "/_matrix/./client/versions",
        "/_matrix/client/../../_synapse/admin/v1/users",
        "/_matrix/../_synapse/client/x",
        "/_matrix/client/../versions",
        "/_synapse/client/../admin/v1/users",
        "/_synapse/client/..;/admin/v1/users",
        "/../_matrix/client/versions",
        # Both.
        "/_matrix/%2e%2e/_synapse/admin/v1/users",
        "/_matrix/%2E%2E/_synapse/admin/v1/users",
        "/_matrix/.%2e/_synapse/admin/v1/users",
        "/_matrix/%2e./_synapse/admin/v1/users",
        "/_matrix/..%2f_synapse/admin/v1/users",
        "/_synapse/client/..%2Fadmin/v1/users",
        "/_matrix\\..\\_synapse\\admin\\v1\\users",
        "/_matrix/\\../_synapse/admin/v1/users",
        "/_matrix/x\\..\\..\\_synapse/admin/v1/users",
    ),
}
TABLE = [(path, verdict) for verdict, paths in PATHS.items() for path in paths]


@pytest.fixture
def production(environments: dict[str, Environment]) -> Environment:
    return environments["production"]


def rules_of(environment: Environment) -> list[dict[str, Any]]:
    rules = [r for r in environment.plan_of("aws_lb_listener_rule") if r.address.startswith("module.chat_edge[0].")]
    return [rule.values for rule in rules]


def redirect_of(environment: Environment) -> Expression:
    (ruleset,) = [r for r in environment.plan_of("cloudflare_ruleset") if r.address.endswith('["redirect"]')]
    (rule,) = ruleset.values["rules"]
    return Expression(rule["expression"])


@pytest.mark.parametrize(("path", "verdict"), TABLE, ids=[path for path, _ in TABLE])
def test_load_balancer_and_cloudflare_have_the_same_verdict(production: Environment, path: str, verdict: str):
    at_cloudflare = REDIRECT if redirect_of(production)(Request(HOST, path)) else FORWARD
    assert (load_balancer_verdict(rules_of(production), HOST, path), at_cloudflare) == (verdict, verdict)


def test_other_host_names_are_redirected_by_the_load_balancer_only(production: Environment):
    """Cloudflare's rule must not touch other sites of the zone."""
    for host in ("try.acme.org", "acme.org", "chat.acme.org.evil.org"):
        assert not redirect_of(production)(Request(host, "/"))
        assert load_balancer_verdict(rules_of(production), host, "/_matrix/client/versions") == REDIRECT


def test_what_is_forwarded_never_normalizes_to_the_admin_api():
    assert not [path for path in PATHS[FORWARD] if normalize(path).startswith("/_synapse/admin")]
    hidden = [path for path in PATHS[REDIRECT] if normalize(path).startswith("/_synapse/admin")]
    assert len(hidden) > 10, "the table tries few ways to the admin API"


def test_every_cloudflare_rule_is_limited_to_the_host(production: Environment):
    for ruleset in production.plan_of("cloudflare_ruleset"):
        for rule in ruleset.values["rules"]:
            assert f'http.host eq "{HOST}"' in rule["expression"], ruleset.address
            assert not Expression(rule["expression"])(Request("try.acme.org", "/")), ruleset.address


@pytest.mark.parametrize(
    ("path", "normalized"),
    [  # the first four are examples of Cloudflare's documentation
        ("/hello", "/hello"),
        ("/%68ello", "/hello"),
        ("/%68ello//pa\\th", "/hello/pa/th"),
        ("/a/%2e%2e/b", "/b"),
        ("/a/./b/..", "/a/"),
        ("/%3a%2f", "/%3A%2F"),
        ("/%5fmatrix", "/_matrix"),
    ],
)
def test_normalize_follows_cloudflare(path: str, normalized: str):
    assert normalize(path) == normalized


@pytest.mark.parametrize(
    "source", ['http.host matches "x"', 'ip.src eq "1"', 'http.host eq "a" http', "http.host eq x"]
)
def test_unknown_parts_of_an_expression_are_refused(source: str):
    with pytest.raises((KeyError, ValueError)):
        Expression(source)
