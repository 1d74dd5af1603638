"""Images larger than the head, a block or memory: their verdicts and costs, and markers across block edges."""

import zlib
from dataclasses import dataclass

import pytest

from testkit.samples import images
from tests.unit.validator.formats.parsing import outcome, parser_of
from validator.formats.readahead import AHEAD_BYTES
from validator.formats.reader import HEAD_BYTES, Cost, RangeReader
from validator.formats.verdict import RefusedError

MIB = 1024 * 1024


@dataclass
class Repeated:
    """A file whose middle repeats one unit: of any size, without taking memory."""

    start: bytes
    unit: bytes
    times: int
    end: bytes

    @property
    def size(self) -> int:
        return len(self.start) + len(self.unit) * self.times + len(self.end)

    def fetch(self, offset: int, length: int) -> bytes:
        pieces, stop = [], offset + length
        behind = len(self.start) + len(self.unit) * self.times
        if offset < len(self.start):
            pieces.append(self.start[offset:stop])
            offset = len(self.start)
        if offset < min(stop, behind):
            into = (offset - len(self.start)) % len(self.unit)
            wanted = min(stop, behind) - offset
            pieces.append((self.unit * ((into + wanted) // len(self.unit) + 1))[into : into + wanted])
        if stop > behind:
            pieces.append(self.end[max(0, offset - behind) : stop - behind])
        return b"".join(pieces)


def judged(kind: str, file: Repeated) -> tuple[str, Cost]:
    module = parser_of(kind)
    reader = RangeReader(file.fetch, file.size, module.BUDGET)
    try:
        return module.parse(reader), reader.cost
    except RefusedError as refusal:
        return refusal.reason, reader.cost


def coded(length: int) -> bytes:
    """Returns a JPEG whose end marker is at `length`."""
    plain = images.jpeg()
    scan = plain.index(b"\xff\xda")
    start = scan + 2 + int.from_bytes(plain[scan + 2 : scan + 4])
    return plain[:start] + b"\x5a" * (length - start) + b"\xff\xd9"


@pytest.mark.parametrize("edge", [HEAD_BYTES, HEAD_BYTES + AHEAD_BYTES])
@pytest.mark.parametrize("shift", range(-4, 4))
def test_end_marker_across_two_blocks_is_found(edge, shift):
    jpeg = parser_of("jpeg")
    assert outcome(jpeg, coded(edge + shift)) == "image/jpeg"
    assert outcome(jpeg, coded(edge + shift)[:-1]) == "malformed"


def test_huge_photo_that_ends_with_its_end_marker_is_read_in_part():
    """After 64 MiB of coded data only the end of the file is checked."""
    whole = coded(4096)
    verdict, cost = judged("jpeg", Repeated(whole[:-2], b"\x5a" * 4096, 100_000, b"\xff\xd9"))
    assert verdict == "image/jpeg"
    assert cost.bytes_read < 70 * MIB


def test_huge_photo_without_end_marker_is_malformed():
    verdict, _ = judged("jpeg", Repeated(coded(4096)[:-2], b"\x5a" * 4096, 20_000, b""))
    assert verdict == "malformed"


@pytest.mark.parametrize(("length", "most"), [(8192, 140), (4 * MIB, 75)])
def test_huge_png_is_accepted_at_a_bounded_cost(length, most):
    """In files of more than 64 MiB, chunks larger than a block are not read."""
    unit = images.chunk(b"IDAT", bytes(length))
    first = images.chunk(b"IDAT", zlib.compress(bytes(9000 * 9001), 1)[:-4])
    start = images.PNG_SIGNATURE + images.png_header(9000, 9000, 8, 0) + first
    verdict, cost = judged("png", Repeated(start, unit, 80 * MIB // length, images.PNG_END))
    assert verdict == "image/png"
    assert cost.ranges <= most


def test_large_bitmap_is_read_up_to_64_mebibytes():
    header = images.bmp(depth=32, size=(9000, 2))[:22] + (9000).to_bytes(4, "little")
    file = Repeated(header + images.bmp(depth=32)[26:54], bytes(range(128, 228)) * 360, 9000, b"")
    verdict, cost = judged("bmp", file)
    assert verdict == "image/bmp"
    assert 64 * MIB < cost.bytes_read < 67 * MIB


def test_more_than_a_megabyte_of_padding_is_malformed():
    verdict, cost = judged("gif", Repeated(images.gif(images.GIF_IMAGE), bytes(4096), 50_000, b""))
    assert verdict == "malformed"
    assert cost.bytes_read < 3 * MIB


def test_animation_of_many_frames_costs_few_ranges():
    """The frames are read in blocks."""
    frame = images.GIF_IMAGE[:11] + b"".join(b"\xff" + b"\x5a" * 255 for _ in range(20)) + b"\0"
    verdict, cost = judged("gif", Repeated(images.gif()[:-1], frame, 4000, b";"))
    assert verdict == "image/gif"
    assert cost.ranges < 25
