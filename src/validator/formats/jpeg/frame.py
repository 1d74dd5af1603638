"""The headers and tables of a JPEG frame (ITU-T T.81, B.2.2 and B.2.4)."""

from dataclasses import dataclass

from validator.formats.jpeg.coded_data import Codes
from validator.formats.verdict import RefusedError

HIERARCHICAL = "This is a hierarchical JPEG. Please save it as ordinary JPEG."

_LOSSLESS = frozenset((0xC3, 0xCB))
_DIFFERENTIAL = frozenset((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF))
_SEQUENTIAL_HUFFMAN = frozenset((0xC0, 0xC1))
_PROGRESSIVE_HUFFMAN = frozenset((0xC2,))
_BASELINE = 0xC0


@dataclass(frozen=True, slots=True)
class Frame:
    """Properties of the frame, with which the scans must be consistent.

    `sampling` maps each component to its factors across and down, `tables` to its quantization
    table. `fewest_bits` is the size with the shortest possible codes.
    """

    size: tuple[int, int]
    tables: dict[int, int]
    fewest_bits: int
    sampling: dict[int, tuple[int, int]]
    is_sequential: bool

    def count_units(self, chosen: bytes) -> tuple[int, list[int]]:
        """Returns how many data units a scan of these components has, and the components of their blocks (A.2)."""
        widest = max(across for across, _ in self.sampling.values())
        tallest = max(down for _, down in self.sampling.values())
        width, height = self.size
        if len(chosen) == 1:
            across, down = self.sampling[chosen[0]]
            width, height = -(-width * across // widest), -(-height * down // tallest)
            return -(-width // 8) * -(-height // 8), [chosen[0]]
        blocks = [each for each in chosen for _ in range(self.sampling[each][0] * self.sampling[each][1])]
        return -(-width // (8 * widest)) * -(-height // (8 * tallest)), blocks


def parse_frame(marker: int, body: bytes) -> Frame:
    """Parses a frame header (B.2.2)."""
    if marker in _DIFFERENTIAL:
        raise RefusedError("unsupported_type", HIERARCHICAL)
    if marker in _LOSSLESS:
        raise RefusedError("unsupported_type", "This is a lossless JPEG. Please save it as ordinary JPEG, or as PNG.")
    if len(body) < 9 or len(body) != 6 + 3 * body[5]:
        raise RefusedError("malformed", "The header of the image has the wrong length.")
    precision, height, width = body[0], int.from_bytes(body[1:3]), int.from_bytes(body[3:5])
    if not width or not height:
        raise RefusedError("malformed", "The image says that it has no pixels.")
    if not (precision == 8 or (precision == 12 and marker != _BASELINE)) or body[5] > 4:
        raise RefusedError("malformed", "The image has a colour depth that JPEG does not have.")
    components = [(body[at], body[at + 1] >> 4, body[at + 1] & 15, body[at + 2]) for at in range(6, len(body), 3)]
    if not all(1 <= across <= 4 and 1 <= down <= 4 and table <= 3 for _, across, down, table in components):
        raise RefusedError("malformed", "The image has colour components that JPEG does not have.")
    tables = {identifier: table for identifier, _, _, table in components}
    if len(tables) != len(components):
        raise RefusedError("malformed", "The image has the same colour component twice.")
    blocks = _blocks(width, height, [(across, down) for _, across, down, _ in components])
    bits = 2 * blocks if marker in _SEQUENTIAL_HUFFMAN else blocks if marker in _PROGRESSIVE_HUFFMAN else 1
    sampling = {identifier: (across, down) for identifier, across, down, _ in components}
    return Frame((width, height), tables, bits, sampling, marker in _SEQUENTIAL_HUFFMAN)


def _blocks(width: int, height: int, sampling: list[tuple[int, int]]) -> int:
    """Returns the number of 8 x 8 blocks of all components, without padding of interleaved scans (A.1.1, A.2.4)."""
    widest, tallest = max(across for across, _ in sampling), max(down for _, down in sampling)
    total = 0
    for across, down in sampling:
        columns, rows = -(-width * across // widest), -(-height * down // tallest)
        total += -(-columns // 8) * -(-rows // 8)
    return total


def check_quantization(body: bytes) -> set[int]:
    """Checks the quantization tables of a segment and returns their numbers (B.2.4.1)."""
    at, tables = 0, set()
    while at < len(body):
        wide, table = body[at] >> 4, body[at] & 15
        if wide > 1 or table > 3:
            raise RefusedError("malformed", "A quantization table of the image is not valid.")
        tables.add(table)
        at += 1 + 64 * (1 + wide)
    if at != len(body) or not tables:
        raise RefusedError("malformed", "A quantization table of the image is cut.")
    return tables


def parse_huffman(body: bytes) -> dict[int, Codes]:
    """Checks the Huffman tables of a segment (B.2.4.2) and returns them by class and number."""
    at, tables = 0, {}
    while at < len(body):
        counts = body[at + 1 : at + 17]
        if body[at] >> 4 > 1 or body[at] & 15 > 3 or len(counts) != 16 or not _codes_fit(counts):
            raise RefusedError("malformed", "A Huffman table of the image is not valid.")
        symbols = body[at + 17 : at + 17 + sum(counts)]
        tables[body[at]] = (counts, symbols)
        at += 17 + sum(counts)
    if at != len(body):
        raise RefusedError("malformed", "A Huffman table of the image is cut.")
    return tables


def _codes_fit(counts: bytes) -> bool:
    """Returns True if that many codes of each length exist (C.2)."""
    free = 1
    for count in counts:
        free = 2 * free - count
        if free < 0:
            return False
    return sum(counts) <= 256
