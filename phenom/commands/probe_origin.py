"""Tries to reach chat without Cloudflare, and checks that it works through Cloudflare. Changes nothing."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import urllib3

from phenom.commands.outputs import read_terraform_outputs
from phenom.errors import DONE, NOT_ALL_DONE, CommandRefusedError
from phenom.origin_pulls import certificates
from phenom.origin_pulls.certificates import CertificateError, KeyPair
from phenom.origin_pulls.settings import ChatSettings
from phenom.origin_pulls.tls_attempts import VERSIONS, Origin, Verdict, attempt
from phenom.terminal import print_table

_OUTPUT = "chat_load_balancer_dns_name"
_PORT = 443


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. `ok` is None when the attempt proved nothing."""

    way: str
    attempt: str
    ok: bool | None
    found: str


@dataclass(frozen=True, slots=True)
class Site:
    """Chat as its users reach it: base URL, and the host that everything else is redirected to."""

    url: str
    elsewhere_host: str
    seconds: float = 10


def find_address(environment: str, given: str | None) -> str:
    """Returns the load balancer's DNS name: the given one, or Terraform's output. Raises CommandRefusedError."""
    if given:
        return given
    outputs = read_terraform_outputs(environment)
    if isinstance(outputs, str):
        raise CommandRefusedError(f"{outputs} Or name the load balancer: --address.")
    address = outputs.get(_OUTPUT)
    if not address:
        raise CommandRefusedError(f"Terraform has no output {_OUTPUT}: apply it, or name the load balancer: --address.")
    return str(address)


def run(findings: Sequence[Finding], *, as_json: bool) -> int:
    """Prints the report and returns the exit code: 1 unless every line is as it should be."""
    if as_json:
        print(json.dumps([asdict(each) for each in findings], indent=2))
    else:
        marks = {True: "ok", False: "OPEN OR BROKEN", None: "unknown"}
        rows = [(each.way, each.attempt, marks[each.ok], each.found) for each in findings]
        print_table(("WAY", "ATTEMPT", "RESULT", "FOUND"), rows)
    bad = [each for each in findings if not each.ok]
    if bad:
        print(f"{len(bad)} of {len(findings)} are not as they should be: docs/chat.md.", file=sys.stderr)
    return NOT_ALL_DONE if bad else DONE


def probe_directly(origin: Origin, settings: ChatSettings) -> list[Finding]:
    """Tries without a certificate and with a foreign one. Refused is good."""
    clients: dict[str, KeyPair | None] = {
        "no certificate": None,
        "foreign certificate": _foreign_certificate(settings),
    }
    attempts = [attempt(origin, version, name, client) for name, client in clients.items() for version in VERSIONS]
    states: dict[Verdict, bool | None] = {Verdict.REFUSED: True, Verdict.OPEN: False, Verdict.UNKNOWN: None}
    return [
        Finding("directly", f"{each.certificate}, {each.version}", states[each.verdict], each.found)
        for each in attempts
    ]


def _foreign_certificate(settings: ChatSettings) -> KeyPair:
    """Returns one of another authority with the name of the real one, which a check of names only would accept."""
    issuer = None
    try:
        bundle = certificates.read_bundle(settings.client_ca.read_text(encoding="utf-8"))
        issuer = certificates.load(bundle[0]).subject if bundle else None
    except (OSError, CertificateError):
        pass  # no bundle here: any name will do
    return certificates.create(settings.host_name, days=1, issuer=issuer)


def probe_through_cloudflare(site: Site, http: urllib3.PoolManager | None = None) -> list[Finding]:
    """Asks for a path of clients, the root and the admin API, as any user could."""
    pool = http or urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=site.seconds, read=site.seconds))
    away = f"https://{site.elsewhere_host}/"
    return [
        _ask(pool, site, "/_matrix/client/versions", None),
        _ask(pool, site, "/", away),
        _ask(pool, site, "/_synapse/admin/v1/server_version", away),
    ]


def _ask(pool: urllib3.PoolManager, site: Site, path: str, redirected_to: str | None) -> Finding:
    """`redirected_to` None expects an answer of Synapse."""
    way = "through Cloudflare"
    try:
        answer = pool.request("GET", f"{site.url}{path}", redirect=False)
    except urllib3.exceptions.HTTPError as error:
        return Finding(way, path, None, f"no answer: {type(error).__name__}")
    location = answer.headers.get("Location")
    found = f"{answer.status}" + (f" to {location}" if location else "")
    if redirected_to is None:
        return Finding(way, path, answer.status == 200 and _is_synapse(answer), found)
    same = location is not None and location.replace(":443/", "/") == redirected_to
    return Finding(way, path, answer.status == 302 and same, found)


def _is_synapse(answer: urllib3.BaseHTTPResponse) -> bool:
    try:
        document: Any = answer.json()
    except ValueError:
        return False
    return isinstance(document, dict) and isinstance(document.get("versions"), list)


def probe(settings: ChatSettings, address: str, *, seconds: float, directly_only: bool) -> list[Finding]:
    """Returns all findings."""
    origin = Origin(address, _PORT, settings.host_name, seconds)
    findings = probe_directly(origin, settings)
    if not directly_only:
        findings += probe_through_cloudflare(Site(f"https://{settings.host_name}", settings.elsewhere_host, seconds))
    return findings
