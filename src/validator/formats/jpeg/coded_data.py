"""Decodes the last scan of a baseline JPEG without end marker, to tell if it is complete (ITU-T T.81, annex F).

Only the lengths of codes matter: which pixels they mean is not computed.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

MAX_BYTES = 16 * 1024 * 1024
"""Decoding so many bytes takes up to ten seconds."""
_MAX_REST = 16
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_COEFFICIENTS = 64
_WINDOW = 16
_REFILL = 64
"""Bytes that are loaded at a time."""
_STEP = 7
_STEP_MASK = (1 << _STEP) - 1

type Codes = tuple[bytes, bytes]
"""A Huffman table (B.2.4.2): the number of codes of each length, and their symbols."""
type Lookup = list[int]
"""For each 16 bits: the bits of code and value, shifted by _STEP, plus the number of coefficients; 0 for no code."""


class Scan(NamedTuple):
    """`units` are the data units, `restart` those between two restart markers, 0 without restarts.

    `tables` are the DC and AC tables of each block of a unit.
    """

    units: int
    restart: int
    tables: list[tuple[Codes, Codes]]


def is_complete(data: bytes, scan: Scan, check_time: Callable[[], object]) -> bool:
    """Returns True if the entropy-coded `data` hold all units of the scan and at most a few bytes more."""
    units = scan.units
    if scan.restart:
        intervals = _RESTART.split(data)
        wanted = -(-units // scan.restart)
        if len(intervals) != wanted:
            return False
        data, units = intervals[-1], units - scan.restart * (wanted - 1)
    elif _RESTART.search(data):
        return False
    plain = data.removesuffix(b"\xff").replace(b"\xff\x00", b"\xff")
    lookups = {pair: (_lookup(pair[0], ac=False), _lookup(pair[1], ac=True)) for pair in scan.tables}
    blocks = [lookups[pair] for pair in scan.tables]
    return _decode(plain, units, blocks, check_time)


@lru_cache(maxsize=8)
def _lookup(codes: Codes, *, ac: bool) -> Lookup:
    """Returns the table that decodes a symbol and skips its value in one step (F.2.2)."""
    counts, symbols = codes
    table = [0] * (1 << _WINDOW)
    code = at = 0
    for length, count in enumerate(counts, 1):
        for symbol in symbols[at : at + count]:
            first = code << (_WINDOW - length)
            run, bits = symbol >> 4, symbol & 15
            step = 1 if not ac else run + 1 if bits or run == 15 else _COEFFICIENTS
            span = 1 << (_WINDOW - length)
            table[first : first + span] = [(length + bits) << _STEP | step] * span
            code += 1
        at += count
        code <<= 1
    return table[: 1 << _WINDOW]


def _decode(data: bytes, units: int, blocks: list[tuple[Lookup, Lookup]], check_time: Callable[[], object]) -> bool:
    """Returns True if the data hold so many units (F.2.2.1 and F.2.2.2)."""
    padded = data + bytes(_REFILL)
    ready = loaded = window = 0
    left = 8 * len(data)
    for unit in range(units):
        if not unit & 0x3FFF:
            check_time()
        if left < 0:
            return False
        for dc, ac in blocks:
            table, coefficient = dc, 0
            while coefficient < _COEFFICIENTS:
                if ready < 32:
                    window = (window & ((1 << ready) - 1)) << 8 * _REFILL
                    window |= int.from_bytes(padded[loaded : loaded + _REFILL].ljust(_REFILL, b"\x00"))
                    ready += 8 * _REFILL
                    loaded += _REFILL
                found = table[window >> (ready - _WINDOW) & 0xFFFF]
                if not found:
                    return False
                ready -= found >> _STEP
                left -= found >> _STEP
                coefficient += found & _STEP_MASK
                table = ac
    return 0 <= left < 8 * _MAX_REST
