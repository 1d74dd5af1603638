"""Inspects the pictures that are embedded in a drawing as `data:` URLs (RFC 2397), like separate files."""

import base64
import binascii
import re
from collections.abc import Iterator
from types import ModuleType
from urllib.parse import unquote_to_bytes

from validator.formats import gif, jpeg, png
from validator.formats.jpeg.thumbnails import count_frames
from validator.formats.pixels import PixelBudget
from validator.formats.polyglots.embedded import refuse_markup
from validator.formats.reader import HEAD_BYTES, RangeReader, TruncatedError
from validator.formats.riff import webp
from validator.formats.svg.css import EMBEDDED_IMAGE, decode_css
from validator.formats.verdict import RefusedError

MAX_PIXELS = 100_000_000
MAX_DRAWING_PIXELS = 300_000_000
"""Viewers unpack all pictures of a drawing when they open it, not one after the other."""

_FORMATS: tuple[ModuleType, ...] = (png, jpeg, gif, webp)
_IMAGES = frozenset(("image", "feImage"))
_IN_CSS = re.compile(r"url\s*+\(\s*+[\"']?\s*+(data:[^)\"']*+)", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_WHITE_SPACE = re.compile(r"[ \t\r\n\f]+")


class EmbeddedPictures:
    """Checks all embedded pictures of one drawing against a common budget of pixels."""

    def __init__(self, reader: RangeReader) -> None:
        self._reader = reader
        self._pixels = PixelBudget(MAX_PIXELS, MAX_DRAWING_PIXELS)

    def check_attribute(self, element: str, name: str, value: str) -> None:
        """Checks the picture that an `image` shows, and those in the value of a style or any other attribute."""
        if "data:" not in value.lower() and "\\" not in value:
            return
        if element in _IMAGES and name.lower() == "href" and EMBEDDED_IMAGE.match(value):
            self._check(value)
        elif "(" in value:
            self.check_css(value)

    def check_css(self, css: str) -> None:
        """Checks all data in a style: browsers show a picture that is said to be a font."""
        for url in _urls(css):
            if EMBEDDED_IMAGE.match(url):
                self._check(url)
            else:
                self._check_other(url)

    def _check_other(self, url: str) -> None:
        try:
            data = _decode(url)
        except RefusedError:
            return  # neither a picture nor a font to any browser
        if any(module.recognises(data[:HEAD_BYTES]) for module in _FORMATS):
            self._check(url)

    def _check(self, url: str) -> None:
        data = _decode(url)
        if not data:
            return
        refuse_markup(data)
        for module in _FORMATS:
            if module.recognises(data[:HEAD_BYTES]):
                self._parse(module, data)
                return
        raise RefusedError("malformed", "A picture in the drawing is damaged or not of an accepted type.")

    def _parse(self, module: ModuleType, data: bytes) -> None:
        """Refuses what would be refused in a file. Damaged ones are accepted: viewers show a part, or nothing."""
        try:
            module.parse(self._reader.embedded(data, self._pixels))
        except TruncatedError:
            count_frames(data, self._pixels)
        except RefusedError as refusal:
            if refusal.reason != "malformed":
                raise
            count_frames(data, self._pixels)


def _urls(css: str) -> Iterator[str]:
    decoded = decode_css(css)
    for text in (css,) if decoded == css else (css, decoded):
        yield from (found[1] for found in _IN_CSS.finditer(text) if "\\" not in found[1])


def _decode(url: str) -> bytes:
    """Returns the bytes of a data URL. Browsers ignore white space in base64, and missing padding."""
    header, _, body = url.partition(",")
    if not header.strip().lower().endswith("base64"):
        return unquote_to_bytes(body)
    packed = unquote_to_bytes(_WHITE_SPACE.sub("", body))
    packed = b"".join(packed.split())
    if not _BASE64.fullmatch(packed):
        raise RefusedError("malformed", "A picture in the drawing is damaged.")
    packed = packed.rstrip(b"=")
    try:
        return base64.b64decode(packed + b"=" * (-len(packed) % 4))
    except binascii.Error:
        raise RefusedError("malformed", "A picture in the drawing is damaged.") from None
