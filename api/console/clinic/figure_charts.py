"""Small charts of the clinic's figures as SVG: columns, and a line over weeks.

A table says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from api.console import svg

HEIGHT = 150.0
LEFT, RIGHT, TOP, BOTTOM = 8.0, svg.WIDTH - 8, 26.0, 122.0
WIDEST = 46.0
"""A column is no wider than this, so that two do not look like walls."""

MOST_NAMED = 7
"""Weeks that are named below a line; more would run into each other."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One column or point: its name, how high, and that in words; None for nothing."""

    name: str
    value: float | None
    label: str


def columns(bars: Sequence[Bar], *, ident: str, title: str, top: float | None = None) -> Markup:
    """Columns side by side, each with its figure above and its name below.

    `top` is the value at full height; without it that of the highest.
    """
    drawing = svg.drawing(ident, title=title, text=_described(bars), height=HEIGHT)
    full = top or max((bar.value or 0 for bar in bars), default=0) or 1
    room = (RIGHT - LEFT) / max(1, len(bars))
    width = min(WIDEST, room * 0.7)
    for place, bar in enumerate(bars):
        middle = LEFT + room * (place + 0.5)
        height = (BOTTOM - TOP) * min(1.0, (bar.value or 0) / full)
        if height:
            shape = {"x": middle - width / 2, "y": BOTTOM - height, "width": width, "height": height}
            sizes = {name: svg.number(size) for name, size in shape.items()}
            SubElement(drawing, "rect", {"class": "column", "rx": "2", **sizes})
        svg.text(drawing, x=middle, y=BOTTOM - height - 6, text=bar.label, kind="figure", anchor="middle")
        svg.text(drawing, x=middle, y=BOTTOM + 17, text=bar.name, kind="column-name", anchor="middle")
    svg.line(drawing, x1=LEFT, y1=BOTTOM, x2=RIGHT, y2=BOTTOM, kind="axis")
    return svg.markup(drawing)


def weeks(points: Sequence[Bar], *, ident: str, title: str, top: float | None = None) -> Markup:
    """A line over weeks; one without a value leaves a gap. The last and the highest are written out."""
    drawing = svg.drawing(ident, title=title, text=_described(points), height=HEIGHT)
    full = top or max((point.value or 0 for point in points), default=0) or 1
    step = (RIGHT - LEFT - 40) / max(1, len(points) - 1)
    xs = [LEFT + 20 + step * place for place in range(len(points))]
    for share in (0.5, 1.0):
        height = BOTTOM - (BOTTOM - TOP) * share
        svg.line(drawing, x1=LEFT, y1=height, x2=RIGHT, y2=height, kind="grid")
    svg.line(drawing, x1=LEFT, y1=BOTTOM, x2=RIGHT, y2=BOTTOM, kind="axis")
    for run in _runs(points):
        places = [(xs[place], _height(points[place], full)) for place in run]
        if len(places) > 1:
            SubElement(drawing, "path", {"class": "figure-line", "d": svg.path(places)})
        for x, y in places:
            at = {"cx": svg.number(x), "cy": svg.number(y), "r": "2.6"}
            SubElement(drawing, "circle", {"class": "figure-point", **at})
    _written(drawing, points, xs=xs, full=full)
    every = -(-len(points) // MOST_NAMED) if points else 1
    for place in range(0, len(points), every):
        svg.text(
            drawing, x=xs[place], y=BOTTOM + 17, text=points[place].name, kind="column-name", anchor="middle"
        )
    return svg.markup(drawing)


def _written(drawing: Element, points: Sequence[Bar], *, xs: Sequence[float], full: float) -> None:
    shown = [place for place, point in enumerate(points) if point.value is not None]
    if not shown:
        svg.text(
            drawing, x=(LEFT + RIGHT) / 2, y=(TOP + BOTTOM) / 2, text="nothing yet", kind="figure",
            anchor="middle",
        )  # fmt: skip
        return
    highest = max(shown, key=lambda place: points[place].value or 0)
    for place in {highest, shown[-1]}:
        y = _height(points[place], full)
        svg.text(drawing, x=xs[place], y=y - 8, text=points[place].label, kind="figure", anchor="middle")


def _height(point: Bar, full: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * min(1.0, (point.value or 0) / full)


def _runs(points: Sequence[Bar]) -> list[list[int]]:
    """The places of points that follow each other without a gap."""
    runs: list[list[int]] = [[]]
    for place, point in enumerate(points):
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if run]


def _described(bars: Sequence[Bar]) -> str:
    return ". ".join(f"{bar.name}: {bar.label}" for bar in bars) + "." if bars else "Nothing yet."
