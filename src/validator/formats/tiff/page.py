"""Checks one page of a TIFF: its size, its coding and the location of its pixels (TIFF 6.0, sections 3 to 15)."""

from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.tiff import directory as tags
from validator.formats.tiff.directory import Directory
from validator.formats.verdict import RefusedError

_UNCOMPRESSED = 1
_YCBCR = 6
_SEPARATE_PLANES = 2
_MAX_SAMPLES = 64
_BITS_OF_A_PIXEL = 64
_ALL_ROWS = 2**32 - 1
_COMPRESSIONS = frozenset(
    (
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 32766, 32771, 32773, 32809, 32895, 32896, 32897, 32898, 32908, 32909, 32946,
        32947, 33003, 33004, 33005, 33007, 34661, 34676, 34677, 34712, 34887, 34892, 34925, 34933, 34934, 50000, 50001,
        50002, 52546,
    )
)  # fmt: skip


def check_page(reader: RangeReader, directory: Directory) -> int:
    """Checks a page and returns where its pixels end."""
    width, height = directory.first.get(tags.WIDTH, 0), directory.first.get(tags.HEIGHT, 0)
    _count_pixels(reader, directory, width, height)
    if directory.first.get(tags.COMPRESSION, _UNCOMPRESSED) not in _COMPRESSIONS:
        raise RefusedError("malformed", "The image is compressed in a way that TIFF does not have.")
    if not 1 <= directory.first.get(tags.SAMPLES, 1) <= _MAX_SAMPLES:
        raise RefusedError("malformed", "The image has too many colour components.")
    if tags.TILE_OFFSETS in directory.entries:
        return _check_pieces(
            reader, directory, tags.TILE_OFFSETS, tags.TILE_COUNTS, _count_tiles(directory, width, height)
        )
    if tags.STRIP_OFFSETS in directory.entries:
        return _check_pieces(reader, directory, tags.STRIP_OFFSETS, tags.STRIP_COUNTS, _count_strips(directory, height))
    if tags.OLD_JPEG_AT in directory.first:
        end = directory.first[tags.OLD_JPEG_AT] + directory.first.get(tags.OLD_JPEG_LENGTH, 0)
        return _check_inside(reader, end)
    raise RefusedError("malformed", "A page of the TIFF has no pixels.")


def check_thumbnail(reader: RangeReader, directory: Directory) -> int:
    """Counts the pixels of a sub-directory and returns where they end, 0 if it has none."""
    width, height = directory.first.get(tags.WIDTH, 0), directory.first.get(tags.HEIGHT, 0)
    if width and height:
        _count_pixels(reader, directory, width, height)
    end = 0
    for offsets, counts in (
        (tags.STRIP_OFFSETS, tags.STRIP_COUNTS),
        (tags.TILE_OFFSETS, tags.TILE_COUNTS),
        (tags.OLD_JPEG_AT, tags.OLD_JPEG_LENGTH),
    ):
        pieces = zip(directory.values(reader, offsets), directory.values(reader, counts), strict=False)
        end = max(end, *(offset + count for offset, count in pieces), 0)
    return _check_inside(reader, end)


def _count_pixels(reader: RangeReader, directory: Directory, width: int, height: int) -> None:
    """Counts the pixels of a page. Tiles extend beyond its edges; more than 64 bits count as several pixels."""
    reader.pixels.take(width, height)
    first = directory.first
    across, down = first.get(tags.TILE_WIDTH, 0), first.get(tags.TILE_HEIGHT, 0)
    stored = width * height
    if tags.TILE_OFFSETS in directory.entries and across and down:
        reader.pixels.check(across, down)
        stored = -(-width // across) * across * -(-height // down) * down
    depths = directory.values(reader, tags.BITS) or (1,)
    samples = min(first.get(tags.SAMPLES, 1), _MAX_SAMPLES)
    bits = max(sum(depths), max(depths) * samples)
    reader.pixels.add(max(stored - width * height, 0) + stored * (-(-bits // _BITS_OF_A_PIXEL) - 1))


def _count_strips(directory: Directory, height: int) -> int:
    """Returns the number of strips that the page must have (section 3)."""
    rows = directory.first.get(tags.ROWS_PER_STRIP, _ALL_ROWS)
    if not rows:
        raise RefusedError("malformed", "The strips of the image have no rows.")
    return -(-height // rows) * _count_planes(directory)


def _count_tiles(directory: Directory, width: int, height: int) -> int:
    """Returns the number of tiles that the page must have (section 15)."""
    across, down = directory.first.get(tags.TILE_WIDTH, 0), directory.first.get(tags.TILE_HEIGHT, 0)
    if not across or not down:
        raise RefusedError("malformed", "The tiles of the image have no size.")
    return -(-width // across) * -(-height // down) * _count_planes(directory)


def _count_planes(directory: Directory) -> int:
    if directory.first.get(tags.PLANAR) == _SEPARATE_PLANES:
        return directory.first.get(tags.SAMPLES, 1)
    return 1


def _check_pieces(reader: RangeReader, directory: Directory, offsets_tag: int, counts_tag: int, needed: int) -> int:
    offsets, counts = directory.values(reader, offsets_tag), directory.values(reader, counts_tag)
    if len(offsets) < needed or (counts and len(counts) < needed):
        raise RefusedError("malformed", "A page of the TIFF has fewer strips or tiles than its size needs.")
    size = _uncompressed_size(reader, directory)
    if not counts:
        if needed != 1 or not size:
            raise RefusedError("malformed", "A page of the TIFF does not say how long its strips or tiles are.")
        counts = (size,)
    pairs = list(zip(offsets[:needed], counts[:needed], strict=True))
    end = _check_inside(reader, max(offset + count for offset, count in pairs))
    stored = sum(count for offset, count in pairs if offset)
    sparse = any(not offset or not count for offset, count in pairs)
    if not stored or (stored < size and not sparse):
        raise RefusedError("malformed", "A page of the TIFF has fewer pixels than its size needs.")
    return end


def _uncompressed_size(reader: RangeReader, directory: Directory) -> int:
    """Returns the least number of bytes for the pixels; 0 if they are compressed or subsampled."""
    first = directory.first
    if first.get(tags.COMPRESSION, _UNCOMPRESSED) != _UNCOMPRESSED or first.get(tags.PHOTOMETRIC) == _YCBCR:
        return 0
    samples = first.get(tags.SAMPLES, 1)
    depths = directory.values(reader, tags.BITS) or (1,)
    bits = sum(depths) if len(depths) == samples else depths[0] * samples
    return first[tags.HEIGHT] * (first[tags.WIDTH] * bits // 8)


def _check_inside(reader: RangeReader, end: int) -> int:
    if end > reader.size:
        raise TruncatedError(f"the pixels end at {end}")
    return end
