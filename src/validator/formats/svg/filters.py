"""Estimates how long viewers take to draw a filter (W3C, Filter Effects Module Level 1).

The numbers are milliseconds per million pixels, measured with librsvg 2.54 and Chromium 156 on an average machine.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from validator.formats.verdict import RefusedError

MAX_PRIMITIVES = 128
MAX_OCTAVES = 16
MAX_BLUR = 5_000.0
"""User units. Exports in hundredths of a millimetre need large numbers."""

_SCREEN = 1.0
_WINDOW_SIDE = 1_000.0
_SMALLEST_SIDE, _LARGEST_SIDE = 1e-6, 1e9
_LARGEST = 16.0
_MILLION = 1e6
_PAINTED_SHARE = 1.44
"""Default region of a filter: a tenth more than the shape on each side."""
_TILE_SIDE = 256
_TILES_PER_MILLION = _MILLION / _TILE_SIDE**2
_LAYER, _MASK, _FUNCTION = 15.0, 15.0, 150.0
_SIMPLE, _BLUR, _LIGHT = 20.0, 140.0, 100.0
_OCTAVE, _RADIUS, _KERNEL = 180.0, 60.0, 8.0
_BROWSER_SHARE = 0.2
"""Share of the time that Chromium takes for the same primitive, when no tile needs the neighbouring ones."""
_SHARES = {"path": 1 / 16, "polygon": 1 / 16, "polyline": 1 / 16}
EXACT = frozenset(("rect", "image", "circle", "ellipse"))
"""Elements whose attributes say how large they are."""
_OTHER_SHARE = 1 / 4
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?", re.IGNORECASE)
_LENGTH = re.compile(rf"\s*({_NUMBER.pattern})\s*(%|[a-z]*)\s*\Z", re.IGNORECASE)
_TRANSFORM = re.compile(r"((?:scale|matrix)\w*+)\s*+\(([^()]*+)\)", re.IGNORECASE)
_LARGEST_SCALE = 1.5
_UNITS = {
    "": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "mm": 3.7795, "cm": 37.795, "in": 96.0, "em": 16.0, "rem": 16.0,
    "ex": 8.0, "q": 0.945,
}  # fmt: skip
FUNCTIONS = re.compile(
    r"(?:blur|drop-shadow|brightness|contrast|grayscale|hue-rotate|invert|opacity|saturate|sepia)\s*\(", re.IGNORECASE
)


def length(text: str | None, whole: float) -> float | None:
    """Returns a length in user units; percentages are of `whole`. Returns None for other text."""
    found = _LENGTH.match(text[:64]) if text else None
    if not found:
        return None
    unit = found[2].lower()
    value = float(found[1])
    return value * whole / 100 if unit == "%" else value * _UNITS.get(unit, 1.0)


def _numbers(text: str | None) -> list[float]:
    return [min(abs(float(number)), 1e9) for number in _NUMBER.findall((text or "")[:256])][:4]


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size of a drawing in user units and its area in millions of pixels, as a viewer shows it."""

    width: float
    height: float
    area: float

    @classmethod
    def of_root(cls, attributes: Mapping[str, str]) -> "Canvas":
        """Returns the canvas of the root element; a drawing without a size fills the viewer's window."""
        box = _NUMBER.findall(attributes.get("viewBox", "")[:256])[2:4]
        seen = [length(attributes.get(name), 0.0) or 0.0 for name in ("width", "height")]
        user = [float(number) for number in box] if len(box) == 2 else seen
        width, height = (min(max(side, _SMALLEST_SIDE), _LARGEST_SIDE) if side > 0 else _WINDOW_SIDE for side in user)
        area = seen[0] * seen[1] / _MILLION if min(seen) > 0 else _SCREEN
        return cls(width, height, min(area, _LARGEST))

    def share(self, width: float, height: float) -> float:
        """Returns the area of a part in millions of pixels."""
        return self.area * min(abs(width) / self.width, 1.0) * min(abs(height) / self.height, 1.0)

    def painted(self, tag: str, attributes: Mapping[str, str]) -> float:
        """Returns the area that a filter of an element covers; a guess for shapes whose size is not an attribute."""
        if tag in {"rect", "image"}:
            width = length(attributes.get("width"), self.width)
            height = length(attributes.get("height"), self.height)
        elif tag in {"circle", "ellipse"}:
            width = 2 * (length(attributes.get("r", attributes.get("rx")), self.width) or self.width)
            height = 2 * (length(attributes.get("r", attributes.get("ry")), self.height) or self.height)
        else:
            return self.area * _SHARES.get(tag, _OTHER_SHARE)
        if width is None or height is None:
            return self.area
        return min(self.area, self.share(width, height) * _PAINTED_SHARE)


class Filter:
    """The cost of one `filter` element."""

    def __init__(self, canvas: Canvas, attributes: Mapping[str, str]) -> None:
        self._canvas = canvas
        self._scale = (canvas.area * _MILLION / (canvas.width * canvas.height)) ** 0.5
        self._primitives = 0
        self._spent = _LAYER
        self._reach = 0.0
        self._unit = 1.0
        self.region: float | None = None
        if attributes.get("primitiveUnits") == "objectBoundingBox":
            self._unit = max(canvas.width, canvas.height)
        if attributes.get("filterUnits") == "userSpaceOnUse":
            width = length(attributes.get("width", "120%"), canvas.width)
            height = length(attributes.get("height", "120%"), canvas.height)
            self.region = None if width is None or height is None else canvas.share(width, height)

    def add(self, primitive: str, attributes: Mapping[str, str]) -> None:
        """Counts a primitive. Refuses numbers that no drawing needs."""
        self._primitives += 1
        if self._primitives > MAX_PRIMITIVES:
            raise RefusedError("decompression_bomb", f"A filter of the drawing has more than {MAX_PRIMITIVES} steps.")
        cost, reach = _SIMPLE, 0.0
        match primitive:
            case "fegaussianblur" | "fedropshadow":
                cost, reach = _BLUR, 3 * self._blur(attributes)
            case "femorphology":
                radius = max(_numbers(attributes.get("radius")) or [0.0])
                reach = radius * self._unit
                cost = _RADIUS * (2 * reach * self._scale + 1)
            case "feturbulence":
                octaves = max(_numbers(attributes.get("numOctaves")) or [1.0])
                if octaves > MAX_OCTAVES:
                    raise RefusedError("decompression_bomb", "A filter of the drawing has too many octaves of noise.")
                cost = _OCTAVE * max(octaves, 1.0)
            case "feconvolvematrix":
                order = _numbers(attributes.get("order")) or [3.0]
                cost = _KERNEL * order[0] * order[-1]
            case "fediffuselighting" | "fespecularlighting":
                cost = _LIGHT
            case "feoffset" | "fedisplacementmap" | "fetile":
                reach = self._unit * max(
                    number for name in ("dx", "dy", "scale") for number in [0.0, *_numbers(attributes.get(name))]
                )
        self._spent += cost
        self._reach += reach * self._scale

    def _blur(self, attributes: Mapping[str, str]) -> float:
        deviation = max(_numbers(attributes.get("stdDeviation")) or [2.0]) * self._unit
        if deviation > max(MAX_BLUR, 2 * self._canvas.width, 2 * self._canvas.height):
            raise RefusedError("decompression_bomb", "A filter of the drawing blurs more than the whole drawing.")
        return deviation

    def cost(self, painted: float, *, zoomed: bool) -> float:
        """Returns the milliseconds for one use on an element that covers `painted` million pixels.

        A browser draws in tiles: for each it computes all pixels that the filter's steps reach from there. In a
        drawing that enlarges parts of itself, numbers in user units say nothing.
        """
        area = painted if self.region is None or zoomed else min(self.region, self._canvas.area)
        tiles = (1 + 2 * self._reach / _TILE_SIDE) ** 2
        again = min(tiles, max(1.0, area * _TILES_PER_MILLION))
        return area * self._spent * max(1.0, again * _BROWSER_SHARE)


def mask_cost(canvas: Canvas) -> float:
    return canvas.area * _MASK


def functions_cost(painted: float, style: str) -> float:
    """Returns the milliseconds for the filter functions in a style, such as `blur(2px)`."""
    return painted * _FUNCTION * len(FUNCTIONS.findall(style))


def enlarges(transform: str) -> bool:
    """Returns True if a transformation scales by more than one and a half, or cannot be read."""
    for name, numbers in _TRANSFORM.findall(transform):
        values = [float(number) for number in _NUMBER.findall(numbers)]
        if name.lower() == "matrix" and len(values) == 6:
            if abs(values[0] * values[3] - values[1] * values[2]) > _LARGEST_SCALE**2:
                return True
        elif max(map(abs, values), default=0.0) > _LARGEST_SCALE:
            return True
    return False
