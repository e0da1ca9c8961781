"""One symptom of a curve as it is drawn beside its numbers, over what runs now."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from api.console import course_chart, svg
from api.console.course_chart import HEIGHT, LEFT, Axis
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.chart_series import BandPoint
from recovery.domain.clinical.protocol import PERCENTILES
from recovery.domain.content import curve_text

PERCENTILE_NAMES = {"p50": "half", "p90": "9 in 10", "p97_5": "39 in 40"}
"""What share of normal healers report at most this, by percentile."""


def draw_row(
    name: str, *, hours: Sequence[float], bands: Sequence[Band], before: Sequence[Band] | None
) -> Markup:
    """The bands of one symptom, a point at each number. `before` is what runs, dashed where it differs."""
    axis = Axis(last_hour=hours[-1])
    drawing = svg.drawing("curve", title=name, text=describe_row(hours=hours, bands=bands), height=HEIGHT)
    svg.text(drawing, x=LEFT, y=17, text=name, kind="panel-name")
    corners = [BandPoint(hours=hour, band=band) for hour, band in zip(hours, bands, strict=True)]
    course_chart.draw_band(drawing, (BandPoint(hours=0, band=bands[0]), *corners), axis=axis)
    course_chart.draw_grid(drawing, axis)
    for key in PERCENTILES:
        scores = [getattr(band, key) for band in bands]
        if before is not None and (was := [getattr(band, key) for band in before]) != scores:
            _line(drawing, hours, was, axis=axis, kind="curve-before")
        _line(drawing, hours, scores, axis=axis, kind=f"curve-line is-{key}")
        for hour, score in zip(hours, scores, strict=True):
            place = {"cx": svg.number(axis.x(hour)), "cy": svg.number(course_chart.y(score)), "r": "2.4"}
            SubElement(drawing, "circle", {"class": f"knot is-{key}", **place})
    return svg.markup(drawing)


def describe_row(*, hours: Sequence[float], bands: Sequence[Band]) -> str:
    """The same in words, for those who cannot see it."""
    return " ".join(
        f"Day {name_day(hour)}: "
        + ", ".join(
            f"{share} {curve_text.figure(getattr(band, key))}" for key, share in PERCENTILE_NAMES.items()
        )
        + "."
        for hour, band in zip(hours, bands, strict=True)
    )


def name_day(hours: float) -> str:
    """The day of a knot; the evening of the treatment is day 0."""
    return f"{hours / 24:.0f}"


def _line(
    drawing: Element, hours: Sequence[float], scores: Sequence[float], *, axis: Axis, kind: str
) -> None:
    places = [(axis.x(hour), course_chart.y(score)) for hour, score in zip(hours, scores, strict=True)]
    SubElement(drawing, "path", {"class": kind, "d": svg.path(places)})
