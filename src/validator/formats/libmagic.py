"""libmagic as a veto: structure decides, and libmagic may object when it positively sees something else.

libmagic alone is no gate. On honest files it guesses wrong often enough (MPEG variants, movies that begin with a `free`
box, drawings behind a long comment) that only its answers from a list count: kinds that have a signature of their own
and that no photo or video can look like. Everything else it says is ignored.

Lambda's image carries an old libmagic in /lib64 that would win silently. So the one from the package pylibmagic is
loaded by its absolute path first, with its own database, and its version is compared with the one that was tested.
"""

import ctypes
import importlib.util
from functools import cache
from pathlib import Path
from typing import Protocol

from validator.formats.verdict import RefusedError

VERSION = 541
"""The version of libmagic inside the locked pylibmagic; another one must be tested before it is put here."""

VETO_BYTES = 4096

_DENIED = frozenset(
    (
        # programs
        "application/x-dosexec",
        "application/vnd.microsoft.portable-executable",
        "application/x-executable",
        "application/x-pie-executable",
        "application/x-sharedlib",
        "application/x-object",
        "application/x-coredump",
        "application/x-mach-binary",
        "application/x-java-applet",
        "application/java-archive",
        "application/vnd.android.package-archive",
        "application/x-ms-shortcut",
        "application/x-msi",
        "application/wasm",
        "application/x-shockwave-flash",
        # documents
        "application/pdf",
        "application/postscript",
        "application/msword",
        "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint",
        "application/vnd.ms-office",
        "application/x-ole-storage",
        "application/CDFV2",
        "application/epub+zip",
        "application/x-sqlite3",
        # archives
        "application/zip",
        "application/x-7z-compressed",
        "application/x-rar",
        "application/gzip",
        "application/x-bzip2",
        "application/x-xz",
        "application/zstd",
        "application/x-tar",
        "application/x-iso9660-image",
        "application/vnd.ms-cab-compressed",
        "application/x-cpio",
        "application/x-archive",
        "application/vnd.debian.binary-package",
        "application/x-rpm",
    ),
)
_DENIED_PREFIXES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")

_SCRIPTS = frozenset(
    (
        "text/html",
        "text/x-php",
        "text/x-shellscript",
        "text/x-python",
        "text/x-script.python",
        "text/x-perl",
        "text/x-ruby",
        "text/x-msdos-batch",
        "application/javascript",
    ),
)
_TEXTUAL = "image/svg+xml"
"""Drawings are text: libmagic's guesses about scripts are worth nothing there, and the whole file has been parsed."""


class LibmagicError(Exception):
    """libmagic is not the one that was tested; a fault of the installation, not of any file."""


class Detector(Protocol):
    """The one method of python-magic's class that is used."""

    def from_buffer(self, buf: bytes) -> str: ...


@cache
def load() -> Detector:
    """Loads pylibmagic's library and database; raises LibmagicError when another version than VERSION answers."""
    directory = _package_directory()
    ctypes.CDLL(str(directory / "libmagic.so.1"), mode=ctypes.RTLD_GLOBAL)
    import magic  # noqa: PLC0415  # it takes the library that is loaded already, so it must come second

    version: int = magic.version()  # type: ignore[no-untyped-call]
    if version != VERSION:
        raise LibmagicError(f"libmagic {version} answers instead of {VERSION}")
    detector: Detector = magic.Magic(mime=True, magic_file=str(directory / "magic.mgc"))
    return detector


def veto(head: bytes, found: str) -> None:
    """Refuses a file whose structure proved the type `found`, when libmagic sees a denied type in its head."""
    seen = name(head)
    denied = seen in _DENIED or seen.startswith(_DENIED_PREFIXES) or (found != _TEXTUAL and seen in _SCRIPTS)
    if denied:
        raise RefusedError("polyglot", "The file is a program, a page, a document or an archive at the same time.")


def name(head: bytes) -> str:
    """The media type that libmagic sees in the head; octet-stream when it fails, as it may on odd bytes."""
    detector = load()
    import magic  # noqa: PLC0415  # loaded by then

    try:
        return detector.from_buffer(head[:VETO_BYTES])
    except magic.MagicException:
        return "application/octet-stream"


def _package_directory() -> Path:
    """Where pylibmagic is installed. It is not imported: it would patch ctypes and the environment."""
    spec = importlib.util.find_spec("pylibmagic")
    if spec is None or spec.origin is None:
        raise LibmagicError("the package pylibmagic is not installed")
    return Path(spec.origin).parent
