"""Searches a file for embedded programs, pages and archives.

These checks do not prove that bytes are harmless: the structural parsers do. Each pattern is something that encoders
never write into an image, and is long enough not to occur by chance in compressed data.
"""

import re

from validator.formats.polyglots.signatures import (
    OFFSET,
    PDF_HEADER,
    PDF_HEADER_WITHIN,
    SEARCHED_IMAGE,
    SEARCHED_TAIL,
    SEARCHED_TEXT,
    magics_at,
    pattern_at,
    signatures_at,
)
from validator.formats.verdict import RefusedError

_CODE = re.compile(
    # programs for servers: PHP, ASP, JSP, server-side includes
    rb"<\?php\s|<\?(?:=|\s)\s{0,9}(?:[a-z_]{5,20}|eval|exec|copy)\s{0,9}\([\"'$`)\w]"
    # the same by shape: what the visitor sent, a call, a command, a file, or a function in a variable
    rb"|<\?(?:[^<]|<(?!\?)){0,200}?\$_(?:get|post|request|cookie|server|files|session|env)\b"
    rb"|<\?=(?:[\t\r\n -;=-~]|<(?!\?)){2,400}?[)\]`\"']\s{0,9};?\s{0,9}\?>"
    rb"|<\?\s{0,9}[@(]{0,3}[a-z_\\][\w\\]{0,40}\s{0,9}\((?:[\t\r\n -;=-~]|<(?!\?)){0,400}?\)\s{0,9};?\s{0,9}\?>"
    rb"|<\?\s{0,9}[@(]{0,3}[a-z_\\][\w\\]{2,40}\s{0,9}\((?:[\t\r\n -;=-~]|<(?!\?)){0,400}?\)\s{0,9};"
    rb"|<\?\s{0,9}(?:=|echo|print|die|exit)?\s{0,9}`[\t\r\n -_a-~]{2,400}`\s{0,9}(?:;|\?>)"
    rb"|<\?\s{0,9}\$\w{1,30}\s{0,9}[=(\[](?:[\t\r\n -;=-~]|<(?!\?)){1,400}?[)\]`\"']\s{0,9};?\s{0,9}\?>"
    rb"|<\?=?\s{0,9}(?:include|require)(?:_once)?\b(?:[\t\r\n -;=-~]|<(?!\?)){1,400}?[)\]`\"']\s{0,9}(?:;|\?>)"
    rb"|<\?(?:php[/(#;]|/\*|//|#|\s{0,9}[\"'(\[])(?:[\t\r\n -;=-~]|<(?!\?)){3,400}?\)\s{0,9};?\s{0,9}\?>"
    rb"|<\?php[/(#](?:[\t\r\n -;=-~]|<(?!\?)){3,400}?\)\s{0,9};"
    rb"|<%@\s{0,9}(?:page|language|import|include|taglib)\b"
    rb"|<%[=!]?\s{0,9}(?:eval|execute(?:global)?|response|request|server|createobject|runtime|out\.print|string)\b"
    rb"|<!--#(?:exec|include|config)\s"
    # pages
    rb"|</?script[\s>/]|</?html(?:>|\s{1,9}[a-z]{1,20}=)|<!doctype\s{1,9}html|<iframe[\s>/]|<foreignobject[\s>]"
    rb"|<(?:meta\s{1,9}http-equiv|base\s{1,9}href|object\s{1,9}data|embed\s{1,9}src|form\s{1,9}action)\s{0,9}="
    rb"|<[a-z]{1,10}[\s/][^<>]{0,200}\bon(?:load|error|click|focus|begin|toggle|mouse[a-z]{2,6}|pointer[a-z]{2,6})\s{0,9}="
    # handlers by shape: HTML adds new events all the time
    rb"|<[a-z][a-z0-9:_\x00-\x08\x0e-\x1f\x7f-]{0,30}(?:[\s/][^<>]{0,200})?[\s/\"'\x00]on[a-z]{3,24}\s{0,9}="
    rb"\s{0,9}[\"']?(?:[^\"'<>\x00-\x08\x7f-\xff]{0,80}[(`=&]|[^<>]{0,60}?[\w.$]{4}[(`])"
    rb"|<a[\s/][^<>]{0,200}\bhref\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:java|vb)script:",
    re.IGNORECASE,
)
"""Code that may be searched for in any bytes: no pattern occurs by chance in more than one of a million 5 MB photos.

Uncompressed pixels may consist of readable bytes, and `<?=` is three neighbouring greys: patterns by shape also need
letters and brackets, which are far from these.

The search is fast because all patterns begin with the same byte, and stays fast on hostile bytes because every
repetition is bounded.
"""

_FILES_IN_IMAGE = magics_at(SEARCHED_IMAGE)
"""Archives, disk images and programs, seven bytes or more each; `in` is much faster than a regular expression."""

_IN_TEXT = re.compile(
    rb"<\?(?:php|=|\s)"
    rb"|<%[@=!\s].{0,200}%>"
    rb"|</?(?:script|html|body|i?frame|frameset|object|embed|applet|svg)\b"
    rb"|<!doctype\b"
    rb"|<[a-z][^<>]{0,999}\son[a-z]{2,20}\s*="
    rb"|\b(?:java|vb)script:[^\s]|<meta\s+http-equiv|<form\s+action"
    rb"|\*/\s*[=;(,]|\*/.{0,80}\b(?:alert|eval|function|document|window)\b"
    rb"|\b(?:eval|alert|confirm|prompt|atob|system|shell_exec|passthru|base64_decode)\s*[(`]\s*(?:['\"`$]|[a-z_]{4,}[.(\[])"
    rb"|\b(?:alert|confirm|prompt)[(`]\d"
    rb"|\bdocument\.(?:cookie|write|location|domain)"
    rb"|\$_(?:get|post|request|cookie|server|files)\b"
    rb"|\A\s*(?:#!|@echo\s|/\*)"
    rb"|" + pattern_at(SEARCHED_TEXT),
    re.IGNORECASE | re.DOTALL,
)
"""For comments, which people write: shorter patterns, and fragments of code in addition to markup."""

_FILES_IN_TAIL = re.compile(pattern_at(SEARCHED_TAIL))
_AT_OFFSET = tuple((signature.magic, signature.at) for signature in signatures_at(OFFSET))

_OPENS_SCRIPT = re.compile(rb"/[*/]|=[\s -~]|\s[=\s]")
_SCRIPT_AFTER = {
    b"/*": re.compile(rb"\*/\s*(?:[=;(,`][ -~]|[a-z]{3,20}[.(=])", re.IGNORECASE),
    b"//": re.compile(rb"[\r\n][ -~]{12}"),
}
_SCRIPT_REST = re.compile(rb"\A[\s -~]{16}")

_TEXT_SCANNED = 64 * 1024


def refuse_markup(data: bytes) -> None:
    """Refuses any bytes of an image (pixels, profiles, EXIF) that contain code, a page, an archive or a program."""
    if _CODE.search(data):
        raise RefusedError("polyglot", "The file contains program code or a web page.")
    if any(magic in data for magic in _FILES_IN_IMAGE):
        raise RefusedError("polyglot", "The file contains an archive or a program.")


def refuse_code(text: bytes) -> None:
    """Refuses comments and other texts of an image that contain code; only the first 64 KiB get the full check."""
    if _IN_TEXT.search(text[:_TEXT_SCANNED]) or _CODE.search(text):
        raise RefusedError("polyglot", "A comment in the image contains program code, a web page or another file.")


def opens_script(field: bytes) -> bool:
    """Returns True if a header field continues the magic as code, as in BM/*, GIF89a=1 or RIFF//."""
    return bool(_OPENS_SCRIPT.match(field))


def refuse_script(field: bytes, behind: bytes) -> None:
    """Refuses an image that is also a script: both the header field and the bytes `behind` it read as code.

    The field by itself reads as code by chance in one of a few thousand images.
    """
    if opens_script(field) and _SCRIPT_AFTER.get(field[:2], _SCRIPT_REST).search(behind):
        raise RefusedError("polyglot", "The image is a script at the same time.")


def refuse_containers(data: bytes) -> None:
    """Refuses data after an image, or the ends of a video, that contain an archive, a document or a program."""
    if _FILES_IN_TAIL.search(data):
        raise RefusedError("polyglot", "Another file is hidden in this one.")


def refuse_second_header(head: bytes) -> None:
    """Refuses a binary file whose head contains the header of a format that need not begin at offset 0.

    PDF readers look for %PDF- within the first 1,024 bytes, tar has its magic at 257 and DICOM at 128.
    """
    if PDF_HEADER in head[:PDF_HEADER_WITHIN] or any(head.startswith(magic, at) for magic, at in _AT_OFFSET):
        raise RefusedError("polyglot", "The file is of two types at once.")
    refuse_markup(head)
