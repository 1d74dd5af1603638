"""The scanner with a real clamd: clean and infected files, limits, and a clamd that is killed."""

import io
import os
import shutil
import signal
import subprocess
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testkit.clamd import LOCAL, Clamd, eicar, program
from testkit.corpus import good_c2pa
from tests.conftest import require
from uploads.reasons import Reason
from validator import clamav
from validator.clamav import ClamAv
from validator.ports import ScannerError

pytestmark = pytest.mark.clamd

MIB = 1 << 20
LIMITS = {"StreamMaxLength": "20M", "MaxFileSize": "8M", "MaxScanSize": "8M", "DisableCache": "yes"}
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb") + bytes(500) + b"\xff\xd9"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><text>%s</text></svg>'


@pytest.fixture(scope="module")
def clamd(tmp_path_factory) -> Iterator[Clamd]:
    require(program(), "clamd, from Debian's clamav-daemon")
    clamd = Clamd(tmp_path_factory.mktemp("clamd"), LIMITS)
    clamd.start()
    yield clamd
    clamd.kill()


@pytest.fixture
def running(clamd) -> Clamd:
    if not clamd.answers():
        clamd.kill()
        clamd.start()
    return clamd


@pytest.fixture
def scanner(running) -> ClamAv:
    return ClamAv("127.0.0.1", running.port)


def chunks(content: bytes, size: int = MIB) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def zipped(*contents: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.bin", content)
    return buffer.getvalue()


def nested(levels: int) -> bytes:
    content = b"innermost"
    for _ in range(levels):
        content = zipped(content)
    return content


@pytest.mark.parametrize("content", [b"", b"harmless", JPEG, SVG % b"harmless", bytes(7 * MIB), zipped(b"harmless")])
def test_clean_file_is_clean(scanner, content):
    assert scanner.scan(chunks(content)) is None


@pytest.mark.parametrize("content", [eicar(), SVG % eicar(), JPEG + eicar(), bytes(7 * MIB) + eicar(), zipped(eicar())])
@pytest.mark.parametrize("size", [7, MIB])
def test_infected_file_is_infected_at_any_position_and_chunk_size(scanner, content, size):
    if len(content) > MIB and size < MIB:
        size = 4096
    assert scanner.scan(chunks(content, size)).reason is Reason.INFECTED


@pytest.mark.parametrize(
    "content",
    [
        bytes(9 * MIB),  # MaxFileSize
        eicar() + bytes(9 * MIB),  # clamd without AlertExceedsMax finds it clean
        zipped(*[os.urandom(16) * (MIB // 8)] * 5),  # MaxScanSize
        nested(40),  # MaxRecursion
    ],
    ids=["file size", "virus before the limit", "scan size", "recursion"],
)
def test_file_that_exceeds_a_scan_limit_is_unscannable(scanner, content):
    assert scanner.scan(chunks(content)).reason is Reason.UNSCANNABLE


def test_clamd_without_alert_finds_a_virus_before_the_limit_clean(scanner, tmp_path):
    """The reply does not show it, so clamd's configuration is part of the product."""
    careless = Clamd(tmp_path, {**LIMITS, "AlertExceedsMax": "no"})
    careless.start()
    try:
        assert ClamAv("127.0.0.1", careless.port).scan(chunks(eicar() + bytes(9 * MIB))) is None
    finally:
        careless.kill()


@pytest.fixture
def other_clamd(tmp_path) -> Iterator[Callable[..., ClamAv]]:
    """Returns a function that starts a clamd with other settings."""
    require(program(), "clamd, from Debian's clamav-daemon")
    started: list[Clamd] = []

    def start(**settings: str) -> ClamAv:
        clamd = Clamd(tmp_path, {"DisableCache": "yes", **settings})
        clamd.start()
        started.append(clamd)
        return ClamAv("127.0.0.1", clamd.port)

    yield start
    for clamd in started:
        clamd.kill()


def test_slow_scan_is_no_verdict(other_clamd):
    """MaxScanTime is wall clock: a good file of 12 MB took 0.4 s by itself and 14 s together with seven others."""
    with pytest.raises(ScannerError, match="MaxScanTime"):
        other_clamd(MaxScanTime="1").scan(chunks(bytes(60 * MIB)))


def test_damaged_media_is_unscannable_and_a_virus_in_it_infected(other_clamd):
    scanner = other_clamd(AlertBrokenMedia="yes")
    found = scanner.scan([JPEG])
    assert found.reason is Reason.UNSCANNABLE
    assert found.signature.startswith("Heuristics.Broken.Media.JPEG")
    assert scanner.scan([JPEG + eicar()]).reason is Reason.INFECTED


def test_damaged_media_is_not_clean_because_clamd_may_have_stopped_there(other_clamd):
    """With this setting, clamd reports the damage and never sees the virus; so it does after MaxScanTime."""
    scanner = other_clamd(AlertBrokenMedia="yes", HeuristicScanPrecedence="yes")
    found = scanner.scan(chunks(JPEG + bytes(2 * MIB) + eicar()))
    assert found.reason is Reason.UNSCANNABLE


def test_content_credentials_of_every_type_are_clean(scanner):
    infections = {sample.path: scanner.scan([sample.content]) for sample in good_c2pa.samples()}
    assert len({path.rpartition(".")[2] for path in infections}) == 9
    assert {path: found for path, found in infections.items() if found} == {}


@pytest.mark.parametrize("size", [20 * MIB + 1, 21 * MIB, 64 * MIB])
@pytest.mark.parametrize("step", [65_536, MIB])
def test_stream_over_the_limit_is_unscannable(scanner, size, step):
    """Clamd replies and closes, at the last chunk or long before it."""
    assert scanner.scan(bytes(min(step, size - at)) for at in range(0, size, step)).reason is Reason.UNSCANNABLE


@pytest.mark.skipif(shutil.which("zip") is None, reason="needs zip")
def test_encrypted_archive_is_unscannable(scanner, tmp_path):
    (tmp_path / "secret.txt").write_bytes(eicar())
    subprocess.run(["zip", "-q", "-P", "password", "a.zip", "secret.txt"], cwd=tmp_path, check=True)
    assert scanner.scan([(tmp_path / "a.zip").read_bytes()]).reason is Reason.UNSCANNABLE


def test_version_names_the_engine(scanner):
    assert scanner.version().startswith("ClamAV ")


def test_clamd_killed_during_a_stream_raises_and_works_after_a_restart(running, scanner):
    def killing() -> Iterator[bytes]:
        yield bytes(MIB)
        running.kill()
        for _ in range(8):
            yield bytes(MIB)

    with pytest.raises(ScannerError):
        scanner.scan(killing())
    with pytest.raises(ScannerError):
        scanner.scan([b"file"])
    running.start()
    assert scanner.scan([b"file"]) is None
    assert scanner.scan([eicar()]).reason is Reason.INFECTED


def test_clamd_killed_after_the_stream_raises_scanner_error(running, scanner):
    """It is stopped first, so that it cannot reply before."""

    def stopping() -> Iterator[bytes]:
        yield eicar()
        running.send(signal.SIGSTOP)

    killer = threading.Timer(0.5, running.kill)
    killer.start()
    with pytest.raises(ScannerError):
        scanner.scan(stopping())
    killer.join()


def test_clamd_that_hangs_raises_scanner_error_after_the_timeout(running, scanner, monkeypatch):
    monkeypatch.setattr(clamav, "SEND_SECONDS", 0.5)
    monkeypatch.setattr(clamav, "REPLY_SECONDS", 0.5)
    assert scanner.scan([b"file"]) is None
    running.send(signal.SIGSTOP)
    try:
        with pytest.raises(ScannerError, match="TimeoutError"):
            scanner.scan([b"file"])
    finally:
        running.send(signal.SIGCONT)


def test_aborted_stream_does_not_affect_the_next(running, scanner):

    def broken() -> Iterator[bytes]:
        yield eicar()
        raise ConnectionError("S3 went away")

    with pytest.raises(ScannerError):
        scanner.scan(broken())
    assert scanner.scan([b"file"]) is None


def test_memory_does_not_grow_with_the_stream(running, scanner):
    scanner.scan([b"file"])
    before = running.resident_bytes()
    tracemalloc.start()
    try:
        assert scanner.scan(bytes(MIB) for _ in range(19)).reason is Reason.UNSCANNABLE
        assert tracemalloc.get_traced_memory()[1] < 4 * MIB
    finally:
        tracemalloc.stop()
    assert running.resident_bytes() - before < 64 * MIB


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_repeated_scans_leave_no_connection_open(running, scanner):
    open_before = open_files()
    for number in range(50):
        infection = scanner.scan([eicar() if number % 2 else b"file"])
        assert (infection is not None) == bool(number % 2)
    assert open_files() <= open_before


def test_committed_configuration_covers_the_largest_upload():
    """Without AlertExceedsMax, clamd finds files clean that exceed its limits."""
    settings = dict(
        line.split(maxsplit=1) for line in (LOCAL / "clamd.conf").read_text().splitlines() if line and line[0] != "#"
    )
    for name in ("StreamMaxLength", "MaxFileSize", "MaxScanSize"):
        assert int(settings[name].removesuffix("M")) * MIB > 524_288_000
    assert settings["AlertExceedsMax"] == settings["AlertEncrypted"] == "yes"
    assert int(settings["MaxScanTime"]) / 1000 < clamav.REPLY_SECONDS


def test_stream_limit_below_the_largest_upload_raises_before_the_scan(running):
    with pytest.raises(ScannerError, match="StreamMaxLength must be at least 20971521 bytes"):
        ClamAv("127.0.0.1", running.port, 20 * MIB + 1).scan([b"file"])


def test_stream_limit_of_the_largest_upload_is_accepted(running):
    assert ClamAv("127.0.0.1", running.port, 20 * MIB).scan([b"file"]) is None


def test_scan_over_a_unix_socket(tmp_path):
    require(program(), "clamd, from Debian's clamav-daemon")
    clamd = Clamd(tmp_path, {"LocalSocket": str(tmp_path / "clamd.socket")})
    clamd.start()
    try:
        scanner = ClamAv(str(tmp_path / "clamd.socket"), 1, 500 * MIB)
        assert scanner.scan([b"file"]) is None
        assert scanner.scan([eicar()]).reason is Reason.INFECTED
    finally:
        clamd.kill()
    with pytest.raises(ScannerError):
        scanner.scan([b"file"])


def test_clamd_without_alert_raises_before_the_first_scan(tmp_path):
    """Otherwise EICAR after MaxScanSize would be clean."""
    require(program(), "clamd, from Debian's clamav-daemon")
    clamd = Clamd(tmp_path, {"AlertExceedsMax": "no", "MaxFileSize": "1M", "MaxScanSize": "1M"})
    clamd.start()
    try:
        assert ClamAv("127.0.0.1", clamd.port).scan([eicar() + bytes(2 * MIB)]) is None
        with pytest.raises(ScannerError, match="AlertExceedsMax must be yes"):
            ClamAv("127.0.0.1", clamd.port, 500 * MIB).scan([eicar() + bytes(2 * MIB)])
    finally:
        clamd.kill()
