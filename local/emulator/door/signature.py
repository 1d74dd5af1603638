"""Signature version 4, recomputed with botocore's signer.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.credentials import Credentials

from local.emulator.door.request import RefusedError, Request

CLOCK_SKEW = timedelta(minutes=15)
LONGEST_EXPIRY = timedelta(days=7)
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 +Credential=(?P<credential>[^,\s]+), *SignedHeaders=(?P<signed>[a-z0-9;-]+), *"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_CREDENTIAL = re.compile(
    r"(?P<key>[A-Za-z0-9]{4,128})/(?P<date>[0-9]{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z0-9-]+)/aws4_request"
)
_TIMESTAMP = "%Y%m%dT%H%M%SZ"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"


@dataclass(frozen=True, slots=True)
class Signature:
    """The signature of a request as sent. `expiry` is that of a pre-signed URL, None for a signature in the header."""

    key_id: str
    date: str
    region: str
    service: str
    timestamp: str
    signed_headers: tuple[str, ...]
    value: str
    token: str
    expiry: timedelta | None

    @property
    def presigned(self) -> bool:
        return self.expiry is not None

    def check_time(self, now: datetime) -> None:
        """Raises RefusedError when the signature has expired or is not yet valid."""
        try:
            signed = datetime.strptime(self.timestamp, _TIMESTAMP).replace(tzinfo=UTC)
        except ValueError:
            raise _incomplete("the signature has no date of the form 20260101T000000Z") from None
        if self.timestamp[:8] != self.date:
            raise _incomplete("the date differs from the credential's")
        if now < signed - CLOCK_SKEW or (self.expiry is None and now > signed + CLOCK_SKEW):
            raise RefusedError("RequestTimeTooSkewed", f"The request was signed at {self.timestamp}.")
        if self.expiry is not None and now > signed + self.expiry:
            raise RefusedError("AccessDenied", "Request has expired")


def parse_signature(request: Request) -> Signature:
    """Returns the request's signature. Raises RefusedError when it is missing, ambiguous or incomplete."""
    if not request.has_credentials():
        raise RefusedError(
            "MissingAuthenticationToken",
            "The request is not signed. accessKeyId and secretAccessKey are in .local/stack.json.",
        )
    if request.has_header_credentials() and request.has_query_credentials():
        raise _incomplete("it has credentials in a header and in the query string")
    signature = _from_header(request) if request.has_header_credentials() else _from_query(request)
    if "host" not in signature.signed_headers:
        raise _incomplete("the header host must be signed")
    if "x-amz-target" in request.headers and "x-amz-target" not in signature.signed_headers:
        raise _incomplete("the header x-amz-target must be signed")  # the emulator chooses the service by it
    if missing := [name for name in signature.signed_headers if name not in request.headers]:
        raise RefusedError("SignatureDoesNotMatch", f"Signed headers are missing: {', '.join(missing)}.")
    return signature


def needs_body(signature: Signature, request: Request) -> bool:
    """Returns True when the signature covers the body."""
    declared = _declared_hash(signature, request)
    return declared is None or _SHA256.fullmatch(declared) is not None


def check_signature(signature: Signature, request: Request, secret: str, body: bytes) -> None:
    """Raises RefusedError unless `secret` signed the request. `body` is empty unless `needs_body`.

    For S3's chunked bodies, the signature covers the headers only; the chunks' own signatures are not checked.
    """
    declared, actual = _declared_hash(signature, request), None
    if needs_body(signature, request):
        actual = hashlib.sha256(body).hexdigest()
        if declared is not None and declared != actual:
            raise RefusedError(
                "XAmzContentSHA256Mismatch", "The body is not the one that was signed.", HTTPStatus.BAD_REQUEST
            )
    signer_class = _S3Signer if signature.service.startswith("s3") else _Signer
    signer = signer_class(Credentials(signature.key_id, secret), signature.service, signature.region)
    expected = signer.recompute(signature, request, declared or actual or "")
    if not hmac.compare_digest(expected.encode(), signature.value.encode()):
        raise RefusedError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. "
            "accessKeyId and secretAccessKey are in .local/stack.json; they change with every start.",
        )


class _Recomputing:
    """Computes the signature for the headers that the client says it signed."""

    def recompute(self: Any, signature: Signature, request: Request, payload_hash: str) -> str:
        headers = "".join(f"{name}:{' '.join(request.headers[name].split())}\n" for name in signature.signed_headers)
        canonical = "\n".join(
            [
                request.method,
                self._normalize_url_path(request.raw_path),
                _canonical_query(request),
                headers,
                ";".join(signature.signed_headers),
                payload_hash,
            ]
        )
        dated = SimpleNamespace(context={"timestamp": signature.timestamp})
        return str(self.signature(self.string_to_sign(dated, canonical), dated))


class _Signer(_Recomputing, SigV4Auth):
    pass


class _S3Signer(_Recomputing, S3SigV4Auth):
    pass


def _canonical_query(request: Request) -> str:
    pairs = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in request.query
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in pairs)


def _declared_hash(signature: Signature, request: Request) -> str | None:
    if signature.presigned and signature.service == "s3":
        return _UNSIGNED_PAYLOAD
    return request.headers.get("x-amz-content-sha256")


def _from_header(request: Request) -> Signature:
    found = _AUTHORIZATION.fullmatch(request.authorization.strip())
    if found is None:
        raise _incomplete("the header authorization is not a complete AWS4-HMAC-SHA256 signature")
    return Signature(
        **_parse_credential(found["credential"]),
        timestamp=request.headers.get("x-amz-date", ""),
        signed_headers=tuple(found["signed"].split(";")),
        value=found["signature"],
        token=request.headers.get("x-amz-security-token", ""),
        expiry=None,
    )


def _from_query(request: Request) -> Signature:
    fields = _query_fields(request)
    expires = fields.get("X-Amz-Expires", "")
    if fields.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256" or not re.fullmatch(r"[0-9]{1,6}", expires):
        raise _incomplete("the query string is not a complete AWS4-HMAC-SHA256 signature")
    if timedelta(seconds=int(expires)) > LONGEST_EXPIRY:
        raise _incomplete("X-Amz-Expires must be at most a week")
    return Signature(
        **_parse_credential(fields.get("X-Amz-Credential", "")),
        timestamp=fields.get("X-Amz-Date", ""),
        signed_headers=tuple(fields.get("X-Amz-SignedHeaders", "").split(";")),
        value=fields.get("X-Amz-Signature", ""),
        token=fields.get("X-Amz-Security-Token", ""),
        expiry=timedelta(seconds=int(expires)),
    )


def _query_fields(request: Request) -> dict[str, str]:
    """Returns the X-Amz-… parameters. Each may occur once in any case: the emulator also reads lower-case names."""
    fields: dict[str, str] = {}
    for name, value in request.query:
        if name.lower() == "awsaccesskeyid":
            raise _incomplete("signature version 2 is not supported")
        if name.lower().startswith("x-amz-"):
            if name.lower() in {known.lower() for known in fields}:
                raise _incomplete(f"{name} occurs twice")
            fields[name] = value
    return fields


def _parse_credential(text: str) -> dict[str, str]:
    found = _CREDENTIAL.fullmatch(text)
    if found is None:
        raise _incomplete("the credential must be KEY/DATE/REGION/SERVICE/aws4_request")
    return {"key_id": found["key"], "date": found["date"], "region": found["region"], "service": found["service"]}


def _incomplete(what: str) -> RefusedError:
    return RefusedError("IncompleteSignature", f"The request's signature is not accepted: {what}.")
