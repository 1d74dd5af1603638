"""`stack.json`: addresses, names and credentials of the local cloud, for scripts and end-to-end tests."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from local.progress import TroubleError
from phenom.functions import FUNCTIONS


@dataclass(frozen=True, slots=True)
class LocalUser:
    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The content of stack.json: an interface for scripts, so fields keep their names. None means not available."""

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
    demo_user: LocalUser
    graphql_url: str
    graphql_admin_secret: str
    database_url: str
    functions: Mapping[str, str]
    """Deployed names by package name; in the file the keys are camel case."""
    event_bus: str
    wrong_passwords_table: str

    def write(self, path: Path) -> None:
        """Writes the file atomically and readable by its owner only, because it contains credentials."""
        draft = path.with_suffix(".tmp")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(_camel(asdict(self)), indent=2) + "\n")
        draft.replace(path)


def read(path: Path) -> Stack:
    """Reads the file. Raises FileNotFoundError when no cloud is up, ValueError for a file of another release."""
    content = json.loads(path.read_text())
    try:
        values = {each.name: content[_camel_name(each.name)] for each in fields(Stack)}
        values["functions"] = {each.name: content["functions"][each.stack_key] for each in FUNCTIONS.values()}
        values["demo_user"] = LocalUser(**values["demo_user"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path} was written by another release: {error}") from error
    return Stack(**values)


def offered(path: Path) -> Stack:
    """Reads the file of a running cloud. Raises TroubleError."""
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
