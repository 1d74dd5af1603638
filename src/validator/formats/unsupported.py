"""Sentences for files that people upload although their type is not accepted: each says what to do instead."""

from validator.formats.isobmff.brands import HEIC_SENTENCE
from validator.formats.polyglots.signatures import ARCHIVE, PAGE, PROGRAM, SCRIPT, SIGNATURES, SOUND, is_tar, magics_at

_UNKNOWN = "This is not a photo or video of a kind that is accepted."
_PAGE = "This is a web page, not a photo or video. Please save the photo or video itself."
_BY_START = tuple((signature.magic, signature.sentence) for signature in SIGNATURES if signature.sentence)
_PAGES = magics_at(PAGE)
_SCRIPTS = magics_at(SCRIPT)
_RIFF_FORMS = {b"WAVE": SOUND, b"RMID": SOUND, b"CDXA": "This is a Video CD file. Please convert it to MP4."}
_TS_SENTENCE = (
    "This is an MPEG transport stream (TS, MTS), as camcorders and TV recorders make them, which is not accepted. "
    "Please convert it to MP4."
)
_MPEG_SOUND = frozenset(
    (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9")
)  # MP3 and AAC frames


def sentence_for(head: bytes) -> str:
    """Returns the sentence for a person whose file begins with `head` and has no accepted type."""
    for start, sentence in _BY_START:
        if head.startswith(start):
            return sentence
    if head[:4] == b"RIFF":
        return _RIFF_FORMS.get(head[8:12], _UNKNOWN)
    if _is_transport_stream(head):
        return _TS_SENTENCE
    if head[:2] in _MPEG_SOUND:
        return SOUND
    if is_tar(head):
        return ARCHIVE
    if head[4:8] in {b"meta", b"mif1", b"heic"}:
        return HEIC_SENTENCE
    if is_script(head):
        return PROGRAM
    text = head[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return _PAGE if text.startswith(_PAGES) else _UNKNOWN


def is_script(head: bytes) -> bool:
    """Returns True if the file begins like a script, which may also look like the prolog of a drawing."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_SCRIPTS)


def _is_transport_stream(head: bytes) -> bool:
    """Returns True for a sync byte 0x47 every 188 bytes (ISO/IEC 13818-1, 2.4.3), 192 (Blu-ray, AVCHD) or 204."""
    return any(
        len(head) > start + 2 * size and all(head[start + n * size] == 0x47 for n in range(3))
        for start, size in ((0, 188), (4, 192), (0, 204))
    )
