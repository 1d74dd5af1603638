"""Unpacks the deflated parts of PNG piece by piece and discards them, so that memory stays small (RFC 1950)."""

import zlib
from dataclasses import dataclass

from validator.formats.polyglots.embedded import refuse_code, refuse_markup
from validator.formats.verdict import RefusedError

_PIECE = 256 * 1024
_MAX_CHECKED = 32 * 1024 * 1024
_MAX_CHECKED_IN_FILE = 128 * 1024 * 1024
_MAX_TEXT = 32 * 1024 * 1024
_SLACK = 64 * 1024

_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""The seven passes: first column, first row, step to the right, step down."""


def raw_size(width: int, height: int, bits: int, *, interlaced: bool) -> int:
    """Returns the bytes that the pixels take, with one filter byte per row (PNG, sections 7.2 and 8)."""
    if not interlaced:
        return height * (1 + (width * bits + 7) // 8)
    total = 0
    for left, top, right, down in _ADAM7:
        columns, rows = -((left - width) // right), -((top - height) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


@dataclass(slots=True)
class Unpacked:
    """The number of bytes that were unpacked from all pictures of a file, to bound the time of its inspection."""

    size: int = 0

    def skip(self) -> None:
        """Marks a part of the pixels as not read: what follows is not unpacked."""
        self.size = _MAX_CHECKED_IN_FILE


class ImageData:
    """The zlib stream of the pixels of one picture: it must be valid and as long as the picture's size requires.

    At most 32 MiB of pixels are unpacked for a picture, 128 MiB for all frames of an animation.
    """

    def __init__(self, width: int, height: int, bits: int, unpacked: Unpacked, *, interlaced: bool) -> None:
        self._wanted = raw_size(width, height, bits, interlaced=interlaced)
        self._found = 0
        self._inflater = zlib.decompressobj()
        self._file = unpacked

    @property
    def _stopped(self) -> bool:
        return self._found >= _MAX_CHECKED or self._file.size >= _MAX_CHECKED_IN_FILE

    def feed(self, data: bytes | memoryview) -> None:
        """Unpacks the next piece of the stream."""
        while data and not self._inflater.eof and not self._stopped:
            try:
                length = len(self._inflater.decompress(data, _PIECE))
            except zlib.error:
                raise RefusedError("malformed", "The compressed pixels of the image are damaged.") from None
            self._found += length
            self._file.size += length
            if self._found > self._wanted + _SLACK:
                raise RefusedError("decompression_bomb", "The image unpacks to more than its header says.")
            data = self._inflater.unconsumed_tail

    def finish(self) -> None:
        """Refuses the image if the stream ended too early. Called at its end."""
        if self._found < self._wanted and not self._stopped:
            raise RefusedError("malformed", "The image has fewer pixels than its header says.")


def refuse_bomb_text(kind: bytes, body: bytes) -> None:
    """Unpacks and checks the texts and profiles of zTXt, iTXt and iCCP (PNG, sections 11.3.3 and 11.3.2.3)."""
    _keyword, separator, rest = body.partition(b"\0")
    if not separator or kind == b"tEXt":
        return
    if kind == b"iTXt":
        if rest[:1] != b"\1":
            return
        _language, _, rest = rest[2:].partition(b"\0")
        _translated, _, packed = rest.partition(b"\0")
    else:
        packed = rest[1:]
    found = 0
    inflater = zlib.decompressobj()
    while packed and not inflater.eof:
        try:
            text = inflater.decompress(packed, _PIECE)
        except zlib.error:
            return  # decoders skip a damaged text and display the image
        refuse_markup(text) if found or kind == b"iCCP" else refuse_code(text)
        found += len(text)
        if found > _MAX_TEXT:
            raise RefusedError("decompression_bomb", "A text in the image unpacks to more than 32 MB.")
        packed = inflater.unconsumed_tail
