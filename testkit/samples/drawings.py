"""SVG drawings, valid and hostile, as bytes."""

import base64
import gzip

from testkit.samples import images

type Bad = tuple[bytes, str]

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_OPEN = f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}" viewBox="0 0 10 10">'
_PUBLIC = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
_PICTURE = base64.b64encode(images.png()).decode()
_AI = "http://ns.adobe.com/AdobeIllustrator/10.0/"


def svg(content: str = '<rect width="9" height="9"/>', prolog: str = "") -> bytes:
    return f"{prolog}{_OPEN}{content}</svg>".encode()


def valid() -> dict[str, bytes]:
    plain = svg()
    contents = {
        "gradient": '<defs><linearGradient id="g"><stop/></linearGradient></defs><path fill="url(#g)" d="M0 0"/>',
        "quoted reference": "<path d='M0 0' style='fill:url(\"#g\");stroke:url( #h )'/>",
        "use": '<symbol id="s"><path d="M0 0"/></symbol><use xlink:href="#s"/><use href="#s" x="5"/>',
        "animation": '<circle r="2"><animate attributeName="r" values="1;2" dur="1s" begin="click"/></circle>',
        "animated transformation": '<g><animateTransform attributeName="transform" type="rotate" from="0" to="9"/></g>',
        "style sheet": "<style>/* a */ .a:hover{fill:#f00;scroll-behavior:smooth} @media print{.a{fill:none}}</style>",
        "namespace in a style sheet": f"<style>@namespace svg url({SVG}); svg|a{{fill:red}}</style>",
        "style sheet in CDATA": "<style type='text/css'><![CDATA[.a > .b {fill:url(#g)}]]></style>",
        "embedded font": "<style>@font-face{font-family:a;src:url(data:font/woff2;base64,d09GMg==)}</style>",
        "embedded picture": f'<image xlink:href="data:image/png;base64,{_PICTURE}" width="9"/>',
        "embedded picture over several lines": f'<image href="data:image/png;base64,&#10; {_PICTURE}"/>',
        "embedded picture without a type": f'<image href="data:;base64,{_PICTURE}"/>',
        "filter": '<filter id="f"><feGaussianBlur stdDeviation="1"/><feBlend in2="a"/></filter><g filter="url(#f)"/>',
        "text": '<text x="1"><tspan>javascript: is &lt;script&gt; not run here</tspan></text><title>on load</title>',
        "data and aria": '<g data-url="https://a.example/(x)" aria-label="javascript:" role="img" only_selected="1"/>',
        "switch": '<switch><g systemLanguage="de"/><g/></switch>',
        "colour profile on the author's disk": '<color-profile name="a" xlink:href="file:///usr/share/color/a.icc"/>',
        "attribute that only looks like a handler": '<g onbbox="false"/>',
        "SVG font": '<font id="f"><font-face font-family="f"/><glyph unicode="a" d="M0 0"/></font>',
        "RDF": (
            '<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
            'xmlns:cc="http://creativecommons.org/ns#"><cc:Work rdf:about=""><cc:license '
            'rdf:resource="https://creativecommons.org/licenses/by/4.0/"/></cc:Work></rdf:RDF></metadata>'
        ),
        "Inkscape": (
            '<sodipodi:namedview xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" id="n" '
            'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" inkscape:zoom="1" '
            'inkscape:export-filename="/home/a/b.png"/><flowRoot xml:space="preserve"><flowPara>a</flowPara></flowRoot>'
        ),
        "Illustrator's own data": (
            f'<switch><foreignObject requiredExtensions="{_AI}" width="1" height="1">'
            f'<i:pgfRef xmlns:i="{_AI}" xlink:href="#p"/></foreignObject><g i:a="self" xmlns:i="{_AI}"/></switch>'
        ),
        "Illustrator's replaced image": (
            '<foreignObject requiredExtensions="http://ns.adobe.com/ImageReplacement/1.0/">'
            '<imageReplacement xmlns="http://ns.adobe.com/ImageReplacement/1.0/" width="1"/></foreignObject>'
        ),
        "use in a circle": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        "link to a page": '<a href="https://example.org/?a=1#b" target="_blank"><rect width="9"/></a>',
        "link to a mailbox": '<a xlink:href="mailto:ann@example.org"><text>Ann</text></a>',
        "name of a layer with brackets": '<g id="image (1)" class="src (2)" data-name="url(3)" name="expression (4)"/>',
        "colour as background": '<g background="rgb(1, 2, 3)"/>',
        "unknown elements": "<description>a (b)</description><metadata><layer x='1'><source/></layer></metadata>",
        "empty script of a browser extension": '<script id="page-script"/><script xmlns="" class="a"> </script>',
        "script with an empty CDATA section": "<script type='text/javascript'><![CDATA[ ]]></script>",
        "handler without code": '<g onclick="null" onload=""/>',
        "embedded font without a type": '<style>@font-face{src:url("data:;base64,\\\nT1RUTwADACA=")}</style>',
        "embedded font as bytes": "<style>@font-face{src:url(data:application/octet-stream;base64,AAEAAAAM)}</style>",
        "embedded picture of Photoshop": f'<image xlink:href="data:img/png;base64,{_PICTURE}" width="9"/>',
        "embedded colour profile": '<color-profile xlink:href="data:application/vnd.iccprofile;base64,AAAB2GxjbXM="/>',
        "deep": "<g>" * 200 + "</g>" * 200,
    }
    return {name: svg(content) for name, content in contents.items()} | {
        "plain": plain,
        "XML declaration": svg(prolog='<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n'),
        "byte order mark": b"\xef\xbb\xbf" + plain,
        "public document type": svg(prolog=f'<?xml version="1.0"?>{_PUBLIC}<!-- Created by hand -->'),
        "short document type": svg(prolog="<!DOCTYPE svg>"),
        "comments longer than the head": svg(prolog=f"<!-- {'a comment ' * 4000} -->"),
        "prefixed namespace": f'<s:svg xmlns:s="{SVG}"><s:rect width="9"/></s:svg>'.encode(),
        "leading blank lines": b"\n\n  " + plain,
        "blank lines behind": plain + b"\n\n",
        "UTF-16": svg(prolog='<?xml version="1.0" encoding="UTF-16"?>').decode().encode("utf-16"),
        "ISO-8859-1": svg("<title>f\xfcr</title>", '<?xml version="1.0" encoding="iso-8859-1"?>')
        .decode()
        .encode("latin-1"),
        "Windows-1252": svg("<title>1\u201320 \u20ac</title>", '<?xml version="1.0" encoding="windows-1252"?>')
        .decode()
        .encode("cp1252"),
        "UTF-8 that calls itself UTF-16": svg("<title>f\xfcr</title>", '<?xml version="1.0" encoding="utf-16"?>'),
        "addresses of namespaces as entities": svg(
            '<g xmlns:i="&ns_ai;" i:a="self"/>',
            f'<!DOCTYPE svg [<!-- a --><!ENTITY ns_ai "{_AI}"><!ENTITY ns_svg "{SVG}">]>',
        ),
        "addresses of namespaces as entities of other names": svg(
            '<g xmlns:dc="&dc;"/>',
            '<!DOCTYPE svg [<!ENTITY xlink "http://www.w3.org/1999/xlink"><!ENTITY dc "http://a.b/">]>',
        ),
        "XMP packet": svg('<metadata><?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><?xpacket end="w"?></metadata>'),
        "umlauts and emoji": svg("<text>für 🦊</text>"),
        "large": svg('<path d="M0 0L1 1"/>' * 20_000),
    }


_ACTIVE = {
    "script": "<script>alert(1)</script>",
    "script with a reference": '<script xlink:href="https://evil.example/a.js"/>',
    "script in a prefixed namespace": f'<x:script xmlns:x="{SVG}">alert(1)</x:script>',
    "script of blanks and a comment": "<script> <!-- a --></script>",
    "script with an element": "<script><g/></script>",
    "script with a CDATA section": "<script><![CDATA[ a() ]]></script>",
    "script with a source": '<script src="a.js"/>',
    "script with a source of XHTML": '<script xmlns="http://www.w3.org/1999/xhtml" src="a.js"/>',
    "empty script in a title": "<title><script/></title>",
    "unknown element in a description that HTML knows": '<desc><form action="a"/></desc>',
    "link to a script in an unknown element": '<layer href="javascript:alert(1)"/>',
    "picture of an unknown element": '<layer src="https://evil.example/a.png"/>',
    "background from elsewhere": '<g background="https://evil.example/a.png"/>',
    "profile from elsewhere as data": '<color-profile xlink:href="data:text/html,a"/>',
    "style: data without a type": "<style>@font-face{src:url(data:;base64,PHN2Zz4=)}</style>",
    "style: bytes that are no font": "<style>a{fill:url(data:application/octet-stream;base64,PHN2Zz4=)}</style>",
    "script of XHTML": '<script xmlns="http://www.w3.org/1999/xhtml">alert(1)</script>',
    "script without namespace": '<script xmlns="">alert(1)</script>',
    "script in capitals": "<SCRIPT>alert(1)</SCRIPT>",
    "handler element": '<handler type="text/ecmascript">alert(1)</handler>',
    "event attribute": '<rect onload="alert(1)"/>',
    "event attribute in capitals": '<rect OnClick="alert(1)"/>',
    "event attribute of an animation": '<animate onbegin="alert(1)" attributeName="x" dur="1s"/>',
    "event in the event namespace": '<rect xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load"/>',
    "foreignObject": "<foreignObject><p>a</p></foreignObject>",
    "foreignObject with a page": '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>',
    "foreignObject that looks like Illustrator's": (
        f'<foreignObject requiredExtensions="{_AI}"><img xmlns="http://www.w3.org/1999/xhtml" src="x"/></foreignObject>'
    ),
    "iframe": '<iframe src="https://evil.example"/>',
    "XHTML": '<img xmlns="http://www.w3.org/1999/xhtml" src="https://evil.example"/>',
    "MathML": '<math xmlns="http://www.w3.org/1998/Math/MathML"/>',
    "unknown element": '<video src="a.mp4"/>',
    "style sheet instruction": '<?xml-stylesheet href="https://evil.example/a.css"?>',
    "link to a script": '<a xlink:href="javascript:alert(1)"><rect width="9"/></a>',
    "link to a script, obfuscated": '<a href=" &#10;java&#10;scr&#9;ipt:alert(1)"/>',
    "link to a script by entities": '<a href="&#106;&#x61;vascript&colon;alert(1)"/>'.replace("&colon;", "&#58;"),
    "link to a page in a URL": '<a href="data:text/html;base64,PHNjcmlwdD4="/>',
    "use of another file": '<use href="https://evil.example/a.svg#x"/>',
    "use of a URL with a drawing": '<use href="data:image/svg+xml;base64,PHN2Zz4=#x"/>',
    "picture from elsewhere": '<image href="https://evil.example/a.png"/>',
    "picture from the same host": '<image href="/admin/delete"/>',
    "picture without scheme": '<image xlink:href="//evil.example/a.png"/>',
    "picture from a disk": '<image href="file:///etc/passwd"/>',
    "drawing as a picture": '<image href="data:image/svg+xml,&lt;svg/&gt;"/>',
    "filter from elsewhere": '<filter><feImage href="https://evil.example/a.png"/></filter>',
    "colour profile from elsewhere": '<color-profile name="a" xlink:href="https://evil.example/a.icc"/>',
    "colour profile without scheme": '<color-profile name="a" xlink:href="//evil.example/a.icc"/>',
    "changed base": '<g xml:base="https://evil.example/"><use href="#a"/></g>',
    "animated reference": '<a><animate attributeName="href" values="javascript:alert(1)"/></a>',
    "animated reference with a prefix": '<a><set attributeName="xlink:href" to="javascript:alert(1)"/></a>',
    "animated handler": '<rect><set attributeName="onclick" to="alert(1)"/></rect>',
    "animated script": '<a><animate attributeName="x" from="java&#10;script:alert(1)"/></a>',
    "style: import": "<style>@import url(https://evil.example/a.css);</style>",
    "style: import by a string": "<style>@import 'a.css';</style>",
    "style: import, escaped": "<style>@\\69 mport 'a.css';</style>",
    "style: import behind another element": "<style><x:style xmlns:x='a'/>@import 'a.css';</style>",
    "style: in capitals": "<STYLE>@import 'a.css';</STYLE>",
    "style: URL": "<style>.a{fill:url(https://evil.example/)}</style>",
    "style: URL, escaped": "<style>.a{fill:u\\72l(https://evil.example/)}</style>",
    "style: URL after a false comment": "<style>.a{fill:url(#/*)} .b{fill:url(//evil.example)/* */}</style>",
    "style: URL cut by comments": "<style>.a{fill:url(/**///evil.example)}</style>",
    "style: drawing in a URL": "<style>.a{fill:url('data:image/svg+xml,a')}</style>",
    "style: font from elsewhere": "<style>@font-face{src:url(https://evil.example/a.woff)}</style>",
    "style: image set": "<style>.a{background:image-set('https://evil.example/a.png' 1x)}</style>",
    "style attribute: URL": '<rect style="fill:url(https://evil.example/)"/>',
    "style attribute: expression": '<rect style="width:expression(alert(1))"/>',
    "style attribute: expression, commented": '<rect style="width:exp/**/ression(alert(1))"/>',
    "style attribute: behaviour": '<rect style="behavior:url(#a)"/>',
    "style attribute: binding": '<rect style="-moz-binding:url(#a)"/>',
    "style attribute: script": '<rect style="fill:url(javascript:alert(1))"/>',
    "attribute: URL": '<rect fill="url(https://evil.example/#a)"/>',
    "attribute: URL, escaped": '<rect fill="u\\000072l(https://evil.example/#a)"/>',
    "attribute: cursor": '<rect cursor="url(//evil.example/a.cur),auto"/>',
    "comment that HTML ends early": "<!--> <script>alert(1)</script> -->",
}
_BILLION = "".join(
    f'<g id="a{n}">{f"<use href=#a{n - 1}/>".replace("#", chr(34) + "#").replace("/>", chr(34) + "/>") * 10}</g>'
    for n in range(1, 12)
)


def hostile() -> dict[str, Bad]:
    plain = svg()
    entities = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    utf7 = b'<?xml version="1.0" encoding="UTF-7"?>+ADw-svg xmlns=+ACI-http://www.w3.org/2000/svg+ACI-/+AD4-'
    active = {name: svg(content) for name, content in _ACTIVE.items()} | {
        "event attribute of the root": plain.replace(b"viewBox", b'onload="alert(1)" viewBox'),
        "entities": svg("<text>&b;</text>", entities),
        "entity of another name": svg(prolog='<!DOCTYPE svg [<!ENTITY colon "http://a.example/">]>'),
        "entity that begins like a character": svg(prolog='<!DOCTYPE svg [<!ENTITY ltx "http://a.example/">]>'),
        "entity that is no address": svg(prolog='<!DOCTYPE svg [<!ENTITY ns_a "javascript:alert(1)">]>'),
        "entity with markup": svg(prolog='<!DOCTYPE svg [<!ENTITY ns_a "http://a/&#60;script/>">]>'),
        "entity as a style's address": svg(
            "<style>a{fill:url(&ns_a;)}</style>", '<!DOCTYPE svg [<!ENTITY ns_a "http://a.example/">]>'
        ),
        "entity as a picture's address": svg(
            '<image href="&ns_a;"/>', '<!DOCTYPE svg [<!ENTITY ns_a "http://a.example/">]>'
        ),
        "comment that ends the document type in HTML": svg(
            prolog='<!DOCTYPE svg [<!-- ><img src=x onerror=alert(1)> --><!ENTITY ns_a "http://a.example/">]>'
        ),
        "script that calls itself UTF-16": svg("<script>alert(1)</script>", '<?xml version="1.0" encoding="utf-16"?>'),
        "external entity": svg("<text>&x;</text>", '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        "parameter entity": svg(prolog='<!DOCTYPE svg [<!ENTITY % x SYSTEM "https://evil.example/a.dtd">%x;]>'),
        "attribute by document type": svg(prolog='<!DOCTYPE svg [<!ATTLIST svg onload CDATA "alert(1)">]>'),
        "foreign document type": svg(prolog='<!DOCTYPE svg SYSTEM "https://evil.example/a.dtd">'),
        "skipped entity": svg("<text>&evil;</text>", _PUBLIC),
        "UTF-16 script": svg("<script>alert(1)</script>").decode().encode("utf-16"),
        "UTF-7": utf7,
        "style sheet before the root": svg(prolog='<?xml version="1.0"?><?xml-stylesheet href="a.css"?>'),
    }
    malformed = {
        "cut": plain[:-9],
        "never closed": _OPEN.encode(),
        "mismatched": svg("<g></rect>"),
        "without namespace": b'<svg viewBox="0 0 1 1"><rect/></svg>',
        "wrong namespace": b'<svg xmlns="http://www.w3.org/1999/svg"/>',
        "attribute twice": svg('<g id="a" id="b"/>'),
        "control character": svg("<text>\x01</text>"),
        "not UTF-8": svg().replace(b"rect", b"rect\xff"),
        "too deep": svg("<g>" * 300 + "</g>" * 300),
        "too many elements": svg("<g/>" * 300_001),
        "too many attributes": svg("<g " + " ".join(f'a{n}="1"' for n in range(600)) + "/>"),
        "unbound prefix": svg("<x:g/>"),
    }
    unsupported = {
        "compressed": gzip.compress(plain),
        "UTF-16 without mark": plain.decode().encode("utf-16-le"),
        "UTF-32": plain.decode().encode("utf-32"),
        "other encoding": svg(prolog='<?xml version="1.0" encoding="Shift_JIS"?>'),
        "unknown encoding": svg(prolog='<?xml version="1.0" encoding="x-evil"?>'),
        "UTF-16 that calls itself UTF-8": svg(prolog='<?xml version="1.0" encoding="UTF-8"?>')
        .decode()
        .encode("utf-16"),
        "11 MB": svg(f"<text>{'a' * 11_000_000}</text>"),
    }
    polyglots = {
        "PHP behind": plain + b"<?php system('id'); ?>",
        "PHP in a comment": svg("<!-- <?php system('id'); ?> -->"),
        "PHP before": b"<?php system('id'); ?>" + plain,
        "short PHP": svg("<text><![CDATA[<?=`id`?>]]></text>"),
        "HTML behind": plain + b"<html><script>alert(1)</script></html>",
        "archive behind": plain + b"PK\x03\x04" + bytes(range(256)),
    }
    return (
        {name: (data, "active_content") for name, data in active.items()}
        | {name: (data, "malformed") for name, data in malformed.items()}
        | {name: (data, "unsupported_type") for name, data in unsupported.items()}
        | {name: (data, "polyglot") for name, data in polyglots.items()}
        | {"use bomb": (svg(f'<g id="a0"><rect/></g>{_BILLION}<use href="#a11"/>'), "decompression_bomb")}
    )
