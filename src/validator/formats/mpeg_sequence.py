"""The bare MPEG video stream (ISO/IEC 11172-2 section 2.4.2, ISO/IEC 13818-2 section 6.2): start codes, no lengths.

What the packets of a program stream carry, saved without a container (.m1v, .m2v, and the oldest .mpg files).
"""

from validator.formats.foreign import refuse_appended
from validator.formats.verdict import RefusedError

_PREFIX = b"\x00\x00\x01"
_PICTURE, _USER_DATA, _SEQUENCE, _EXTENSION, _END, _GROUP = 0x00, 0xB2, 0xB3, 0xB5, 0xB7, 0xB8
_SLICES = range(0x01, 0xB0)
_BETWEEN = frozenset((_USER_DATA, _EXTENSION, _GROUP, _SEQUENCE))
_DAMAGED = "The MPEG video is damaged."
_MAX_CODES = 16 * 1024


def check_video_stream(head: bytes) -> None:
    """Sequence header, then at least one picture with a slice, and no start code that video does not know."""
    _check_sequence_header(head)
    pictures = slices = 0
    at = 0
    for _ in range(_MAX_CODES):
        at = head.find(_PREFIX, at)
        if at < 0 or at + 3 >= len(head):
            break
        code = head[at + 3]
        at += 4
        if code == _PICTURE:
            pictures += 1
        elif code in _SLICES and pictures:
            slices += 1
        elif code == _END:
            _check_end(head[at:])
        elif code not in _BETWEEN:
            raise RefusedError("malformed", _DAMAGED)
    if not slices:
        raise RefusedError("malformed", "The MPEG video has a header, but no pictures follow it.")


def _check_sequence_header(head: bytes) -> None:
    """Section 6.2.2.1: width, height, shape of the pixels, frame rate, and a marker bit behind the bit rate."""
    if len(head) < 12:
        raise RefusedError("malformed", "The file is cut off: its end is missing.")
    width, height = int.from_bytes(head[4:7]) >> 12, int.from_bytes(head[4:7]) & 0xFFF
    shape, rate = head[7] >> 4, head[7] & 0x0F
    if not (width and height and 1 <= shape <= 14 and 1 <= rate <= 8 and head[10] & 0x20):
        raise RefusedError("malformed", _DAMAGED)


def _check_end(rest: bytes) -> None:
    """Behind the end of a sequence the next one begins, or nothing follows but zeros."""
    body = rest.lstrip(b"\x00")
    if body and not body.startswith(b"\x01\xb3"):
        refuse_appended(rest)
        raise RefusedError("malformed", "Something else follows the end of the MPEG video.")
