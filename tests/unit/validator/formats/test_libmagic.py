"""The veto of libmagic: which library is loaded, and which of its answers count."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from testkit.samples import images
from testkit.samples.videos import asf, avi, box, mp4, program_stream, webm
from validator.formats import libmagic
from validator.formats.polyglots.signatures import SIGNATURES
from validator.formats.verdict import RefusedError

ROOT = Path(__file__).parents[4]
VALID = [data for made in images.VALID.values() for data in made().values()]
VALID += [mp4(), mp4(before=b""), mp4(before=box(b"free", bytes(9000))), webm(), avi(), asf(), program_stream()]


def run(program):
    """Runs Python code in a new interpreter, where no libmagic is loaded yet. Returns its JSON output."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "src", capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_only_the_packaged_library_is_loaded():
    """Also if the system has another one."""
    loaded = run(
        "import json; from validator.formats import libmagic; libmagic.load();"
        "print(json.dumps([line.split()[-1] for line in open('/proc/self/maps') if 'libmagic' in line]))"
    )
    assert loaded
    assert all("/libmagic/data/" in path or "/libmagic_wheel.libs/" in path for path in loaded)


def test_import_of_formats_loads_no_library():
    assert (
        run(
            "import json, sys; import validator.formats;"
            "print(json.dumps([name for name in sys.modules if name in ('magic', 'libmagic')]))"
        )
        == []
    )


def test_library_is_found_without_site_packages(tmp_path):
    """In a function's package all packages are next to the code."""
    for package in ("magic", "libmagic"):
        spec = importlib.util.find_spec(package)  # an import here would load the system's library
        assert spec is not None
        assert spec.origin is not None
        (tmp_path / package).symlink_to(Path(spec.origin).parent)
    (tmp_path / "libmagic_wheel.libs").symlink_to(Path(spec.origin).parents[1] / "libmagic_wheel.libs")
    program = (
        f"import sys, json; sys.path[:] = [p for p in sys.path if 'site-packages' not in p] + [{str(tmp_path)!r}];"
        "from validator.formats import libmagic; print(json.dumps(libmagic.detect(b'%PDF-1.7\\n')))"
    )
    assert run(program) == "application/pdf"


def test_untested_version_raises_libmagic_error(monkeypatch):
    monkeypatch.setattr(libmagic, "VERSION", 1)
    libmagic.load.cache_clear()
    with pytest.raises(libmagic.LibmagicError, match="instead of 1"):
        libmagic.load()


def test_missing_package_is_named_in_the_error(monkeypatch):
    monkeypatch.setattr(libmagic.importlib.util, "find_spec", lambda name: None)
    libmagic.load.cache_clear()
    with pytest.raises(libmagic.LibmagicError, match="libmagic-wheel"):
        libmagic.load()


@pytest.mark.parametrize(
    "head",
    [
        b"MZ\x90\x00" + bytes(56) + b"\x80\x00\x00\x00" + bytes(64) + b"PE\x00\x00\x64\x86" + bytes(200),
        b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(200),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + bytes(200),
        b"Rar!\x1a\x07\x01\x00" + bytes(60),
        b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(60),
        b"\x1f\x8b\x08\x00" + bytes(60),
        b"SQLite format 3\x00" + b"\x10\x00\x01\x01\x00\x40\x20\x20" + bytes(76),
        b"L\x00\x00\x00\x01\x14\x02\x00" + bytes.fromhex("00000000c000000000000046") + bytes(60),
        b"\x00asm\x0d\x00\x01\x00" + bytes(60),
        b"<!DOCTYPE html><html><body>hello</body></html>",
        b"<html><head><hta:application id='a'></head></html>",
        b"<?php system($_GET[0]); ?>",
        b"#!/bin/sh\necho hello\n",
        b"#!/usr/bin/env python3\nprint()\n",
        b"#!/usr/bin/env node\nmain()\n",
    ],
)
def test_programs_archives_documents_and_scripts_are_vetoed(head):
    with pytest.raises(RefusedError):
        libmagic.veto(head, "video/mp4")


def test_every_denied_type_is_known_to_the_packaged_version():
    """Releases rename types; a name that libmagic no longer answers denies nothing."""
    spec = importlib.util.find_spec("libmagic")
    assert spec is not None
    assert spec.origin is not None
    data = Path(spec.origin).parent / "data"
    database = (data / "default.mgc").read_bytes().replace(b"${x?pie-executable:sharedlib}", b"pie-executable\x00")
    library = (data / "libmagic.so.1").read_bytes()  # has subtypes of Office documents without "application/"
    names = {name for signature in SIGNATURES for name in (*signature.libmagic, *signature.libmagic_text)}
    known = {
        name
        for name in names
        if name.encode() + b"\x00" in database or name.partition("/")[2].encode() + b"\x00" in library
    }
    assert known == names


def test_valid_file_is_never_vetoed():
    for data in VALID:
        libmagic.veto(data, "video/mp4")


@pytest.mark.parametrize("seen", ["application/octet-stream", "text/plain", "text/xml", "video/x-ms-asf", "image/apng"])
def test_type_that_is_not_denied_is_accepted(monkeypatch, seen):
    """Libmagic does not know the file, or has another name for the same type."""
    monkeypatch.setattr(libmagic, "detect", lambda head: seen)
    libmagic.veto(b"", "video/mp4")


def test_drawing_that_looks_like_a_page_is_not_vetoed():
    """Libmagic only guesses about text, and the parser has read the whole drawing."""
    head = b"<!-- <html> " + b"a long comment " * 100 + b"-->"
    libmagic.veto(head, "image/svg+xml")


def test_failure_of_libmagic_is_ignored(monkeypatch):
    libmagic.load()
    import magic  # after the packaged library

    class Failing:
        def from_buffer(self, buf):
            raise magic.MagicException("odd")

    monkeypatch.setattr(libmagic, "load", Failing)
    assert libmagic.detect(b"odd") == "application/octet-stream"


def test_libmagic_only_gets_the_head(monkeypatch):
    """Long runs of spaces would take libmagic half a second."""
    seen = []

    class Recording:
        def from_buffer(self, buf):
            seen.append(len(buf))
            return "text/plain"

    monkeypatch.setattr(libmagic, "load", Recording)
    libmagic.veto(b" " * 100_000, "video/mp4")
    assert seen == [libmagic.VETO_BYTES]


@pytest.fixture(autouse=True)
def reset_library():
    """Clears the cached library after each test, because some break it."""
    yield
    if hasattr(libmagic.load, "cache_clear"):
        libmagic.load.cache_clear()
