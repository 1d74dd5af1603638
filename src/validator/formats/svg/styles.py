"""Finds which elements a style makes refer to others, such as `.a{fill:url(#b)}` (CSS Syntax Module Level 3)."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from validator.formats.svg.css import decode_css
from validator.formats.svg.filters import FUNCTIONS
from validator.formats.verdict import RefusedError

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_BRACE = re.compile(r"([{}])")
_DECLARATION = re.compile(r"(?<![\w-])([\w-]{1,64})\s*+:([^;]*+)")
_PROPERTY = re.compile(r"\s*+([\w-]++)\s*+:")
_URL = re.compile(r"url\s*+\(\s*+[\"']?\s*+#([^)\"']*+)", re.IGNORECASE)
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_COMBINATOR = re.compile(r"[\s>+~|]+")
_SIMPLE = re.compile(r"([.#]?)([\w-]+|[^\x00-\x7f]+)")
_SEPARATE = ("filter", "mask", "clip", "-webkit-filter", "-webkit-mask", "-webkit-clip")
"""Properties that apply to an element as a whole. All others are inherited, or taken for inherited, by its parts."""


_MAX_RULES = 50_000


class Use(NamedTuple):
    """A reference by a property: its name and the id of the element that is drawn."""

    name: str
    target: str

    @property
    def inherited(self) -> bool:
        return not self.name.startswith(_SEPARATE)


class Rule(NamedTuple):
    """The references and filter functions of a rule, and which classes and ids its last compound selector demands."""

    uses: tuple[Use, ...]
    functions: str
    tag: str = ""
    classes: frozenset[str] = frozenset()
    identifier: str = ""


@dataclass(slots=True)
class StyleSheets:
    """The rules with references, by one class, id or tag that they demand; "" holds those that may match anything."""

    rules: dict[str, list[Rule]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    def add(self, css: str) -> None:
        """Reads a style sheet. If it could be misread, its references are taken to apply to all elements."""
        text = decode_css(css)
        if not _URL.search(text) and not FUNCTIONS.search(text):
            return
        plain = _COMMENT.sub(" ", text)
        if "\\" in css or len(_URL.findall(plain)) != len(_URL.findall(text)) or not self._add_rules(plain):
            self.rules[""].append(Rule(tuple(uses_in(text)), _functions(text)))

    def _add_rules(self, text: str) -> bool:
        found, rules = 0, list[tuple[str, str]]()
        for selectors, body in _blocks(text):
            if any(part.count(quote) % 2 for part in (selectors, body) for quote in "\"'"):
                return False
            found += len(_URL.findall(body))
            rules.append((selectors.rpartition(";")[2], body))
        if found != len(_URL.findall(text)):
            return False
        for selectors, body in rules:
            uses, functions = tuple(uses_in(body)), _functions(body)
            if uses or functions:
                for selector in _BRACKETS.sub("", selectors).split(","):
                    self._add_rule(selector, uses, functions)
        return True

    def _add_rule(self, selector: str, uses: tuple[Use, ...], functions: str) -> None:
        compound = _COMBINATOR.split(selector.strip())[-1].partition(":")[0]
        tag, identifier, classes = "", "", set[str]()
        for kind, name in _SIMPLE.findall(compound):
            if kind == ".":
                classes.add(name)
            elif kind == "#":
                identifier = name
            else:
                tag = name.lower()
        rule = Rule(uses, functions, tag, frozenset(classes), identifier)
        key = f".{min(classes)}" if classes else f"#{identifier}" if identifier else tag
        self.rules[key].append(rule)
        self._count += 1
        if self._count > _MAX_RULES:
            raise RefusedError("decompression_bomb", "The styles of the drawing refer to its parts too often.")

    def matching(self, tag: str, classes: frozenset[str], identifier: str) -> Iterator[Rule]:
        """Yields the rules that may apply to an element."""
        if not self.rules:
            return
        for key in ("", tag, f"#{identifier}", *(f".{name}" for name in classes)):
            for rule in self.rules.get(key, ()):
                if rule.tag in {"", tag} and rule.classes <= classes and rule.identifier in {"", identifier}:
                    yield rule


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yields the innermost blocks of a style sheet with what stands before them."""
    parts = _BRACE.split(text)
    for at in range(1, len(parts) - 2, 2):
        if parts[at] == "{" and parts[at + 2] == "}":
            yield parts[at - 1], parts[at + 1]


def uses_in(declarations: str) -> Iterator[Use]:
    """Yields the references in the declarations of a style, as they read with and without its comments.

    Where a comment begins depends on the context, so both readings count.
    """
    text = decode_css(declarations)
    found = list(_uses_in(text))
    yield from found
    if "/*" in text:
        known = set(found)
        yield from (use for use in _uses_in(_COMMENT.sub(" ", text)) if use not in known)


def _uses_in(text: str) -> Iterator[Use]:
    """A reference whose property cannot be told has none, and counts as inherited."""
    start, searched, name = 0, -1, ""
    for url in _URL.finditer(text):
        begin = max(text.rfind(end, max(searched, 0), url.start()) for end in ";{") + 1
        if begin or searched < 0:
            start = begin
            found = _PROPERTY.match(text, start, url.start())
            name = found[1].lower() if found else ""
        searched = url.end()
        yield Use(name, url[1].strip())


def uses_in_attribute(name: str, value: str) -> Iterator[Use]:
    """Yields the references in a presentation attribute, such as `fill`."""
    for target in _URL.findall(decode_css(value)):
        yield Use(name.lower(), target.strip())


def _functions(declarations: str) -> str:
    return " ".join(value for name, value in _DECLARATION.findall(declarations) if "filter" in name.lower())


def functions_in(name: str, value: str) -> str:
    """Returns the values of filter properties in an attribute."""
    return _functions(decode_css(value)) if name == "style" else value if name == "filter" else ""
