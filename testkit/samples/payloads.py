"""Payloads that attackers hide in images: archives, programs, pages and scripts, as bytes."""

import io
import zipfile

from testkit.samples import images as good

PHP = b"<?php system($_GET['c']); ?>"
HTML = b"<html><body><script>alert(1)</script></body></html>"
JAVASCRIPT = b"*/=1;alert(document.domain)/*"


def archive(comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("evil.class", bytes(range(256)) * 4)
        zipped.comment = comment
    return out.getvalue()


def attachments() -> dict[str, bytes]:
    """Returns payloads to append to an image."""
    return {
        "ZIP": archive(),
        "ZIP with a comment": archive(b"c" * 900),
        "ZIP, then padding": archive() + bytes(500),
        "RAR 4": b"Rar!\x1a\x07\0" + bytes(range(256)),
        "RAR 5": b"Rar!\x1a\x07\x01\0" + bytes(range(256)),
        "7z": b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(range(256)),
        "gzip": b"\x1f\x8b\x08\0" + bytes(range(256)),
        "bzip2": b"BZh91AY&SY" + bytes(range(256)),
        "xz": b"\xfd7zXZ\0" + bytes(range(256)),
        "tar": b"evil.sh".ljust(257, b"\0") + b"ustar\x0000" + bytes(range(256)),
        "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\n%%EOF",
        "ELF": b"\x7fELF\x02\x01\x01" + bytes(range(256)),
        "PE": b"MZ\x90\0\x03" + bytes(60) + b"This program cannot be run in DOS mode." + bytes(range(256)),
        "Java class": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(range(256)),
        "Mach-O": b"\xcf\xfa\xed\xfe\x07\0\0\x01" + bytes(range(256)),
        "WebAssembly": b"\0asm\x01\0\0\0" + bytes(range(256)),
        "Office document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)),
        "PHP": PHP,
        "PHP behind padding": bytes(100) + PHP,
        "PHP behind binary": bytes(range(128, 256)) + PHP,
        "HTML": HTML,
        "HTML in capitals": HTML.upper(),
        "shell script": b"#!/bin/sh\nrm -rf /\n",
        "batch file": b"@echo off\r\ndel *.*\r\n",
        "Python, which no pattern knows": b"\nimport os\nos.remove('/etc/passwd')\n",
        "JavaScript": b"\n*/=1;alert(document.domain)//",
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    }


def other_images() -> dict[str, bytes]:
    """Returns images to append; a JPEG is missing, because a second JPEG after a JPEG is valid."""
    return {"PNG": good.png(), "GIF": good.gif(good.GIF_IMAGE), "WebP": good.webps()["lossy"]}


def texts() -> dict[str, bytes]:
    """Returns payloads for comments and metadata."""
    return {
        "PHP": PHP,
        "short PHP": b"<?=`$_GET[0]`?>",
        "HTML": HTML,
        "a script": b"<script src=//evil></script>",
        "an image with a handler": b"<img src=x onerror=alert(1)>",
        "a script's second half": JAVASCRIPT,
        "ASP": b'<%@ Page Language="C#" %>',
        "a shell script": b"#!/bin/sh\necho",
        "an archive": archive(),
        "a PDF": b"%PDF-1.4 1 0 obj",
    }


def with_attachments(image: bytes) -> dict[str, tuple[bytes, str]]:
    """Returns the image with each payload appended, and the reason for the rejection."""
    return {f"{name} appended": (image + tail, "polyglot") for name, tail in attachments().items()}
