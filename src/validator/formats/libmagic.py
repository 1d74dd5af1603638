"""libmagic as a veto: the structure decides, and libmagic may object if it detects another kind of file.

libmagic is not used as the gate because it misjudges valid files too often (MPEG variants, movies that begin with a
`free` box, drawings after a long comment). Only the answers in the table of signatures count: kinds with a signature
that no photo or video can have. All other answers are ignored.

Lambda's image contains an old libmagic in /lib64 that would be loaded silently. The one from the package
libmagic-wheel is therefore loaded first, by its absolute path and with its own database, and its version is checked.
"""

import ctypes
import importlib.util
from functools import cache
from pathlib import Path
from typing import Protocol

from validator.formats.polyglots.signatures import SIGNATURES
from validator.formats.verdict import RefusedError

VERSION = 548
"""The version in the locked libmagic-wheel. Releases rename types: run the corpus tests before you change it."""

VETO_BYTES = 4096

_DENIED = frozenset(name for signature in SIGNATURES for name in signature.libmagic)
_DENIED_PREFIXES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
_DENIED_TEXTS = frozenset(name for signature in SIGNATURES for name in signature.libmagic_text)
_DRAWING = "image/svg+xml"
"""Drawings are text, which libmagic often takes for a script. Their parser reads the whole file, so no veto is due."""


class LibmagicError(Exception):
    """libmagic is missing or not the tested version: an installation error, independent of any file."""


class Detector(Protocol):
    """The part of python-magic's class that is used here."""

    def from_buffer(self, buf: bytes) -> str: ...


@cache
def load() -> Detector:
    """Loads libmagic-wheel's library and database. Raises LibmagicError if the version is not VERSION."""
    data = _data_directory()
    ctypes.CDLL(str(data / "libmagic.so.1"), mode=ctypes.RTLD_GLOBAL)
    import magic  # noqa: PLC0415  # binds to the library loaded above

    version: int = magic.version()  # type: ignore[no-untyped-call]
    if version != VERSION:
        raise LibmagicError(f"libmagic {version} was loaded instead of {VERSION}")
    detector: Detector = magic.Magic(mime=True, magic_file=str(data / "default.mgc"))
    return detector


def veto(head: bytes, found: str) -> None:
    """Refuses a file of the proven type `found` if libmagic detects a denied type in its head."""
    seen = detect(head)
    denied = seen in _DENIED or seen.startswith(_DENIED_PREFIXES) or (found != _DRAWING and seen in _DENIED_TEXTS)
    if denied:
        raise RefusedError("polyglot", "The file is a program, a page, a document or an archive at the same time.")


def detect(head: bytes) -> str:
    """Returns the media type that libmagic detects in the head; octet-stream if it fails, as it may on odd bytes."""
    detector = load()
    import magic  # noqa: PLC0415  # load() must run first

    try:
        return detector.from_buffer(head[:VETO_BYTES])
    except magic.MagicException:
        return "application/octet-stream"


def _data_directory() -> Path:
    """Returns libmagic-wheel's data without importing its binding, which asks libmagic three times per file."""
    spec = importlib.util.find_spec("libmagic")
    if spec is None or spec.origin is None:
        raise LibmagicError("the package libmagic-wheel is not installed")
    return Path(spec.origin).parent / "data"
