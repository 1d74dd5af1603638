"""Replies of clamd and their meaning. Only one reply means clean."""

import pytest

from testkit.scripted_clamd import Session, clamd_that
from uploads.reasons import Reason
from validator.clamav import ClamAv, parse_reply
from validator.ports import Infection, ScannerError

SIZE_LIMIT = b"INSTREAM size limit exceeded. ERROR\0"


def scan_answered_by(reply: bytes) -> Infection | None:
    def script(session: Session) -> None:
        session.all()
        session.say(reply)

    with clamd_that(script) as clamd:
        return ClamAv("127.0.0.1", clamd.port).scan([b"file"])


@pytest.mark.parametrize(
    "reply",
    [
        b"stream: Win.Test.EICAR_HDB-1 FOUND\0",
        b"stream: Eicar-Test-Signature(44d88612fea8a8f36de82e1278abb02f:68) FOUND\0",
        b"stream: \xff\xfe\xfd FOUND\0",
        b"stream: OK FOUND\0",
        b"stream: OK ERROR FOUND\0",
        b"stream: Heuristics.Phishing.Email FOUND\0",
        b"stream: OK\0stream: Win.Test FOUND\0",
    ],
)
def test_found_is_infected_with_any_name(reply):
    """Pyclamd would raise TypeError for a name that is not UTF-8."""
    infection = scan_answered_by(reply)
    assert infection is not None
    assert infection.reason is Reason.INFECTED


@pytest.mark.parametrize(
    "reply",
    [
        SIZE_LIMIT,
        b"stream: Heuristics.Limits.Exceeded FOUND\0",
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0",
        b"stream: Heuristics.Encrypted.Zip FOUND\0",
        b"stream: Heuristics.Encrypted.PDF FOUND\0",
    ],
)
def test_limit_or_encryption_is_unscannable(reply):
    infection = scan_answered_by(reply)
    assert infection is not None
    assert infection.reason is Reason.UNSCANNABLE


@pytest.mark.parametrize(
    "name", ["Heuristics.Broken.Media.JPEG.InvalidSegmentSize", "PUA.Win.Packer.Upx-4", "PUA.Doc.Tool.Macro-1"]
)
def test_remark_that_is_no_malware_is_unscannable_and_names_it(name):
    """Neither infected nor clean: clamd reports these also for a file that it did not scan to the end."""
    infection = scan_answered_by(b"stream: %s FOUND\0" % name.encode())
    assert infection == Infection(Reason.UNSCANNABLE, "The virus scanner cannot look into this file.", name)


@pytest.mark.parametrize(
    "reply", [b"stream: Heuristics.Limits.Exceeded.MaxScanTime FOUND\0", b"stream: (null) FOUND\0"]
)
def test_slow_scan_or_missing_name_is_no_verdict(reply):
    with pytest.raises(ScannerError, match=r"MaxScanTime|null"):
        scan_answered_by(reply)


def test_signature_is_printable_and_short():
    infection = parse_reply(b"stream: Win.\x1b[2J\xff\n" + b"x" * 400 + b" FOUND\0")
    assert infection is not None
    assert infection.signature == ("Win.?[2J??" + "x" * 400)[:200]


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"\0",
        b"\n\0",
        b"OK\0",
        b"stream: ok\0",
        b"stream:OK\0",
        b" stream: OK\0",
        b"stream: OK \0",
        b"stream: OKAY\0",
        b"stream: OK",
        b"stream: O",
        b"stream: OK\0\xff",
        b"file: OK\0",
        b"1: stream: OK\0",
        b"stream: FOUND\0",
        b" FOUND\0",
        b"FOUND\0",
        b"Win.Test FOUND\0",
        b"stream: Win.Test FOUND",
        b"stream: Win.Test found\0",
        b"stream: Can't allocate memory ERROR\0",
        b"stream: Error processing file. ERROR\0",
        b"COMMAND READ TIMED OUT\0",
        b"UNKNOWN COMMAND\0",
        b"stream: Win.Test FOUND\0stream: OK\0",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xfe\xfd\0",
        b"\x1f\x8b\x08" * 20 + b"\0",
        b"stream: OK" + b"\0" * 2,
        b"stream: OK" + b"\0" * 5000,
        b"stream: OK\n\0",
        b"x" * 5000 + b"\0",
    ],
)
def test_any_other_reply_raises_scanner_error(reply):
    """Pyclamd takes a missing or truncated reply for clean, and raises IndexError for COMMAND READ TIMED OUT."""
    with pytest.raises(ScannerError):
        scan_answered_by(reply)


def test_error_quotes_the_reply_in_at_most_one_line():
    with pytest.raises(ScannerError, match="memory") as caught:
        parse_reply(b"stream: Can't allocate memory " + b"!" * 4000 + b" ERROR\0")
    assert len(str(caught.value)) < 250
