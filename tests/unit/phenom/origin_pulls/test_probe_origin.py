"""`phenom probe-origin` against servers on loopback."""

import json
import ssl
from pathlib import Path

import pytest
import trustme
import urllib3

from phenom.commands import probe_origin
from phenom.commands.probe_origin import Finding, Site
from phenom.errors import CommandRefusedError
from phenom.origin_pulls import certificates
from phenom.origin_pulls.settings import ChatSettings
from phenom.origin_pulls.tls_attempts import Origin
from tests.unit.phenom.conftest import Phenom
from tests.unit.phenom.origin_pulls.tls_servers import HOST, Authority, tls_server


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority(trustme.CA())


@pytest.fixture
def settings(tmp_path: Path) -> ChatSettings:
    """With a bundle of one authority, as in production."""
    path = tmp_path / "chat-client-ca.pem"
    path.write_text(certificates.render_bundle([certificates.create(HOST, 365).authority]))
    return ChatSettings(HOST, "try.acme.org", "0" * 32, None, path, "locals.tf")


def probe(port: int, settings: ChatSettings, authority: Authority) -> list[Finding]:
    origin = Origin("127.0.0.1", port, HOST, 1, authority.client_context)
    return probe_origin.probe_directly(origin, settings)


def test_four_attempts_are_refused_by_a_server_that_demands_the_certificate(
    authority: Authority, settings: ChatSettings
):
    with tls_server(authority.server_context(settings.client_ca)) as port:
        findings = probe(port, settings, authority)
    assert [each.attempt for each in findings] == [
        "no certificate, TLS 1.2",
        "no certificate, TLS 1.3",
        "foreign certificate, TLS 1.2",
        "foreign certificate, TLS 1.3",
    ]
    assert all(each.ok for each in findings), findings
    assert probe_origin.run(findings, as_json=False) == 0


def test_foreign_certificate_has_the_name_of_the_real_authority(settings: ChatSettings):
    (real,) = certificates.read_bundle(settings.client_ca.read_text())
    foreign = probe_origin._foreign_certificate(settings)
    assert certificates.load(foreign.certificate).issuer == certificates.load(real).subject
    assert not certificates.is_issued_by(foreign.certificate, real)


def test_server_that_demands_no_certificate_is_open(authority: Authority, settings: ChatSettings, capsys):
    with tls_server(authority.server_context(None)) as port:
        findings = probe(port, settings, authority)
    assert [each.ok for each in findings] == [False] * 4
    assert probe_origin.run(findings, as_json=False) == 1
    printed = capsys.readouterr()
    assert printed.out.count("OPEN OR BROKEN") == 4
    assert "4 of 4" in printed.err


def test_error_page_of_a_proxy_is_an_answer(authority: Authority, settings: ChatSettings):
    """A proxy such as nginx answers 400 instead of refusing the connection: it is reached."""
    answer = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    with tls_server(authority.server_context(None), answer) as port:
        assert [each.ok for each in probe(port, settings, authority)] == [False] * 4


def test_server_that_only_optionally_reads_the_certificate_is_open(authority: Authority, settings: ChatSettings):
    context = authority.server_context(settings.client_ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    with tls_server(context) as port:
        assert [each.ok for each in probe(port, settings, authority)] == [False, False, True, True]


def test_address_of_another_server_proves_nothing(authority: Authority, settings: ChatSettings):
    with tls_server(authority.server_context(settings.client_ca, "other.acme.org")) as port:
        findings = probe(port, settings, authority)
    assert [each.ok for each in findings] == [None] * 4
    assert "no certificate for chat.acme.org" in findings[0].found
    assert probe_origin.run(findings, as_json=True) == 1


def test_closed_port_proves_nothing(authority: Authority, settings: ChatSettings):
    findings = probe(9, settings, authority)
    assert [each.ok for each in findings] == [None] * 4
    assert "no connection" in findings[0].found


def test_missing_bundle_does_not_stop_the_probe(authority: Authority, settings: ChatSettings):
    with tls_server(authority.server_context(settings.client_ca)) as port:
        settings.client_ca.rename(settings.client_ca.with_suffix(".bak"))
        assert all(each.ok for each in probe(port, settings, authority))


class Answers(urllib3.PoolManager):
    """A pool that answers by path."""

    def __init__(self, answers: dict[str, tuple[int, dict[str, str], bytes] | None]) -> None:
        self._answers = answers

    def request(self, _method, url, **_):
        found = self._answers[url.removeprefix(f"https://{HOST}")]
        if found is None:
            raise urllib3.exceptions.TimeoutError
        status, headers, body = found
        return urllib3.HTTPResponse(body, headers, status)


AWAY = (302, {"Location": "https://try.acme.org/"}, b"")
GOOD: dict[str, tuple[int, dict[str, str], bytes] | None] = {
    "/_matrix/client/versions": (200, {}, b'{"versions": ["v1.12"]}'),
    "/": AWAY,
    "/_synapse/admin/v1/server_version": AWAY,
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, [True, True, True]),
        ({"/": (302, {"Location": "https://try.acme.org:443/"}, b"")}, [True, True, True]),
        ({"/_synapse/admin/v1/server_version": (200, {}, b'{"server_version": "1"}')}, [True, True, False]),
        ({"/_synapse/admin/v1/server_version": (403, {}, b"")}, [True, True, False]),
        ({"/_matrix/client/versions": (200, {}, b"<html>")}, [False, True, True]),
        ({"/_matrix/client/versions": (525, {}, b"")}, [False, True, True]),
        ({"/": (302, {"Location": "https://evil.org/"}, b"")}, [True, False, True]),
        ({"/": None}, [True, None, True]),
    ],
)
def test_answers_through_cloudflare_are_judged(changed, expected: list[bool | None]):
    findings = probe_origin.probe_through_cloudflare(Site(f"https://{HOST}", "try.acme.org"), Answers(GOOD | changed))
    assert [each.ok for each in findings] == expected


def test_json_has_one_object_per_attempt(capsys):
    assert probe_origin.run([Finding("directly", "a", True, "refused")], as_json=True) == 0
    assert json.loads(capsys.readouterr().out) == [{"way": "directly", "attempt": "a", "ok": True, "found": "refused"}]


def test_address_is_given_or_terraforms_output(monkeypatch):
    assert probe_origin.find_address("production", "alb.example.org") == "alb.example.org"
    outputs = {"chat_load_balancer_dns_name": "alb.amazonaws.com"}
    monkeypatch.setattr(probe_origin, "read_terraform_outputs", lambda _: outputs)
    assert probe_origin.find_address("production", None) == "alb.amazonaws.com"
    for missing in ({}, {"chat_load_balancer_dns_name": None}, "Terraform's outputs are missing."):
        monkeypatch.setattr(probe_origin, "read_terraform_outputs", lambda _, found=missing: found)
        with pytest.raises(CommandRefusedError, match="--address"):
            probe_origin.find_address("production", None)


def test_environment_without_chat_is_refused(phenom: Phenom):
    ran = phenom("probe-origin", "development", "--address", "127.0.0.1")
    assert (ran.code, ran.out) == (2, "")
    assert "chat is null" in ran.err
