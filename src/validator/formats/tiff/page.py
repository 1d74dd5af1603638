"""Checks one page of a TIFF: its size, its coding and the location of its pixels (TIFF 6.0, sections 3 to 15)."""

from bisect import bisect_right

from validator.formats.pixels import pixel_cost
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
    if width and height and directory.entries.keys() & {tags.STRIP_OFFSETS, tags.TILE_OFFSETS, tags.OLD_JPEG_AT}:
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
    first = directory.first
    depths = directory.values(reader, tags.BITS) or (1,)
    samples = min(first.get(tags.SAMPLES, 1), _MAX_SAMPLES)
    bits = max(sum(depths), max(depths) * samples)
    cost = pixel_cost(bits)
    reader.pixels.take(width, height, cost)
    across, down = first.get(tags.TILE_WIDTH, 0), first.get(tags.TILE_HEIGHT, 0)
    stored = width * height
    if tags.TILE_OFFSETS in directory.entries and across and down:
        reader.pixels.check(across, down, cost)
        stored = -(-width // across) * across * -(-height // down) * down
    reader.pixels.add(max(stored - width * height, 0) + stored * (-(-bits // _BITS_OF_A_PIXEL) - 1), cost)


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
    """Checks that every strip or tile is in the file, and returns where the last one ends.

    Scanners write lengths that are 0, too small, or missing. Viewers then work them out, and so does this.
    """
    offsets, counts = directory.values(reader, offsets_tag), directory.values(reader, counts_tag)
    if len(offsets) < needed:
        raise RefusedError("malformed", "A page of the TIFF has fewer strips or tiles than its size needs.")
    least = _least_sizes(reader, directory, needed)
    end = 0
    starts: list[int] = []
    for index, offset in enumerate(offsets[:needed]):
        length = counts[index] if index < len(counts) else 0
        if not offset:
            continue  # sparse: viewers show it blank
        if length < max(least[index], 1):
            starts = starts or directory.starts(reader, offsets)
            length = least[index] or starts[bisect_right(starts, offset)] - offset if offset < reader.size else 1
        end = max(end, offset + length)
    if not end:
        raise RefusedError("malformed", "A page of the TIFF has fewer pixels than its size needs.")
    return _check_inside(reader, end)


def _least_sizes(reader: RangeReader, directory: Directory, needed: int) -> list[int]:
    """Returns the least number of bytes of each strip or tile; 0 if they are compressed or subsampled."""
    first = directory.first
    if first.get(tags.COMPRESSION, _UNCOMPRESSED) != _UNCOMPRESSED or first.get(tags.PHOTOMETRIC) == _YCBCR:
        return [0] * needed
    bits = _bits_of_a_pixel(reader, directory)
    if tags.TILE_OFFSETS in directory.entries:
        return [first[tags.TILE_HEIGHT] * (first[tags.TILE_WIDTH] * bits // 8)] * needed
    height, row = first[tags.HEIGHT], first[tags.WIDTH] * bits // 8
    rows = min(first.get(tags.ROWS_PER_STRIP, _ALL_ROWS), height)
    strips = -(-height // rows)
    return ([rows * row] * (strips - 1) + [(height - rows * (strips - 1)) * row]) * (needed // strips)


def _bits_of_a_pixel(reader: RangeReader, directory: Directory) -> int:
    """Returns the bits that a strip or tile holds for each pixel: of all components, or of one if they are separate."""
    samples = directory.first.get(tags.SAMPLES, 1)
    depths = directory.values(reader, tags.BITS) or (1,)
    if _count_planes(directory) > 1:
        return min(depths)
    return sum(depths) if len(depths) == samples else depths[0] * samples


def _check_inside(reader: RangeReader, end: int) -> int:
    if end > reader.size:
        raise TruncatedError(f"the pixels end at {end}")
    return end
