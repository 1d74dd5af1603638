"""`phenom origin-certificate` against a server that behaves like Cloudflare's API."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from phenom.commands import origin_certificate
from phenom.commands.origin_certificate import OriginCertificate
from phenom.errors import CommandRefusedError, IncompleteError
from phenom.origin_pulls import certificates
from phenom.origin_pulls.cloudflare import CloudflareError, OriginPulls
from phenom.origin_pulls.settings import read_chat_settings
from tests.unit.phenom.conftest import Phenom
from tests.unit.phenom.origin_pulls.cloudflare_server import TOKEN, ZONE, Cloudflare, cloudflare_server, write_locals

HOST = "chat.acme.org"
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


@pytest.fixture
def cloudflare() -> Iterator[Cloudflare]:
    with cloudflare_server() as fake:
        yield fake


class Command:
    """The command in an environment below `directory`, at a time of the test."""

    def __init__(self, directory: Path, cloudflare: Cloudflare) -> None:
        self.directory = directory
        self.cloudflare = cloudflare
        self.now = NOW
        self.slept: list[float] = []
        write_locals(directory)

    @property
    def bundle(self) -> Path:
        return self.directory / "production" / "chat-client-ca.pem"

    @property
    def authorities(self) -> list[str]:
        return certificates.read_bundle(self.bundle.read_text())

    def _new(self, wait_seconds: float = 600) -> OriginCertificate:
        settings = read_chat_settings("production", self.directory)
        api = OriginPulls(settings.zone_id, TOKEN, self.cloudflare.url)
        return OriginCertificate(
            settings, api, wait_seconds=wait_seconds, now=lambda: self.now, sleep=self.slept.append
        )

    def ensure(self, *, rotate: bool = False, dry_run: bool = False, wait_seconds: float = 600):
        return self._new(wait_seconds).ensure(365, rotate=rotate, dry_run=dry_run)

    def finish(self, *, dry_run: bool = False):
        return self._new().finish(dry_run=dry_run)

    def apply(self, certificate_id: str) -> None:
        """Does what the operator and Terraform do next."""
        write_locals(self.directory, certificate_id=certificate_id)
        self.cloudflare.in_use[HOST] = certificate_id


@pytest.fixture
def command(tmp_path: Path, cloudflare: Cloudflare) -> Command:
    return Command(tmp_path, cloudflare)


def test_first_run_uploads_a_certificate_and_waits_until_it_is_active(command: Command):
    result = command.ensure()
    assert (result.action, result.status, result.authorities) == ("create", "active", 1)
    assert command.slept == [5.0, 5.0]
    (uploaded,) = command.cloudflare.certificates.values()
    assert uploaded["id"] == result.certificate_id
    (authority,) = command.authorities
    assert certificates.is_issued_by(uploaded["certificate"], authority)
    assert certificates.expires(uploaded["certificate"]) - NOW > timedelta(days=364)
    assert f'certificate_id = "{result.certificate_id}"' in result.next_step


def test_repeated_run_changes_nothing(command: Command):
    first = command.ensure()
    content = command.bundle.read_bytes()
    for _ in range(2):
        again = command.ensure()
        assert (again.action, again.certificate_id) == ("continue", first.certificate_id)
    command.apply(str(first.certificate_id))
    assert command.ensure().action == "keep"
    assert command.cloudflare.changes == ["POST /certificates"]
    assert command.bundle.read_bytes() == content


def test_run_that_timed_out_is_continued(command: Command):
    command.cloudflare.polls_until_active = 5
    with pytest.raises(IncompleteError, match="still pending_deployment after 10 s"):
        command.ensure(wait_seconds=10)
    result = command.ensure()
    assert (result.action, result.status) == ("continue", "active")
    assert command.cloudflare.changes == ["POST /certificates"]


def test_failed_upload_leaves_an_authority_that_the_next_run_replaces(command: Command):
    command.cloudflare.refuse["POST"] = (400, "certificate limit reached")
    with pytest.raises(CloudflareError, match="1400 certificate limit reached"):
        command.ensure()
    (orphan,) = command.authorities
    command.cloudflare.refuse.clear()
    command.ensure()
    assert len(command.authorities) == 1
    assert command.authorities != [orphan]


def test_rotation_trusts_both_authorities_until_it_is_finished(command: Command):
    first = str(command.ensure().certificate_id)
    command.apply(first)
    rotated = command.ensure(rotate=True)
    assert (rotated.action, rotated.authorities) == ("rotate", 2)
    assert "first" in rotated.next_step, "the load balancer must know the authority before Cloudflare uses it"
    second = str(rotated.certificate_id)
    command.apply(second)
    assert "--finish" in command.ensure().next_step
    finished = command.finish()
    assert (finished.action, finished.certificate_id, finished.authorities) == ("finish", second, 1)
    assert list(command.cloudflare.certificates) == [second]
    (authority,) = command.authorities
    assert certificates.is_issued_by(command.cloudflare.certificates[second]["certificate"], authority)


def test_finish_before_cloudflare_uses_the_new_certificate_is_refused(command: Command):
    first = str(command.ensure().certificate_id)
    command.apply(first)
    second = str(command.ensure(rotate=True).certificate_id)
    write_locals(command.directory, certificate_id=second)
    content = command.bundle.read_bytes()
    with pytest.raises(CommandRefusedError, match=f"still sends {first}"):
        command.finish()
    assert (command.bundle.read_bytes(), set(command.cloudflare.certificates)) == (content, {first, second})


def test_third_authority_is_refused_before_an_upload(command: Command):
    command.apply(str(command.ensure().certificate_id))
    command.apply(str(command.ensure(rotate=True).certificate_id))
    with pytest.raises(CommandRefusedError, match="--finish"):
        command.ensure(rotate=True)
    assert command.cloudflare.changes == ["POST /certificates"] * 2


def test_certificate_that_expires_within_a_month_is_rotated(command: Command):
    command.apply(str(command.ensure().certificate_id))
    command.now = NOW + timedelta(days=334)
    assert command.ensure().action == "keep"
    command.now = NOW + timedelta(days=336)
    assert command.ensure().action == "rotate"


def test_adopted_authority_is_kept_when_locals_do_not_name_its_certificate(command: Command):
    """The operator has exported the bundle that production uses, and not set certificate_id yet."""
    live = certificates.create(HOST, 20, now=NOW)
    command.bundle.write_text(live.authority)
    command.cloudflare.add(live.certificate)
    result = command.ensure()
    assert (result.action, result.authorities) == ("create", 2)
    assert command.authorities[0] == live.authority


def test_certificates_of_other_host_names_are_left_alone(command: Command):
    other = certificates.create("shop.acme.org", 365, now=NOW)
    identifier = command.cloudflare.add(other.certificate)
    first = str(command.ensure().certificate_id)
    command.apply(first)
    command.apply(str(command.ensure(rotate=True).certificate_id))
    command.finish()
    assert identifier in command.cloudflare.certificates


def test_dry_run_changes_nothing(command: Command):
    assert command.ensure(dry_run=True).action == "create"
    assert not command.bundle.exists()
    command.apply(str(command.ensure().certificate_id))
    assert command.ensure(rotate=True, dry_run=True).action == "rotate"
    command.apply(str(command.ensure(rotate=True).certificate_id))
    assert command.finish(dry_run=True).authorities == 1
    assert len(command.authorities) == 2
    assert command.cloudflare.changes == ["POST /certificates"] * 2


def test_unreadable_bundle_is_refused(command: Command):
    command.bundle.write_text("-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n")
    with pytest.raises(CommandRefusedError, match=r"chat-client-ca\.pem cannot be read"):
        command.ensure()
    assert command.cloudflare.calls == []


def test_denied_call_names_the_permission(tmp_path: Path, cloudflare: Cloudflare):
    write_locals(tmp_path)
    api = OriginPulls(ZONE, "another token", cloudflare.url)
    with pytest.raises(CloudflareError, match="SSL and Certificates"):
        OriginCertificate(read_chat_settings("production", tmp_path), api).ensure(365, rotate=False, dry_run=False)


def test_missing_answer_is_an_error_of_one_sentence():
    with pytest.raises(CloudflareError, match="did not answer"):
        OriginPulls(ZONE, TOKEN, "http://127.0.0.1:9").certificates()


@pytest.mark.parametrize("refused", [None, (500, "internal error")])
def test_private_key_and_token_never_leave_the_request(command: Command, capsys, caplog, refused):
    """Neither in files, output, logs, errors nor in anything that a traceback would show."""
    caplog.set_level(logging.DEBUG)
    if refused:
        command.cloudflare.refuse["POST"] = refused
        with pytest.raises(CloudflareError) as raised:
            command.ensure()
        seen = f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"
    else:
        result = command.ensure()
        origin_certificate.run(result, dry_run=False, as_json=True)
        seen = repr(result)
        (body,) = command.cloudflare.bodies
        assert "PRIVATE KEY" in json.loads(body)["private_key"]
    printed = capsys.readouterr()
    files = "".join(path.read_text() for path in command.directory.rglob("*") if path.is_file())
    for text in (seen, printed.out, printed.err, caplog.text, files):
        assert "PRIVATE KEY" not in text
        assert TOKEN not in text
    assert "PRIVATE KEY" not in repr(certificates.create(HOST, 31))


def test_command_without_a_token_is_refused(phenom: Phenom, monkeypatch, tmp_path: Path):
    monkeypatch.delenv("CLOUDFLARE_API_TOKEN", raising=False)
    ran = phenom("origin-certificate", "development")
    assert (ran.code, ran.out) == (2, "")
    assert "chat is null" in ran.err
    write_locals(tmp_path)
    settings = read_chat_settings("production", tmp_path)
    with pytest.raises(CommandRefusedError, match="CLOUDFLARE_API_TOKEN"):
        origin_certificate.connect(settings, {"CLOUDFLARE_API_TOKEN": " "})


def test_rotate_and_finish_together_are_refused(phenom: Phenom):
    assert phenom("origin-certificate", "production", "--rotate", "--finish").code == 2


def test_result_is_printed_as_table_or_json(command: Command, capsys):
    command.apply(str(command.ensure().certificate_id))
    assert origin_certificate.run(command.ensure(), dry_run=False, as_json=False) == 0
    printed = capsys.readouterr()
    assert "keep" in printed.out
    assert "30 days" in printed.err
    assert origin_certificate.run(command.ensure(), dry_run=True, as_json=True) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["action"], shown["dry_run"], shown["status"]) == ("keep", True, "active")
