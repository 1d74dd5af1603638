"""Programs, pages and archives that hide inside another file.

Nothing here proves that bytes are harmless: structure decides that. These patterns name what honest encoders never
write into an image, and each is long enough not to turn up by chance in the compressed data that it is searched in.
"""

import re

from validator.formats.verdict import RefusedError

_ANYWHERE = re.compile(
    # programs for servers: PHP, ASP, JSP, server-side includes
    rb"<\?php\s|<\?(?:=|\s)\s{0,9}(?:[a-z_]{5,20}|eval|exec|copy)\s{0,9}\([\"'$`)\w]"
    rb"|<\?=\s?(?:\$_(?:get|post|request|cookie|server|files|session)\b|`[ -~]+`)"
    rb"|<%@\s{0,9}(?:page|language|import|include|taglib)\b"
    rb"|<%[=!]?\s{0,9}(?:eval|execute(?:global)?|response|request|server|createobject|runtime|out\.print|string)\b"
    rb"|<!--#(?:exec|include|config)\s"
    # pages
    rb"|</?script[\s>/]|</?html(?:>|\s{1,9}[a-z]{1,20}=)|<!doctype\s{1,9}html|<iframe[\s>/]|<foreignobject[\s>]"
    rb"|<(?:meta\s{1,9}http-equiv|base\s{1,9}href|object\s{1,9}data|embed\s{1,9}src|form\s{1,9}action)\s{0,9}="
    rb"|<[a-z]{1,10}[\s/][^<>]{0,200}\bon(?:load|error|click|focus|begin|toggle|mouse[a-z]{2,6}|pointer[a-z]{2,6})\s{0,9}="
    rb"|<a[\s/][^<>]{0,200}\bhref\s{0,9}=\s{0,9}[\"']?\s{0,9}(?:java|vb)script:",
    re.IGNORECASE,
)
"""Safe to search for in any bytes: none turns up by chance in more than one of a million photos of 5 MB.

Quick, as all begin with the same byte; and nothing repeats without a bound, so that no bytes can make it slow.
"""

_ANYWHERE_LITERALLY = (
    b"Rar!\x1a\x07\x00",
    b"Rar!\x1a\x07\x01\x00",
    b"7z\xbc\xaf\x27\x1c\x00",
    b"MSCF\x00\x00\x00\x00",
    b"\x01CD001\x01\x00",
    b"\x7fELF\x01\x01\x01",
    b"\x7fELF\x02\x01\x01",
    b"This program cannot be run in DOS mode",
)
"""Archives and disk images that are found wherever they begin, and programs: seven bytes or more each."""

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
    rb"|#!/(?:bin|usr)/|%PDF-\d"
    rb"|PK\x03\x04|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c|\x7fELF|This program cannot be run in DOS mode",
    re.IGNORECASE | re.DOTALL,
)
"""For comments written for people: shorter patterns, and pieces of code as well as of markup."""

_BEHIND = re.compile(
    rb"PK\x03\x04[\x00-\x3f]\x00"
    rb"|Rar!\x1a\x07[\x00\x01]"
    rb"|7z\xbc\xaf\x27\x1c\x00"
    rb"|%PDF-[12]\.\d"
    rb"|\x7fELF[\x01\x02][\x01\x02]\x01"
    rb"|This program (?:cannot|must) be run"
    rb"|#!/(?:bin|usr)/"
    rb"|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    rb"|conectix\x00\x00\x00|koly\x00\x00\x00\x04\x00\x00\x02\x00",
)
"""For what stands behind the end of an image."""

_OPENS_SCRIPT = re.compile(rb"/[*/]|=[\s -~]|\s[=\s]")
_GOES_ON_AFTER = {
    b"/*": re.compile(rb"\*/\s*(?:[=;(,`][ -~]|[a-z]{3,20}[.(=])", re.IGNORECASE),
    b"//": re.compile(rb"[\r\n][ -~]{12}"),
}
_GOES_ON = re.compile(rb"\A[\s -~]{16}")

_TEXT_SCANNED = 64 * 1024
_TAR_MAGIC_AT = 257
_DICOM_MAGIC_AT = 128
_PDF_HEADER_WITHIN = 1024


def refuse_markup(data: bytes) -> None:
    """For any bytes: pixels, profiles, EXIF."""
    if _ANYWHERE.search(data):
        raise RefusedError("polyglot", "The file contains program code or a web page.")
    if any(literal in data for literal in _ANYWHERE_LITERALLY):
        raise RefusedError("polyglot", "The file contains an archive or a program.")


def refuse_code(text: bytes) -> None:
    """For comments and other texts in an image; of long ones, the beginning."""
    if _IN_TEXT.search(text[:_TEXT_SCANNED]) or _ANYWHERE.search(text):
        raise RefusedError("polyglot", "A comment in the image contains program code, a web page or another file.")


def opens_script(field: bytes) -> bool:
    """Whether a number in a header reads as code behind the magic, the name of a variable: BM/*, GIF89a=1, RIFF//."""
    return bool(_OPENS_SCRIPT.match(field))


def refuse_script(field: bytes, behind: bytes) -> None:
    """Refuses an image that is a script as well, when a number in its header and what stands `behind` it are code.

    The number alone is such by chance in one image of thousands.
    """
    if opens_script(field) and _GOES_ON_AFTER.get(field[:2], _GOES_ON).search(behind):
        raise RefusedError("polyglot", "The image is a script at the same time.")


def refuse_containers(data: bytes) -> None:
    """For what stands behind the end of an image: archives, documents and programs anywhere in it."""
    if _BEHIND.search(data):
        raise RefusedError("polyglot", "Another file is hidden in this one.")


def refuse_second_header(head: bytes) -> None:
    """For the head of any binary file: formats whose own header may stand behind foreign bytes.

    PDF readers look for %PDF- within the first 1,024 bytes, tar has its magic at 257 and DICOM at 128.
    """
    if (
        b"%PDF-" in head[:_PDF_HEADER_WITHIN]
        or head.startswith(b"ustar", _TAR_MAGIC_AT)
        or head.startswith(b"DICM", _DICOM_MAGIC_AT)
    ):
        raise RefusedError("polyglot", "The file is of two types at once.")
    refuse_markup(head)
