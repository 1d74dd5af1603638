"""Encrypted tracks (ISO/IEC 14496-12, section 8.12; ISO/IEC 23001-7; FairPlay), which play only with a key.

The sample entry then has a name for encrypted media, and contains the box `sinf` with the name of the codec.
"""

import re
from contextlib import suppress

from validator.formats.isobmff.boxes import Box, children
from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError

_PARENTS = frozenset((b"mdia", b"minf", b"stbl"))
_ENCRYPTED = re.compile(rb"enc[a-z]|drm[a-z]")
_PROTECTION = re.compile(rb"sinf\x00\x00.{2}(?:frma|schm|schi|imif|skcr)", re.DOTALL)
_MAX_ENTRY = 16 * 1024


def refuse_encrypted(reader: RangeReader, track: Box) -> None:
    """Refuses a track with an encrypted sample entry. Stops where the structure is damaged, as players do."""
    with suppress(TruncatedError):
        try:
            _walk(reader, track)
        except RefusedError as refusal:
            if refusal.reason != "malformed":
                raise


def _walk(reader: RangeReader, parent: Box) -> None:
    for child in children(reader, parent.body, parent.end):
        if child.kind in _PARENTS:
            _walk(reader, child)
        elif child.kind == b"stsd":
            for entry in children(reader, child.body + 8, child.end):
                _check_entry(reader, entry)


def _check_entry(reader: RangeReader, entry: Box) -> None:
    body = reader.read(entry.body, min(_MAX_ENTRY, entry.end - entry.body))
    if _ENCRYPTED.fullmatch(entry.kind) or _PROTECTION.search(body):
        raise RefusedError(
            "unsupported_type",
            "The video is copy-protected and plays only with a key. Please send a copy without protection.",
        )
