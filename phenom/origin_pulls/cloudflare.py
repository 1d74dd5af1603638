"""Cloudflare's API for the client certificates of one host name (authenticated origin pulls)."""

from dataclasses import dataclass
from typing import Any

import urllib3

from phenom.errors import CommandError

_API = "https://api.cloudflare.com/client/v4"
_TIMEOUT = urllib3.Timeout(connect=5, read=30)
_PATH = "origin_tls_client_auth/hostnames"
_PER_PAGE = 50
ACTIVE = "active"


class CloudflareError(CommandError):
    """Cloudflare refused a call or did not answer. The message never contains what was sent."""


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A certificate at Cloudflare: `status` is `active` once all of its data centers have it."""

    id: str
    status: str
    certificate: str


class OriginPulls:
    """The certificates of a zone, and which one Cloudflare sends for a host name."""

    def __init__(self, zone_id: str, token: str, api: str = _API) -> None:
        self._url = f"{api}/zones/{zone_id}/{_PATH}"
        self._http = urllib3.PoolManager(retries=False, timeout=_TIMEOUT, headers={"Authorization": f"Bearer {token}"})

    def certificates(self) -> list[Uploaded]:
        """Returns all certificates of the zone for host names. Raises CloudflareError."""
        found: list[Uploaded] = []
        for page in range(1, 100):
            rows = self._call("GET", f"/certificates?page={page}&per_page={_PER_PAGE}")
            found += [_uploaded(row) for row in rows or []]
            if len(rows or []) < _PER_PAGE:
                break
        return found

    def find(self, certificate_id: str) -> Uploaded:
        return _uploaded(self._call("GET", f"/certificates/{certificate_id}"))

    def upload(self, certificate: str, private_key: str) -> Uploaded:
        body = {"certificate": certificate, "private_key": private_key}
        return _uploaded(self._call("POST", "/certificates", body))

    def delete(self, certificate_id: str) -> None:
        self._call("DELETE", f"/certificates/{certificate_id}")

    def certificate_in_use(self, host_name: str) -> str | None:
        """Returns the id of the certificate that Cloudflare sends for the host name, None when it sends none."""
        found = self._call("GET", f"/{host_name}", missing_ok=True)
        return str(found["cert_id"]) if found and found.get("enabled") and found.get("cert_id") else None

    def _call(self, method: str, path: str, body: dict[str, str] | None = None, *, missing_ok: bool = False) -> Any:
        what = f"{method} {_PATH}{path.partition('?')[0]}"
        try:
            answer = self._http.request(method, f"{self._url}{path}", json=body, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise CloudflareError(f"Cloudflare did not answer {what}: {type(error).__name__}. Try again.") from None
        if answer.status == 404 and missing_ok:
            return None
        if answer.status in {401, 403}:
            raise CloudflareError(
                f"Cloudflare denied {what}. CLOUDFLARE_API_TOKEN needs SSL and Certificates (edit) on this zone."
            )
        try:
            document = answer.json()
        except ValueError:
            document = {}
        if answer.status != 200 or not document.get("success"):
            raise CloudflareError(f"Cloudflare refused {what} ({answer.status}): {_explain(document)}")
        return document.get("result")


def _explain(document: Any) -> str:
    errors = document.get("errors") if isinstance(document, dict) else None
    texts = [f"{each.get('code')} {each.get('message')}" for each in errors or [] if isinstance(each, dict)]
    return "; ".join(texts) or "no reason given"


def _uploaded(row: Any) -> Uploaded:
    try:
        return Uploaded(str(row["id"]), str(row["status"]), str(row["certificate"]))
    except (KeyError, TypeError):
        raise CloudflareError("Cloudflare's answer has no certificate with id and status.") from None
