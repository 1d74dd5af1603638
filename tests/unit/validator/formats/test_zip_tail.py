"""ZIP archives at the end of files of any kind."""

import io
import struct
import zipfile

import pytest

from testkit.samples import images
from testkit.samples.payloads import archive
from tests.unit.validator.formats.parsing import parser_of, reader_of
from validator.formats.polyglots.trailing import refuse_zip_tail
from validator.formats.verdict import RefusedError

PNG = parser_of("png")
ZIP64 = struct.pack("<4sIQI", b"PK\x06\x07", 0, 0, 1) + struct.pack(
    "<4sHHHHIIH", b"PK\x05\x06", *[0xFFFF] * 4, *[2**32 - 1] * 2, 0
)


def empty_archive() -> bytes:
    out = io.BytesIO()
    zipfile.ZipFile(out, "w").close()
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [archive(), bytes(100_000) + archive(b"c" * 60_000), archive() + bytes(60_000), empty_archive(), bytes(99) + ZIP64],
    ids=["plain", "after other bytes, with a comment", "before padding", "empty", "ZIP64"],
)
def test_archive_is_found_where_a_zip_reader_would_find_it(data):
    """In the last 64 KiB, after and before any other bytes."""
    with pytest.raises(RefusedError, match="polyglot"):
        refuse_zip_tail(reader_of(PNG, data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x05\x06",
        bytes(100_000),
        b"PK\x05\x06" + b"\x81" * 18,
        b"PK\x05\x06" + bytes(4) + b"\x05\0\x05\0" + b"\x01\0\0\0" + bytes(6),
        archive() + bytes(70_000),
        images.png(),
    ],
    ids=["empty", "four bytes", "zeros", "noise", "directory too short", "too far from the end", "image"],
)
def test_data_that_no_zip_reader_would_open_is_accepted(data):
    """The four magic bytes may occur by chance."""
    refuse_zip_tail(reader_of(PNG, data))


def test_check_costs_one_range_in_addition_to_the_head():
    reader = reader_of(PNG, bytes(1_000_000))
    refuse_zip_tail(reader)
    assert reader.cost.ranges <= 2
