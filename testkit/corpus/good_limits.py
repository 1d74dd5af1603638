"""Large and unusual files that real devices and programs write: they must stay within every limit."""
# ruff: noqa: E501  # tables, where a case is one line

import base64
import zlib
from collections.abc import Iterator

from testkit.corpus.bad_budgets import animated_png, animated_webp, shared_strip
from testkit.corpus.good_svg import NS, XLINK
from testkit.corpus.isobmff_bytes import box, data_track, film, ftyp, full
from testkit.corpus.jpeg_bytes import exif, jpeg, mpf, picture, segment, with_segments
from testkit.corpus.png_bytes import END, SIGNATURE, chunk, gif, header, lzw, png, saved
from testkit.corpus.sample import GIF, JPEG, MOV, PNG, SVG, TIFF, WEBP, Sample, good

_ROOT = f'<svg {NS} {XLINK} width="1000" height="800" viewBox="0 0 1000 800">'
_SHADOW = (
    '<feFlood flood-opacity="0" result="b"/><feColorMatrix in="SourceAlpha" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 127 0"/>'
    '<feOffset dy="4"/><feGaussianBlur stdDeviation="2"/><feComposite in2="h" operator="out"/>'
    '<feColorMatrix values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0.25 0"/><feBlend in2="b" result="e"/>'
    '<feBlend in="SourceGraphic" in2="e" result="shape"/>'
)
_JPEG = "data:image/jpeg;base64," + base64.b64encode(jpeg()).decode()
_WIDE = base64.b64encode(png(40, 30, level=9)).decode()


def _figma(count: int) -> str:
    cards = "".join(
        f'<g filter="url(#filter{n}_d)"><rect x="{n % 30 * 30}" y="{n // 30 * 60}" width="25" height="50" rx="8"/></g>'
        for n in range(count)
    )
    shadows = "".join(
        f'<filter id="filter{n}_d" x="{n % 30 * 30 - 4}" y="{n // 30 * 60}" width="33" height="58" '
        f'filterUnits="userSpaceOnUse" color-interpolation-filters="sRGB">{_SHADOW}</filter>'
        for n in range(count)
    )
    return f"{cards}<defs>{shadows}</defs>"


_DRAWINGS: dict[str, str] = {
    "figma-300-shadows": _figma(300),
    "inkscape-300-blurs": '<filter id="b" x="-.2" y="-.2" width="1.4" height="1.4"><feGaussianBlur stdDeviation="3.2"/></filter>'
    + '<path style="fill:#a00;filter:url(#b)" d="m 10,10 c 3,4 5,6 9,9 z"/>' * 300,
    "matplotlib-30000-points": '<defs><path id="m" d="M0 3C0.8 3 1.5 2.6 2.1 2.1"/><clipPath id="p"><rect width="1000" height="800"/></clipPath>'
    '</defs><g clip-path="url(#p)">' + '<use xlink:href="#m" x="1" y="2" style="fill:#1f77b4;stroke:#1f77b4"/>' * 30_000 + "</g>",
    "gradients-5000": "".join(f'<linearGradient id="g{n}">{"<stop/>" * 20}</linearGradient>' for n in range(50))
    + "".join(f'<path fill="url(#g{n % 50})" d="M0 0h9"/>' for n in range(5000)),
    "map-hatched": '<pattern id="h" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 0l4 4"/></pattern><g fill="url(#h)">'
    + '<path d="M0 0h9v9z"/>' * 8000 + "</g>",
    "class-hatched": '<style type="text/css">.st0{fill:url(#h);} .st1{fill:url(#g);stroke:#000} .st0:hover{fill:red}</style>'
    '<pattern id="h" width="4" height="4"><path d="M0 0l4 4"/></pattern>' + '<rect class="st0 big"/><path class="st1" d="M0 0"/>' * 9000,
    "route-with-markers": f'<marker id="m" orient="auto"><circle r="2"/></marker><path marker-mid="url(#m)" d="M0 0{"l1.5 2.5" * 20_000}"/>',
    "illustrator-masks": '<mask id="k"><rect width="1000" height="800" fill="#fff"/></mask>' + '<g mask="url(#k)"><path d="M0 0"/></g>' * 200,
    "noise": '<filter id="n"><feTurbulence type="fractalNoise" baseFrequency=".65" numOctaves="3" stitchTiles="stitch"/>'
    '<feColorMatrix type="saturate" values="0"/></filter><rect width="100%" height="100%" filter="url(#n)" opacity=".4"/>',
    "outlined-text": '<filter id="o"><feMorphology operator="dilate" radius="2"/><feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge>'
    '</filter><text filter="url(#o)" x="9" y="40">Outline</text>',
    "css-shadow": "<style>.card{filter:drop-shadow(0 2px 4px rgb(0 0 0/.4))}</style>" + '<rect class="card" width="90" height="60"/>' * 40,
    "embedded-photo": f'<image width="900" height="700" xlink:href="{_JPEG}"/>' * 3,
    "embedded-escaped": f'<image width="90" height="70" href="data:image/png;base64,{_WIDE.replace("+", "%2B").replace("=", "")}"/>',
    "embedded-in-style": f"<style>.a{{background:url(data:image/png;base64,{_WIDE})}}</style>",
    "embedded-nothing": '<image width="9" height="9" href="data:image/png;base64,"/>',
    "comment-about-script": "<!-- remove the <script> element and <foreignObject> before use: <!DOCTYPE html> <iframe> -->",
    "comment-of-illustrator": "<!-- Generator: Adobe Illustrator 27.0.0 <switch><foreignObject requiredExtensions=> </switch> -->",
    "xmp-instruction": '<metadata><?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"/>'
    '<?xpacket end="w"?></metadata>',
    "cdata-selectors": "<style><![CDATA[ .a > .b { fill: red } /* x > y */ ]]></style><rect class='b'/>",
    "cdata-markup-in-metadata": '<metadata><x:data xmlns:x="urn:x"><![CDATA[<layer name="a">1 > 0</layer>]]></x:data></metadata>',
    "rdf-in-title": '<title><rdf:li xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">a</rdf:li></title>',
    "svg-font": '<defs><font id="f" horiz-adv-x="500"><font-face font-family="f"/><glyph unicode="a" d="M0 0"/></font></defs>',
}  # fmt: skip


def samples() -> Iterator[Sample]:
    for name, body in _DRAWINGS.items():
        yield good(f"limits/svg-{name}", SVG, f"{_ROOT}{body}</svg>".encode(), "as programs and people make them")
    yield from _pictures()
    yield from _films()


def _pictures() -> Iterator[Sample]:
    yield good("limits/jpeg-108-megapixels", JPEG, jpeg("L", (12_000, 9_000), quality=10), "a phone's largest photo")
    yield good("limits/jpeg-200-megapixels", JPEG, jpeg("L", (16_320, 12_240), quality=10), "a phone's largest photo")
    thumbnail = jpeg(size=(160, 120))
    inside = with_segments(jpeg(), segment(0xE1, exif(thumbnail=thumbnail)))
    length = len(inside) + len(mpf(first=0, second_at=0, second=0)) + 4
    listed = segment(0xE2, mpf(first=length, second_at=length, second=len(thumbnail)))
    yield good("limits/jpeg-previews", JPEG, with_segments(inside, listed) + thumbnail, "thumbnail and MPF preview")
    scans = jpeg(size=(1600, 1200), progressive=True)
    yield good("limits/jpeg-progressive", JPEG, scans, "ten scans")
    frame = b"," + b"\0\0\0\0\0\x02\0\x02\0" + b"\x08" + (b"\xff" + bytes(255)) * 2 + b"\0"
    screen = gif()[:6] + b"\0\x02\0\x02" + gif()[10:25]
    yield good("limits/gif-1000-frames", GIF, screen + frame * 1000 + b";", "a sticker of 512 x 512")
    assert lzw(1)
    yield good("limits/webp-300-frames", WEBP, animated_webp(300, 512), "a sticker of 512 x 512")
    yield good("limits/apng-100-frames", PNG, animated_png(100, 512), "a sticker of 512 x 512")
    yield good("limits/apng-part-frames", PNG, animated_png(300, 1000, own=40), "a screen recording: small changes")
    plan = SIGNATURE + header(20_000, 12_000, 1, 0) + chunk(b"IDAT", zlib.compress(bytes(2501 * 12_000), 9)) + END
    yield good("limits/png-240-megapixels", PNG, plan, "a scanned plan")
    yield good("limits/tiff-300-pages", TIFF, shared_strip(300, 2480, 3508), "a scan of 300 pages of A4 at 300 dpi")
    first = [picture((40, 30)).rotate(angle) for angle in range(3)]
    yield good("limits/apng-pillow", PNG, saved(first[0], "PNG", save_all=True, append_images=first[1:]), "by Pillow")


def _films() -> Iterator[Sample]:
    empty = box(b"dinf", full(b"dref", b"\0\0\0\x01", full(b"alis", flags=1)))
    url = box(b"dinf", full(b"dref", b"\0\0\0\x01", full(b"url ", flags=1)))
    track = data_track(9, b"tmcd", b"tmcd", 40, 1).replace(url, empty)
    movie = film("mov").last(ftyp(b"qt  ", b"qt  "), extra=(track,))
    yield good("limits/mov-alias-to-itself", MOV, movie, "QuickTime's reference to the same file")
