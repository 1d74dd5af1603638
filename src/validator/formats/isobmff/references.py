"""Data references of tracks (ISO/IEC 14496-12, section 8.7; QuickTime File Format, "Data Reference Atoms").

A reference says in which file the samples of a track are. Accepted videos contain all their samples, so that no player
opens another file or address: not for the pictures, nor for sound, text or time codes.
"""

import re
from contextlib import suppress

from validator.formats.isobmff.boxes import Box, children
from validator.formats.reader import RangeReader, TruncatedError
from validator.formats.verdict import RefusedError

_PARENTS = frozenset((b"mdia", b"minf", b"dinf"))
_SELF_CONTAINED = 1
_WITHIN_FILE = frozenset((b"imdt", b"snim"))
"""References to boxes with media of the same file (sections 8.7.2 and 9.1.5 of the edition of 2020)."""
_ADDRESS = re.compile(rb"[a-z][a-z0-9+.-]{1,20}:|[/\\]", re.IGNORECASE)
_LONGEST_EMPTY_ALIAS = 150
"""ffmpeg reads the path of a longer alias even if the reference says that the media is in the file itself."""
_MAX_BODY = 4096


def refuse_links(reader: RangeReader, parent: Box) -> None:
    """Refuses media behind a link, in a track or in its parts. Stops where the structure is damaged, as players do."""
    with suppress(TruncatedError):
        try:
            _walk(reader, parent)
        except RefusedError as refusal:
            if refusal.reason != "malformed":
                raise


def refuse_links_of_items(reader: RangeReader, meta: Box) -> None:
    """Refuses items behind a link (section 8.11). In QuickTime, a `meta` box has no version before its children."""
    for header in (4, 0):
        refuse_links(reader, meta._replace(body=meta.body + header))


def _walk(reader: RangeReader, parent: Box) -> None:
    for child in children(reader, parent.body, parent.end):
        if child.kind in _PARENTS:
            _walk(reader, child)
        elif child.kind == b"dref":
            for entry in children(reader, child.body + 8, child.end):
                _check_entry(reader, entry)


def _check_entry(reader: RangeReader, entry: Box) -> None:
    body = reader.read(entry.body, min(_MAX_BODY, entry.end - entry.body))
    flags, link = body[:4], body[4:]
    if not any(link) or entry.kind in _WITHIN_FILE:
        return
    if flags[-1] & _SELF_CONTAINED:
        is_url = entry.kind in {b"url ", b"urn "}
        if not (_ADDRESS.match(link.lstrip()) if is_url else len(link) > _LONGEST_EMPTY_ALIAS):
            return
    raise RefusedError("active_content", "A part of the video is not in the file but behind a link.")
