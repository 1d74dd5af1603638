"""Settings from the environment, as the functions' own settings modules read them."""

import json
import os
from collections.abc import Mapping


class SettingError(Exception):
    """A setting is missing or makes no sense. The message names it."""


def text(name: str) -> str:
    """The value of the variable `name`. Raises SettingError when it is absent or empty."""
    value = optional_text(name)
    if value is None:
        raise SettingError(f"environment variable {name} is not set")
    return value


def optional_text(name: str) -> str | None:
    """The value of the variable `name`, None when it is absent or empty."""
    return os.environ.get(name) or None


def whole_number(name: str, least: int = 0) -> int:
    """Raises SettingError when the variable `name` is no whole number of at least `least`."""
    value = text(name)
    if not (value.isascii() and value.isdigit() and int(value) >= least):
        raise SettingError(f"environment variable {name} must be a whole number of at least {least}")
    return int(value)


def mapping(name: str) -> Mapping[str, str]:
    """The variable `name`, a JSON object of non-empty strings; empty when it is absent. Raises SettingError."""
    try:
        content = json.loads(optional_text(name) or "{}", object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or not all(isinstance(each, str) and each for each in content.values()):
        raise SettingError(f'environment variable {name} must be a JSON object such as {{"a": "b"}}, each name once')
    return content


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Of two values for one name, JSON's readers silently take the last: here, a role that nobody meant to give."""
    content = dict(pairs)
    if len(content) != len(pairs):
        raise ValueError
    return content
