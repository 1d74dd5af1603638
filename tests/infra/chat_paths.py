"""Computes from the planned rules what the chat load balancer and Cloudflare do with a request.

Only the parts of both languages that the rules use are understood; anything else raises, so that a new construct is
noticed. `python -m pytest tests/infra/test_chat_paths.py` compares both.
"""

import fnmatch
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

FORWARD, REDIRECT = "forward", "redirect"
_UNRESERVED = re.compile(r"%(2[DdEe]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])")
_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[(){},]|[\w.]+)')


def load_balancer_verdict(rules: Sequence[dict[str, Any]], host: str, path: str) -> str:
    """Returns the action of the first rule that matches, else of the listener. `path` is as the client sent it."""
    for rule in sorted(rules, key=lambda each: each["priority"]):
        if all(_matches(condition, host, path) for condition in rule["condition"]):
            (action,) = rule["action"]
            return FORWARD if action["type"] == "forward" else REDIRECT
    return REDIRECT


def _matches(condition: dict[str, Any], host: str, path: str) -> bool:
    """Host names are compared without case, patterns for the whole path with it (Elastic Load Balancing's guide)."""
    ((kind, (found,)),) = [(kind, value) for kind, value in condition.items() if value and isinstance(value, list)]
    values, expressions = found.get("values") or [], found.get("regex_values") or []
    match kind:
        case "host_header":
            return any(fnmatch.fnmatchcase(host.lower(), value.lower()) for value in values)
        case "path_pattern":
            patterns = any(_glob(value).fullmatch(path) for value in values)
            return patterns or any(re.search(expression, path) for expression in expressions)
    raise ValueError(f"condition {kind} is not understood")


def _glob(pattern: str) -> re.Pattern[str]:
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL)


def normalize(path: str) -> str:
    """Returns the path as Cloudflare's rules see it (type "Cloudflare", the default of a zone)."""
    path = _UNRESERVED.sub(lambda found: bytes.fromhex(found[1]).decode(), path)
    path = re.sub(r"%[0-9a-f]{2}", lambda found: found[0].upper(), path, flags=re.IGNORECASE)
    path = re.sub(r"/+", "/", path.replace("\\", "/"))
    kept: list[str] = []
    parts = path.split("/")[1:]
    for index, part in enumerate(parts):
        if part in {".", ".."}:
            kept = kept[:-1] if part == ".." else kept
            if index == len(parts) - 1:
                kept.append("")
        else:
            kept.append(part)
    return "/" + "/".join(kept)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as Cloudflare's fields show it. `path` is as the client sent it."""

    host: str
    path: str

    def field(self, name: str) -> str:
        fields = {
            "http.host": self.host,
            "http.request.uri.path": normalize(self.path),
            "raw.http.request.uri.path": self.path,
        }
        return fields[name]


type Predicate = Callable[[Request], bool]
type Text = Callable[[Request], str]


class Expression:
    """A Cloudflare expression of and, or, not, eq, in, contains, starts_with, ends_with and lower."""

    def __init__(self, source: str) -> None:
        self._tokens = self._split(source)
        self._position = 0
        self._run = self._any()
        if self._position != len(self._tokens):
            raise ValueError(f"not understood from {self._tokens[self._position]}")

    def __call__(self, request: Request) -> bool:
        return self._run(request)

    @staticmethod
    def _split(source: str) -> list[str]:
        found, position = [], 0
        while position < len(source.rstrip()):
            token = _TOKEN.match(source, position)
            if token is None:
                raise ValueError(f"not understood: {source[position : position + 20]!r}")
            found.append(token[1])
            position = token.end()
        return found

    def _peek(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _take(self, wanted: str | None = None) -> str:
        token = self._peek()
        if not token or (wanted is not None and token != wanted):
            raise ValueError(f"{wanted} expected, found {token!r}")
        self._position += 1
        return token

    def _any(self) -> Predicate:
        parts = [self._all()]
        while self._peek() == "or":
            self._take()
            parts.append(self._all())
        return lambda request: any(part(request) for part in parts)

    def _all(self) -> Predicate:
        parts = [self._not()]
        while self._peek() == "and":
            self._take()
            parts.append(self._not())
        return lambda request: all(part(request) for part in parts)

    def _not(self) -> Predicate:
        match self._peek():
            case "not":
                self._take()
                inner = self._not()
                return lambda request: not inner(request)
            case "(":
                self._take()
                inner = self._any()
                self._take(")")
                return inner
            case "starts_with" | "ends_with":
                return self._affix(self._take())
        return self._comparison()

    def _affix(self, function: str) -> Predicate:
        self._take("(")
        text = self._text()
        self._take(",")
        affix = self._string()
        self._take(")")
        if function == "starts_with":
            return lambda request: text(request).startswith(affix)
        return lambda request: text(request).endswith(affix)

    def _comparison(self) -> Predicate:
        text, operator = self._text(), self._take()
        if operator == "in":
            values = self._set()
            return lambda request: text(request) in values
        value = self._string()
        if operator == "eq":
            return lambda request: text(request) == value
        if operator == "contains":
            return lambda request: value in text(request)
        raise ValueError(f"operator {operator} is not understood")

    def _set(self) -> set[str]:
        self._take("{")
        values = set()
        while self._peek() != "}":
            values.add(self._string())
        self._take("}")
        return values

    def _text(self) -> Text:
        name = self._take()
        if name == "lower":
            self._take("(")
            inner = self._text()
            self._take(")")
            return lambda request: inner(request).lower()
        Request("", "/").field(name)  # raises KeyError for an unknown field
        return lambda request: request.field(name)

    def _string(self) -> str:
        token = self._take()
        if not token.startswith('"'):
            raise ValueError(f"text expected, found {token}")
        return re.sub(r"\\(.)", r"\1", token[1:-1])
