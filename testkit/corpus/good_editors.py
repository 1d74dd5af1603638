"""Drawings as editors, browsers' extensions and programs leave them: odd, but without anything that runs or loads."""
# ruff: noqa: E501, RUF001  # tables, where a case is one line; typographic characters are what some files test

import base64
import random
from collections.abc import Callable, Iterator

from testkit.corpus.good_svg import NS, XLINK
from testkit.corpus.png_bytes import png
from testkit.corpus.sample import SVG, Sample, good
from testkit.corpus.tools import clip

EACH = 20
"""Files of each kind. They differ by a seeded choice, so that no rule fits one file only."""

NAMESPACES = {
    "ns_extend": "http://ns.adobe.com/Extensibility/1.0/", "ns_ai": "http://ns.adobe.com/AdobeIllustrator/10.0/",
    "ns_graphs": "http://ns.adobe.com/Graphs/1.0/", "ns_vars": "http://ns.adobe.com/Variables/1.0/",
    "ns_imrep": "http://ns.adobe.com/ImageReplacement/1.0/", "ns_sfw": "http://ns.adobe.com/SaveForWeb/1.0/",
    "ns_custom": "http://ns.adobe.com/GenericCustomNamespace/1.0/", "ns_adobe_xpath": "http://ns.adobe.com/XPath/1.0/",
    "ns_flows": "http://ns.adobe.com/Flows/1.0/", "ns_svg": "http://www.w3.org/2000/svg",
    "ns_xlink": "http://www.w3.org/1999/xlink",
}  # fmt: skip
_DTD = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"'
_AI = '<?xml version="1.0" encoding="utf-8"?>\n<!-- Generator: Adobe Illustrator 27.0, SVG Export Plug-In -->\n'


def samples() -> Iterator[Sample]:
    for kind, (make, why) in _KINDS.items():
        for number in range(EACH):
            dice = random.Random(f"{kind} {number}")  # variety, not secrets
            made = make(dice)
            content = made if isinstance(made, bytes) else made.encode()
            yield good(f"editors/{kind}-{number:02}", SVG, content, why)


def shapes(dice: random.Random) -> str:
    size = dice.randint(2, 90)
    return "".join(
        dice.choice((
            f'<rect width="{size}" height="9" fill="red"/>', f'<circle r="{size}"/>', f'<path d="M0 0h{size}v9z"/>',
            f'<g transform="rotate({size})"><path d="M1 1l2 2"/></g>', f'<text y="{size}">A (b) &amp; c</text>',
        ))
        for _ in range(dice.randint(1, 6))
    )  # fmt: skip


def drawing(dice: random.Random, inside: str = "", *, prolog: str = "", more: str = "") -> str:
    parts = [inside, shapes(dice)]
    if dice.randrange(2):
        parts.reverse()
    return f'{prolog}<svg {NS} {XLINK} viewBox="0 0 99 99" {more}>{"".join(parts)}</svg>'


def _illustrator(dice: random.Random) -> str:
    names = ["ns_ai", "ns_extend", "ns_graphs", *dice.sample(sorted(NAMESPACES), dice.randint(0, 8))]
    names = list(dict.fromkeys(names))
    dice.shuffle(names)
    quote = dice.choice("'\"")
    subset = "".join(f"\n\t<!ENTITY {name} {quote}{NAMESPACES[name]}{quote}>" for name in names)
    tag = dice.choice(("pgf", "aipgf"))
    own = (
        f'<switch><foreignObject requiredExtensions="&ns_ai;" x="0" y="0" width="1" height="1">'
        f'<i:{tag}Ref xlink:href="#adobe_illustrator_pgf"></i:{tag}Ref></foreignObject>'
        f'<g i:extraneous="self">{shapes(dice)}</g></switch>'
        f'<i:{tag} id="adobe_illustrator_pgf">{base64.b64encode(dice.randbytes(dice.randrange(900))).decode()}</i:{tag}>'
    )
    sfw = '<metadata><sfw xmlns="&ns_sfw;"><slices></slices></sfw></metadata>' if "ns_sfw" in names else ""
    prefixes = 'xmlns:x="&ns_extend;" xmlns:i="&ns_ai;" xmlns:graph="&ns_graphs;"'
    return drawing(dice, sfw + own, prolog=f"{_AI}{_DTD} [{subset}\n]>\n", more=prefixes)


def font(dice: random.Random) -> bytes:
    magic = dice.choice((b"OTTO", b"\0\1\0\0\0", b"wOFF\0\1\0\0", b"wOF2\0\1\0\0", b"true\0", b"ttcf\0\1"))
    return magic + dice.randbytes(dice.randint(20, 900))


def _fonts(dice: random.Random) -> str:
    kind = dice.choice((
        "", "application/octet-stream", "binary/octet-stream", "application/x-font-otf", "font/woff2",
        "application/vnd.oasis.opendocument.formula-template", "application/octet-stream;charset=utf-8",
    ))  # fmt: skip
    line = dice.choice(("", "\\\n"))
    quote = dice.choice(("'", '"'))
    url = f"{quote}data:{kind};base64,{line}{base64.b64encode(font(dice)).decode()}{quote}"
    face = f"@font-face{{font-family:'MyriadPro-Regular';src:url({url}){dice.choice(('', ' format("opentype")'))}}}"
    css = f"<![CDATA[{face}]]>" if dice.randrange(2) else face
    return drawing(dice, f'<style type="text/css">{css}</style>')


def _pictures(dice: random.Random) -> str:
    jpeg = dice.randrange(2)
    data = clip("jpg", "-frames:v 1") if jpeg else png()
    kind = dice.choice(("img/jpeg", "img/jpg", "image/x-jpeg")) if jpeg else dice.choice(("img/png", "image/x-png"))
    packed = base64.b64encode(data).decode()
    if dice.randrange(2):
        step = dice.randint(60, 76)
        packed = "\n".join(packed[at : at + step] for at in range(0, len(packed), step))
    name = dice.choice(("href", "xlink:href"))
    return drawing(dice, f'<image width="9" height="9" {name}="data:{kind};base64,{packed}"/>')


def _profiles(dice: random.Random) -> str:
    kinds = ("application/vnd.iccprofile", "application/octet-stream", "application/x-icc", "application/icc", "")
    kind = dice.choice(kinds)
    data = base64.b64encode(bytes(3) + dice.randbytes(dice.randint(9, 600))).decode()
    return drawing(dice, f'<defs><color-profile name="sRGB" xlink:href="data:{kind};base64,{data}"/></defs>')


def _names(dice: random.Random) -> str:
    layers = (
        "image (1)",
        "src(2)",
        "Image(copy)",
        "expression (3)",
        "cross-fade(a)",
        "url (4)",
        "a\\b @import (5)",
        "/*(6)",
    )
    one = dice.choice(layers)
    attribute = dice.choice(("id", "id", "class", "data-name", "data-figma-id", "name", "aria-label", "label", "title"))
    colour = dice.choice((' background="rgb(1,2,3)"', ' background="white"', ""))
    return drawing(dice, f'<g {attribute}="{one}"{colour}>{shapes(dice)}</g>')


def _unknown(dice: random.Random) -> str:
    name = dice.choice(
        ("description", "layer", "slices", "tool", "generator", "exportInfo", "customData", "page", "sfw")
    )
    inner = dice.choice(("Created with Sketch (http://www.bohemiancoding.com/sketch)", f"<{name} a='1'/>", "", "a (1)"))
    element = f'<{name} version="{dice.randint(1, 9)}">{inner}</{name}>'
    where = dice.choice(("metadata", "metadata", "defs", ""))
    return drawing(dice, f"<{where}>{element}</{where}>" if where else element)


def _extensions(dice: random.Random) -> str:
    one = dice.choice(("bw-fido2-page-script", "__gaOptOutExtension", "x", "webext-bridge"))
    space = dice.choice(("", ' xmlns=""', ' xmlns="http://www.w3.org/1999/xhtml"'))
    end = dice.choice(("/>", "></script>", ">\n</script>", "><![CDATA[ ]]></script>"))
    handler = dice.choice(("", '<g onclick="null"/>', '<g onmouseover="" onclick="null"/>'))
    return drawing(dice, f'<script{space} id="{one}"{end}{handler}')


def _handlers(dice: random.Random) -> str:
    names = dice.sample(("onclick", "onload", "onmouseover", "onmouseout", "onfocus"), dice.randint(1, 3))
    values = " ".join(f'{name}="{dice.choice(("null", "null", "undefined", "", "false"))}"' for name in names)
    return drawing(dice, f"<g {values}>{shapes(dice)}</g>")


def _says_utf16(dice: random.Random) -> bytes:
    said = dice.choice(("utf-16", "UTF-16", "utf-16"))
    mark = b"\xef\xbb\xbf" if dice.randrange(4) else b""
    quote = dice.choice("'\"")
    prolog = f"<?xml version={quote}1.0{quote} encoding={quote}{said}{quote}?>{dice.choice(('', chr(10)))}"
    return mark + drawing(dice, f"<title>Größe {dice.randint(1, 9)}</title>", prolog=prolog).encode()


def _windows(dice: random.Random) -> bytes:
    said = dice.choice(("windows-1252", "Windows-1252", "WINDOWS-1252", "cp1252"))
    text = "".join(dice.choice("äöüßéç€–—„“”’…©®™ abc") for _ in range(dice.randint(3, 60)))
    return drawing(dice, f"<text>{text}</text>", prolog=f'<?xml version="1.0" encoding="{said}"?>\n').encode("cp1252")


def _comments(dice: random.Random) -> str:
    mentions = (
        "<script> is not used",
        "<a href='javascript:x'>",
        "<foreignObject>",
        "<img onerror=x>",
        "onload=",
        "a > b",
    )
    said = [dice.choice(mentions) for _ in range(dice.randint(1, 4))]
    head = f"<!-- {dice.choice(mentions)} -->\n" if dice.randrange(2) else ""
    return drawing(dice, "".join(f"<!-- {text} -->" for text in said), prolog=head)


def _links(dice: random.Random) -> str:
    address = dice.choice((
        "https://example.org/", "http://example.org/a?b=1&amp;c=2#d", "mailto:ann@example.org?subject=a%20b",
        "HTTPS://EXAMPLE.ORG", "#part", " https://example.org/a ", "mailto:ann@example.org",
    ))  # fmt: skip
    name = dice.choice(("href", "xlink:href"))
    target = dice.choice(("", ' target="_blank"', ' target="_top"', ' xlink:title="a (b)"'))
    return drawing(dice, f'<a {name}="{address}"{target}>{shapes(dice)}</a>')


_KINDS: dict[str, tuple[Callable[[random.Random], str | bytes], str]] = {
    "illustrator-entities": (_illustrator, "Illustrator names its namespaces by entities"),
    "embedded-font": (_fonts, "editors embed fonts with no type or that of any bytes"),
    "picture-type": (_pictures, "Photoshop writes img/png"),
    "embedded-profile": (_profiles, "Inkscape embeds colour profiles, which no browser reads"),
    "names": (_names, "names of layers are no styles"),
    "unknown-elements": (_unknown, "browsers skip elements that they do not know"),
    "empty-script": (_extensions, "extensions of browsers leave empty scripts in saved drawings"),
    "handler-null": (_handlers, "a handler without code"),
    "says-utf16": (_says_utf16, ".NET says UTF-16 and writes UTF-8; browsers read UTF-8"),
    "windows-1252": (_windows, "programs for Windows"),
    "comments": (_comments, "comments may name any element"),
    "links": (_links, "a link is followed by a click only"),
}
