"""The table of foreign files: the bytes that reveal each kind, and where each check looks for them.

The checks in `trailing`, `embedded`, `second_file`, `unsupported` and `libmagic` take their subsets from this table.
Short signatures are only matched at a fixed place: any four bytes occur by chance in one of a few thousand photos. For
checks that search all bytes, `then` also requires the bytes that follow in a real file of that kind.
"""

import re
from collections.abc import Iterator
from enum import Flag, auto
from typing import NamedTuple


class Place(Flag):
    """A place in which a check looks for signatures. Letter case is ignored unless it says otherwise."""

    AFTER_IMAGE = auto()
    """Directly after the end of an image and its padding."""
    AFTER_VIDEO = auto()
    """Directly after the last structure of a video and the white space and zeros that follow it."""
    SEARCHED_TAIL = auto()
    """Anywhere in the data after an image, and in the head and tail of a video. Case-sensitive."""
    SEARCHED_IMAGE = auto()
    """Anywhere in an image. Case-sensitive; `magic` must be long, and `before` and `then` are not used."""
    SEARCHED_TEXT = auto()
    """Anywhere in a comment or other text of an image."""
    SCRIPT = auto()
    """At the start of a text file, which is then a script."""
    PAGE = auto()
    """At the start of a text file, which is then a web page."""
    OFFSET = auto()
    """At the offset `at`, which another file may leave free for it."""


AFTER_IMAGE, AFTER_VIDEO = Place.AFTER_IMAGE, Place.AFTER_VIDEO
SEARCHED_TAIL, SEARCHED_IMAGE, SEARCHED_TEXT = Place.SEARCHED_TAIL, Place.SEARCHED_IMAGE, Place.SEARCHED_TEXT
SCRIPT, PAGE, OFFSET = Place.SCRIPT, Place.PAGE, Place.OFFSET
AFTER, NOWHERE = AFTER_IMAGE | AFTER_VIDEO, Place(0)


class Signature(NamedTuple):
    """Bytes that reveal a foreign file.

    `sentence` is shown to people who upload a file that begins with `magic`; "" gives them the general sentence.
    `before` and `then` are regular expressions for the bytes around `magic`.
    `libmagic` are the types that libmagic reports for this kind of file; they veto any file. `libmagic_text` are text
    types, which veto all files except drawings.
    """

    magic: bytes
    places: Place = NOWHERE
    sentence: str = ""
    before: bytes = b""
    then: bytes = b""
    at: int = 0
    libmagic: tuple[str, ...] = ()
    libmagic_text: tuple[str, ...] = ()

    @property
    def pattern(self) -> bytes:
        return self.before + re.escape(self.magic) + self.then


PROGRAM = "This is a program or a script, not a photo or video."
SOUND = "This is a sound file, not a photo or video."
ARCHIVE = "This is an archive. Please unpack it and send the photos or videos themselves."
_OFFICE_ARCHIVE = "This is an archive or an Office document. Please send the photos or videos themselves."
_OFFICE = "This is an Office document, not a photo or video."
_FLASH = "This is a Flash animation, which is not accepted."
_JPEG_2000 = "This is a JPEG 2000 file, which is not accepted. Please export it as JPEG."
_JPEG_XL = "This is a JPEG XL picture, which is not accepted. Please export it as JPEG."
_RAW = "This is a camera's raw photo, which is not accepted. Please export it as JPEG."

TAR = Signature(b"ustar", OFFSET, at=257, libmagic=("application/x-tar",))

SIGNATURES: tuple[Signature, ...] = (
    # ZIP: archives, Java, Android, Office
    Signature(
        b"PK\x03\x04", AFTER | SEARCHED_TEXT, _OFFICE_ARCHIVE,
        libmagic=("application/zip", "application/java-archive", "application/vnd.android.package-archive",
                  "application/epub+zip"),
    ),
    Signature(b"PK\x03\x04", SEARCHED_TAIL, then=rb"[\x00-\x3f]\x00"),
    Signature(b"PK\x05\x06", AFTER, ARCHIVE),
    Signature(b"PK\x07\x08", AFTER_IMAGE),
    Signature(b"PK\x01\x02", AFTER),
    # other archives and disk images
    TAR,
    Signature(b"Rar!\x1a\x07", AFTER | SEARCHED_TEXT, ARCHIVE, libmagic=("application/vnd.rar",)),
    Signature(b"Rar!\x1a\x07", SEARCHED_TAIL, then=rb"[\x00\x01]"),
    Signature(b"Rar!\x1a\x07\x00", SEARCHED_IMAGE),
    Signature(b"Rar!\x1a\x07\x01\x00", SEARCHED_IMAGE),
    Signature(b"7z\xbc\xaf\x27\x1c", AFTER | SEARCHED_TEXT, ARCHIVE, libmagic=("application/x-7z-compressed",)),
    Signature(b"7z\xbc\xaf\x27\x1c\x00", SEARCHED_TAIL | SEARCHED_IMAGE),
    Signature(b"\x1f\x8b", sentence="This is a compressed file. Please unpack it and send what is inside.",
              libmagic=("application/gzip",)),
    Signature(b"\x1f\x8b\x08", AFTER),
    Signature(b"BZh", AFTER_VIDEO, ARCHIVE, libmagic=("application/x-bzip2",)),
    Signature(b"BZh", AFTER_IMAGE, then=rb"[1-9]1AY&SY"),
    Signature(b"\xfd7zXZ\x00", AFTER, ARCHIVE, libmagic=("application/x-xz",)),
    Signature(b"\x28\xb5\x2f\xfd", AFTER_IMAGE, ARCHIVE, libmagic=("application/zstd",)),
    Signature(b"\x04\x22\x4d\x18", AFTER_IMAGE),  # LZ4
    Signature(b"MSCF", AFTER_VIDEO, libmagic=("application/vnd.ms-cab-compressed",)),
    Signature(b"MSCF\x00", AFTER_IMAGE),
    Signature(b"MSCF\x00\x00\x00\x00", SEARCHED_IMAGE),
    Signature(b"07070", AFTER_IMAGE, then=rb"[127]", libmagic=("application/x-cpio",)),
    Signature(b"!<arch>\n", AFTER_IMAGE, libmagic=("application/x-archive", "application/vnd.debian.binary-package")),
    Signature(b"LZIP\x01", AFTER_IMAGE),
    Signature(b"\x60\xea", AFTER_IMAGE),  # ARJ
    Signature(b"**ACE**", AFTER_IMAGE),
    Signature(b"-lh", AFTER_IMAGE, before=rb".{2}", then=rb"[0-7]-"),  # LHA
    Signature(b"\x01CD001\x01\x00", SEARCHED_IMAGE, libmagic=("application/x-iso9660-image",)),
    Signature(b"conectix\x00\x00\x00", SEARCHED_TAIL),  # virtual hard disk
    Signature(b"koly\x00\x00\x00\x04\x00\x00\x02\x00", SEARCHED_TAIL),  # Apple disk image
    # documents
    Signature(b"%PDF-", AFTER, "This is a PDF document, not a photo or video.", libmagic=("application/pdf",)),
    Signature(b"%PDF-", SEARCHED_TAIL, then=rb"[12]\.\d"),
    Signature(b"%PDF-", SEARCHED_TEXT, then=rb"\d"),
    Signature(b"%!PS", AFTER, "This is a PostScript document. Please export it as JPEG or PNG.",
              libmagic=("application/postscript",)),
    Signature(b"{\\rtf", AFTER_IMAGE, "This is a text document, not a photo or video."),
    Signature(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", AFTER | SEARCHED_TAIL, _OFFICE,
        libmagic=("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
                  "application/vnd.ms-office", "application/vnd.ms-outlook", "application/x-ole-storage",
                  "application/CDFV2", "application/x-msi", "application/vnd.ms-msi"),
    ),
    Signature(b"DICM", OFFSET, at=128),
    Signature(b"SQLite format 3\x00", AFTER_IMAGE, "This is a database, not a photo or video.",
              libmagic=("application/vnd.sqlite3",)),
    # programs
    Signature(
        b"\x7fELF", AFTER | SEARCHED_TEXT, PROGRAM,
        libmagic=("application/x-executable", "application/x-pie-executable", "application/x-sharedlib",
                  "application/x-object", "application/x-coredump"),
    ),
    Signature(b"\x7fELF", SEARCHED_TAIL, then=rb"[\x01\x02][\x01\x02]\x01"),
    Signature(b"\x7fELF\x01\x01\x01", SEARCHED_IMAGE),
    Signature(b"\x7fELF\x02\x01\x01", SEARCHED_IMAGE),
    Signature(b"MZ", AFTER, PROGRAM,
              libmagic=("application/x-dosexec", "application/vnd.microsoft.portable-executable",
                        "application/x-ms-ne-executable", "application/x-ms-w3-executable",
                        "application/x-ms-w4-executable")),
    Signature(b"This program cannot be run in DOS mode", SEARCHED_IMAGE | SEARCHED_TEXT),
    Signature(b"This program ", SEARCHED_TAIL, then=rb"(?:cannot|must) be run"),
    Signature(b"\xfe\xed\xfa", AFTER_IMAGE, then=rb"[\xce\xcf]", libmagic=("application/x-mach-binary",)),
    Signature(b"\xce\xfa\xed\xfe", AFTER_IMAGE, PROGRAM),
    Signature(b"\xcf\xfa\xed\xfe", AFTER, PROGRAM),
    Signature(b"\xca\xfe\xba\xbe", AFTER, PROGRAM, libmagic=("application/x-java-applet",)),
    Signature(b"dex\n03", AFTER_IMAGE),  # Android
    Signature(b"FWS", sentence=_FLASH, libmagic=("application/x-shockwave-flash",)),
    Signature(b"CWS", sentence=_FLASH),
    Signature(b"WS", AFTER_IMAGE, before=rb"[FCZ]", then=rb"[\x01-\x30]"),
    Signature(b"L\x00\x00\x00\x01\x14\x02\x00", AFTER_IMAGE, libmagic=("application/x-ms-shortcut",)),
    Signature(b"\x00asm", sentence=PROGRAM, libmagic=("application/wasm",)),
    Signature(b"asm\x01\x00\x00\x00", AFTER_IMAGE, before=rb"\x00?"),
    Signature(b"Cr24", AFTER_IMAGE),  # Chrome extension
    Signature(b"\xed\xab\xee\xdb", AFTER_IMAGE, then=rb"[\x03\x04]", libmagic=("application/x-rpm",)),
    # scripts
    Signature(b"#!", AFTER_IMAGE | SCRIPT,
              libmagic_text=("text/x-shellscript", "text/x-script.python", "text/x-perl", "text/x-ruby",
                             "text/javascript")),
    Signature(b"#!/", AFTER_VIDEO),
    Signature(b"#!/", SEARCHED_TAIL | SEARCHED_TEXT, then=rb"(?:bin|usr)/"),
    Signature(b"@echo", AFTER_IMAGE, libmagic_text=("text/x-msdos-batch",)),
    Signature(b"<?php", AFTER_VIDEO | SCRIPT, libmagic_text=("text/x-php",)),
    Signature(b"<?=", AFTER_VIDEO | SCRIPT),
    Signature(b"<%", AFTER_VIDEO),
    Signature(b"__HALT_COMPILER();", SEARCHED_IMAGE | SEARCHED_TAIL | SEARCHED_TEXT),  # the stub of a PHP archive
    # pages
    Signature(b"<", AFTER_IMAGE, then=rb"[?!%/]?[a-z]"),
    Signature(b"<!doctype", AFTER_VIDEO),
    Signature(b"<!doctype html", PAGE, libmagic_text=("text/html", "application/hta")),
    *(Signature(tag, AFTER_VIDEO | PAGE) for tag in (b"<html", b"<head", b"<body", b"<script", b"<iframe")),
    *(Signature(tag, PAGE) for tag in (b"<table", b"<meta")),
    *(Signature(tag, AFTER_VIDEO) for tag in (b"<?xml", b"<img", b"<svg")),
    # pictures
    Signature(b"\x89PNG\r\n", AFTER_IMAGE),
    Signature(b"\x89PNG\r\n\x1a\n", AFTER_VIDEO),
    Signature(b"GIF8", AFTER_VIDEO),
    Signature(b"GIF8", AFTER_IMAGE, then=rb"[79]a"),
    Signature(b"\xff\xd8\xff", AFTER),
    Signature(b"II\x2a\x00", AFTER_IMAGE),
    Signature(b"MM\x00\x2a", AFTER_IMAGE),
    Signature(b"8BPS", sentence="This is a Photoshop document. Please export it as JPEG or PNG."),
    Signature(b"8BPS\x00", AFTER_IMAGE),
    Signature(b"\x00\x00\x01\x00", sentence="This is an icon, which is not accepted. Please export it as PNG."),
    Signature(b"\xff\x0a", sentence=_JPEG_XL),
    Signature(b"\x00\x00\x00\x0cJXL ", sentence=_JPEG_XL),
    Signature(b"\xff\x4f\xff\x51", sentence=_JPEG_2000),
    Signature(b"\x00\x00\x00\x0cjP  ", sentence=_JPEG_2000),
    *(
        Signature(magic, sentence=_RAW)
        for magic in (b"FUJIFILMCCD-RAW", b"FOVb", b"IIRO", b"IIRS", b"IIU\x00", b"\x00MRM")
    ),
    # sound and video
    Signature(b"#EXTM3U", AFTER | SEARCHED_TAIL, then=rb"\s"),  # a list of other files to play
    Signature(b"RIFF", AFTER_VIDEO),
    Signature(b"RIFF", AFTER_IMAGE, then=rb".{4}[A-Z]"),
    Signature(b"OggS", sentence="This is an Ogg file, which is not accepted. Please convert a video to MP4 or WebM."),
    Signature(b"OggS\x00", AFTER_IMAGE),
    Signature(b"ID3", sentence=SOUND),
    Signature(b"ID3", AFTER_IMAGE, then=rb"[\x02-\x04]"),
    Signature(b"fLaC", sentence=SOUND),
    Signature(b"fLaC\x00", AFTER_IMAGE),
    Signature(b"#!AMR", sentence=SOUND),
    Signature(b"MThd", sentence=SOUND),
    Signature(b"\x1a\x45\xdf\xa3", AFTER_VIDEO),
    Signature(b"\x45\xdf\xa3", AFTER_IMAGE, before=rb"\x1a?"),
    Signature(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", AFTER_IMAGE),
    Signature(b"ftyp", AFTER_IMAGE, before=rb".{0,4}"),
    Signature(b"\x01\xba", AFTER_IMAGE),
    Signature(b"FLV\x01", sentence="This is a Flash video, which is not accepted. Please convert it to MP4."),
    Signature(b".RMF", sentence="This is a RealMedia video, which is not accepted. Please convert it to MP4."),
    Signature(
        b"\x00\x00\x01\xb3",
        sentence="This is a bare MPEG stream without a container, which is not accepted. Please convert it to MP4.",
    ),
)  # fmt: skip
"""Order matters only for `MZ`: it must precede `ftyp` and follow `-lh`, see trailing.refuse_foreign_tail."""

PDF_HEADER, PDF_HEADER_WITHIN = b"%PDF-", 1024
"""PDF readers search the first 1,024 bytes for the header."""
DOS_PROGRAM = re.compile(rb"MZ(?:\x90\x00|.{0,1000}PE\x00\x00|.{0,300}This program)", re.DOTALL)
"""A DOS or Windows program, for places where data may begin with `MZ` by chance."""


def signatures_at(place: Place) -> Iterator[Signature]:
    """Yields the signatures to look for at a place."""
    return (signature for signature in SIGNATURES if signature.places & place)


def magics_at(place: Place) -> tuple[bytes, ...]:
    """Returns the literal bytes to look for at a place."""
    return tuple(signature.magic for signature in signatures_at(place))


def pattern_at(place: Place) -> bytes:
    """Returns a regular expression that matches any signature of a place."""
    return rb"|".join(signature.pattern for signature in signatures_at(place))


def is_tar(data: bytes) -> bool:
    return data.startswith(TAR.magic, TAR.at)
