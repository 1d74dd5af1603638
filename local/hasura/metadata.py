"""Hasura's metadata (config v3), as far as this stand-in goes by it: tables, and who may select what."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_KNOWN_TABLE_KEYS = {"table", "select_permissions"}
_KNOWN_PERMISSION_KEYS = {"columns", "filter", "limit", "allow_aggregations"}


@dataclass(frozen=True, slots=True)
class SelectPermission:
    """What a role may see. `filter` is a boolean expression over columns; X-Hasura-… in it is a session variable."""

    columns: frozenset[str]
    filter: Mapping[str, Any]
    limit: int | None
    allow_aggregations: bool


@dataclass(frozen=True, slots=True)
class Table:
    schema: str
    name: str
    select: Mapping[str, SelectPermission]


def read(directory: Path) -> dict[str, Table]:
    """The tables of all databases, by name. Raises ValueError for what this stand-in does not know to apply."""
    databases = directory / "databases" / "databases.yaml"
    tables = (_table(each) for database in _load(databases) for each in database["tables"])
    return {table.name: table for table in tables}


def _load(path: Path) -> Any:
    content = yaml.safe_load(path.read_text())
    return _included(content, path.parent)


def _included(content: Any, directory: Path) -> Any:
    """`!include FILE`, which Hasura writes as a string."""
    if isinstance(content, list):
        return [_included(each, directory) for each in content]
    if isinstance(content, dict):
        return {key: _included(each, directory) for key, each in content.items()}
    if isinstance(content, str) and content.startswith("!include "):
        return _load(directory / content.removeprefix("!include "))
    return content


def _table(content: dict[str, Any]) -> Table:
    name = content["table"]["name"]
    if unknown := content.keys() - _KNOWN_TABLE_KEYS:
        raise ValueError(f"metadata of {name}: the stand-in does not know {', '.join(sorted(unknown))}")
    permissions = {each["role"]: _permission(name, each["permission"]) for each in content["select_permissions"]}
    return Table(content["table"]["schema"], name, permissions)


def _permission(table: str, content: dict[str, Any]) -> SelectPermission:
    if unknown := content.keys() - _KNOWN_PERMISSION_KEYS:
        raise ValueError(f"permission on {table}: the stand-in does not know {', '.join(sorted(unknown))}")
    if content["columns"] == "*":
        raise ValueError(f"permission on {table}: name the columns, so that a new one is not shown by accident")
    return SelectPermission(
        columns=frozenset(content["columns"]),
        filter=content["filter"],
        limit=content.get("limit"),
        allow_aggregations=content.get("allow_aggregations", False),
    )
