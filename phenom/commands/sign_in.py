"""Signs in to the local cloud as an app would; shows the token's claims and the user's own database row."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local import stack, user_session
from local.stack import LocalUser
from local.user_session import CLAIMS, SignInError
from phenom.errors import DONE, NOT_ALL_DONE, CommandRefusedError

_TIMES = {"iat", "exp", "auth_time"}


@dataclass(frozen=True, slots=True)
class Session:
    """A successful sign-in: its duration, ID token with claims, and the rows of `users` that Hasura shows to it."""

    username: str
    seconds: float
    id_token: str
    claims: dict[str, Any]
    rows: list[dict[str, Any]]

    @property
    def is_complete(self) -> bool:
        return CLAIMS in self.claims and bool(self.rows)


def sign_in(stack_file: Path, username: str | None, password: str | None, role: str | None) -> Session:
    """Signs in as this user, or the demo user. Raises CommandRefusedError, TroubleError."""
    if bool(username) != bool(password):
        raise CommandRefusedError("Give both --username and --password, or neither for the demo user.")
    running = stack.offered(stack_file)
    user = LocalUser(username, password) if username and password else running.demo_user
    begun = time.monotonic()
    try:
        tokens = user_session.sign_in(running, user)
    except SignInError as error:
        raise CommandRefusedError(f"Not signed in. {error}") from error
    seconds = time.monotonic() - begun
    rows = user_session.own_rows(running, tokens, role)
    return Session(user.username, seconds, tokens.id, tokens.claims(), rows)


def run(session: Session, *, as_json: bool) -> int:
    """Returns the exit code: 1 when the token has no claims or there is no row."""
    print(as_json_text(session) if as_json else render(session))
    return DONE if session.is_complete else NOT_ALL_DONE


def as_json_text(session: Session) -> str:
    return json.dumps(
        {
            "seconds": round(session.seconds, 3),
            "idToken": session.id_token,
            "claims": session.claims,
            "rows": session.rows,
        }
    )


def render(session: Session) -> str:
    rows = json.dumps(session.rows, indent=2) if session.rows else "  none yet: the row follows when Hasura is up"
    return (
        f"Signed in as {session.username} in {session.seconds:.1f} s.\n\n"
        f"Claims of the ID token:\n{_render_claims(session.claims)}\n\n"
        f"Rows of users that Hasura shows to this token:\n{rows}"
    )


def _render_claims(claims: dict[str, Any]) -> str:
    """Formats times, and Hasura's claims, which are JSON in a string."""
    shown = {
        name: f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%SZ}" if name in _TIMES else value
        for name, value in claims.items()
    }
    if isinstance(shown.get(CLAIMS), str):
        shown[CLAIMS] = json.loads(shown[CLAIMS])
    return json.dumps(shown, indent=2)
