"""Expands the cases of events/<function>/cases.yaml to complete events (format: events/README.md)."""

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from phenom.errors import CommandError

EVENTS = Path(__file__).parents[2] / "events"


class CaseError(CommandError):
    """A case or a file of events/ is missing or invalid. The message names it."""


class _Remove:
    """Removes the field of the base."""


@dataclass(frozen=True, slots=True)
class _Value:
    """Replaces the field of the base as a whole, instead of merging into it."""

    value: Any


@dataclass(frozen=True, slots=True)
class _Json:
    """Replaces the field of the base by this value as JSON text."""

    value: Any


class _Loader(yaml.SafeLoader):
    """Knows the tags !remove, !value, !json, !join and !repeat."""


def _construct(loader: Any, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_object(
        yaml.ScalarNode(loader.resolve(yaml.ScalarNode, node.value, (True, False)), node.value)
    )


def _repeat(text: str, times: int) -> str:
    return text * times


_Loader.add_constructor("!remove", lambda _loader, _node: _Remove())
_Loader.add_constructor("!value", lambda loader, node: _Value(_construct(loader, node)))
_Loader.add_constructor("!json", lambda loader, node: _Json(_construct(loader, node)))
_Loader.add_constructor("!join", lambda loader, node: "".join(_construct(loader, node)))
_Loader.add_constructor("!repeat", lambda loader, node: _repeat(*_construct(loader, node)))


def names(function: str) -> list[str]:
    """Returns the names of a function's cases, sorted. Raises CaseError for an unknown function."""
    return sorted(_cases(function))


def load(function: str, name: str) -> tuple[Any, dict[str, Any]]:
    """Returns the complete event and its expectation: `given` (optional), and `result` or `error`.

    Raises CaseError for an unknown function or case.
    """
    cases = _cases(function)
    if name not in cases:
        raise CaseError(f"events/{function}/cases.yaml has no case {name}. It has: {', '.join(sorted(cases))}.")
    entry = copy.deepcopy(cases[name])
    event = copy.deepcopy(_file(function, entry.pop("base", name)))
    changes = entry.pop("changes", {})
    return _complete(_merge(event, changes)), entry


@cache
def _cases(function: str) -> Mapping[str, Any]:
    path = EVENTS / function / "cases.yaml"
    if not path.exists():
        raise CaseError(f"There is no {path.relative_to(EVENTS.parent)}.")
    content: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    return content


@cache
def _file(function: str, name: str) -> Any:
    path = EVENTS / function / f"{name}.json"
    if not path.exists():
        raise CaseError(f"There is no {path.relative_to(EVENTS.parent)}: a case without `base` needs it.")
    return json.loads(path.read_text(encoding="utf-8"))


def _merge(base: Any, change: Any) -> Any:
    """Returns `base` with the change merged into it: objects and JSON texts by key, arrays by index."""
    match change:
        case _Value(value):
            return value
        case _Json(value):
            return _as_text(value, compact=True)
        case dict() if isinstance(base, str):
            return _as_text(_merge(json.loads(base), change), compact=": " not in base)
        case dict() if isinstance(base, list):
            return _merge_array(base, change)
        case dict():
            return _merge_object(base if isinstance(base, dict) else {}, change)
    return change


def _merge_object(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    for key, change in changes.items():
        if isinstance(change, _Remove):
            base.pop(key, None)
        else:
            base[key] = _merge(base.get(key), change)
    return base


def _merge_array(base: list[Any], changes: Mapping[int, Any]) -> list[Any]:
    first = copy.deepcopy(base[0]) if base else None
    for index, change in changes.items():
        if index >= len(base):
            base.append(copy.deepcopy(first))
        base[index] = change if isinstance(change, _Remove) else _merge(base[index], change)
    return [each for each in base if not isinstance(each, _Remove)]


def _complete(event: Any) -> Any:
    """Fills in what AWS sets: multi-value headers, and each message's checksum and receipt handle."""
    if isinstance(event, dict) and isinstance(event.get("headers"), dict) and "multiValueHeaders" in event:
        event["multiValueHeaders"] = {name: [value] for name, value in event["headers"].items()}
    for place, record in enumerate(event.get("Records") or [] if isinstance(event, dict) else []):
        if isinstance(record, dict) and "receiptHandle" in record:
            record["receiptHandle"] = f"AQEB-receipt-handle-{place + 1}"
        if isinstance(record, dict) and "md5OfBody" in record:
            record["md5OfBody"] = hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()
    return event


def _as_text(value: Any, *, compact: bool) -> str:
    separators = (",", ":") if compact else (", ", ": ")
    return json.dumps(value, separators=separators, ensure_ascii=False)
