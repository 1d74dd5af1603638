"""Drawings that run a script when their text is pasted into a page, and drawings that take minutes to be drawn."""
# ruff: noqa: E501  # tables, where a case is one line

import base64
from collections.abc import Iterator

from testkit.corpus.bad_budgets import animated_png
from testkit.corpus.good_svg import NS, XLINK
from testkit.corpus.png_bytes import END, SIGNATURE, chunk, header, png
from testkit.corpus.sample import SVG, Sample, bad

_IMG = "<img src=x onerror=alert(1)>"
_ROOT = f'<svg {NS} {XLINK} width="1000" height="1000">'
_WHOLE = 'width="1000" height="1000"'

PASTED: dict[str, str] = {
    "instruction-before": f"<?x >{_IMG}?>{_ROOT}</svg>",
    "instruction-inside": f"{_ROOT}<?x >{_IMG}?></svg>",
    "instruction-behind": f"{_ROOT}</svg><?x >{_IMG}?>",
    "breakout-cdata": f'{_ROOT}<p xmlns="urn:x"><![CDATA[>{_IMG}]]></p></svg>',
    "font-cdata": f'{_ROOT}<font color="red"><![CDATA[>{_IMG}]]></font></svg>',
    "font-face-cdata": f'{_ROOT}<font FACE="x"><![CDATA[>{_IMG}]]></font></svg>',
    "title-cdata": f'{_ROOT}<title><x:y xmlns:x="urn:x"><![CDATA[>{_IMG}]]></x:y></title></svg>',
    "desc-cdata": f"{_ROOT}<desc><g><![CDATA[>{_IMG}]]></g></desc></svg>",
    "metadata-cdata": f'{_ROOT}<metadata><table xmlns="urn:x"><![CDATA[>{_IMG}]]></table></metadata></svg>',
    "after-title-cdata": f"{_ROOT}<title><x:y xmlns:x='urn:x'/></title><g><![CDATA[>{_IMG}]]></g></svg>",
    "foreign-title-cdata": f'{_ROOT}<title xmlns="urn:x"><y><![CDATA[>{_IMG}]]></y></title></svg>',
    "prefixed-root-cdata": f'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:style><![CDATA[>{_IMG}]]></s:style></s:svg>',
    "raw-text-comment": f"{_ROOT}<title><style><!--</style>{_IMG}--></style></title></svg>",
    "image-in-title": f'{_ROOT}<title><img xmlns="urn:x" src="https://evil.example/"/></title></svg>',
    "image-with-upper-case-src": f'{_ROOT}<title><image SRC="https://evil.example/"/></title></svg>',
    "meta-refresh": f'{_ROOT}<meta xmlns="urn:x" http-equiv="refresh" content="0;url=https://evil.example/"/></svg>',
    "form-in-desc": f'{_ROOT}<desc><form xmlns="urn:x" action="javascript:alert(1)"><button/></form></desc></svg>',
    "base-in-title": f'{_ROOT}<title><base xmlns="urn:x" href="https://evil.example/"/></title></svg>',
    "link-in-title": f'{_ROOT}<title><link xmlns="urn:x" rel="stylesheet" href="//evil.example"/></title></svg>',
    "video-in-desc": f'{_ROOT}<desc><video xmlns="urn:x" src="//evil.example/x"/></desc></svg>',
    "foreign-image": f'{_ROOT}<image xmlns="urn:x" href="https://evil.example/x.png"/></svg>',
    "comment-start": f"{_ROOT}<!-->{_IMG}--></svg>",
}  # fmt: skip


def _chain(tag: str, reference: str, extra: str = "", levels: int = 8, each: int = 10) -> str:
    parts = []
    for level in range(levels):
        below = f' {reference}="url(#a{level - 1})"' if level else ""
        parts.append(f'<{tag} id="a{level}" {extra}>{f"<rect {_WHOLE}{below}/>" * each}</{tag}>')
    return f'{"".join(parts)}<rect {_WHOLE} {reference}="url(#a{levels - 1})"/>'


def _filtered(primitives: str, times: int = 1, attributes: str = "") -> str:
    return f'<filter id="f" {attributes}>{primitives}</filter>' + f'<rect {_WHOLE} filter="url(#f)"/>' * times


def _data(picture: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"


_MARKERS = "".join(
    f'<marker id="m{n}"><path d="M0 0l9 9l9 0l0 9" marker-start="url(#m{n - 1})" marker-mid="url(#m{n - 1})" '
    f'marker-end="url(#m{n - 1})"/></marker>'
    for n in range(12)
)
_CLASSES = "".join(f".p{n}{{fill:url(#p{n})}}" for n in range(9))
_BY_CLASS = "".join(
    f'<pattern id="p{n}" width="9" height="9">{f"<rect {_WHOLE} class='p{n - 1}'/>" * 10}</pattern>' for n in range(9)
)
_HUGE = SIGNATURE + header(30_000, 30_000, 8, 6) + chunk(b"IDAT", b"") + END
_BLUR = '<feGaussianBlur stdDeviation="20"/>'
_FE_IMAGE = "".join(
    f'<filter id="f{n}"><feImage href="#g{n}"/></filter><g id="g{n}">{f"<rect {_WHOLE} filter='url(#f{n - 1})'/>" * 10}</g>'
    for n in range(8)
)

BOMBS: dict[str, str] = {
    "pattern": _chain("pattern", "fill", 'width="10" height="10" patternUnits="userSpaceOnUse"'),
    "stroke-pattern": _chain("pattern", "stroke", 'width="10" height="10"'),
    "mask": _chain("mask", "mask"),
    "clip": _chain("clipPath", "clip-path"),
    "marker": f'{_MARKERS}<path d="M0 0l9 9l9 9" marker-mid="url(#m11)" marker-end="url(#m11)"/>',
    "marker-per-vertex": f'<marker id="m">{"<rect/>" * 500}</marker><path marker-mid="url(#m)" d="M0 0{"l1 1" * 9000}"/>',
    "pattern-by-style": _chain("pattern", "fill").replace('fill="url(', 'style="stroke:none;fill:url(').replace('#a7)"/>', '#a7)"/>'),
    "pattern-by-class": f"<style>{_CLASSES}</style>{_BY_CLASS}<rect {_WHOLE} class='p8'/>",
    "pattern-by-any": f"<style>*{{fill:url(#p)}}</style><pattern id='p' width='9' height='9'>{'<rect/>' * 2000}</pattern>{'<g/>' * 900}",
    "pattern-by-escape": f"<style>.\\70 {{fill:u\\72l(#p)}}</style><pattern id='p'>{'<rect/>' * 2000}</pattern>{'<g/>' * 900}",
    "pattern-inherited": f"<pattern id='p'>{'<rect/>' * 2000}</pattern><g fill='url(#p)'>{f'<rect {_WHOLE}/>' * 900}</g>",
    "pattern-by-variable": f"<pattern id='p'>{'<rect/>' * 2000}</pattern><g style='--p:url(#p)'>{'<rect fill="var(--p)"/>' * 900}</g>",
    "pattern-by-href": "".join(
        f'<pattern id="p{n}" href="#p{n - 1}" width="9" height="9">{f"<rect fill='url(#p{n - 1})'/>" * 12}</pattern>' for n in range(9)
    ),
    "fe-image": f'{_FE_IMAGE}<rect {_WHOLE} filter="url(#f7)"/>',
    "filter-chain": _filtered(_BLUR * 60),
    "filter-many-steps": _filtered("<feOffset/>" * 3000),
    "filter-repeated": _filtered(_BLUR, 400),
    "filter-twice-in-one": f'<filter id="f">{_BLUR}</filter><rect {_WHOLE} style="filter:{"url(#f) " * 300}"/>',
    "filter-functions": f'<rect {_WHOLE} style="filter:{"blur(20px) " * 200}"/>',
    "filter-by-use": f'<filter id="f">{_BLUR}</filter><g id="g">{f"<rect {_WHOLE} filter='url(#f)'/>" * 30}</g>{"<use href='#g'/>" * 30}',
    "morphology": _filtered('<feMorphology operator="dilate" radius="300"/>' * 4),
    "turbulence": _filtered('<feTurbulence numOctaves="1000" baseFrequency=".05"/>'),
    "turbulence-repeated": _filtered('<feTurbulence numOctaves="9" baseFrequency=".05"/>', 30),
    "convolution": _filtered(f'<feConvolveMatrix order="99" kernelMatrix="{"1 " * 9801}"/>'),
    "blur-far": _filtered('<feGaussianBlur stdDeviation="999999"/>'),
    "embedded-png": f'<image {_WHOLE} xlink:href="{_data(_HUGE)}"/>',
    "embedded-png-untyped": f'<image {_WHOLE} xlink:href="{_data(_HUGE).replace("image/png", "")}"/>',
    "embedded-png-in-style": f"<style>svg{{background:url('{_data(_HUGE)}')}}</style>",
    "embedded-apng": f'<image {_WHOLE} href="{_data(animated_png(5, 9_900))}"/>',
    "embedded-in-filter": f'<filter id="f"><feImage href="{_data(_HUGE)}"/></filter><rect {_WHOLE} filter="url(#f)"/>',
}  # fmt: skip
_HIDDEN = {
    "php": png(before=chunk(b"tEXt", b"Comment\0<?php system('id'); ?>")),
    "page": png(before=chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")),
}


def drawing(body: str) -> bytes:
    return f"{_ROOT}{body}</svg>".encode()


def samples() -> Iterator[Sample]:
    for name, text in PASTED.items():
        yield bad(
            f"pasted/{name}", SVG, text.encode(), "active_content", "a page that contains its text runs or loads it"
        )
    for name, body in BOMBS.items():
        yield bad(f"heavy/{name}", SVG, drawing(body), "decompression_bomb", "it takes minutes to be drawn")
    for name, picture in _HIDDEN.items():
        yield bad(
            f"heavy/embedded-{name}", SVG, drawing(f'<image href="{_data(picture)}"/>'), "polyglot", "code in a picture"
        )
    text = drawing(f'<image href="{_data(b"<svg/>" * 20)}"/>')
    yield bad("heavy/embedded-drawing", SVG, text, "malformed|active_content", "no picture of an accepted type")
