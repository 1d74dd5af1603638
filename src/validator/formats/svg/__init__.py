"""SVG (W3C, Scalable Vector Graphics 1.1 second edition and SVG 2), read whole through a streaming XML parser.

Encodings: UTF-8 and its subset ASCII, UTF-16 with a byte order mark, declared ISO-8859-1 or Windows-1252. In these, the
parser reads the same characters as every browser. What says UTF-16 but is not, is UTF-8 to browsers too (.NET writes
that). Other encodings are refused. Files of more than 10 MB are refused too, because an
SVG can only be checked by reading all of it.
"""

import re
import zlib
from xml.parsers import expat

from validator.formats.reader import Budget, RangeReader
from validator.formats.svg.drawing import Drawing
from validator.formats.svg.names import SEPARATOR
from validator.formats.verdict import RefusedError

MIME = "image/svg+xml"
MAX_BYTES = 10 * 1024 * 1024
BUDGET = Budget(max_bytes=2 * MAX_BYTES, max_ranges=400, max_seconds=15.0)

_ENCODINGS = frozenset(("utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "windows-1252", "cp1252"))
_BLOCK = 64 * 1024
_OVERLAP = 32
_GZIP = b"\x1f\x8b\x08"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF32_MARKS = (b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")
_MARKS = re.compile(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)")
_PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?!\s+html\b)[^>\[]*(?:\[.*?\]\s*)?>", re.DOTALL)
_OPEN_PROLOG = re.compile(rb"\Z|<\Z|<\?|<!(?:\Z|-|DOCTYPE\s+(?:[\w.-]+:)?svg\b)")
_ROOT = re.compile(rb"<(?:[\w.-]+:)?svg(?:[\s/>]|\Z)")
_OTHER_ENCODING = re.compile(rb"\A<\?xml[^>]*encoding\s*=\s*[\"']utf-7", re.IGNORECASE)
_SAYS_UTF16 = re.compile(rb"\A(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*[\"']utf-16(?:le|be)?[\"']", re.IGNORECASE)
_REFERENCE = re.compile(rb"&(?!#|(?:amp|lt|gt|quot|apos);)")
_MAX_REFERENCES = 10_000
"""References to entities, each of which stands for at most 160 characters."""
_PHP = re.compile(rb"<\?(?:php|=)|__HALT_COMPILER\(\);", re.IGNORECASE)


def recognises(head: bytes) -> bool:
    """Returns True if the root element is `svg`, or may be because the head ends within the prolog."""
    if head.startswith(_GZIP):
        head = _unpack_head(head)
    text = _MARKS.sub(b"", head).replace(b"\0", b"")
    if _OTHER_ENCODING.match(text):
        return True
    at = 0
    if not text.lstrip().startswith(b"<"):
        return False
    while match := _PROLOG.match(text, at):
        at = match.end()
    return bool(_ROOT.match(text, at) or (_OPEN_PROLOG.match(text, at) and not _PHP.match(text.lstrip())))


def _unpack_head(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(head, _BLOCK)
    except zlib.error:
        return b""


def parse(reader: RangeReader) -> str:
    """Feeds the file to expat; Drawing checks each element and attribute against the policy."""
    head = reader.head()
    _refuse_encoding(head)
    if reader.size > MAX_BYTES:
        raise RefusedError("unsupported_type", "The drawing is larger than 10 MB, more than is accepted as SVG.")
    drawing = Drawing(reader)
    utf16 = head.startswith(_UTF16_MARKS)
    parser = _create_parser(drawing, utf16=utf16, says_utf16=not utf16 and bool(_SAYS_UTF16.match(head)))
    try:
        _feed(reader, parser, drawing)
    except expat.ExpatError as error:
        raise _syntax_error(error, drawing) from None
    except (LookupError, ValueError):
        raise RefusedError("unsupported_type", "The drawing is in a text encoding that is not accepted.") from None
    drawing.finish()
    return MIME


def _refuse_encoding(head: bytes) -> None:
    if head.startswith(_GZIP):
        raise RefusedError("unsupported_type", "This is a compressed SVG (SVGZ). Please save it uncompressed.")
    if head.startswith(_UTF32_MARKS) or (b"\0" in head[:4] and not head.startswith(_UTF16_MARKS)):
        raise RefusedError("unsupported_type", "The drawing is in a text encoding that is not accepted.")
    if _OTHER_ENCODING.match(head):
        raise RefusedError("active_content", "The drawing is in UTF-7, which hides scripts.")


def _create_parser(drawing: Drawing, *, utf16: bool, says_utf16: bool) -> expat.XMLParserType:
    parser = expat.ParserCreate("utf-8" if says_utf16 else None, namespace_separator=SEPARATOR)
    parser.namespace_prefixes = True
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = drawing.start
    parser.EndElementHandler = drawing.end
    parser.CharacterDataHandler = drawing.text
    parser.StartCdataSectionHandler = drawing.start_cdata
    parser.EndCdataSectionHandler = drawing.end_cdata
    parser.CommentHandler = drawing.comment
    parser.ProcessingInstructionHandler = drawing.instruction
    parser.StartDoctypeDeclHandler = drawing.doctype
    parser.EndDoctypeDeclHandler = drawing.end_doctype
    parser.EntityDeclHandler = drawing.entity
    for declaration in (
        "ElementDeclHandler",
        "AttlistDeclHandler",
        "NotationDeclHandler",
        "UnparsedEntityDeclHandler",
        "ExternalEntityRefHandler",
        "SkippedEntityHandler",
    ):
        setattr(parser, declaration, drawing.declaration)

    def declared(_version: str, encoding: str | None, _standalone: int) -> None:
        accepted = {"utf-16"} if utf16 else _ENCODINGS
        if encoding is not None and not says_utf16 and encoding.lower() not in accepted:
            raise RefusedError("unsupported_type", "The drawing is in a text encoding that is not accepted.")

    parser.XmlDeclHandler = declared
    return parser


def _feed(reader: RangeReader, parser: expat.XMLParserType, drawing: Drawing) -> None:
    at, overlap, references = 0, b"", 0
    while at < reader.size:
        length = len(reader.head()) if at == 0 else min(_BLOCK, reader.size - at)
        block = reader.read(at, length)
        if _PHP.search(overlap + block):
            raise RefusedError("polyglot", "The drawing contains program code for a server.")
        references += len(_REFERENCE.findall(block)) if drawing.entities or b"<!ENTITY" in block else 0
        if references > _MAX_REFERENCES:
            raise RefusedError("decompression_bomb", "The drawing refers to its entities too often.")
        parser.Parse(block, False)
        reader.check_time()
        at += length
        overlap = block[-_OVERLAP:]
    parser.Parse(b"", True)


def _syntax_error(error: expat.ExpatError, drawing: Drawing) -> RefusedError:
    if drawing.complete:
        return RefusedError("polyglot", "Other data follows the end of the drawing.")
    return RefusedError(
        "malformed", f"The drawing is not well-formed XML: line {error.lineno} is wrong. Please export it again."
    )
