"""Small real files, all of one size, so that each can be sent to the URL of any other."""

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from testkit.clamd import eicar
from testkit.samples import images, videos

SIZE = 3000
MALWARE = eicar()
NEW_MALWARE = b"malware that no scanner detects yet"
type Maker = Callable[[bytes], bytes]

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/>%s</svg>'


class Kind(StrEnum):
    """The right verdict on a file; NOT_YET_DETECTED may be accepted or, with newer signatures, rejected."""

    GOOD = "good"
    NOT_YET_DETECTED = "not yet detected"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class File:
    """A file and its declared type."""

    body: bytes
    declared: str
    kind: Kind

    @property
    def is_infected(self) -> bool:
        """Returns True if only the scanner can reject it."""
        return MALWARE in self.body or NEW_MALWARE in self.body


def a_file(chance: random.Random, kind: Kind | None = None, declared: str | None = None) -> File:
    """Returns a random file; each one is different."""
    note = f"number {chance.getrandbits(64):016x} ".encode()
    mime = declared or chance.choice(list(MAKERS))
    kind = kind or chance.choice([Kind.GOOD, Kind.GOOD, Kind.NOT_YET_DETECTED, Kind.BAD, Kind.BAD])
    if kind is Kind.GOOD:
        return File(MAKERS[mime](note), mime, kind)
    if kind is Kind.NOT_YET_DETECTED:
        return File(MAKERS[mime](note + NEW_MALWARE), mime, kind)
    return File(chance.choice(IMPOSTORS)(mime, note), mime, kind)


def infected_file(signature: bytes = MALWARE) -> File:
    """Returns a valid photo that only a scanner rejects."""
    kind = Kind.BAD if signature == MALWARE else Kind.NOT_YET_DETECTED
    return File(MAKERS["image/jpeg"](signature), "image/jpeg", kind)


def _padded(make: Maker, note: bytes) -> bytes:
    """Returns the file that `make` makes of the note, padded to SIZE."""
    return make(note.ljust(len(note) + SIZE - len(make(note)), b"."))


def _png(text: bytes) -> bytes:
    return images.png(4, 4, 8, 2, images.chunk(b"tEXt", b"Comment\0" + text))


def _jpeg(text: bytes) -> bytes:
    return images.with_segment(_PLAIN_JPEG, 0xFE, text)


def _svg(text: bytes) -> bytes:
    return SVG % (b"<!-- " + text + b" -->")


def _mp4(text: bytes) -> bytes:
    return videos.mp4(between=videos.box(b"free", text))


def _archive() -> bytes:
    """Returns a ZIP without a time stamp, so that it is always the same."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("evil.class"), bytes(range(256)) * 4)
    return out.getvalue()


_ARCHIVE = _archive()
_PLAIN_JPEG = images.jpeg()
MAKERS = {
    "image/png": lambda note: _padded(_png, note),
    "image/jpeg": lambda note: _padded(_jpeg, note),
    "image/svg+xml": lambda note: _padded(_svg, note),
    "video/mp4": lambda note: _padded(_mp4, note),
}
IMPOSTORS = (
    *(lambda mime, note: MAKERS[mime](note + MALWARE),) * 3,
    lambda _, note: (b"\x7fELF\x02\x01\x01\0" + note).ljust(SIZE, b"\0"),
    lambda mime, note: MAKERS["image/png" if mime != "image/png" else "image/jpeg"](note),
    lambda _, note: _padded(lambda text: SVG % (b"<!-- " + text + b" --><script>alert(1)</script>"), note),
    lambda _, note: _padded(lambda text: _png(text) + _ARCHIVE, note),
    lambda _, note: (MAKERS["image/jpeg"](note)[: SIZE // 2]).ljust(SIZE, b"\0"),
)
