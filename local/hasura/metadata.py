"""Reads Hasura's metadata (config v3): the tracked tables, and what each role may select from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_TABLE_KEYS = {"table", "select_permissions"}
_PERMISSION_KEYS = {"columns", "filter", "limit", "allow_aggregations"}


@dataclass(frozen=True, slots=True)
class SelectPermission:
    """The columns and rows that a role may see. Strings X-Hasura-… in `filter` are session variables."""

    columns: frozenset[str]
    filter: Mapping[str, Any]
    limit: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A tracked table, with its select permissions by role."""

    schema: str
    name: str
    select: Mapping[str, SelectPermission]


def read(directory: Path) -> dict[str, Table]:
    """Returns the tables of all databases by name. Raises ValueError for settings that the stand-in does not apply."""
    databases = _load(directory / "databases" / "databases.yaml")
    tables = (_table(each) for database in databases for each in database["tables"])
    return {table.name: table for table in tables}


def _load(path: Path) -> Any:
    return _resolve_includes(yaml.safe_load(path.read_text()), path.parent)


def _resolve_includes(content: Any, directory: Path) -> Any:
    """Replaces each string `!include FILE` by the content of the file."""
    if isinstance(content, list):
        return [_resolve_includes(each, directory) for each in content]
    if isinstance(content, dict):
        return {key: _resolve_includes(each, directory) for key, each in content.items()}
    if isinstance(content, str) and content.startswith("!include "):
        return _load(directory / content.removeprefix("!include "))
    return content


def _table(content: dict[str, Any]) -> Table:
    name = content["table"]["name"]
    _refuse_unknown(f"metadata of {name}", content, _TABLE_KEYS)
    permissions = {each["role"]: _permission(name, each["permission"]) for each in content["select_permissions"]}
    return Table(content["table"]["schema"], name, permissions)


def _permission(table: str, content: dict[str, Any]) -> SelectPermission:
    _refuse_unknown(f"permission on {table}", content, _PERMISSION_KEYS)
    if content["columns"] == "*":
        raise ValueError(f"permission on {table}: name the columns, so that a new one is not shown by accident")
    if content.get("allow_aggregations"):
        raise ValueError(f"permission on {table}: the stand-in does not support allow_aggregations")
    return SelectPermission(frozenset(content["columns"]), content["filter"], content.get("limit"))


def _refuse_unknown(where: str, content: dict[str, Any], known: set[str]) -> None:
    if unknown := content.keys() - known:
        raise ValueError(f"{where}: the stand-in does not support {', '.join(sorted(unknown))}")
