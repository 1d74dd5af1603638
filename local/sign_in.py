"""Signs in as an app would; shows the claims of the token, and the user's own row, asked for with it.

Exit code 0 when the token has its claims and the row is there, 1 when the sign-in was refused, 2 on trouble.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local import stack, user_session
from local.paths import DEFAULT_DIRECTORY, Places
from local.progress import TroubleError, complain, say
from local.stack import Stack, User
from local.user_session import CLAIMS, SignInError, Tokens

OK, REFUSED, TROUBLE = 0, 1, 2
_TIMES = {"iat", "exp", "auth_time"}


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        offered = stack.offered(options.stack)
        user = _user(offered, options)
        begun = time.monotonic()
        tokens = user_session.sign_in(offered, user)
        seconds = time.monotonic() - begun
        return _tell(offered, user, tokens, seconds, options)
    except SignInError as refusal:
        complain(TroubleError(f"Not signed in. {refusal}"))
        return REFUSED
    except TroubleError as trouble:
        complain(trouble)
        return TROUBLE
    except KeyboardInterrupt:
        return 130


def _user(offered: Stack, options: argparse.Namespace) -> User:
    if bool(options.username) != bool(options.password):
        raise TroubleError("Give both --username and --password, or neither for the demo user.")
    if options.username:
        return User(options.username, options.password)
    return offered.demo_user


def _tell(offered: Stack, user: User, tokens: Tokens, seconds: float, options: argparse.Namespace) -> int:
    claims, rows = tokens.claims(), user_session.own_rows(offered, tokens, options.role)
    if options.json:
        say(json.dumps({"seconds": round(seconds, 3), "idToken": tokens.id, "claims": claims, "rows": rows}))
    else:
        say(f"Signed in as {user.username} in {seconds:.1f} s.\n\nThe ID token says:")
        say(_readable(claims))
        say("\nHasura shows the bearer of this token these rows of users:")
        say(json.dumps(rows, indent=2) if rows else "  none: Hasura was not there; it is written when Hasura is back")
    return OK if CLAIMS in claims and rows else TROUBLE


def _readable(claims: dict[str, Any]) -> str:
    """Claims as text: times as times, and Hasura's claims, JSON in a string, as what is in them."""
    shown = {
        name: f"{datetime.fromtimestamp(value, UTC):%Y-%m-%dT%H:%M:%SZ}" if name in _TIMES else value
        for name, value in claims.items()
    }
    if isinstance(shown.get(CLAIMS), str):
        shown[CLAIMS] = json.loads(shown[CLAIMS])
    return json.dumps(shown, indent=2)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.sign_in", description=__doc__)
    parser.add_argument("--username", help="e-mail address of a user of the local pool, instead of the demo user's")
    parser.add_argument("--password", help="password of that user")
    parser.add_argument("--role", help="ask Hasura in this role (header x-hasura-role) instead of the default one")
    parser.add_argument("--json", action="store_true", help="one line of JSON, with the token")
    parser.add_argument("--stack", type=Path, default=Places(DEFAULT_DIRECTORY).stack, help=".local/stack.json")
    return parser


if __name__ == "__main__":
    sys.exit(main())
