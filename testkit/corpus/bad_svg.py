"""SVG files with scripts, external loads or bombs, and files that are no SVG, plain and obfuscated (OWASP, cure53, DOMPurify)."""
# ruff: noqa: E501  # tables, where a case is one line

import base64
import gzip
from collections.abc import Iterator

from testkit.corpus.good_svg import NS, XLINK
from testkit.corpus.sample import SVG, Sample, bad

_JS = "javascript:alert(1)"
_BASE64 = base64.b64encode(f"<svg {NS}><script>alert(1)</script></svg>".encode()).decode()
_HTML_NS = 'xmlns="http://www.w3.org/1999/xhtml"'

ACTIVE: dict[str, str] = {
    "script": "<script>alert(1)</script>", "script-type": '<script type="text/ecmascript">alert(1)</script>',
    "script-cdata": "<script><![CDATA[alert(1)]]></script>", "script-href": '<script href="https://evil.example/x.js"/>',
    "script-xlink": '<script xlink:href="data:text/javascript,alert(1)"/>', "script-source": '<script src="//evil.example/x.js"/>',
    "script-newline": "<script\n>alert(1)</script\n>", "script-nested": "<g><g><script>alert(1)</script></g></g>",
    "script-in-defs": "<defs><script>alert(1)</script></defs>", "script-prefixed": "<s:script xmlns:s='http://www.w3.org/2000/svg'>"
    "alert(1)</s:script>", "script-xhtml": "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>alert(1)</x:script>",
    "script-default-xhtml": f"<script {_HTML_NS}>alert(1)</script>", "script-entity-text": "<script>&#97;lert(1)</script>",
    "script-in-metadata": "<metadata><script>alert(1)</script></metadata>", "script-in-title": "<title><script>alert(1)</script></title>",
    "script-vbs": '<script type="text/vbscript">MsgBox 1</script>', "script-module": '<script type="module">import("//evil")</script>', "script-comment": "<script><!-- alert(1) --></script>",
    "handler-namespace": '<handler xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load">alert(1)</handler>',
    "onload-child": '<g onload="alert(1)"/>', "onclick": '<rect onclick="alert(1)"/>', "onmouseover": '<path onmouseover="alert(1)"/>',
    "onbegin": '<animate onbegin="alert(1)" attributeName="x" dur="1s"/>', "onend": '<set onend="alert(1)"/>',
    "onfocusin": '<a tabindex="0" onfocusin="alert(1)"><text>x</text></a>', "onerror": '<image href="#x" onerror="alert(1)"/>',
    "onrepeat": '<animate onrepeat="alert(1)"/>', "onwheel": '<g onwheel="alert(1)"/>', "ontoggle": '<g ontoggle="alert(1)"/>',
    "onpointerrawupdate": '<g onpointerrawupdate="alert(1)"/>', "onactivate": '<g onactivate="alert(1)"/>',
    "onunknown": '<g onsomethingnew="alert(1)"/>', "on-prefixed": '<g xlink:onload="alert(1)"/>',
    "href-javascript": f'<a href="{_JS}"><text>x</text></a>', "xlink-javascript": f'<a xlink:href="{_JS}"><text>x</text></a>',
    "href-case": '<a href="JaVaScRiPt:alert(1)"><rect/></a>', "href-tab": '<a href="java&#9;script:alert(1)"><rect/></a>',
    "href-newline": '<a href="java&#10;script:alert(1)"><rect/></a>', "href-control": '<a href="&#x20;&#x9;javascript:alert(1)"><rect/></a>',
    "href-entity": '<a href="&#106;avascript:alert(1)"><rect/></a>', "href-hex": '<a href="&#x6A;&#x61;vascript&#58;alert(1)"><rect/></a>',
    "href-vbscript": '<a href="vbscript:msgbox(1)"><rect/></a>', "href-data-html": '<a href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;"/>',
    "href-data-html-base64": '<a xlink:href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=="><rect/></a>',
    "href-data-svg": f'<a href="data:image/svg+xml;base64,{_BASE64}"><rect/></a>', "href-blob": '<a href="blob:https://x/y"><rect/></a>',
    "animate-href": f'<a><animate attributeName="href" values="{_JS}"/><rect/></a>',
    "animate-xlink": f'<a id="a"><rect/></a><animate xlink:href="#a" attributeName="xlink:href" to="{_JS}" begin="0s"/>',
    "set-href": f'<a><set attributeName="href" to="{_JS}"/><rect/></a>', "set-xlink": f'<a><set attributeName="xlink:href" to="{_JS}"/></a>',
    "animate-from": f'<a><animate attributeName="href" from="{_JS}" to="&amp;"/></a>', "set-onload": '<set attributeName="onmouseover" to="alert(1)"/>',
    "animate-values-list": f'<a><animate attributeName="href" values="#x;{_JS};#y"/></a>', "animate-space": f'<a><animate attributeName=" href " to="{_JS}"/></a>',
    "animate-external": '<image href="#a"><animate attributeName="href" to="https://evil.example/x"/></image>',
    "foreign-object": f"<foreignObject><body {_HTML_NS}><img src='x' onerror='alert(1)'/></body></foreignObject>",
    "foreign-iframe": f'<foreignObject><iframe {_HTML_NS} src="{_JS}"/></foreignObject>',
    "foreign-harmless": f"<foreignObject><p {_HTML_NS}>text</p></foreignObject>", "foreign-empty": "<foreignObject/>",
    "iframe": f'<iframe {_HTML_NS} src="https://evil.example"/>', "iframe-svg": '<iframe src="https://evil.example"/>',
    "embed": f'<embed {_HTML_NS} src="x.swf"/>', "object": f'<object {_HTML_NS} data="x.swf"/>', "video": f'<video {_HTML_NS} src="//evil"/>',
    "form": f'<form {_HTML_NS} action="https://evil.example"><input name="p"/></form>', "meta-refresh": f'<meta {_HTML_NS} http-equiv="refresh" content="0"/>',
    "link-stylesheet": f'<link {_HTML_NS} rel="stylesheet" href="https://evil.example/x.css"/>', "html-img": f'<img {_HTML_NS} src="x" onerror="alert(1)"/>',
    "base": f'<base {_HTML_NS} href="https://evil.example/"/>', "html-style": f"<style {_HTML_NS}>@import '//evil';</style>",
    "use-external": '<use href="https://evil.example/x.svg#a"/>', "use-xlink-external": '<use xlink:href="//evil.example/x.svg#a"/>',
    "use-relative": '<use href="other.svg#a"/>', "use-data": f'<use href="data:image/svg+xml;base64,{_BASE64}#x"/>',
    "use-data-plain": "<use xlink:href=\"data:image/svg+xml,&lt;svg id='x' xmlns='http://www.w3.org/2000/svg'/&gt;#x\"/>",
    "image-http": '<image href="http://evil.example/x.png"/>', "image-https": '<image xlink:href="https://evil.example/x.png"/>',
    "image-protocol-less": '<image href="//evil.example/x.png"/>', "image-file": '<image xlink:href="file:///etc/passwd"/>',
    "image-unc": '<image xlink:href="\\\\evil.example\\share\\x.png"/>', "image-ftp": '<image href="ftp://evil.example/x"/>',
    "image-svg": f'<image href="data:image/svg+xml;base64,{_BASE64}"/>', "image-svg-plain": '<image href="data:image/svg+xml,%3Csvg/%3E"/>',
    "image-html": '<image href="data:text/html,&lt;script&gt;alert(1)&lt;/script&gt;"/>', "image-xml": '<image href="data:application/xml,&lt;a/&gt;"/>',
    "image-ephemeral": '<image xlink:href="ephemeral:x.png"/>', "image-msl": '<image xlink:href="msl:/tmp/x"/>', "image-text": '<image xlink:href="text:/etc/passwd"/>',
    "image-phar": '<image href="phar://x.jpg"/>', "fe-image": '<filter id="f"><feImage href="https://evil.example/x.svg"/></filter>',
    "fe-image-xlink": '<filter id="f"><feImage xlink:href="//evil.example/x"/></filter>', "pattern-external": '<pattern xlink:href="//evil/x.svg#p"/>',
    "gradient-external": '<linearGradient xlink:href="https://evil.example/g.svg#g"/>', "mpath-external": '<animateMotion><mpath href="//evil/x#p"/></animateMotion>',
    "textpath-external": '<text><textPath href="https://evil.example/x#p">x</textPath></text>', "cursor": '<cursor xlink:href="https://evil.example/x.cur"/>',
    "tref": '<text><tref xlink:href="https://evil.example/x#t"/></text>', "font-face-uri": '<font-face><font-face-src><font-face-uri xlink:href="//evil/x.svg#f"/></font-face-src></font-face>',
    "color-profile": '<color-profile xlink:href="https://evil.example/x.icc"/>', "animation-element": '<animation xlink:href="https://evil.example/x.svg"/>',
    "audio-element": '<audio xlink:href="https://evil.example/x.mp3"/>', "discard-then-script": "<discard/><script>alert(1)</script>",
    "fill-url": '<rect fill="url(https://evil.example/x#p)"/>', "filter-url": '<rect filter="url(//evil.example/x.svg#f)"/>', "mask-url": "<rect mask='url(\"http://evil.example/m.svg#m\")'/>",
    "clip-url": '<rect clip-path="url(data:image/svg+xml,x#c)"/>', "marker-url": '<path marker-end="url(https://evil.example/m#m)"/>', "cursor-url": '<g cursor="url(//evil.example/x)"/>',
    "style-url": '<rect style="fill:url(https://evil.example/x#p)"/>', "style-background": '<g style="background-image:url(//evil.example/x)"/>',
    "style-import": "<style>@import 'https://evil.example/x.css';</style>", "style-import-url": "<style>@import url(//evil.example/x.css);</style>",
    "style-import-escaped": "<style>@\\69mport '//evil.example/x.css';</style>", "style-url-escaped": "<style>a{fill:u\\72l(//evil.example/x)}</style>",
    "style-url-hex": "<style>a{fill:\\75 \\72 \\6c(//evil.example/x)}</style>", "style-url-case": "<style>a{fill:URL( '//evil.example/x' )}</style>",
    "style-comment": "<style>a{fill:url(/**/'//evil.example/x')} @im/**/port 'x'; @import/**/'//evil.example/y';</style>",
    "style-font-face": "<style>@font-face{font-family:x;src:url(https://evil.example/x.woff)}</style>", "style-image-set": "<style>a{background:image-set('//evil.example/x' 1x)}</style>",
    "style-expression": "<style>a{width:expression(alert(1))}</style>", "style-behavior": "<g style='behavior:url(x.htc)'/>", "style-binding": "<style>a{-moz-binding:url(//evil.example/x.xml#x)}</style>",
    "style-namespace-cdata": "<style><![CDATA[@import url('https://evil.example/x.css');]]></style>", "style-javascript": f"<style>a{{background:url({_JS})}}</style>",
    "style-attribute-escaped": r'<g style="background:\75rl(https://evil.example/x)"/>', "style-char-ref": "<style>a{fill:ur&#108;(//evil.example/x)}</style>",
    "style-entity-attribute": '<g style="fill:&#117;rl(https://evil.example/x)"/>', "style-file": '<g style="fill:url(file:///etc/passwd)"/>',
    "animate-fill-url": '<rect><animate attributeName="fill" values="url(//evil.example/x)"/></rect>', "set-style": '<rect><set attributeName="style" to="fill:url(//evil.example/x)"/></rect>',
    "xslt": "<xsl:stylesheet xmlns:xsl='http://www.w3.org/1999/XSL/Transform' version='1.0'/>", "xinclude": '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>',
    "xbl": '<b:binding xmlns:b="http://www.mozilla.org/xbl"/>', "math-link": '<math xmlns="http://www.w3.org/1998/Math/MathML" href="javascript:alert(1)">x</math>',
}  # fmt: skip
_ROOTS: dict[str, tuple[str, str]] = {
    "onload": (f'<svg {NS} onload="alert(1)"/>', "active_content"), "onload-case": (f'<svg {NS} ONLOAD="alert(1)"/>', "active_content"),
    "onload-single": (f"<svg {NS} onload='alert(1)'></svg>", "active_content"), "onunload": (f'<svg {NS} onunload="x()"/>', "active_content"),
    "pi-stylesheet": (f'<?xml-stylesheet href="https://evil.example/x.css"?><svg {NS}/>', "active_content"),
    "pi-xslt": (f'<?xml-stylesheet type="text/xsl" href="#x"?><svg {NS}/>', "active_content"),
    "pi-data": (f'<?xml-stylesheet href="data:text/css,x"?><svg {NS}/>', "active_content"),
    "pi-php": (f"<?xml version='1.0'?><?php system('id'); ?><svg {NS}/>", "polyglot|active_content|malformed"),
    "pi-php-inside": (f"<svg {NS}><?php system('id'); ?></svg>", "polyglot|active_content|malformed"),
    "html-after": (f"<svg {NS}/><script>alert(1)</script>", "malformed|active_content|polyglot"),
    "two-roots": (f"<svg {NS}/><svg {NS}/>", "malformed|polyglot"), "no-namespace": ("<svg><rect/></svg>", "malformed|unsupported_type"),
    "wrong-namespace": ('<svg xmlns="http://www.w3.org/1999/xhtml"/>', "malformed|unsupported_type|active_content"),
    "wrong-root": (f"<rect {NS}/>", "malformed|unsupported_type"), "upper-case-root": (f"<SVG {NS}/>", "malformed|unsupported_type"),
    "svg-in-html": (f"<html><body><svg {NS}/></body></html>", "malformed|unsupported_type|active_content"),
    "unclosed": (f"<svg {NS}><g></svg>", "malformed"), "cut-in-tag": (f"<svg {NS}><rect width=", "malformed"),
    "attribute-twice": (f'<svg {NS} width="1" width="2"/>', "malformed"), "no-quotes": (f"<svg {NS} width=1/>", "malformed"),
    "undefined-entity": (f"<svg {NS}><text>&nbsp;</text></svg>", "malformed|active_content"),
    "undefined-prefix": (f"<svg {NS}><x:y/></svg>", "malformed|active_content"), "null-byte": (f"<svg {NS}>\0</svg>", "malformed|unsupported_type"),
    "control-character": (f"<svg {NS}>\x01</svg>", "malformed|unsupported_type"), "stray-text": (f"hello <svg {NS}/>", "malformed|unsupported_type"),
    "xml-declaration-late": (f'<!-- x --><?xml version="1.0"?><svg {NS}/>', "malformed|unsupported_type"),
}  # fmt: skip
_LOLS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
_DOCTYPES = {
    "billion-laughs": f'<!DOCTYPE svg [<!ENTITY l0 "lol">{_LOLS}]><svg {NS}><text>&l8;</text></svg>',
    "quadratic": f'<!DOCTYPE svg [<!ENTITY a "{"a" * 50000}">]><svg {NS}><text>{"&a;" * 5000}</text></svg>',
    "xxe-file": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg {NS}><text>&x;</text></svg>',
    "xxe-http": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "https://evil.example/">]><svg {NS}><text>&x;</text></svg>',
    "xxe-parameter": f'<!DOCTYPE svg [<!ENTITY % x SYSTEM "https://evil.example/x.dtd"> %x;]><svg {NS}/>',
    "xxe-public": f'<!DOCTYPE svg [<!ENTITY x PUBLIC "a" "file:///etc/passwd">]><svg {NS}><text>&x;</text></svg>',
    "xxe-expect": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "expect://id">]><svg {NS}><text>&x;</text></svg>',
    "external-dtd": f'<!DOCTYPE svg SYSTEM "https://evil.example/x.dtd"><svg {NS}/>',
    "entity-script": f'<!DOCTYPE svg [<!ENTITY x "&#60;script&#62;alert(1)&#60;/script&#62;">]><svg {NS}>&x;</svg>',
    "entity-attribute": f'<!DOCTYPE svg [<!ENTITY x "javascript:alert(1)">]><svg {NS}><a href="&x;"><rect/></a></svg>',
    "attlist-onload": f'<!DOCTYPE svg [<!ATTLIST svg onload CDATA "alert(1)">]><svg {NS}/>',
    "attlist-xmlns": '<!DOCTYPE svg [<!ATTLIST svg xmlns CDATA "http://www.w3.org/2000/svg">]><svg><rect/></svg>',
    "attlist-href": f'<!DOCTYPE svg [<!ATTLIST a href CDATA "{_JS}">]><svg {NS}><a><rect/></a></svg>',
    "recursive": f'<!DOCTYPE svg [<!ENTITY a "&b;"><!ENTITY b "&a;">]><svg {NS}>&a;</svg>',
    "notation": f'<!DOCTYPE svg [<!NOTATION n SYSTEM "x"><!ENTITY e SYSTEM "//evil" NDATA n>]><svg {NS}/>',
}  # fmt: skip


def samples() -> Iterator[Sample]:
    for name, body in ACTIVE.items():
        content = f"<svg {NS} {XLINK}>{body}</svg>".encode()
        yield bad(
            f"svg/{name}",
            SVG,
            content,
            "active_content|malformed" if "phar" in name else "active_content",
            "runs a script or loads a resource",
        )
    for name, (text, reasons) in _ROOTS.items():
        yield bad(f"svg/{name}", SVG, text.encode(), reasons, "runs a script, loads a resource or is no SVG")
    for name, text in _DOCTYPES.items():
        reasons = "active_content|decompression_bomb|malformed"
        yield bad(f"svg/doctype-{name}", SVG, text.encode(), reasons, "declarations in a document type")
    yield from _disguised()
    yield from _excessive()


def _disguised() -> Iterator[Sample]:
    """Yields the same script in each encoding that a parser may read."""
    evil = f"<svg {NS}><script>alert(1)</script></svg>"
    any_reason = "active_content|malformed|unsupported_type"
    for encoding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-7", "cp037", "cp500", "utf-16", "utf-32"):
        declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-le").removesuffix("-be")}"?>{evil}'
        yield bad(f"svg/encoded-{encoding}", SVG, evil.encode(encoding), any_reason, "a script in another encoding")
        yield bad(f"svg/declared-{encoding}", SVG, declared.encode(encoding), any_reason, "a script, encoding declared")
    for name, mark in {"le": b"\xff\xfe", "be": b"\xfe\xff"}.items():
        yield bad(f"svg/marked-utf-16-{name}", SVG, mark + evil.encode(f"utf-16-{name}"), any_reason, "with a mark")
    seven = f'<?xml version="1.0" encoding="utf-7"?><svg {NS}>+ADw-script+AD4-alert(1)+ADw-/script+AD4-</svg>'
    yield bad("svg/smuggled-utf-7", SVG, seven.encode(), any_reason, "a script for parsers that know UTF-7")
    for encoding in (
        "iso-2022-jp",
        "iso-2022-kr",
        "hz-gb-2312",
        "shift_jis",
        "gbk",
        "x-user-defined",
        "utf-7",
        "cp037",
    ):
        text = f'<?xml version="1.0" encoding="{encoding}"?><svg {NS}><title>\x1b$B</title></svg>'
        yield bad(f"svg/says-{encoding}", SVG, text.encode(), any_reason, "the declared encoding hides what follows")
    lie = f'<?xml version="1.0" encoding="utf-16"?>{evil}'
    yield bad("svg/says-utf-16-is-utf-8", SVG, lie.encode(), any_reason, "encodings differ")
    yield bad("svg/overlong", SVG, evil.encode().replace(b"<script", b"\xc0\xbcscript"), any_reason, "overlong UTF-8")
    yield bad(
        "svg/invalid-utf-8", SVG, f"<svg {NS}><title>".encode() + b"\xff\xfe\x80</title></svg>", any_reason, "no UTF-8"
    )
    clean = f"<svg {NS}><rect/></svg>".encode()
    yield bad("svg/gzip", SVG, gzip.compress(clean, mtime=0), "unsupported_type", "SVGZ is compressed")
    yield bad("svg/gzip-script", SVG, gzip.compress(evil.encode(), mtime=0), "unsupported_type", "SVGZ is compressed")
    yield bad(
        "svg/script-far",
        SVG,
        f"<svg {NS}>{'<g/>' * 30000}<script>alert(1)</script></svg>".encode(),
        "active_content",
        "far",
    )
    comment = f"<!--{' ' * 70000}-->"
    yield bad("svg/script-after-comment", SVG, (comment + evil).encode(), "active_content", "far from the start")
    yield bad(
        "svg/onload-far",
        SVG,
        f"<svg {NS} class='{'a ' * 30000}' onload='x()'/>".encode(),
        "active_content",
        "far",
    )


def _excessive() -> Iterator[Sample]:
    limits = "malformed|decompression_bomb|active_content"
    deep = 100_000
    yield bad("svg/deep", SVG, f"<svg {NS}>{'<g>' * deep}{'</g>' * deep}</svg>".encode(), limits, "100,000 levels deep")
    many = " ".join(f'a{n}="1"' for n in range(200_000))
    yield bad("svg/attributes", SVG, f"<svg {NS} {many}/>".encode(), limits, "200,000 attributes of one element")
    uses = "".join(f'<g id="u{n}">{f"<use href='#u{n - 1}'/>" * 10}</g>' for n in range(1, 11))
    laughs = f'<svg {NS}><rect id="u0"/>{uses}<use href="#u10"/></svg>'
    yield bad("svg/use-laughs", SVG, laughs.encode(), limits, "ten thousand million rectangles by nested references")
