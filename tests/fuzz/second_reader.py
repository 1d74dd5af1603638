"""A second, simpler SVG reader that finds active content in accepted drawings."""

import re
from xml.parsers import expat

_SVG = "http://www.w3.org/2000/svg"
_RUNS = frozenset(("handler", "listener", "iframe", "embed", "object"))
_INERT_HANDLERS = frozenset(("", "true", "false", "0", "1", "null", "undefined"))
_LINK = re.compile(r"https?://|mailto:")
_NAMES = """
    id class name title label lang role result in in2 type version begin end systemLanguage requiredFeatures glyph-name
    unicode alt desc description content
"""
_NO_CSS = frozenset(_NAMES.split())
_ELEMENTS_THAT_FOLLOW = """
    animate animatecolor animatemotion animatetransform set cursor feimage filter font-face-uri image lineargradient
    mask mpath pattern radialgradient script textpath tref use
"""
_FOLLOWS = frozenset(_ELEMENTS_THAT_FOLLOW.split())
_MAY_NAME_A_FILE = frozenset(("color-profile",))
_LOADS = re.compile(r"url\(\s*[\"']?\s*(?:https?:|ftp:|file:|//)|expression\s*\(", re.IGNORECASE)


def check_drawing(data: bytes) -> None:
    """Raises AssertionError if the drawing runs or loads something, by prefixed names and by namespaces."""
    says_utf16 = not data.startswith((b"\xff\xfe", b"\xfe\xff")) and re.match(
        rb"[^>]*encoding\W*utf-16", data, re.IGNORECASE
    )
    encoding = "utf-8" if says_utf16 else None
    plain = expat.ParserCreate(encoding)
    scripts = _Scripts()
    plain.StartElementHandler = scripts.start
    plain.EndElementHandler = scripts.end
    plain.CharacterDataHandler = scripts.text
    plain.Parse(data, True)
    resolved = expat.ParserCreate(encoding, namespace_separator="|")
    resolved.StartElementHandler = _check_references
    try:
        resolved.Parse(data, True)
    except expat.ExpatError:
        return  # a namespace that contains the separator, which no URI can


class _Scripts:
    """Asserts that scripts are empty and have no address."""

    def __init__(self) -> None:
        self._open: list[bool] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        script = name.rpartition(":")[2].lower() == "script"
        assert not any(self._open), "an element in a script"
        assert not script or not {"href", "src"} & {key.rpartition(":")[2].lower() for key in attributes}, "a script"
        self._open.append(script)
        _check_names(name, attributes)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        assert not any(self._open) or not text.strip(), "a script with code"


def _check_names(name: str, attributes: dict[str, str]) -> None:
    local = name.rpartition(":")[2].lower()
    assert local not in _RUNS, f"an accepted drawing has <{local}>"
    for attribute, value in attributes.items():
        role = attribute.rpartition(":")[2].lower()
        inert = value.strip().lower() in _INERT_HANDLERS
        assert inert or not re.fullmatch("on[a-z]+", role), f"an event attribute {role}"
        assert role != "href" or not _bare(value).startswith(("javascript:", "vbscript:")), "a script as link"


def _check_references(name: str, attributes: dict[str, str]) -> None:
    namespace, _, local = name.rpartition("|")
    assert namespace != "http://www.w3.org/1999/xhtml" or local.lower() == "script", "a web page in a drawing"
    if namespace != _SVG:
        return
    assert local.lower() != "foreignobject" or "requiredExtensions" in attributes, "a foreign object"
    for attribute, value in attributes.items():
        if attribute.rpartition("|")[2].lower() == "href":
            target = _bare(value)
            local_file = local in _MAY_NAME_A_FILE or (local.lower() not in _FOLLOWS and _LINK.match(target))
            assert local_file or not target or target.startswith(("#", "data:")), "a reference to something outside"
        elif "|" not in attribute and not attribute.startswith(("data-", "aria-")) and attribute not in _NO_CSS:
            assert not _LOADS.search(value), "an attribute that loads something"
            assert attribute != "style" or "@import" not in value.lower(), "a style that loads something"


def _bare(value: str) -> str:
    """Returns an address without blanks and control characters, as browsers read it."""
    return re.sub(r"[\x00-\x20]", "", value).lower()
