"""Trailers of phones: found by their directory, and nothing else is taken for one."""

import struct

import pytest

from testkit.corpus.trailer_bytes import oneplus, sef
from testkit.samples.images import jpeg
from tests.unit.validator.formats.parsing import outcome, parser_of, reader_of
from validator.formats import jpeg as parser
from validator.formats.makers import Trailer, find_trailer, parse_json

BLOCKS = [(0x0A01, b"Image_UTC_Data", b"1714550400000"), (0x0BA1, b"Text", b'{"a": 1}')]
WHOLE = sef(BLOCKS)
PHONE = oneplus({"a": b"12345", "b": b"67"})


def found(data: bytes) -> Trailer | None:
    return find_trailer(reader_of(parser, data))


@pytest.mark.parametrize("before", [b"", b"x" * 9, bytes(5000)])
@pytest.mark.parametrize("behind", [b"", b"\0", bytes(4000)])
@pytest.mark.parametrize("trailer", [WHOLE, PHONE])
def test_trailer_at_the_end_is_found(before, behind, trailer):
    assert (made := found(before + trailer + behind))
    assert made.start == len(before)
    assert made.parts[-1][1] == len(before + trailer + behind)


def test_parts_of_samsung_are_the_values():
    assert (made := found(WHOLE))
    assert [WHOLE[start:end] for start, end in made.parts[:2]] == [b"1714550400000", b'{"a": 1}']


def test_parts_of_oneplus_are_the_values_and_the_list():
    assert (made := found(PHONE))
    assert [PHONE[start:end] for start, end in made.parts[:2]] == [b"12345", b"67"]
    assert PHONE[slice(*made.parts[2])].startswith(b'[{"length": 5')


def _changed(at: int, value: int, size: str = "<I") -> bytes:
    """Returns the trailer of Samsung with another number at this distance from its end."""
    out = bytearray(WHOLE)
    struct.pack_into(size, out, len(out) - at, value)
    return bytes(out)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"SEFT", bytes(4) + b"SEFT", WHOLE[:-1], WHOLE + b"x", WHOLE + bytes(5000), WHOLE[20:],
        _changed(8, 0), _changed(8, 11), _changed(8, 1 << 31), _changed(8, 40),
        _changed(36, 0), _changed(36, 257), _changed(36, 9),
        _changed(24 + 8 - 4, 1 << 30), _changed(24 + 8 - 8, 1 << 30), _changed(24 + 8 - 8, 3),
        _changed(24 + 8 - 2, 7, "<H"),
        b"jxrs" + bytes(4), b"jxrs\xff\xff\0\0", b"[]" * 9 + b"jxrs\x0c\0\0\0",
        PHONE.replace(b"[{", b"{{"), PHONE.replace(b"}]", b"}}"),
    ],
)  # fmt: skip
def test_trailer_that_does_not_fit_its_directory_is_none(data):
    assert found(data) is None


def test_blocks_that_overlap_are_no_trailer():
    twice = bytearray(WHOLE)
    first = len(WHOLE) - 8 - 24
    twice[first + 12 : first + 24] = twice[first : first + 12]
    assert found(bytes(twice)) is None


@pytest.mark.parametrize("change", [(b'"offset": 2', b'"offset": 6'), (b'"offset"', b'"Offset"'), (b'": 7', b'":77')])
def test_oneplus_parts_that_do_not_fit_are_left_out(change):
    data = bytes(9) + PHONE.replace(*change)
    assert (made := found(data))
    assert data[slice(*made.parts[-2])].startswith(b'[{"length": 5')
    assert len(made.parts) < 4


def test_oneplus_trailer_without_parts_is_found():
    data = b"photo" + b"[]\0jxrs" + struct.pack("<I", 11)
    assert (made := found(data))
    assert made.start == 5


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 200_000])
def test_broken_json_is_none(text):
    assert parse_json(text) is None


def test_long_part_is_searched_to_its_end():
    code = b"<?php system($_GET['a']); ?>"
    for value in (code + bytes(3 << 20), bytes(3 << 20) + code, bytes(1 << 21) + code + bytes(1 << 21)):
        photo = jpeg() + sef([(0x0B41, b"Depth", value)])
        assert outcome(parser_of("jpeg"), photo) == "polyglot"


def test_code_across_the_start_of_the_trailer_is_found():
    assert outcome(parser_of("jpeg"), jpeg()[:-2] + b"<?p" + oneplus({"a": b"hp system(1);"})) == "polyglot"
