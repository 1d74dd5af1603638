"""The chart of docs/cost.md: where the money goes, as an SVG of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 960, 24, 24, 84, 78, 34
# https://jfly.uni-koeln.de/color/, which people of every colour vision tell apart; with the ink that reads on each.
COLOURS = (
    ("#0072B2", "#ffffff"), ("#56B4E9", "#000000"), ("#E69F00", "#000000"), ("#D55E00", "#ffffff"),
    ("#009E73", "#ffffff"), ("#CC79A7", "#000000"), ("#F0E442", "#000000"), ("#000000", "#ffffff"),
    ("#999999", "#000000"),
)  # fmt: skip
SOURCES = "Shares of a month's bill. Prices and assumptions: tools/cost/prices.toml, tools/cost/assumptions.toml"
OPENING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title">'
LABELLED = 0.05  # a narrower part has no room for its share


@dataclass(frozen=True, slots=True)
class Bar:
    """One bill: its parts by group, in US dollars."""

    title: str
    parts: dict[str, float]


def svg(heading: str, bars: Sequence[Bar], groups: Sequence[str]) -> str:
    """Each bar is one bill, cut into its groups' shares."""
    legend_top = TOP + ROW * len(bars) + 8
    height = legend_top + 24 * -(-len(groups) // 5) + 16
    body = [
        f'<text x="{LEFT}" y="34" class="heading">{escape(heading)}</text>',
        f'<text x="{LEFT}" y="56">{escape(SOURCES)}</text>',
        *(part for number, bar in enumerate(bars) for part in _bar(bar, TOP + ROW * number, groups)),
        *_legend(groups, legend_top),
    ]
    style = (
        "text{font:14px system-ui,sans-serif;fill:#222}.heading{font-size:18px;font-weight:600}.total{font-weight:600}"
    )
    return "\n".join(
        [
            OPENING.format(width=WIDTH, height=height),
            f'<title id="title">{escape(heading)}: {escape("; ".join(map(_spoken, bars)))}</title>',
            f"<style>{style}</style>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *body,
            "</svg>\n",
        ]
    )


def _bar(bar: Bar, top: int, groups: Sequence[str]) -> list[str]:
    total = sum(bar.parts.values())
    drawn = [
        f'<text x="{LEFT}" y="{top + 16}">{escape(bar.title)}</text>',
        f'<text x="{WIDTH - RIGHT}" y="{top + 16}" text-anchor="end" class="total">${total:,.0f}</text>',
    ]
    x, width = float(LEFT), WIDTH - LEFT - RIGHT
    for group, (colour, ink) in zip(groups, COLOURS, strict=True):
        share = bar.parts.get(group, 0.0) / total
        drawn.append(
            f'<rect x="{x:.1f}" y="{top + 24}" width="{share * width:.1f}" height="{BAR}" fill="{colour}">'
            f"<title>{escape(group)}: ${share * total:,.2f}</title></rect>"
        )
        if share >= LABELLED:
            centre = x + share * width / 2
            drawn.append(
                f'<text x="{centre:.1f}" y="{top + 46}" text-anchor="middle" style="fill:{ink}">{share:.0%}</text>'
            )
        x += share * width
    return drawn


def _legend(groups: Sequence[str], top: int) -> list[str]:
    drawn = []
    for number, (group, (colour, _)) in enumerate(zip(groups, COLOURS, strict=True)):
        x, y = LEFT + number % 5 * 184, top + number // 5 * 24
        drawn.append(f'<rect x="{x}" y="{y}" width="14" height="14" fill="{colour}"/>')
        drawn.append(f'<text x="{x + 20}" y="{y + 12}">{escape(group)}</text>')
    return drawn


def _spoken(bar: Bar) -> str:
    return f"{bar.title} ${sum(bar.parts.values()):,.0f}"
