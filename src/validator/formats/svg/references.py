"""Estimates how much work a drawing makes: SVG's kinds of decompression bombs (SVG 2, sections 5.6, 12, 13 and 14).

Every reference to another part of the drawing draws that part again: `use`, patterns, masks, clip paths, markers and
filters, in attributes and styles. References may be nested, so the work can grow exponentially with the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from validator.formats.svg import filters
from validator.formats.svg.filters import Canvas, Filter
from validator.formats.svg.styles import StyleSheets, Use, functions_in, uses_in, uses_in_attribute
from validator.formats.verdict import RefusedError

MAX_WEIGHT = 1_000_000
"""Elements to draw. Chromium takes about 15 s for a million."""
MAX_MILLISECONDS = 8_000.0
_MAX_EDGES = 1_000_000
_USE_WEIGHT = 3
_GROWS = f"The drawing grows to more than {MAX_WEIGHT:,} elements."
_BY_REFERENCE = frozenset(("use", "feimage", "tref", "textpath", "mpath", "altglyph", "glyphref"))
_INHERITS = frozenset(("pattern", "filter", "mesh", "meshgradient", "hatch"))
_WEIGHTLESS = frozenset(("lineargradient", "radialgradient", "stop", "meshgradient", "solidcolor", "filter"))
_PER_VERTEX = frozenset(("marker", "marker-mid"))

type Key = tuple[str, str, tuple[Use, ...], str, str, float]


@dataclass(slots=True)
class _Node:
    """Elements that refer to the same parts, and what is inside of them: siblings without an id share a node."""

    tag: str = ""
    classes: frozenset[str] = frozenset()
    identifier: str = ""
    uses: tuple[Use, ...] = ()
    target: str = ""
    functions: str = ""
    painted: float = 0.0
    count: int = 0
    vertices: int = 0
    parts: dict[Key, "_Node"] | None = None
    named: list["_Node"] | None = None
    filter: Filter | None = None

    def children(self) -> Iterator["_Node"]:
        yield from (self.parts or {}).values()
        yield from self.named or ()


@dataclass(slots=True)
class _Work:
    """Work to draw a node once: elements, vertices, weight (elements of everything that is drawn), milliseconds."""

    elements: int = 0
    vertices: int = 0
    weight: int = 0
    milliseconds: float = 0.0

    def add(self, other: "_Work", times: int = 1, factor: int = 1) -> None:
        self.elements += times * other.elements
        self.vertices += times * other.vertices
        self.weight += times * factor * other.weight
        self.milliseconds += times * other.milliseconds


_NOTHING = _Work()


@dataclass(slots=True)
class References:
    """Collects the elements while they are parsed; `refuse_bomb` then adds up the work."""

    sheets: StyleSheets = field(default_factory=StyleSheets)
    _root: _Node = field(default_factory=_Node)
    _open: list[_Node] = field(default_factory=list)
    _by_id: dict[str, list[_Node]] = field(default_factory=dict)
    _canvas: Canvas | None = None
    _filters: list[Filter] = field(default_factory=list)
    _zoomed: bool = False
    _edges: int = 0
    _refers: bool = False

    def open(self, local: str, attributes: Mapping[str, str], target: str) -> None:
        """Enters an element; `target` is the id to which its `href` points, or ""."""
        tag = local.lower()
        if self._canvas is None:
            self._canvas = Canvas.of_root(attributes)
        elif not self._zoomed:
            self._zoomed = _enlarges(attributes)
        node = self._node(tag, attributes, target)
        node.count += 1
        if "d" in attributes or "points" in attributes:
            node.vertices += len(attributes.get("d", "") + attributes.get("points", "")) // 2
        self._open.append(node)
        if tag == "filter":
            node.filter = Filter(self._canvas, attributes)
            self._filters.append(node.filter)
        elif tag.startswith("fe") and self._filters:
            self._filters[-1].add(tag, attributes)

    def _node(self, tag: str, attributes: Mapping[str, str], target: str) -> _Node:
        """Returns the node of an element, which it shares with siblings that refer to the same parts."""
        parent = self._open[-1] if self._open else self._root
        uses, functions, painted = list[Use](), "", 0.0
        for name, value in attributes.items():
            if "(" in value or "\\" in value:
                uses += uses_in(value) if name == "style" else uses_in_attribute(name, value)
                functions += functions_in(name, value)
        classes, identifier = attributes.get("class", ""), attributes.get("id", "")
        if uses or functions or target:
            self._refers = True
            self._edges += len(uses)
        if (uses or functions or classes) and self._canvas:
            painted = self._canvas.painted(tag, attributes)
        if not identifier:
            key = tag, classes, tuple(uses), target, functions, painted
            parent.parts = {} if parent.parts is None else parent.parts
            if key not in parent.parts:
                parent.parts[key] = _Node(tag, frozenset(classes.split()), "", key[2], target, functions, painted)
            return parent.parts[key]
        node = _Node(tag, frozenset(classes.split()), identifier, tuple(uses), target, functions, painted)
        parent.named = [] if parent.named is None else parent.named
        parent.named.append(node)
        self._by_id.setdefault(identifier, []).append(node)
        return node

    def close(self) -> None:
        """Leaves the element."""
        if self._open.pop().tag == "filter" and self._filters:
            self._filters.pop()

    def refuse_bomb(self) -> None:
        """Refuses a drawing that takes too much work. Circular references count once, as in browsers."""
        if not self._refers and not self.sheets.rules:
            return
        done: dict[int, _Work] = {}
        entered: set[int] = set()
        pending = [(self._root, False)]
        while pending:
            node, complete = pending.pop()
            if complete:
                done[id(node)] = self._add_up(node, done)
            elif id(node) not in entered:
                entered.add(id(node))
                pending.append((node, True))
                pending += ((part, False) for part in node.children())
                pending += ((part, False) for use in self._uses(node) for part in self._targets(use.target))
                pending += ((part, False) for part in self._targets(node.target))

    def _uses(self, node: _Node) -> Iterator[Use]:
        yield from node.uses
        for rule in self.sheets.matching(node.tag, node.classes, node.identifier):
            self._edges += len(rule.uses)
            if self._edges > _MAX_EDGES:
                raise RefusedError("decompression_bomb", "The drawing refers to its own parts too often.")
            yield from rule.uses

    def _targets(self, identifier: str) -> list[_Node]:
        if not identifier:
            return []
        return self._by_id.get(identifier) or self._by_id.get(unquote(identifier), [])

    def _add_up(self, node: _Node, done: dict[int, _Work]) -> _Work:
        """Returns the work of all elements of a node; every part of it has been added up, save in a circle."""
        total = _Work(node.count, node.vertices, 0 if node.tag in _WEIGHTLESS else node.count)
        for child in node.children():
            total.add(done.get(id(child), _NOTHING))
        for target in self._targets(node.target):
            if node.tag in _BY_REFERENCE or node.tag in _INHERITS:
                total.add(done.get(id(target), _NOTHING), node.count, _USE_WEIGHT if node.tag == "use" else 1)
        own = _Work(total.elements, total.vertices)
        functions = node.functions
        for rule in self.sheets.matching(node.tag, node.classes, node.identifier):
            functions += rule.functions
        total.milliseconds += node.count * filters.functions_cost(self._painted(node), functions)
        for use in self._uses(node):
            times = node.count
            if use.inherited:
                times = own.elements + (own.vertices if use.name in _PER_VERTEX else 0)
            for target in self._targets(use.target):
                self._add_use(total, node, target, times, done)
        if total.weight > MAX_WEIGHT:
            raise RefusedError("decompression_bomb", _GROWS)
        if total.milliseconds > MAX_MILLISECONDS:
            raise RefusedError("decompression_bomb", "The filters of the drawing take too long to be drawn.")
        return total

    def _add_use(self, total: _Work, node: _Node, target: _Node, times: int, done: dict[int, _Work]) -> None:
        """Adds the work of drawing `target` that many times as a property of `node`."""
        drawn = done.get(id(target), _NOTHING)
        total.weight += times * drawn.weight
        total.milliseconds += times * drawn.milliseconds
        if target.filter:
            total.milliseconds += times * target.filter.cost(self._painted(node), zoomed=self._zoomed)
        elif target.tag == "mask" and self._canvas:
            total.milliseconds += times * filters.mask_cost(self._canvas)

    def _painted(self, node: _Node) -> float:
        """Returns the area that a filter of the node covers, without its attributes' help where they do not count."""
        if self._canvas and (self._zoomed or not node.painted):
            return self._canvas.painted(node.tag, {})
        return node.painted


def _enlarges(attributes: Mapping[str, str]) -> bool:
    """Returns True if the element is drawn larger than its numbers say, by a transformation or in a style."""
    if "viewBox" in attributes:
        return True
    style = attributes.get("style", "")
    if "scale" in style or "matrix" in style or "zoom" in style:
        return True
    transform = attributes.get("transform", "")
    return filters.enlarges(transform) if transform else False
