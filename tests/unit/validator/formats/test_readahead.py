"""Reading in large blocks, each of which is checked for code and pages."""

import pytest

from validator.formats.polyglots.embedded import refuse_markup
from validator.formats.readahead import AHEAD_BYTES, ReadAhead
from validator.formats.reader import HEAD_BYTES, Budget, RangeReader
from validator.formats.verdict import RefusedError

SIZE = HEAD_BYTES + 3 * AHEAD_BYTES
CODE = b"<?php system($_GET['c']); ?>"


def source_of(data: bytes) -> ReadAhead:
    reader = RangeReader(lambda at, length: data[at : at + length], len(data), Budget(SIZE * 2, 100, 60.0))
    return ReadAhead(reader, refuse_markup)


@pytest.mark.parametrize("seam", [HEAD_BYTES, HEAD_BYTES + AHEAD_BYTES, HEAD_BYTES + 2 * AHEAD_BYTES])
@pytest.mark.parametrize("before", range(1, 6))
def test_code_across_two_blocks_is_found(seam, before):
    data = bytearray(SIZE)
    data[seam - before : seam - before + len(CODE)] = CODE
    with pytest.raises(RefusedError, match="program code"):
        list(source_of(bytes(data)).blocks(0, SIZE))


def test_rest_of_block_is_not_copied():
    """Otherwise a file of a million small parts would copy the rest of its block a million times."""
    source = source_of(bytes(SIZE))
    assert source.rest_of_block(5).obj is source.rest_of_block(10).obj
    assert b"".join(source.blocks(100, SIZE)) == bytes(SIZE - 100)


def test_rest_of_block_after_the_end_is_empty():
    assert not source_of(b"abc").rest_of_block(3)
