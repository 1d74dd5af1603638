"""Counts the pixels of the JPEG thumbnails that metadata contain: Exif, JFXX, Photoshop's resources, makers' notes."""

import re
import struct

from validator.formats.pixels import PixelBudget

_THUMBNAIL = re.compile(rb"\xff\xd8(?=\xff[\xc0-\xfe])")
_FRAME = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf]\x00.[\x08\x0c].{4}[\x01-\x04]", re.DOTALL)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_HEADER = struct.Struct(">BBHBHHB")
"""A marker and the frame header that may follow it (ITU-T T.81, B.2.2)."""
_MARKER, _FIRST_MARKER = 0xFF, 0xC0
_MAX_SEGMENTS = 16


def count_frames(data: bytes, pixels: PixelBudget) -> None:
    """Counts every frame header in a damaged image: decoders skip bytes that do not belong there."""
    for found in _FRAME.finditer(data):
        _marker, _code, length, _precision, height, width, components = _HEADER.unpack(found[0])
        if width and height and length == 8 + 3 * components:
            pixels.take(width, height)


def count_thumbnails(metadata: bytes, pixels: PixelBudget) -> None:
    """Counts every thumbnail whose frame header is in `metadata`; a damaged one is not decoded by anybody."""
    for start in _THUMBNAIL.finditer(metadata):
        at = start.end()
        for _ in range(_MAX_SEGMENTS):
            header = metadata[at : at + _HEADER.size]
            if len(header) < _HEADER.size:
                break
            begin, marker, length, _precision, height, width, components = _HEADER.unpack(header)
            if begin != _MARKER or marker < _FIRST_MARKER:
                break
            if marker in _FRAMES:
                if width and height and length == 8 + 3 * components:
                    pixels.take(width, height)
                break
            at += 2 + max(length, 2)
