"""Names for files that people really send and that are not accepted, so that the refusal can say what to do."""

from validator.formats.isobmff.brands import HEIC_SENTENCE

_UNKNOWN = "This is not a photo or video of a kind that is accepted."

_PROGRAM = "This is a program or a script, not a photo or video."
_SOUND = "This is a sound file, not a photo or video."
_ARCHIVE = "This is an archive. Please unpack it and send the photos or videos themselves."
_RAW = "This is a camera's raw photo, which is not accepted. Please export it as JPEG."
_PAGE = "This is a web page, not a photo or video. Please save the photo or video itself."

_BY_START: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "This is a PDF document, not a photo or video."),
    (b"PK\x03\x04", "This is an archive or an Office document. Please send the photos or videos themselves."),
    (b"PK\x05\x06", _ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This is an Office document, not a photo or video."),
    (b"{\\rtf", "This is a text document, not a photo or video."),
    (b"\x1f\x8b", "This is a compressed file. Please unpack it and send what is inside."),
    (b"Rar!\x1a\x07", _ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", _ARCHIVE),
    (b"BZh", _ARCHIVE),
    (b"\xfd7zXZ\x00", _ARCHIVE),
    (b"\x28\xb5\x2f\xfd", _ARCHIVE),
    (b"MZ", _PROGRAM),
    (b"\x7fELF", _PROGRAM),
    (b"\xca\xfe\xba\xbe", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", _PROGRAM),
    (b"\xce\xfa\xed\xfe", _PROGRAM),
    (b"\x00asm", _PROGRAM),
    (b"ID3", _SOUND),
    (b"OggS", "This is an Ogg file, which is not accepted. Please convert a video to MP4 or WebM."),
    (b"fLaC", _SOUND),
    (b"#!AMR", _SOUND),
    (b"MThd", _SOUND),
    (b"FLV\x01", "This is a Flash video, which is not accepted. Please convert it to MP4."),
    (b"FWS", "This is a Flash animation, which is not accepted."),
    (b"CWS", "This is a Flash animation, which is not accepted."),
    (b".RMF", "This is a RealMedia video, which is not accepted. Please convert it to MP4."),
    (
        b"\x00\x00\x01\xb3",
        "This is a bare MPEG stream without a container, which is not accepted. Please convert it to MP4.",
    ),
    (b"8BPS", "This is a Photoshop document. Please export it as JPEG or PNG."),
    (b"%!PS", "This is a PostScript document. Please export it as JPEG or PNG."),
    (b"\x00\x00\x01\x00", "This is an icon, which is not accepted. Please export it as PNG."),
    (b"\xff\x0a", "This is a JPEG XL picture, which is not accepted. Please export it as JPEG."),
    (b"\xff\x4f\xff\x51", "This is a JPEG 2000 file, which is not accepted. Please export it as JPEG."),
    (b"\x00\x00\x00\x0cjP  ", "This is a JPEG 2000 file, which is not accepted. Please export it as JPEG."),
    (b"\x00\x00\x00\x0cJXL ", "This is a JPEG XL picture, which is not accepted. Please export it as JPEG."),
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"FOVb", _RAW),
    (b"IIRO", _RAW),
    (b"IIRS", _RAW),
    (b"IIU\x00", _RAW),
    (b"\x00MRM", _RAW),
    (b"SQLite format 3\x00", "This is a database, not a photo or video."),
)
_RIFF_FORMS = {b"WAVE": _SOUND, b"RMID": _SOUND, b"CDXA": "This is a Video CD file. Please convert it to MP4."}
_PAGES = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<table", b"<meta")
_TS_SENTENCE = (
    "This is an MPEG transport stream (TS, MTS), as camcorders and TV recorders make them, which is not accepted. "
    "Please convert it to MP4."
)
_MPEG_SOUND = frozenset(
    (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xf1", b"\xff\xf9")
)  # MP3 and AAC frames
_TAR_MAGIC_AT = 257


def sentence_for(head: bytes) -> str:
    """What to tell the person who sent a file that begins with `head` and is of no accepted type."""
    for start, sentence in _BY_START:
        if head.startswith(start):
            return sentence
    if head[:4] == b"RIFF":
        return _RIFF_FORMS.get(head[8:12], _UNKNOWN)
    if _is_transport_stream(head):
        return _TS_SENTENCE
    if head[:2] in _MPEG_SOUND:
        return _SOUND
    if head[_TAR_MAGIC_AT:].startswith(b"ustar"):
        return _ARCHIVE
    if head[4:8] in {b"meta", b"mif1", b"heic"}:
        return HEIC_SENTENCE
    if is_script(head):
        return _PROGRAM
    text = head[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return _PAGE if text.startswith(_PAGES) else _UNKNOWN


def is_script(head: bytes) -> bool:
    """Whether the file begins like a script, which may look like the prolog of a drawing."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith((b"<?php", b"<?=", b"#!"))


def _is_transport_stream(head: bytes) -> bool:
    """ISO/IEC 13818-1 section 2.4.3: the byte 0x47 every 188 bytes; 192 with the time stamps of Blu-ray and AVCHD."""
    return any(
        len(head) > start + 2 * size and all(head[start + n * size] == 0x47 for n in range(3))
        for start, size in ((0, 188), (4, 192), (0, 204))
    )
