"""Checks style sheets in SVG: they must not run code or load anything (CSS Syntax Module Level 3, section 4)."""

import re

from validator.formats.verdict import RefusedError

EMBEDDED_IMAGE = re.compile(
    r"\s*data:(?:im(?:age|g)/(?:x-)?(?:png|jpe?g|pjpeg|gif|webp)\s*[;,]"
    r"|;base64,\s*(?:iVBORw0KGgo|/9j/|R0lGOD|UklGR))",
    re.IGNORECASE,
)
"""Photoshop writes `img/png`, and old versions of Inkscape no type; the first bytes then show that it is an image."""

_ESCAPE = re.compile(r"\\(?:([0-9a-f]{1,6})(?:\r\n|[ \t\r\n\f])?|(\r\n|[\n\r\f])|(.))", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ACTIVE = re.compile(
    r"@import|expression\s*\(|(?<![\w-])behaviou?r\s*:|-moz-binding|(?:java|vb|live)script\s*:"
    r"|image-set\s*\(|cross-fade\s*\(|(?<![\w-])(?:src|image)\s*\(|<\s*(?:/\s*)?(?:script|style|html|iframe)\b"
)
_SUSPECT = re.compile(r"[\\@<]|/\*|url|script|expression|behavio|binding|image|src|cross-fade", re.IGNORECASE)
"""Quick test: without one of these, no pattern below can match, in any notation."""
_URL = re.compile(r"url\s*\(\s*[\"']?\s*([^)]{0,80})")
_NAMESPACE = re.compile(r"@namespace\s+(?:[\w-]+\s+)?(?:url\(\s*)?[\"']?http://www\.w3\.org/[\w/]*[\"']?\s*(?:\)\s*)?;")
"""The declaration of a namespace, from which nothing is loaded."""
_EMBEDDED = re.compile(
    r"data:(?:im(?:age|g)/(?:x-)?(?:png|jpe?g|pjpeg|gif|webp)|font/[\w-]+"
    r"|application/(?:x-)?font[\w-]*|application/vnd\.ms-(?:fontobject|opentype)|application/x-truetype[\w-]*)\s*[;,]"
    r"|data:[\w.+/-]*(?:;[\w=.-]*)*;base64,\s*"
    r"(?:t1ru|aaeaa|d09g[rm]|dhj1z|dhrjz|ivborw0kggo|/9j/|r0lgod|uklgr)"
)
"""Illustrator embeds fonts without a type, and others as any bytes: the first bytes then show that it is a font."""
_LOADS = (
    "A style in the drawing runs code, or loads a font, a picture or another style sheet. Export it with fonts and "
    "pictures embedded or with text converted to paths, or as PNG."
)
_LAST_CODE_POINT = 0x10FFFF


def refuse_css(css: str) -> None:
    """Refuses CSS that would run code or load something.

    It is checked with and without its comments: where a comment begins depends on the context, so both readings must
    be harmless.
    """
    if not _SUSPECT.search(css):
        return
    text = decode_css(css) if "\\" in css else css
    _refuse_active(text)
    if "/*" in text:
        _refuse_active(_COMMENT.sub("", text))
    if "/*" in css and text is not css:
        _refuse_active(decode_css(_COMMENT.sub("", css)))


def _refuse_active(text: str) -> None:
    lowered = _NAMESPACE.sub("", text.lower())
    if _ACTIVE.search(lowered):
        raise RefusedError("active_content", _LOADS)
    for found in _URL.finditer(lowered):
        target = found[1].strip(" \t\r\n\f\"'")
        if target and not target.startswith("#") and not _EMBEDDED.match(target):
            raise RefusedError("active_content", _LOADS)


def decode_css(css: str) -> str:
    """Returns a style with its escapes resolved (section 4.3.7)."""
    return _ESCAPE.sub(_unescape, css)


def _unescape(match: re.Match[str]) -> str:
    digits, newline, character = match.groups()
    if digits:
        code = int(digits, 16)
        return chr(code) if 0 < code <= _LAST_CODE_POINT else "\ufffd"
    return "" if newline else character
