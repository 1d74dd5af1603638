"""The door passes on what is for this emulator and signed, and nothing else."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore import auth
from botocore.credentials import Credentials

from local.emulator.door.asgi import Door
from local.emulator.door.origins import Hosts
from local.emulator.door.request import RefusedError, Request
from local.emulator.door.routes import Router
from local.emulator.door.signature import parse_signature
from tests.unit.local.emulator.signing import ENDPOINT, KEY_ID, PORT, SECRET, Scope, changed, scope_of, signed

SESSION = Credentials("ASIASESSIONSESSION00", "session secret", "session token")
BODY = b'{"TableName": "uploads"}'
LEDGER = {"X-Amz-Target": "DynamoDB_20120810.GetItem", "Content-Type": "application/x-amz-json-1.0"}
KEY = f"{ENDPOINT}/bucket/uploads/a%20b%2B.jpg"
SIGN_IN = {"X-Amz-Target": "AWSCognitoIdentityProviderService.InitiateAuth"}
ELSEWHERE = [
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": f"https://127.0.0.1:{PORT}"},
    {"origin": "http://127.0.0.1:4570"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
]


def secret_of(key_id: str, token: str) -> str:
    known = {(KEY_ID, ""): SECRET, (SESSION.access_key, SESSION.token): SESSION.secret_key}
    if (key_id, token) not in known:
        raise RefusedError("InvalidClientTokenId", "unknown")
    return known[key_id, token]


class Emulator:
    """Stands for the emulator: records the requests that the door passes on."""

    def __init__(self) -> None:
        self.passed: list[tuple[Scope, bytes]] = []

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.passed.append((scope, body))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


class Client:
    """Sends requests through a door and returns their status."""

    def __init__(self) -> None:
        self.emulator = Emulator()
        router = Router(Hosts(PORT, {"d111"}.__contains__), {"InitiateAuth", "GetUser"}.__contains__)
        self._door = Door(self.emulator, router, secret_of, lambda _: {"Access-Control-Allow-Origin": "*"})
        self.answer: list[Any] = []
        self.read = b""

    def send(self, scope: Scope, body: bytes = b"") -> int:
        """Sends the body in two messages. A door that waits for a third one never answers."""
        messages = [
            {"type": "http.request", "body": body[:5], "more_body": True},
            {"type": "http.request", "body": body[5:], "more_body": False},
        ]
        self.answer = []

        async def receive() -> Any:
            if not messages:
                pytest.fail("read beyond the end of the body")
            self.read += messages[0]["body"]
            return messages.pop(0)

        async def send(message: Any) -> None:
            self.answer.append(message)

        asyncio.run(self._door(scope, receive, send))
        return int(self.answer[0]["status"])


@pytest.fixture
def client() -> Client:
    return Client()


GOOD: dict[str, tuple[Scope, bytes]] = {
    "JSON": (signed("POST", f"{ENDPOINT}/", BODY, LEDGER), BODY),
    "query protocol": (
        signed("POST", f"{ENDPOINT}/", b"Action=X", {"Content-Type": "application/x-www-form-urlencoded"}), b"Action=X",
    ),
    "path that is encoded twice": (signed("GET", f"{ENDPOINT}/functions/a%3Ab/x", service="lambda"), b""),
    "query string": (
        signed("GET", f"{ENDPOINT}/bucket?list-type=2&prefix=a%20b%2F&x=", signer=auth.S3SigV4Auth, service="s3"), b"",
    ),
    "S3 with a body": (signed("PUT", KEY, BODY, signer=auth.S3SigV4Auth, service="s3"), BODY),
    "S3 with an unsigned body": (
        signed("PUT", KEY, BODY, {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"},
               signer=auth.S3SigV4Auth, service="s3"), BODY,
    ),
    "S3 in chunks": (
        signed("PUT", KEY, BODY, {"X-Amz-Content-SHA256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
               signer=auth.S3SigV4Auth, service="s3"), BODY,
    ),
    "pre-signed": (signed("PUT", KEY, signer=auth.S3SigV4QueryAuth, service="s3", expires=3600), BODY),
    "pre-signed part": (
        signed("PUT", f"{KEY}?uploadId=a~b&partNumber=1", signer=auth.S3SigV4QueryAuth, service="s3", expires=3600),
        BODY,
    ),
    "role's session": (signed("POST", f"{ENDPOINT}/", BODY, LEDGER, credentials=SESSION), BODY),
    "pre-signed by a session": (
        signed("PUT", KEY, signer=auth.S3SigV4QueryAuth, service="s3", credentials=SESSION, expires=3600), BODY,
    ),
    "localhost": (signed("POST", f"http://localhost:{PORT}/", BODY, LEDGER), BODY),
    "bucket's host": (signed("GET", f"http://bucket.localhost:{PORT}/x", signer=auth.S3SigV4Auth, service="s3"), b""),
}  # fmt: skip


@pytest.mark.parametrize("case", GOOD)
def test_signed_request_is_passed_on_unchanged(client: Client, case: str) -> None:
    scope, body = GOOD[case]
    assert client.send(scope, body) == 200
    assert client.emulator.passed == [(scope, body)]


@pytest.mark.parametrize("case", GOOD)
def test_request_with_another_signature_is_refused(client: Client, case: str) -> None:
    scope, body = GOOD[case]
    if b"X-Amz-Signature=" in scope["query_string"]:
        start, _, _ = scope["query_string"].partition(b"X-Amz-Signature=")
        forged = [scope | {"query_string": start + b"X-Amz-Signature=" + value} for value in (b"00", b"0" * 64, b"")]
    else:
        start, _, _ = dict(scope["headers"])[b"authorization"].decode().partition("Signature=")
        forged = [changed(scope, authorization=f"{start}Signature={value}") for value in ("00", "0" * 64, "")]
    assert [client.send(each, body) for each in forged] == [403, 403, 403]
    assert client.emulator.passed == []


@pytest.mark.parametrize("case", GOOD)
def test_signed_request_from_another_host_is_refused(client: Client, case: str) -> None:
    scope, body = GOOD[case]
    assert client.send(changed(scope, host="evil.example"), body) == 403
    assert client.emulator.passed == []


TAMPERED: dict[str, Callable[[Scope], Scope]] = {
    "method": lambda scope: scope | {"method": "PUT"},
    "path": lambda scope: scope | {"path": "/x", "raw_path": b"/x"},
    "query": lambda scope: scope | {"query_string": b"x=1"},
    "service": lambda scope: changed(scope, x_amz_target="DynamoDB_20120810.DeleteTable"),
    "removed header": lambda scope: changed(scope, content_type=None),
    "date": lambda scope: changed(scope, x_amz_date="20200101T000000Z"),
    "session token": lambda scope: changed(scope, x_amz_security_token="x"),
    "second authorization": lambda scope: (
        scope | {"headers": [(b"authorization", b"AWS4-HMAC-SHA256 Credential=test/"), *scope["headers"]]}
    ),
    "second host": lambda scope: scope | {"headers": [(b"host", b"127.0.0.1:4566"), *scope["headers"]]},
    "key in the query string": lambda scope: scope | {"query_string": b"X-Amz-Credential=test/x/x/x/x"},
    "key in the query string, version 2": lambda scope: scope | {"query_string": b"AWSAccessKeyId=test"},
    "key hidden in the authorization": lambda scope: changed(
        scope,
        authorization=dict(scope["headers"])[b"authorization"]
        .decode()
        .replace(" Credential", " X=Credential=test/,Credential"),
    ),
}


@pytest.mark.parametrize("tamper", TAMPERED)
def test_changed_request_is_refused(client: Client, tamper: str) -> None:
    scope = TAMPERED[tamper](signed("POST", f"{ENDPOINT}/", BODY, LEDGER))
    assert client.send(scope, BODY) in {400, 403}
    assert client.emulator.passed == []


def test_service_chosen_by_an_unsigned_header_is_refused(client: Client) -> None:
    """The holder of a pre-signed URL would otherwise call any service with the signer's rights."""
    scope, _ = GOOD["pre-signed"]
    assert client.send(changed(scope, x_amz_target="DynamoDB_20120810.DeleteTable"), BODY) == 403


def test_changed_body_is_refused(client: Client) -> None:
    for case in ("JSON", "S3 with a body"):
        assert client.send(GOOD[case][0], BODY + b" ") in {400, 403}
    assert client.emulator.passed == []


@pytest.mark.parametrize("key_id", ["000000000000", "123456789012", "test", "AKIAANOTHERKEY000000", KEY_ID])
def test_key_with_another_secret_is_refused(client: Client, key_id: str) -> None:
    for secret in ("test", "another"):
        scope = signed("POST", f"{ENDPOINT}/", BODY, LEDGER, credentials=Credentials(key_id, secret))
        assert client.send(scope, BODY) == 403


def test_session_without_its_token_is_refused(client: Client) -> None:
    for token in (None, "another"):
        credentials = Credentials(SESSION.access_key, SESSION.secret_key, token)
        assert client.send(signed("POST", f"{ENDPOINT}/", BODY, LEDGER, credentials=credentials), BODY) == 403


UNSIGNED = {
    "nothing": scope_of("GET", f"{ENDPOINT}/"),
    "bucket": scope_of("GET", f"{ENDPOINT}/bucket/index.html"),
    "bearer": scope_of("POST", f"{ENDPOINT}/", LEDGER | {"Authorization": "Bearer x"}),
    "basic": scope_of("POST", f"{ENDPOINT}/", LEDGER | {"Authorization": "Basic eA=="}),
    "version 2": scope_of("GET", f"{ENDPOINT}/bucket", {"Authorization": "AWS test:x"}),
    "version 4a": scope_of("GET", f"{ENDPOINT}/bucket", {"Authorization": "AWS4-ECDSA-P256-SHA256 Credential=test/x"}),
    "lower-case query": scope_of("GET", f"{ENDPOINT}/bucket?x-amz-credential=test/x/x/s3/x&x-amz-signature=00"),
    "administrator's call of Cognito": scope_of(
        "POST", f"{ENDPOINT}/", {"X-Amz-Target": "AWSCognitoIdentityProviderService.ListUsers"}
    ),
    "user's call at another path": scope_of("POST", f"{ENDPOINT}/bucket/x", SIGN_IN),
    "user's call with a query string": scope_of("POST", f"{ENDPOINT}/?Action=ListUsers", SIGN_IN),
    "user's call at a bucket's host": scope_of("POST", f"http://bucket.localhost:{PORT}/", SIGN_IN),
    "sign-in with another method": scope_of("PUT", f"{ENDPOINT}/oauth2/token", {"Authorization": "Bearer x"}),
    "connections of an API": scope_of("POST", f"{ENDPOINT}/_aws/execute-api/abc/v1/@connections/x"),
    "function's URL": scope_of("POST", f"{ENDPOINT}/_aws/lambda-url/abc/"),
    "preflight of a function's URL": scope_of(
        "OPTIONS", f"{ENDPOINT}/_aws/lambda-url/abc/?X-Amz-Signature=x", {"Access-Control-Request-Method": "PUT"}
    ),
    "page with another method": scope_of("POST", "http://d111.cloudfront.net/"),
}


@pytest.mark.parametrize("case", UNSIGNED)
def test_unsigned_request_is_refused(client: Client, case: str) -> None:
    assert client.send(UNSIGNED[case], b"x") == 403
    assert client.emulator.passed == []


PUBLIC = {
    "health": scope_of("GET", f"{ENDPOINT}/_ministack/health"),
    "API": scope_of("POST", f"{ENDPOINT}/_aws/execute-api/abc123/v1/upload/generate-url", {"x-api-key": "k"}),
    "preflight of the API": scope_of("OPTIONS", f"{ENDPOINT}/_aws/execute-api/abc123/v1/upload/generate-url"),
    "public keys": scope_of("GET", f"{ENDPOINT}/us-east-1_aBc/.well-known/jwks.json"),
    "issuer": scope_of("GET", f"{ENDPOINT}/us-east-1_aBc/.well-known/openid-configuration"),
    "sign-in page": scope_of("GET", f"{ENDPOINT}/oauth2/authorize?client_id=x"),
    "sign-in": scope_of("POST", f"{ENDPOINT}/login"),
    "code for tokens": scope_of("POST", f"{ENDPOINT}/oauth2/token"),
    "preflight of a signed PUT": scope_of(
        "OPTIONS", f"{ENDPOINT}/bucket/x?X-Amz-Signature=x", {"Access-Control-Request-Method": "PUT"}
    ),
}
OWN_SITE_ONLY = {
    "sign-in by password": scope_of("POST", f"{ENDPOINT}/", SIGN_IN),
    "page": scope_of("GET", "http://d111.cloudfront.net/index.html"),
}


@pytest.mark.parametrize("case", PUBLIC | OWN_SITE_ONLY)
def test_public_route_needs_no_signature(client: Client, case: str) -> None:
    assert client.send((PUBLIC | OWN_SITE_ONLY)[case], b"x") == 200


@pytest.mark.parametrize("elsewhere", ELSEWHERE, ids=str)
def test_other_sites_reach_only_their_routes(client: Client, elsewhere: dict[str, str]) -> None:
    answers = {name: client.send(changed(scope, **elsewhere)) for name, scope in (PUBLIC | OWN_SITE_ONLY).items()}
    answers |= {name: client.send(changed(scope, **elsewhere), body) for name, (scope, body) in GOOD.items()}
    allowed = PUBLIC.keys() - {"health"} | {"pre-signed", "pre-signed part", "pre-signed by a session"}
    assert {name for name, status in answers.items() if status == 200} == allowed


@pytest.mark.parametrize(
    "own", [{}, {"origin": ENDPOINT}, {"sec_fetch_site": "same-origin"}, {"sec_fetch_site": "none"}], ids=str
)
def test_own_page_and_typed_address_reach_the_emulator(client: Client, own: dict[str, str]) -> None:
    assert client.send(changed(OWN_SITE_ONLY["sign-in by password"], **own)) == 200


@pytest.mark.parametrize(
    "path", ["reset", "ready", "config", "ses/messages", "sqs/messages", "lambda-code/x", "cfn-response/x", ""]
)
def test_administration_is_closed_even_when_signed(client: Client, path: str) -> None:
    for method in ("GET", "POST", "PUT"):
        assert client.send(signed(method, f"{ENDPOINT}/_ministack/{path}")) == 403
    assert client.send(scope_of("POST", f"{ENDPOINT}/_ministack/health")) == 403
    assert client.send(scope_of("GET", f"{ENDPOINT}/_localstack/{path}")) == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:4566", "127.0.0.1", "127.0.0.1:4567", "localhost:80", "127.0.0.1.evil.example:4566",
     "localhost.evil.example:4566", "d222.cloudfront.net", "0.0.0.0:4566", "192.0.2.1:4566", "", "[::]:4566", "a b"],
)  # fmt: skip
def test_other_hosts_are_refused(client: Client, host: str) -> None:
    assert client.send(changed(PUBLIC["API"], host=host)) == 403


@pytest.mark.parametrize("host", ["localhost:4566", "LOCALHOST:4566", "[::1]:4566", "abc.execute-api.localhost:4566"])
def test_own_hosts_are_served(client: Client, host: str) -> None:
    assert client.send(changed(PUBLIC["API"], host=host)) == 200


def test_authorization_without_a_signature_is_not_passed_on(client: Client) -> None:
    """The emulator takes every other Authorization for that of its root user."""
    assert client.send(changed(OWN_SITE_ONLY["sign-in by password"], authorization="Bearer x")) == 200
    assert client.send(changed(PUBLIC["API"], authorization="a user's token")) == 200
    assert client.send(changed(GOOD["pre-signed"][0], authorization="Credential=a/b/c/lambda/"), BODY) == 200
    kept = [dict(scope["headers"]).get(b"authorization") for scope, _ in client.emulator.passed]
    assert kept == [None, b"a user's token", None]


@pytest.mark.parametrize(
    "scope",
    [
        scope_of("GET", ENDPOINT) | {"raw_path": b"http://evil.example/"},
        scope_of("GET", f"{ENDPOINT}/") | {"query_string": b"a=%FF"},
        scope_of("GET", f"{ENDPOINT}/") | {"headers": []},
    ],
    ids=["absolute target", "query that is not UTF-8", "no host"],
)
def test_ambiguous_request_is_refused(client: Client, scope: Scope) -> None:
    assert client.send(scope) == 400


def test_refused_upload_reads_the_body_and_tells_the_page_why(client: Client) -> None:
    scope = GOOD["pre-signed"][0] | {"method": "PUT", "path": "/other", "raw_path": b"/other"}
    assert client.send(scope, b"x" * 100) == 403
    assert client.read == b"x" * 100
    assert (b"access-control-allow-origin", b"*") in client.answer[0]["headers"]
    assert b"<Code>SignatureDoesNotMatch</Code>" in client.answer[1]["body"]


@pytest.mark.parametrize(
    ("case", "valid"),
    [
        ("JSON", {"-14 m": True, "-16 m": False, "14 m": True, "16 m": False}),
        ("pre-signed", {"-14 m": True, "-16 m": False, "59 m": True, "61 m": False}),
    ],
)
def test_signature_is_valid_for_its_time(case: str, valid: dict[str, bool]) -> None:
    signature = parse_signature(Request.parse(GOOD[case][0]))
    signed_at = datetime.strptime(signature.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    for delay, is_valid in valid.items():
        now = signed_at + timedelta(minutes=float(delay.removesuffix(" m")))
        if is_valid:
            signature.check_time(now)
        else:
            with pytest.raises(RefusedError):
                signature.check_time(now)


def test_websocket_is_closed(client: Client) -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(client._door({"type": "websocket"}, receive, send))
    assert sent == ["websocket.close"]
