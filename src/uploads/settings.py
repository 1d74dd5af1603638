"""Settings from the environment, as the functions' own settings modules read them."""

import os


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
