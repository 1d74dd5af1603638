"""Creates and rotates the client certificate with which Cloudflare connects to the load balancer of chat.

Safe to repeat: an unfinished run is continued, and a valid certificate stays.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from phenom.errors import DONE, CommandRefusedError, IncompleteError
from phenom.origin_pulls import certificates
from phenom.origin_pulls.certificates import CertificateError
from phenom.origin_pulls.cloudflare import ACTIVE, OriginPulls, Uploaded
from phenom.origin_pulls.settings import ChatSettings
from phenom.terminal import print_table

_VARIABLE = "CLOUDFLARE_API_TOKEN"
_RENEW_BEFORE = timedelta(days=30)
_POLL_SECONDS = 5.0

type Action = Literal["keep", "create", "rotate", "continue", "finish"]


class Api(Protocol):
    """The calls of Cloudflare's API that the command needs."""

    def certificates(self) -> list[Uploaded]: ...
    def find(self, certificate_id: str) -> Uploaded: ...
    def upload(self, certificate: str, private_key: str) -> Uploaded: ...
    def delete(self, certificate_id: str) -> None: ...
    def certificate_in_use(self, host_name: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Result:
    """The action that was taken, or would be (dry run), and the operator's next step. `expires` is an ISO date."""

    action: Action
    certificate_id: str | None
    status: str | None
    expires: str | None
    authorities: int
    next_step: str


@dataclass(frozen=True, slots=True)
class _State:
    """`current` is the certificate that locals.tf names, `newest` another one of an authority in the bundle."""

    authorities: list[str]
    uploaded: list[Uploaded]
    current: Uploaded | None
    newest: Uploaded | None


def connect(settings: ChatSettings, environment: Mapping[str, str]) -> OriginPulls:
    """Returns the API. Raises CommandRefusedError without a token."""
    token = environment.get(_VARIABLE, "").strip()
    if not token:
        raise CommandRefusedError(f"{_VARIABLE} is not set: a token with SSL and Certificates (edit) on the zone.")
    return OriginPulls(settings.zone_id, token)


def run(result: Result, *, dry_run: bool, as_json: bool) -> int:
    """Prints the result and returns the exit code."""
    shown = {
        "action": f"{result.action} (dry run, nothing changed)" if dry_run else result.action,
        "certificate_id": result.certificate_id,
        "status": result.status,
        "expires": result.expires,
        "authorities": result.authorities,
    }
    if as_json:
        print(
            json.dumps(shown | {"action": result.action, "dry_run": dry_run, "next_step": result.next_step}, indent=2)
        )
    else:
        print_table(
            ("CERTIFICATE", ""), [(name, "none" if value is None else str(value)) for name, value in shown.items()]
        )
        print(result.next_step, file=sys.stderr)
    return DONE


class OriginCertificate:
    """The certificate of one host name: Cloudflare's copies of it, and the bundle file."""

    def __init__(
        self,
        settings: ChatSettings,
        api: Api,
        *,
        wait_seconds: float = 600,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings = settings
        self._api = api
        self._wait_seconds = wait_seconds
        self._now = now
        self._sleep = sleep

    def ensure(self, days: int, *, rotate: bool, dry_run: bool) -> Result:
        """Creates a certificate unless one lasts for another month, and waits until Cloudflare can send it.

        Raises CommandError; IncompleteError when the certificate is not active in time.
        """
        state = self._read()
        action = self._decide(state, rotate=rotate)
        if action == "keep":
            return self._result(action, state.current, state.authorities)
        if action == "continue":
            found = state.newest if dry_run else self._wait_until_active(state.newest)
            return self._result(action, found, state.authorities)
        if dry_run:
            return self._result(action, None, state.authorities)
        return self._create(action, state, days)

    def finish(self, *, dry_run: bool) -> Result:
        """Removes the authorities of former certificates from the bundle, and these certificates from Cloudflare.

        Raises CommandRefusedError while Cloudflare does not send the certificate that locals.tf names.
        """
        state = self._read()
        current = state.current
        if current is None:
            raise CommandRefusedError(f"certificate_id in {self._settings.file} names no certificate of this bundle.")
        in_use = self._api.certificate_in_use(self._settings.host_name)
        if in_use != current.id:
            raise CommandRefusedError(
                f"Cloudflare still sends {in_use or 'no certificate'}, not {current.id}. Run `terraform apply` first."
            )
        kept = [each for each in state.authorities if _issued(current, each)]
        dropped = [each for each in state.authorities if each not in kept]
        former = [one for one in state.uploaded if any(_issued(one, each) for each in dropped)]
        if not dry_run:
            self._write(kept)
            for each in former:
                self._api.delete(each.id)
        return self._result("finish", current, kept)

    def _read(self) -> _State:
        try:
            text = self._settings.client_ca.read_text(encoding="utf-8") if self._settings.client_ca.exists() else ""
            authorities = certificates.read_bundle(text)
        except (OSError, CertificateError) as error:
            raise CommandRefusedError(f"{self._settings.client_ca} cannot be read: {error}") from error
        uploaded = self._api.certificates()
        trusted = [one for one in uploaded if any(_issued(one, each) for each in authorities)]
        current = next((one for one in trusted if one.id == self._settings.certificate_id), None)
        others = [one for one in trusted if one is not current and self._lasts(one)]
        return _State(authorities, uploaded, current, max(others, key=_expiry, default=None))

    def _decide(self, state: _State, *, rotate: bool) -> Action:
        newer = state.newest is not None and (state.current is None or _expiry(state.newest) > _expiry(state.current))
        if newer:
            return "continue"
        if state.current is None:
            return "create"
        return "rotate" if rotate or not self._lasts(state.current) else "keep"

    def _lasts(self, uploaded: Uploaded) -> bool:
        return _expiry(uploaded) > self._now() + _RENEW_BEFORE

    def _create(self, action: Action, state: _State, days: int) -> Result:
        made = certificates.create(self._settings.host_name, days, now=self._now())
        # Also those of certificates that Terraform does not know yet: Cloudflare may be sending one.
        kept = [each for each in state.authorities if any(_issued(one, each) for one in state.uploaded)]
        # The file first: an authority without certificate does no harm, and the next run drops it.
        self._write([*kept, made.authority])
        uploaded = self._api.upload(made.certificate, made.private_key.pem())
        return self._result(action, self._wait_until_active(uploaded), [*kept, made.authority])

    def _wait_until_active(self, uploaded: Uploaded | None) -> Uploaded:
        assert uploaded is not None
        waited = 0.0
        while uploaded.status != ACTIVE:
            if waited >= self._wait_seconds:
                raise IncompleteError(
                    f"Certificate {uploaded.id} is uploaded, but still {uploaded.status} after {waited:.0f} s. "
                    "Run the command again: it continues to wait for this one."
                )
            self._sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
            uploaded = self._api.find(uploaded.id)
        return uploaded

    def _write(self, authorities: list[str]) -> None:
        path = self._settings.client_ca
        try:
            path.write_text(certificates.render_bundle(authorities), encoding="utf-8")
        except (OSError, CertificateError) as error:
            raise CommandRefusedError(
                f"{path} cannot be written: {error}. Nothing was uploaded. Two authorities are the most: "
                "end the last rotation with --finish first."
            ) from error

    def _result(self, action: Action, uploaded: Uploaded | None, authorities: list[str]) -> Result:
        return Result(
            action,
            uploaded.id if uploaded else None,
            uploaded.status if uploaded else None,
            _expiry(uploaded).date().isoformat() if uploaded else None,
            len(authorities),
            self._next_step(action, uploaded, len(authorities)),
        )

    def _next_step(self, action: Action, uploaded: Uploaded | None, authorities: int) -> str:
        file = self._settings.file
        if action == "keep":
            left = "Run it with --finish when chat works with the new certificate." if authorities > 1 else ""
            return f"The certificate lasts more than {_RENEW_BEFORE.days} days. {left}".rstrip()
        if action == "finish":
            return f"Commit {self._settings.client_ca.name} and run `terraform apply`."
        if uploaded is None:
            return "Run it without --dry-run."
        if self._settings.certificate_id is None:
            return f"Set certificate_id = {json.dumps(uploaded.id)} in {file}, commit, and run `terraform apply`."
        return (
            f"Commit {self._settings.client_ca.name} and run `terraform apply`: the load balancer must know the new "
            f"authority first. Then set certificate_id = {json.dumps(uploaded.id)} in {file} and apply again."
        )


def _issued(uploaded: Uploaded, authority: str) -> bool:
    return certificates.is_issued_by(uploaded.certificate, authority)


def _expiry(uploaded: Uploaded) -> datetime:
    return certificates.expires(uploaded.certificate)
