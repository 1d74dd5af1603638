"""The policy for elements and attributes of SVG (explained in docs/formats.md).

Accepted SVG elements are listed. Elements of other namespaces are inert in browsers and accepted, because Inkscape,
Illustrator, Figma and RDF store data in them; namespaces that browsers interpret are refused.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from validator.formats.svg.css import EMBEDDED_IMAGE, refuse_css
from validator.formats.svg.names import SVG, XML, split_name
from validator.formats.verdict import RefusedError

_XLINK = "http://www.w3.org/1999/xlink"
_EVENTS = "http://www.w3.org/2001/xml-events"
_INTERPRETED = frozenset(
    (
        "http://www.w3.org/1999/xhtml",
        "http://www.w3.org/1998/Math/MathML",
        "http://www.w3.org/1999/XSL/Transform",
        "http://www.w3.org/2002/xforms",
        "http://www.w3.org/2001/XInclude",
        "http://www.mozilla.org/xbl",
        "http://www.mozilla.org/keymaster/gatekeeper/there.is.only.xul",
        _EVENTS,
    )
)
_ELEMENT_NAMES = """
    svg g defs symbol use title desc metadata switch view a path rect circle ellipse line polyline polygon text tspan
    textPath tref altGlyph altGlyphDef altGlyphItem glyphRef textArea tbreak image style cursor solidColor solidcolor
    color-profile unknown
    linearGradient radialGradient stop pattern clipPath mask marker hatch hatchpath hatchPath
    mesh meshgradient meshGradient meshrow meshRow meshpatch meshPatch
    font font-face font-face-src font-face-uri font-face-format font-face-name glyph missing-glyph hkern vkern
    animate animateColor animateMotion animateTransform set mpath discard
    filter feBlend feColorMatrix feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap
    feDistantLight feDropShadow feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feImage feMerge feMergeNode
    feMorphology feOffset fePointLight feSpecularLighting feSpotLight feTile feTurbulence
    flowRoot flowPara flowRegion flowRegionExclude flowSpan flowDiv flowLine flowTref midPointStop namedview
"""
_ELEMENTS = frozenset(_ELEMENT_NAMES.lower().split())
_ILLUSTRATOR = frozenset(
    f"http://ns.adobe.com/{name}/" for name in ("AdobeIllustrator/10.0", "ImageReplacement/1.0", "Extensibility/1.0")
)
_ILLUSTRATOR_ELEMENTS = frozenset(("pgf", "pgfRef", "aipgf", "aipgfRef", "imageReplacement", "targetRef"))
_RUNS_OR_EMBEDS = """
    script handler listener iframe frame embed object applet animation audio video prefetch
"""
_ACTIVE = frozenset(_RUNS_OR_EMBEDS.split())
_SCRIPT_SOURCES = frozenset(("href", "src"))
_ANIMATIONS = frozenset(("animate", "animatecolor", "animatemotion", "animatetransform", "set"))
_VALUES = frozenset(("from", "to", "by", "values"))
_LOADING = frozenset(("src", "srcset", "srcdoc", "action", "formaction", "data", "poster", "ping", "manifest"))
_NAMES_OR_TEXTS = """
    id class name title label lang role result in in2 type version begin end systemLanguage requiredFeatures
    glyph-name unicode alt desc description content
"""
_NAMES = frozenset(_NAMES_OR_TEXTS.split())
"""Attributes whose values are names or texts, which may contain brackets. No browser takes them for CSS."""
_IMAGES = frozenset(("image", "feImage"))
_NO_CODE = frozenset(("", "true", "false", "0", "1", "null", "undefined"))
_PROFILE = re.compile(
    r"file:|(?!/?/)[^:]*\Z|data:(?:application/(?![\w.+-]*(?:xml|html|script))[\w.+-]+)?[;,]", re.IGNORECASE
)
_LINK = re.compile(r"https?://|mailto:", re.IGNORECASE)
_ADDRESS = re.compile(r"[:/\\]")
_HANDLER = re.compile(r"on[a-z]+", re.IGNORECASE)
_TEXTS = ("data-", "aria-")
# WHATWG URL, "basic URL parser": browsers drop these from an address, and no other character.
_IGNORED_IN_URL = re.compile(r"^[\x00-\x20]+|[\x00-\x20]+$|[\t\n\r]+")
_HIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]+")
_SCRIPT_SCHEME = re.compile(r"(?:java|vb|live)script:|\bdata:(?!image/(?:png|jpe?g|gif|webp)[;,])", re.IGNORECASE)
_LONGEST_SCHEME = 4096
_FOREIGN_OBJECT = (
    "The drawing contains a part of a web page (foreignObject). In draw.io switch off Formatted Text and Word Wrap, in "
    "Figma remove background blurs, and export it again, or export it as PNG."
)
_REFERENCE = (
    "The drawing loads something that is not in it. Embed pictures and fonts when you export it, or export it as PNG."
)


@lru_cache(maxsize=4096)
def check_element(namespace: str, local: str) -> None:
    """Refuses elements that run code or embed documents. Browsers skip the others that they do not know."""
    if local.lower() == "foreignobject":
        raise RefusedError("active_content", _FOREIGN_OBJECT)
    if local.lower() in _ACTIVE or namespace in _INTERPRETED:
        raise RefusedError(
            "active_content",
            "The drawing contains a script, a sound, a film or a part of a page. Export it as a plain SVG or as PNG.",
        )


def is_known(namespace: str, local: str) -> bool:
    """Returns True if browsers draw the element as SVG, or know that it is drawn as a part of others."""
    return namespace == SVG and local.lower() in _ELEMENTS


def may_be_empty_script(local: str, attributes: Iterable[str]) -> bool:
    """Returns True for a script without an address. Browsers' extensions leave such in saved drawings, without text."""
    return local.lower() == "script" and not any(split_name(name)[1].lower() in _SCRIPT_SOURCES for name in attributes)


def is_illustrator_data(namespace: str, local: str, attributes: Mapping[str, str]) -> bool:
    """Returns True for the foreignObject in which Illustrator stores its document, and which browsers skip."""
    return namespace == SVG and local == "foreignObject" and attributes.get("requiredExtensions") in _ILLUSTRATOR


def check_illustrator_data(namespace: str, local: str) -> None:
    """Refuses anything in Illustrator's foreignObject except references to its document."""
    if namespace not in _ILLUSTRATOR or local not in _ILLUSTRATOR_ELEMENTS:
        raise RefusedError("active_content", "The drawing contains a web page.")


def namespace_in_html(namespace: str, local: str, prefix: str) -> str:
    """Returns the namespace that browsers act on if the text is in a web page: HTML ignores declared namespaces."""
    return SVG if not prefix and local.lower() in _ELEMENTS else namespace


def check_attributes(namespace: str, local: str, attributes: Mapping[str, str]) -> str:
    """Refuses attributes that run code or refer to other resources. Returns the referenced id, or ""."""
    target = ""
    for name, value in attributes.items():
        role = _role_of(name)
        if role == "reference":
            target = _check_reference(namespace, local, value)
        elif role == "handler":
            _check_handler(value)
        elif role == "base":
            raise RefusedError("active_content", "An element of the drawing changes what its references mean.")
        elif role != "inert":
            _check_value(role, namespace, value)
    if local.lower() in _ANIMATIONS:
        for name, value in attributes.items():
            _check_animation(name, value)
    return target


def _check_value(role: str, namespace: str, value: str) -> None:
    """Refuses a value that loads something, as an address or as CSS."""
    if namespace == SVG and (
        (role == "loading" and value and not value.startswith("#")) or (role == "background" and _ADDRESS.search(value))
    ):
        raise RefusedError("active_content", _REFERENCE)
    if role in {"style", "background"} or (role == "plain" and ("(" in value or "\\" in value)):
        refuse_css(value)


def _check_handler(value: str) -> None:
    if value.strip().lower() not in _NO_CODE:
        raise RefusedError(
            "active_content",
            "An element of the drawing runs code when something happens, for example on a click. Export it as a plain "
            "SVG without interactivity, or as PNG.",
        )


@lru_cache(maxsize=4096)
def _role_of(name: str) -> str:
    """Returns the role of an attribute by its name; those of foreign namespaces are inert, except XML and XLink."""
    namespace, local, _ = split_name(name)
    if _HANDLER.fullmatch(local) or namespace == _EVENTS:
        return "handler"
    if local.lower() == "href":
        return "reference"
    if namespace == XML and local == "base":
        return "base"
    if namespace or local.startswith(_TEXTS) or local in _NAMES:
        return "inert"
    if local.lower() == "background":
        return "background"
    if local.lower() in _LOADING:  # HTML ignores the case
        return "loading"
    return "style" if local == "style" else "plain"


def _check_animation(key: str, value: str) -> None:
    """Refuses animations of references and event handlers (SMIL Animation, section 3)."""
    if key == "attributeName":
        animated = _HIDDEN.sub("", value).rpartition(":")[2].lower()
        if animated in {"href", "style", "src", "base"} or animated.startswith("on"):
            raise RefusedError("active_content", "An animation of the drawing changes a reference or a handler.")
    elif key in _VALUES and _SCRIPT_SCHEME.search(_HIDDEN.sub("", value)):
        raise RefusedError("active_content", "An animation of the drawing contains a script.")


def _check_reference(namespace: str, local: str, value: str) -> str:
    """Returns the referenced id. Refuses references to anything but parts of the drawing and embedded pictures."""
    if local in _IMAGES and EMBEDDED_IMAGE.match(value[:_LONGEST_SCHEME]):
        return ""
    address = _IGNORED_IN_URL.sub("", value[:_LONGEST_SCHEME])
    if not address:
        return ""
    if address.startswith("#"):
        return value.strip()[1:]
    start = _HIDDEN.sub("", value[:_LONGEST_SCHEME])
    if namespace not in {SVG, ""} and not _SCRIPT_SCHEME.match(start):
        return ""
    if local == "color-profile" and _PROFILE.match(start):
        return ""  # Inkscape writes its colour profile or the path of it; no browser implements this element
    if (local.lower() == "a" or not is_known(namespace, local)) and _LINK.match(address):
        return ""  # nothing is opened before a person clicks, or at all
    raise RefusedError("active_content", _REFERENCE)
