"""A file of the corpus: its bytes, declared type and expected verdict."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from uploads.media_types import MEDIA_TYPES

MP4, MOV, MPEG = "video/mp4", "video/quicktime", "video/mpeg"
AVI, WMV, WEBM = "video/x-msvideo", "video/x-ms-wmv", "video/webm"
JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
SVG, TIFF, BMP = "image/svg+xml", "image/tiff", "image/bmp"

EXTENSIONS = {mime: kind.extension for mime, kind in MEDIA_TYPES.items()}

type Content = bytes | tuple[bytes | int, ...]
"""The bytes, or parts of them; a number stands for that many zeros, written as a hole."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`expected` holds the permitted reasons for a rejection; empty, the file must be accepted."""

    name: str
    declared: str
    content: Content
    expected: frozenset[str]
    why: str

    @property
    def path(self) -> str:
        return f"{self.name}.{EXTENSIONS[self.declared]}"

    @property
    def size(self) -> int:
        parts = (self.content,) if isinstance(self.content, bytes) else self.content
        return sum(part if isinstance(part, int) else len(part) for part in parts)

    def entry(self) -> dict[str, Any]:
        """Returns the entry of the manifest."""
        return {
            "name": self.name, "file": self.path, "size": self.size, "declared": self.declared,
            "expected": sorted(self.expected) or "accept", "why": self.why,
        }  # fmt: skip


def good(name: str, declared: str, content: Content, why: str) -> Sample:
    return Sample(f"good/{name}", declared, content, frozenset(), why)


def bad(name: str, declared: str, content: Content, reasons: str, why: str) -> Sample:
    """Returns a sample to reject; `reasons` are the permitted ones, separated by bars."""
    return Sample(f"bad/{name}", declared, content, frozenset(reasons.split("|")), why)


def unique(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Yields the samples. Raises ValueError if two share a name."""
    seen: set[str] = set()
    for sample in samples:
        if sample.path in seen:
            raise ValueError(f"two samples are called {sample.path}")
        seen.add(sample.path)
        yield sample
