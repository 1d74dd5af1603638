"""`stack.json`: what the local cloud offers, for people's scripts and the end-to-end tests."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from local.progress import TroubleError


@dataclass(frozen=True, slots=True)
class User:
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Functions:
    """Names of the functions."""

    presign: str
    validator: str
    cognito_trigger: str
    user_sync: str
    upload_events: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Fields as in the design, in this order. None stands for a part that is not there (yet)."""

    api_url: str
    api_key: str
    password: str
    client_url: str | None = None
    endpoint_url: str
    region: str
    access_key_id: str
    secret_access_key: str
    staging_bucket: str
    final_bucket: str
    uploads_table: str
    validator_queue_url: str
    validator_dead_letter_queue_url: str
    user_pool_id: str
    user_pool_client_id: str
    demo_user: User
    graphql_url: str
    graphql_admin_secret: str
    database_url: str
    functions: Functions
    event_bus: str
    wrong_passwords_table: str

    def write(self, path: Path) -> None:
        """At once or not at all, for its owner alone: it holds the credentials."""
        draft = path.with_suffix(".tmp")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(_camel(asdict(self)), indent=2) + "\n")
        draft.replace(path)


def read(path: Path) -> Stack:
    """Raises FileNotFoundError where no cloud is up, ValueError where the file is not one of ours."""
    content = json.loads(path.read_text())
    try:
        values = {each.name: content[_camel_name(each.name)] for each in fields(Stack)}
        values["functions"] = Functions(*(content["functions"][_camel_name(each.name)] for each in fields(Functions)))
        values["demo_user"] = User(**values["demo_user"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} is not of this release: {error}") from error
    return Stack(**values)


def offered(path: Path) -> Stack:
    """What a running cloud offers, for commands that use it. Raises TroubleError."""
    try:
        return read(path)
    except FileNotFoundError:
        raise TroubleError(f"There is no {path}: is the local cloud up? `make run` starts it.") from None
    except ValueError as error:
        raise TroubleError(f"{error}\nStart the local cloud again.") from error


def _camel(value: object) -> object:
    return {_camel_name(key): _camel(item) for key, item in value.items()} if isinstance(value, dict) else value


def _camel_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
