"""Harmless SVG drawings as exported by Illustrator, Inkscape, Figma and others."""
# ruff: noqa: E501  # tables, where a case is one line

import base64
from collections.abc import Iterator

from testkit.corpus.png_bytes import png
from testkit.corpus.sample import SVG, Sample, good

NS = 'xmlns="http://www.w3.org/2000/svg"'
XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
_BOX = 'viewBox="0 0 24 24"'
_DTD = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_PNG = "data:image/png;base64," + base64.b64encode(png()).decode()
_PATH = '<path d="M12 2 2 22h20z" fill="#c00" stroke="none"/>'

_FILES: dict[str, str] = {
    "minimal": f"<svg {NS}/>",
    "minimal-size": f'<svg {NS} width="10" height="10"></svg>',
    "icon": f"<svg {NS} {_BOX}>{_PATH}</svg>",
    "feather": f'<svg {NS} {_BOX} fill="none" stroke="currentColor" class="feather"><polyline points="1 2 3 4"/></svg>',
    "single-quotes": f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'>{_PATH}</svg>",
    "prolog-doctype": f"{_XML}\n{_DTD}\n<svg {NS} version='1.1' {_BOX}>{_PATH}</svg>\n",
    "svg10-doctype": f'{_XML}<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.0//EN" '
    f'"http://www.w3.org/TR/2001/REC-SVG-20010904/DTD/svg10.dtd"><svg {NS}>{_PATH}</svg>',
    "html5-doctype-free": f'<?xml version="1.0" standalone="no"?><svg {NS}>{_PATH}</svg>',
    "illustrator": f'<?xml version="1.0" encoding="utf-8"?>\n<!-- Generator: Adobe Illustrator 27.0.0, SVG Export Plug-In '
    f'. SVG Version: 6.00 Build 0)  -->\n<svg version="1.1" id="Layer_1" {NS} {XLINK} x="0px" y="0px" {_BOX} '
    'style="enable-background:new 0 0 24 24;" xml:space="preserve">\n<style type="text/css">\n\t.st0{fill:#FFFFFF;}\n'
    f"\t.st1{{font-family:'MyriadPro-Regular';}}\n</style>\n<g>{_PATH}</g>\n</svg>\n",
    "illustrator-cdata": f"<svg {NS}><style><![CDATA[.st0{{fill:url(#a);}} .st1 > path {{stroke:red}}]]></style>"
    f'<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs>{_PATH}</svg>',
    "inkscape": f"{_XML}\n<!-- Created with Inkscape (http://www.inkscape.org/) -->\n<svg {_BOX} {NS} {XLINK} "
    'xmlns:svg="http://www.w3.org/2000/svg" xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" '
    'xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:cc="http://creativecommons.org/ns#" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" sodipodi:docname="a.svg" inkscape:version="1.3 (0e150ed6c4)">'
    '<sodipodi:namedview pagecolor="#ffffff" inkscape:zoom="1"><inkscape:grid type="xygrid"/></sodipodi:namedview>'
    '<metadata><rdf:RDF><cc:Work rdf:about=""><dc:format>image/svg+xml</dc:format>'
    '<dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/><dc:title>x</dc:title>'
    '<cc:license rdf:resource="http://creativecommons.org/licenses/by/4.0/"/></cc:Work></rdf:RDF></metadata>'
    f'<g inkscape:label="Layer 1" inkscape:groupmode="layer" id="layer1">{_PATH}</g></svg>',
    "figma": f'<svg width="24" height="24" {_BOX} fill="none" {NS}><g clip-path="url(#clip0_1_2)" filter="url(#f)">{_PATH}'
    '</g><defs><clipPath id="clip0_1_2"><rect width="24" height="24" fill="white"/></clipPath><filter id="f" '
    'filterUnits="userSpaceOnUse" color-interpolation-filters="sRGB"><feFlood flood-opacity="0" result="b"/>'
    '<feGaussianBlur stdDeviation="2"/><feColorMatrix in="SourceAlpha" type="matrix" values="0 0 0 0 0"/>'
    '<feBlend mode="normal" in2="b" result="s"/></filter></defs></svg>',
    "figma-image": f'<svg {NS} {XLINK} {_BOX}><rect width="24" height="24" fill="url(#p)"/><defs><pattern id="p" '
    'patternContentUnits="objectBoundingBox" width="1" height="1"><use xlink:href="#i" transform="scale(0.1)"/></pattern>'
    f'<image id="i" width="32" height="24" xlink:href="{_PNG}"/></defs></svg>',
    "sketch": f'{_XML}<svg width="24px" height="24px" {_BOX} version="1.1" {NS} {XLINK}><!-- Generator: Sketch 63 - '
    f'https://sketch.com --><title>icon</title><desc>Created with Sketch.</desc><g id="Page-1">{_PATH}</g></svg>',
    "matplotlib": f'<?xml version="1.0" encoding="utf-8" standalone="no"?>\n{_DTD}\n<svg {XLINK} {_BOX} {NS} version="1.1">'
    '<metadata><rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#" '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><cc:Work><dc:creator><cc:Agent><dc:title>Matplotlib v3.8, '
    'https://matplotlib.org/</dc:title></cc:Agent></dc:creator></cc:Work></rdf:RDF></metadata><defs><style type="text/css">'
    '*{stroke-linejoin: round; stroke-linecap: butt}</style></defs><g id="figure_1"><defs><path id="m1" d="M 0 0"/></defs>'
    '<use xlink:href="#m1" x="1" y="2" style="stroke: #000000"/><clipPath id="p1"><rect/></clipPath></g></svg>',
    "graphviz": '<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"\n '
    f'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n<!-- Generated by graphviz version 9 -->\n<svg {NS} {XLINK}>'
    '<g id="graph0" class="graph"><title>a&#45;&gt;b</title><text text-anchor="middle">a &lt;b&gt; &amp;c</text></g></svg>',
    "potrace": '<?xml version="1.0" standalone="no"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 20010904//EN"\n '
    f'"http://www.w3.org/TR/2001/REC-SVG-20010904/DTD/svg10.dtd">\n<svg version="1.0" {NS}><metadata>\nCreated by potrace '
    f'1.16, written by Peter Selinger 2001-2019\n</metadata><g transform="scale(0.1,-0.1)">{_PATH}</g></svg>',
    "coreldraw": f'{_XML}{_DTD}<!-- Creator: CorelDRAW X7 --><svg {NS} xml:space="preserve" width="24mm" style="shape-'
    'rendering:geometricPrecision; text-rendering:geometricPrecision; fill-rule:evenodd" '
    'xmlns:xodm="http://www.corel.com/coreldraw/odm/2003"><defs><style type="text/css">\n   <![CDATA[\n    .fil0 '
    f'{{fill:#FEFEFE;fill-rule:nonzero}}\n   ]]>\n  </style></defs><metadata id="CorelCorpID_0Corel-Layer"/>{_PATH}</svg>',
    "smil-spinner": f'<svg {NS} {_BOX}><circle r="4"><animateTransform attributeName="transform" type="rotate" '
    'from="0 12 12" to="360 12 12" dur="1s" repeatCount="indefinite"/><animate attributeName="opacity" values="0;1" '
    'dur="1s" begin="0.5s"/></circle></svg>',
    "smil-motion": f'<svg {NS} {XLINK}><path id="p" d="M0 0L9 9"/><circle r="2"><animateMotion dur="2s"><mpath '
    'xlink:href="#p"/></animateMotion><set attributeName="fill" to="red" begin="1s"/></circle></svg>',
    "css-animation": f"<svg {NS} {_BOX}><style>@keyframes spin{{from{{transform:rotate(0)}}to{{transform:rotate(360deg)}}}}"
    f'.a{{animation:spin 1s linear infinite}}</style><g class="a">{_PATH}</g></svg>',
    "css-dark-mode": f"<svg {NS}><style>path{{fill:#000}}@media (prefers-color-scheme:dark){{path{{fill:#fff}}}}</style>"
    f"{_PATH}</svg>",
    "css-variables": f"<svg {NS}><style>:root{{--main: #333}} .a{{fill:var(--main);filter:url(#f)}}</style>{_PATH}</svg>",
    "text": f'<svg {NS}><text x="1" y="9" font-family="Helvetica, Arial, sans-serif">Click &amp; <tspan>go</tspan></text></svg>',
    "text-about-script": f"<svg {NS}><title>How to write javascript: onload, &lt;script&gt; and url()</title>"
    "<text>on load &lt;script&gt;alert(1)&lt;/script&gt; javascript:x</text></svg>",
    "text-path": f'<svg {NS}><path id="c" d="M0 0C9 9 9 9 9 0"/><text><textPath href="#c">round</textPath></text></svg>',
    "unicode": f"{_XML}<svg {NS}><title>Größe 東京 ☺ 𝄞</title><text>مرحبا</text></svg>",
    "prefixed": '<?xml version="1.0"?><svg:svg xmlns:svg="http://www.w3.org/2000/svg"><svg:rect width="9"/></svg:svg>',
    "nested": f'<svg {NS}><svg x="1" viewBox="0 0 1 1"><rect width="1" height="1"/></svg></svg>',
    "symbols": f'<svg {NS} {XLINK} style="display:none"><symbol id="a" {_BOX}>{_PATH}</symbol><use href="#a"/>'
    '<use xlink:href="#a" x="9"/></svg>',
    "gradients": f'<svg {NS} {XLINK}><defs><linearGradient id="a"><stop offset="0" stop-color="red"/></linearGradient>'
    '<radialGradient id="b" xlink:href="#a" gradientTransform="matrix(1 0 0 1 0 0)"/></defs><rect fill="url(#b)"/></svg>',
    "url-with-quotes": f"""<svg {NS}><rect fill="url('#b') none" mask='url("#m")'/></svg>""",
    "filters": f'<svg {NS}><filter id="t"><feTurbulence baseFrequency=".05"/><feDisplacementMap in="SourceGraphic" '
    'scale="5"/><feComponentTransfer><feFuncA type="table" tableValues="0 1"/></feComponentTransfer><feMerge>'
    '<feMergeNode in="x"/></feMerge></filter><rect filter="url(#t)"/></svg>',
    "markers-masks": f'<svg {NS}><marker id="m" orient="auto"><path d="M0 0"/></marker><mask id="k"><rect/></mask>'
    '<line marker-end="url(#m)" mask="url(#k)"/></svg>',
    "switch": f'<svg {NS}><switch><text systemLanguage="de">Hallo</text><text>Hello</text></switch></svg>',
    "accessible": f'<svg {NS} role="img" aria-labelledby="t" focusable="false" tabindex="-1" lang="en" data-name="Layer 1">'
    '<title id="t">x</title></svg>',
    "embedded-jpeg": f'<svg {NS} {XLINK}><image width="9" height="9" xlink:href="data:image/jpeg;base64,/9j/4AAQSkZJRg=="/>'
    "</svg>",
    "embedded-with-newlines": f'<svg {NS} {XLINK}><image xlink:href="{_PNG[:60]}\n{_PNG[60:]}" width="9" height="9"/></svg>',
    "whitespace-first": f"\n\n  <svg {NS}>{_PATH}</svg>",
    "carriage-returns": f"{_XML}\r\n<svg {NS}>\r\n{_PATH}\r\n</svg>\r\n",
    "comment-of-20-kb": f"{_XML}<!--{' licence text, see below. ' * 800}--><svg {NS}>{_PATH}</svg>",
    "comment-last": f"<svg {NS}>{_PATH}</svg>\n<!-- made on Monday -->\n",
    "data-island": f'<svg {NS}><metadata>{{"layers":[1,2]}}</metadata>{_PATH}</svg>',
    "character-references": f"<svg {NS}><text>&#x41;&#66;&lt;&quot;&apos;</text></svg>",
    "long-path": f'<svg {NS}><path d="M0 0{"l1.25-3.5" * 20000}z"/></svg>',
    "many-shapes": f"<svg {NS}>{"<circle cx='1' cy='2' r='3'/>" * 5000}</svg>",
    "fifty-deep": f"<svg {NS}>{'<g>' * 50}{_PATH}{'</g>' * 50}</svg>",
    "serif": f'{_XML}{_DTD}<svg width="100%" {_BOX} {NS} {XLINK} xml:space="preserve" xmlns:serif="http://www.serif.com/" '
    f'style="fill-rule:evenodd;"><g id="a" serif:id="Ebene 1">{_PATH}</g></svg>',
    "boxy": f'<svg {NS} xmlns:bx="https://boxy-svg.com"><defs><bx:grid x="0"/></defs>{_PATH}</svg>',
    "sketchpad-style": f'<svg {NS}><rect style="fill:rgb(0,0,255);stroke-width:3;opacity:.5;font:bold 12px sans-serif"/></svg>',
    "powerpoint": f'<svg width="96" height="96" {NS} {XLINK} overflow="hidden"><defs><clipPath id="clip0"><rect x="1"/>'
    f'</clipPath></defs><g clip-path="url(#clip0)" transform="translate(-1 -1)">{_PATH}</g></svg>',
    "blend": f'<svg {NS}><g style="mix-blend-mode:multiply;isolation:isolate"><rect/></g></svg>',
    "qr": f'{_XML}<svg {NS} shape-rendering="crispEdges"><path d="M4,4h7v1h-7z" stroke="#000"/></svg>',
    "d3-chart": f'<svg {NS} class="chart"><g class="tick" transform="translate(0,1)"><line y2="6"/><text dy="0.71em">1'
    "</text></g></svg>",
}


def samples() -> Iterator[Sample]:
    for name, text in _FILES.items():
        yield good(f"svg/{name}", SVG, text.encode(), "a drawing without anything active or external")
    bom = b"\xef\xbb\xbf"
    yield good("svg/bom", SVG, bom + f"{_XML}<svg {NS}>{_PATH}</svg>".encode(), "a byte order mark is allowed in UTF-8")
    latin = f'<?xml version="1.0" encoding="iso-8859-1"?><svg {NS}><title>Größe</title></svg>'
    yield good("svg/latin-1", SVG, latin.encode("iso-8859-1"), "old Illustrator declares and uses ISO 8859-1")
    ascii_only = f'<?xml version="1.0" encoding="us-ascii"?><svg {NS}>{_PATH}</svg>'
    yield good("svg/ascii", SVG, ascii_only.encode(), "US-ASCII, declared")
