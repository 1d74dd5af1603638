"""Style sheets and filters of drawings: which elements they concern, and how much work they are."""
# ruff: noqa: E501  # tables, where a case is one line

import pytest

from tests.unit.validator.formats.parsing import outcome, parser_of
from validator.formats.svg.filters import Canvas, Filter, enlarges, length
from validator.formats.svg.styles import StyleSheets, Use

SVG = parser_of("svg")
PATTERN = f"<pattern id='p'>{'<rect/>' * 2000}</pattern>"
BOMB, GOOD = "decompression_bomb", "image/svg+xml"


def drawing(body: str, attributes: str = "width='1000' height='1000'") -> bytes:
    return f"<svg xmlns='http://www.w3.org/2000/svg' {attributes}>{body}</svg>".encode()


def matched(css: str, tag: str = "rect", classes: str = "", identifier: str = "") -> list[Use]:
    sheets = StyleSheets()
    sheets.add(css)
    return [use for rule in sheets.matching(tag, frozenset(classes.split()), identifier) for use in rule.uses]


@pytest.mark.parametrize(
    ("css", "element"),
    [
        (".a{fill:url(#p)}", {"classes": "b a"}),
        ("rect.a.b{fill:url(#p)}", {"classes": "b a"}),
        ("g > #x{fill:url( '#p' )}", {"identifier": "x"}),
        ("@media print{rect:hover{fill:url(#p)}}", {}),
        ("svg|rect{fill:url(#p)}", {}),
        (":not(.b){fill:url(#p)}", {}),
        ("*{content:'}.x{';fill:url(#p)}", {}),
        ("*{a:'/*';fill:url(#p)} .x{b:'*/'}", {}),
        (".\\61{fill:url(#p)}", {"classes": "a"}),
        (".x{.y{fill:none} fill:url(#p)}", {"classes": "x"}),
    ],
)
def test_rule_concerns_the_element(css, element):
    """Also where a style sheet is written to be misread."""
    assert Use("fill", "p") in matched(css, **element)


@pytest.mark.parametrize("css", [".a{fill:url(#p)}", "#x{fill:url(#p)}", "circle{fill:url(#p)}", ".b.c{fill:url(#p)}"])
def test_rule_for_others_does_not_concern_the_element(css):
    assert matched(css, classes="b") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (f"{PATTERN}<g fill='url(#p)'>{'<path/>' * 400}</g>", GOOD),
        (f"{PATTERN}<g fill='url(#p)'>{'<path/>' * 600}</g>", BOMB),
        (f"{PATTERN}<g clip-path='url(#p)'>{'<path/>' * 600}</g>", GOOD),
        (f"{PATTERN}<style>path{{stroke:url(#p)}}</style>{'<path/>' * 600}", BOMB),
        (f"{PATTERN}<style>circle{{stroke:url(#p)}}</style>{'<path/>' * 600}", GOOD),
        (f"{PATTERN}<path fill='url(#p%20)' id='p '/>", GOOD),
        ("<pattern id='p'><rect fill='url(#p)'/></pattern><rect fill='url(#p)'/>", GOOD),
        ("<mask id='m' mask='url(#n)'/><mask id='n' mask='url(#m)'/><rect mask='url(#m)'/>", GOOD),
    ],
)
def test_work_of_references_is_bounded(body, said):
    assert outcome(SVG, drawing(body)) == said


@pytest.mark.parametrize(
    "attributes",
    ["", "viewBox='0 0 0 0'", "viewBox='0 0 1e999 1e-999'", "width='0'", "width='-5' height='1e400'", "viewBox='a b'",
     "width='1e-300' height='1e-300' viewBox='0 0 1e-300 1e-300'", "width='100%' height='5em'"],
)  # fmt: skip
def test_odd_sizes_of_a_drawing_are_survived(attributes):
    body = (
        "<filter id='f' filterUnits='userSpaceOnUse' width='1e999'><feOffset dx='1e999'/></filter><g filter='url(#f)'/>"
    )
    assert outcome(SVG, drawing(body, attributes)) in {GOOD, BOMB}


def test_region_in_user_units_counts_only_if_nothing_is_enlarged():
    canvas = Canvas(1000, 1000, 1.0)
    small = Filter(canvas, {"filterUnits": "userSpaceOnUse", "width": "10", "height": "10"})
    small.add("fegaussianblur", {})
    assert small.cost(0.25, zoomed=False) < 0.1
    assert small.cost(0.25, zoomed=True) > 10


@pytest.mark.parametrize(("transform", "said"), [("scale(2)", True), ("matrix(1 0 0 1 500 0)", False), ("rotate(90)", False),
                                                 ("translate(9) scale(.5)", False), ("scale(-3 1)", True)])  # fmt: skip
def test_enlarging_transformations_are_recognised(transform, said):
    assert enlarges(transform) is said


@pytest.mark.parametrize(
    ("text", "value"), [("10", 10), ("50%", 50), ("1in", 96), ("", None), ("auto", None), (None, None)]
)
def test_lengths_are_read(text, value):
    assert length(text, 100) == value
