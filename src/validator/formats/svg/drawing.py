"""The handlers of the XML parser: they check nesting, policy, styles, and the expansion of `use` elements."""

import re

from validator.formats.reader import RangeReader
from validator.formats.svg.css import refuse_css
from validator.formats.svg.names import SVG, split_name
from validator.formats.svg.pasted import PastedText
from validator.formats.svg.pictures import EmbeddedPictures
from validator.formats.svg.policy import (
    check_attributes,
    check_element,
    check_illustrator_data,
    is_illustrator_data,
    may_be_empty_script,
    namespace_in_html,
)
from validator.formats.svg.references import References
from validator.formats.verdict import RefusedError

_MAX_DEPTH = 256
_MAX_ELEMENTS = 300_000
_MAX_ATTRIBUTES = 512
_W3C = re.compile(r"https?://(?:www\.)?w3\.org/[\w./-]*\Z")
_ADDRESS_OF_NAMESPACE = re.compile(r"https?://[\w.-]{1,60}(?:/[\w./-]{0,80}#?)?")
_ENTITY = re.compile(r"[a-z][\w.-]{0,40}", re.ASCII | re.IGNORECASE)
_MAX_ENTITIES = 32
_SCRIPT = "The drawing contains a script. Export it as a plain SVG, or as PNG."
_INSTRUCTION = re.compile(r"php|=|xml-stylesheet|xsl", re.IGNORECASE)


class Drawing:
    """The state and the handlers of one parse."""

    def __init__(self, reader: RangeReader) -> None:
        self._depth = 0
        self._elements = 0
        self._references = References()
        self._pictures = EmbeddedPictures(reader)
        self._skipped_at = 0
        self._style: list[str] | None = None
        self._style_at = 0
        self._pasted = PastedText()
        self._in_cdata = False
        self._script_at = 0
        self.entities = 0

    @property
    def complete(self) -> bool:
        """True once the root element has ended."""
        return self._elements > 0 and self._depth == 0

    def start(self, name: str, pairs: list[str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > _MAX_DEPTH:
            raise RefusedError("malformed", f"The drawing is nested more than {_MAX_DEPTH} levels deep.")
        if self._elements > _MAX_ELEMENTS:
            raise RefusedError("malformed", f"The drawing has more than {_MAX_ELEMENTS:,} elements.")
        if len(pairs) > 2 * _MAX_ATTRIBUTES:
            raise RefusedError("malformed", f"An element of the drawing has more than {_MAX_ATTRIBUTES} attributes.")
        namespace, local, prefix = split_name(name)
        if self._depth == 1:
            _check_root(namespace, local)
        if self._script_at:
            raise RefusedError("active_content", _SCRIPT)
        attributes = dict(zip(pairs[::2], pairs[1::2], strict=True))
        self._check_element(namespace, local, attributes)
        self._pasted.start(namespace, local, prefix, attributes)
        target = check_attributes(namespace_in_html(namespace, local, prefix), local, attributes)
        for attribute, value in attributes.items():
            if ":" in value or "\\" in value:
                self._pictures.check_attribute(local, split_name(attribute)[1], value)
        self._references.open(local, attributes, target)
        if self._style is None and local.lower() == "style":
            self._style, self._style_at = [], self._depth

    def _check_element(self, namespace: str, local: str, attributes: dict[str, str]) -> None:
        if self._skipped_at:
            check_illustrator_data(namespace, local)
        elif is_illustrator_data(namespace, local, attributes):
            self._skipped_at = self._depth
        elif may_be_empty_script(local, attributes):
            self._script_at = self._depth
        else:
            check_element(namespace, local)

    def end(self, _name: str) -> None:
        if self._depth == self._skipped_at:
            self._skipped_at = 0
        if self._depth == self._script_at:
            self._script_at = 0
        if self._style is not None and self._depth == self._style_at:
            css = "".join(self._style)
            refuse_css(css)
            self._pictures.check_css(css)
            self._references.sheets.add(css)
            self._style = None
        self._depth -= 1
        self._pasted.end()
        self._references.close()

    def text(self, text: str) -> None:
        if self._script_at and text.strip(" \t\r\n"):
            raise RefusedError("active_content", _SCRIPT)
        if self._style is not None:
            self._style.append(text)
        if self._in_cdata:
            self._pasted.character_data(text)

    def start_cdata(self) -> None:
        self._in_cdata = True

    def end_cdata(self) -> None:
        self._in_cdata = False

    def comment(self, text: str) -> None:
        if self._script_at:
            raise RefusedError("active_content", _SCRIPT)
        self._pasted.comment(text)

    def instruction(self, target: str, data: str) -> None:
        if self._script_at:
            raise RefusedError("active_content", _SCRIPT)
        if _INSTRUCTION.match(target):
            raise RefusedError("active_content", "The drawing loads a style sheet or contains program code.")
        self._pasted.instruction(target, data)

    def doctype(self, name: str, system: str | None, _public: str | None, has_subset: int) -> None:
        """Accepts only a document type of SVG by the W3C, which loads nothing. It may name addresses of namespaces."""
        if has_subset:
            self._pasted.start_doctype()
        if name.rpartition(":")[2] != "svg" or (system and not _W3C.match(system)):
            raise RefusedError("active_content", "The document type of the drawing is not that of SVG.")

    def end_doctype(self) -> None:
        self._pasted.end_doctype()

    def entity(  # noqa: PLR0913, PLR0917  # as the parser calls it
        self,
        name: str,
        is_parameter: bool,  # noqa: FBT001
        value: str | None,
        _base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        """Accepts the entities of Illustrator, each of which stands for the address of a namespace."""
        self.entities += 1
        is_address = value is not None and _ADDRESS_OF_NAMESPACE.fullmatch(value)
        is_name = _ENTITY.fullmatch(name) and not _is_character_of_html(name)
        is_other = is_parameter or system or public or notation
        if not is_address or not is_name or is_other or self.entities > _MAX_ENTITIES:
            self.declaration()

    def declaration(self, *_declared: object) -> None:
        raise RefusedError(
            "active_content",
            "The drawing declares entities or its own document type. Export it as a plain SVG, or as PNG.",
        )

    def finish(self) -> None:
        self._references.refuse_bomb()


def _is_character_of_html(name: str) -> bool:
    """Returns True if a page into which the drawing is pasted reads `&name;` as a character (HTML, section 13.5).

    Some of these names need no semicolon, so a longer name may begin with one.
    """
    from html.entities import html5  # noqa: PLC0415  # two thousand names, for the few drawings that need them

    return f"{name};" in html5 or any(name[:length] in html5 for length in range(2, 9))


def _check_root(namespace: str, local: str) -> None:
    if local != "svg":
        raise RefusedError("unsupported_type", "This is an XML document of another kind than SVG.")
    if namespace != SVG:
        raise RefusedError("malformed", "The drawing is not in the namespace of SVG, so browsers do not show it.")
