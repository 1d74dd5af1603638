"""Reads a drawing as an HTML parser would that finds its text in a web page (HTML Standard, section 13.2.6.5).

XML and HTML disagree where HTML leaves the drawing: at elements that only HTML knows, in titles and descriptions, which
may contain HTML, and under a root that is not called `svg`. There, HTML takes CDATA sections for comments that end at
the first `>`, and what follows for elements.
"""

import re
from collections.abc import Iterable

from validator.formats.svg.policy import is_known
from validator.formats.verdict import RefusedError

_LEAVES = """
    b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta
    nobr ol p pre ruby s small span strong strike sub sup table tt u ul var
"""
_ACTS = """
    a area applet audio base button dialog form frame frameset html iframe image input isindex keygen link marquee math
    noembed noframes noscript object picture plaintext portal script select source style svg template textarea track
    video xmp
"""
_HIDES_MARKUP = "iframe noembed noframes noscript plaintext script style textarea title xmp"
_LEAVES_DRAWING = frozenset(_LEAVES.split())
_ACTS_IN_HTML = frozenset(_ACTS.split())
_RAW_TEXT = frozenset(_HIDES_MARKUP.split())
_FONT_ATTRIBUTES = frozenset(("color", "face", "size"))
_CONTAINS_HTML = frozenset(("title", "desc", "foreignobject"))
_ENDS_COMMENT_EARLY = re.compile(r"-?>")
_PAGE = "The drawing contains parts of a web page. Export it as a plain SVG, or as PNG."


class PastedText:
    """The state of an HTML parser, as far as it matters. Once it may have left the drawing, it counts as outside."""

    def __init__(self) -> None:
        self._parents: list[str] = []
        self._in_html = False
        self._in_raw_text = False
        self._in_doctype = False

    def start(self, namespace: str, local: str, prefix: str, attributes: Iterable[str]) -> None:
        """Refuses an element that HTML would take for an element of HTML."""
        tag = f"{prefix}:{local}".lower() if prefix else local.lower()
        if not self._parents:
            self._in_html = tag != "svg"
        elif self._parents[-1] in _CONTAINS_HTML:
            self._in_html = True
        self._parents.append(tag)
        if tag in _LEAVES_DRAWING or (tag == "font" and not _FONT_ATTRIBUTES.isdisjoint(map(str.lower, attributes))):
            raise RefusedError("active_content", _PAGE)
        if self._in_html:
            if tag in _ACTS_IN_HTML and not is_known(namespace, local):
                raise RefusedError("active_content", _PAGE)
            self._in_raw_text = self._in_raw_text or tag in _RAW_TEXT

    def end(self) -> None:
        self._parents.pop()

    def start_doctype(self) -> None:
        self._in_doctype = True

    def end_doctype(self) -> None:
        self._in_doctype = False

    def comment(self, text: str) -> None:
        """Refuses a comment that HTML ends early, at its beginning or with the raw text in which it stands.

        HTML ends a document type at the first `>`, even in a comment inside of it.
        """
        if self._in_doctype and ("<" in text or ">" in text):
            raise RefusedError("active_content", _PAGE)
        if _ENDS_COMMENT_EARLY.match(text) or (self._in_raw_text and "<" in text):
            raise RefusedError("active_content", "A comment in the drawing contains a script or a web page.")

    def character_data(self, text: str) -> None:
        """Refuses the content of a CDATA section that HTML would take for elements."""
        if self._in_html and "<" in text:
            raise RefusedError("active_content", _PAGE)

    def instruction(self, target: str, data: str) -> None:
        """Refuses a processing instruction that HTML ends early: it is a comment up to the first `>` there."""
        if ">" in target or ">" in data:
            raise RefusedError("active_content", _PAGE)
