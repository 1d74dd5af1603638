"""A user pool of the tests: signs tokens with its own keys and serves the key set over HTTP."""

import base64
import hashlib
import hmac
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAMESPACE = "https://hasura.io/jwt/claims"
ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Tests"
CLIENT_ID = "client-of-the-tests"
USER_ID = "11111111-1111-4111-8111-111111111111"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def hasura_claims(**changed: Any) -> dict[str, Any]:
    """Returns the claims of an ordinary user. Names have underscores for dashes; None removes a claim."""
    claims = {"default_role": "user", "allowed_roles": ["user"], "user_id": USER_ID} | changed
    return {f"x-hasura-{name.replace('_', '-')}": value for name, value in claims.items() if value is not None}


def payload(claims: Any = None, *, nested: bool = False, **changed: Any) -> dict[str, Any]:
    """Returns the payload of an ID token, with Hasura's claims as a JSON string or nested; None removes a claim."""
    claims = hasura_claims() if claims is None else claims
    now = int(time.time())
    content = {
        "sub": USER_ID,
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "iat": now - 10,
        "exp": now + 600,
        NAMESPACE: claims if nested or not isinstance(claims, dict) else json.dumps(claims),
    }
    return {name: value for name, value in (content | changed).items() if value is not None}


def forged(header: dict[str, Any], content: dict[str, Any], secret: bytes | None) -> str:
    """Returns a token that a library would refuse to sign: with any header, and an HMAC or no signature."""
    signed = b".".join(_encode(json.dumps(each).encode()) for each in (header, content))
    signature = hmac.new(secret, signed, hashlib.sha256).digest() if secret is not None else b""
    return (signed + b"." + _encode(signature)).decode()


def _encode(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


@dataclass(slots=True)
class Pool:
    """Its keys by id; `requests` counts the requests for the key set."""

    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=lambda: {"first": new_key()})
    requests: int = 0
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}/us-east-1_Tests/.well-known/jwks.json"

    def token(self, content: dict[str, Any] | None = None, *, key_id: str = "first", **header: Any) -> str:
        headers = {"kid": key_id} | header
        return jwt.encode(content or payload(), self.keys[key_id], "RS256", headers=headers)

    def public_pem(self, key_id: str = "first") -> bytes:
        return self.keys[key_id].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def settings(self, **changed: str) -> str:
        """Returns HASURA_GRAPHQL_JWT_SECRET for this pool."""
        content = {
            "jwk_url": self.url,
            "issuer": ISSUER,
            "audience": CLIENT_ID,
            "claims_namespace": NAMESPACE,
            "claims_format": "stringified_json",
        }
        return json.dumps(content | changed)

    def key_set(self) -> bytes:
        keys = [
            jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
            | {"kid": key_id, "alg": "RS256", "use": "sig"}
            for key_id, key in self.keys.items()
        ]
        return json.dumps({"keys": keys}).encode()

    def start(self) -> None:
        pool = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pool.requests += 1
                body = pool.key_set()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
