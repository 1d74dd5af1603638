"""A second, simpler SVG reader that finds active content in accepted drawings."""

import re
from xml.parsers import expat

_SVG = "http://www.w3.org/2000/svg"
_RUNS = frozenset(("script", "handler", "listener", "iframe", "embed", "object"))
_INERT_HANDLERS = frozenset(("true", "false", "0", "1"))
_MAY_NAME_A_FILE = frozenset(("color-profile",))
_LOADS = re.compile(r"url\(\s*[\"']?\s*(?:https?:|ftp:|file:|//)|expression\s*\(", re.IGNORECASE)


def check_drawing(data: bytes) -> None:
    """Raises AssertionError if the drawing runs or loads something, by prefixed names and by namespaces."""
    plain = expat.ParserCreate()
    plain.StartElementHandler = _check_names
    plain.Parse(data, True)
    resolved = expat.ParserCreate(namespace_separator="|")
    resolved.StartElementHandler = _check_references
    try:
        resolved.Parse(data, True)
    except expat.ExpatError:
        return  # a namespace that contains the separator, which no URI can


def _check_names(name: str, attributes: dict[str, str]) -> None:
    local = name.rpartition(":")[2].lower()
    assert local not in _RUNS, f"an accepted drawing has <{local}>"
    for attribute, value in attributes.items():
        role = attribute.rpartition(":")[2].lower()
        assert not re.fullmatch("on[a-z]+", role) or value in _INERT_HANDLERS, f"an event attribute {role}"
        assert role != "href" or not _bare(value).startswith(("javascript:", "vbscript:")), "a script as link"


def _check_references(name: str, attributes: dict[str, str]) -> None:
    namespace, _, local = name.rpartition("|")
    assert namespace != "http://www.w3.org/1999/xhtml", "a web page in an accepted drawing"
    if namespace != _SVG:
        return
    assert local.lower() != "foreignobject" or "requiredExtensions" in attributes, "a foreign object"
    for attribute, value in attributes.items():
        if attribute.rpartition("|")[2].lower() == "href":
            target = _bare(value)
            local_file = local in _MAY_NAME_A_FILE
            assert local_file or not target or target.startswith(("#", "data:")), "a reference to something outside"
        elif "|" not in attribute and not attribute.startswith(("data-", "aria-")):
            assert not _LOADS.search(value), "an attribute that loads something"
            assert attribute != "style" or "@import" not in value.lower(), "a style that loads something"


def _bare(value: str) -> str:
    """Returns an address without blanks and control characters, as browsers read it."""
    return re.sub(r"[\x00-\x20]", "", value).lower()
