"""Readers of environment variables, for the settings modules of the functions."""

import json
import os
from collections.abc import Mapping


class SettingError(Exception):
    """An environment variable is missing or invalid. The message names it."""


def read_text(name: str) -> str:
    """Returns the value of variable `name`. Raises SettingError when it is absent or empty."""
    value = read_optional_text(name)
    if value is None:
        raise SettingError(f"environment variable {name} is not set")
    return value


def read_optional_text(name: str) -> str | None:
    """Returns the value of variable `name`, None when it is absent or empty."""
    return os.environ.get(name) or None


def read_whole_number(name: str, minimum: int = 0) -> int:
    """Returns the value of variable `name`. Raises SettingError unless it is a whole number of at least `minimum`."""
    value = read_text(name)
    if not (value.isascii() and value.isdigit() and int(value) >= minimum):
        raise SettingError(f"environment variable {name} must be a whole number of at least {minimum}")
    return int(value)


def read_mapping(name: str) -> Mapping[str, str]:
    """Returns variable `name`, a JSON object of non-empty strings; empty when it is absent. Raises SettingError."""
    try:
        content = json.loads(read_optional_text(name) or "{}", object_pairs_hook=_reject_duplicate_names)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not all(isinstance(each, str) and each for each in content.values()):
        raise SettingError(f'environment variable {name} must be a JSON object such as {{"a": "b"}}, each name once')
    return content


def _reject_duplicate_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Raises ValueError for a duplicate name: JSON parsers silently keep the last value, which may grant a role."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError
    return content
