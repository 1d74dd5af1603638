"""Reads the literal values of a `locals` block in Terraform's language. Expressions are left to Terraform."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|\#[^\n]*|//[^\n]*|/\*.*?\*/)
    | (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_][\w-]*)
    | (?P<sign>==|=>|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None}
_BRACKETS = {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}


class _NotLiteralError(Exception):
    """An expression that only Terraform can evaluate."""


def parse_locals(source: str) -> dict[str, Any]:
    """Returns the values of the first `locals` block by name, without those that are no literals."""
    tokens = _Tokens(source)
    while not tokens.take("locals"):
        tokens.next()
    tokens.next()  # {
    values: dict[str, Any] = {}
    while not tokens.ended() and not tokens.take("}"):
        name = tokens.next()
        tokens.next()  # =
        before = tokens.position
        with suppress(_NotLiteralError):
            value = _literal(tokens)
            if tokens.at_entry():  # otherwise the literal is only the beginning of an expression
                values[name] = value
                continue
        tokens.position = before
        tokens.skip_entry()
    return values


class _Tokens:
    """The tokens of a source, without spaces and comments."""

    def __init__(self, source: str) -> None:
        self._all = [found[0] for found in _TOKEN.finditer(source) if found.lastgroup != "space"]
        self.position = 0

    def ended(self) -> bool:
        return self.position >= len(self._all)

    def peek(self, ahead: int = 0) -> str:
        return self._all[self.position + ahead] if self.position + ahead < len(self._all) else ""

    def next(self) -> str:
        if self.ended():
            raise ValueError("there is no complete locals block")
        self.position += 1
        return self._all[self.position - 1]

    def take(self, token: str) -> bool:
        found = self.peek() == token
        self.position += found
        return found

    def at_entry(self) -> bool:
        """Returns True before `name =` and at the end of the block."""
        return self.peek() in {"}", ""} or (self.peek(1) == "=" and self.peek()[0].isidentifier())

    def skip_entry(self) -> None:
        depth = 0
        while not self.ended() and (depth > 0 or not self.at_entry()):
            depth += _BRACKETS.get(self.next(), 0)


def _literal(tokens: _Tokens) -> Any:
    word = tokens.next()
    if word == "{":
        return dict(_entries(tokens))
    if word == "[":
        return list(_items(tokens))
    if word in _WORDS:
        return _WORDS[word]
    if word.startswith('"') and not re.search(r"[$%]\{", word):
        return json.loads(word)
    if re.fullmatch(r"-?\d+(\.\d+)?", word):
        return json.loads(word)
    raise _NotLiteralError


def _entries(tokens: _Tokens) -> Iterator[tuple[str, Any]]:
    while not tokens.take("}"):
        key = tokens.next()
        if tokens.next() not in {"=", ":"}:
            raise _NotLiteralError
        yield json.loads(key) if key.startswith('"') else key, _literal(tokens)
        tokens.take(",")


def _items(tokens: _Tokens) -> Iterator[Any]:
    while not tokens.take("]"):
        yield _literal(tokens)
        if not tokens.take(",") and tokens.peek() != "]":
            raise _NotLiteralError
