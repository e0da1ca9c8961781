"""A patient's course drawn over the expected band as SVG panels of days and scores, or as a spark in a row;
the same in words.

Every text goes through an XML writer, so nothing a patient or a catalogue says can become markup. Colours
come from the style sheet by class; what a colour says a shape says too: a circle lies within the band, a
diamond is higher than nine in ten, a triangle higher than 39 in 40.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from markupsafe import Markup

from api.console import svg
from recovery.domain.clinical import chart_series, symptoms
from recovery.domain.clinical.symptoms import MAX_SCORE, Symptom, WarningSign
from recovery.domain.content import score_wording
from recovery.services.read_models.chart_data import FIRST_WEEK, FOUR_WEEKS, ChartData

HEIGHT = 168
LEFT, RIGHT, TOP, BOTTOM = 30, 332, 36, 142
WEEK_SHARE = 0.74
"""How much of the width the first week takes where later reports are shown too."""

LANE = 17
MOST_SIGNS = 6
_LETTER = 6.1
"""Width of a letter of a label, in units of the drawing: enough for the widest common fonts."""

_SAID = {
    chart_series.BandPosition.WITHIN: "within the expected band",
    chart_series.BandPosition.HIGH: "higher than 9 in 10",
    chart_series.BandPosition.ABOVE: "higher than 39 in 40",
}


@dataclass(frozen=True, kw_only=True)
class Axis:
    """The time axis of all panels of one course: days up to 7, compressed up to 28 or 56 where needed."""

    last_hour: float
    left: float = LEFT
    right: float = RIGHT

    def x(self, hours: float) -> float:
        """Where a moment lies; what is before or after the axis lies on its end."""
        hours = min(max(hours, 0.0), self.last_hour)
        width = self.right - self.left
        if self.last_hour <= FIRST_WEEK:
            return self.left + width * hours / self.last_hour
        if hours <= FIRST_WEEK:
            return self.left + width * WEEK_SHARE * hours / FIRST_WEEK
        beyond = (hours - FIRST_WEEK) / (self.last_hour - FIRST_WEEK)
        return self.left + width * (WEEK_SHARE + (1 - WEEK_SHARE) * beyond)

    @property
    def days(self) -> tuple[int, ...]:
        """The days with a tick."""
        if self.last_hour <= FIRST_WEEK:
            return tuple(range(8))
        return (*range(8), 14, 28) if self.last_hour <= FOUR_WEEKS else (*range(8), 28, 56)


def y(score: float) -> float:
    """Where a score from 0 to 10 lies in a panel."""
    return BOTTOM - (BOTTOM - TOP) * score / MAX_SCORE


def panel(
    series: chart_series.SymptomSeries, *, course: ChartData, name: str, ident: str = "course"
) -> Markup:
    """One symptom: band, reported scores, days. `name` is the symptom in the reader's words, `ident` what
    tells the courses of one page apart."""
    axis = Axis(last_hour=course.last_hour)
    drawing = svg.drawing(
        f"{ident}-{series.symptom.value}", title=name, text=describe_series(series), height=HEIGHT
    )
    svg.text(drawing, x=LEFT, y=17, text=name, kind="panel-name")
    if series.points:
        last = series.points[-1]
        last_score_text = f"{_figure(last)} of 10 on day {symptoms.recovery_day(last.hours)}"
        kind = f"panel-last is-{last.standing.value}"
        svg.text(drawing, x=RIGHT, y=17, text=last_score_text, kind=kind, anchor="end")
    else:
        svg.text(drawing, x=RIGHT, y=17, text="not reported", kind="panel-last", anchor="end")
    draw_band(drawing, series.band, axis=axis)
    draw_grid(drawing, axis)
    for before in course.earlier:
        _earlier(drawing, before.points.get(series.symptom, ()), axis=axis)
    for hours in dict.fromkeys(mark.hours for mark in course.signs):
        svg.line(drawing, x1=axis.x(hours), y1=TOP, x2=axis.x(hours), y2=BOTTOM, kind="sign-line")
    _now(drawing, course, axis=axis, top=TOP, bottom=BOTTOM)
    _course(drawing, series.points, axis=axis)
    return svg.markup(drawing)


def marks_panel(course: ChartData, *, signs: Mapping[WarningSign, str], ident: str = "course") -> Markup:
    """Warning signs, texts and calls on the same days as the symptoms. `signs` names every sign."""
    axis = Axis(last_hour=course.last_hour)
    labels = [Label.of(mark, axis=axis, text=signs[mark.sign]) for mark in course.signs[:MOST_SIGNS]]
    left_out = len(course.signs) - len(labels)
    rows = sum(len(label.lines) for label in labels) + (1 if left_out or not labels else 0)
    bottom = max(BOTTOM, TOP + rows * LANE + (85 if course.photos else 56))
    drawing = svg.drawing(
        f"{ident}-marks",
        title="Warning signs, texts and calls",
        text=_marks_described(course, signs),
        height=bottom + HEIGHT - BOTTOM,
    )
    svg.text(drawing, x=LEFT, y=17, text="Warning signs", kind="panel-name")
    for day in axis.days:
        svg.line(drawing, x1=axis.x(day * 24), y1=TOP - 8, x2=axis.x(day * 24), y2=bottom, kind="grid")
    _now(drawing, course, axis=axis, top=TOP - 8, bottom=bottom)
    height = TOP + 4.0
    for label in labels:
        label.draw(drawing, height=height)
        height += LANE * len(label.lines)
    if left_out:
        more = f"and {left_out} more, in the table"
        svg.text(drawing, x=RIGHT, y=height + 4, text=more, kind="mark-name", anchor="end")
    if not labels:
        svg.text(drawing, x=LEFT + 4, y=height + 4, text="none reported", kind="mark-none")
    lanes = [("Calls", course.contacts, "contact-tick"), ("Texts", course.texts, "text-tick")]
    if course.photos:
        lanes.append(("Photos", course.photos, "photo-tick"))
    for number, (name, moments, kind) in enumerate(lanes):
        _lane(drawing, moments, axis=axis, bottom=bottom - LANE * 1.7 * number, name=name, kind=kind)
    _days(drawing, axis, bottom=bottom)
    return svg.markup(drawing)


@dataclass(frozen=True, kw_only=True)
class Label:
    """A warning sign's mark with its name in lines on the side that has room."""

    x: float
    to_right: bool
    lines: Sequence[str]
    text: str

    @classmethod
    def of(cls, mark: chart_series.SignMark, *, axis: Axis, text: str) -> Label:
        """The label of one sign; what follows a colon is left to the pointer, as is a third line."""
        x = axis.x(mark.hours)
        to_right = RIGHT - x >= x - LEFT
        room = int(((RIGHT - x if to_right else x - LEFT) - 12) / _LETTER)
        lines = textwrap.wrap(text.partition(":")[0], room, max_lines=2, placeholder=" …") or [""]
        return cls(x=x, to_right=to_right, lines=lines, text=text)

    def draw(self, drawing: Element, *, height: float) -> None:
        """The mark with its first line at this height."""
        corners = [(self.x, height - 6), (self.x + 6, height + 5), (self.x - 6, height + 5)]
        SubElement(drawing, "path", {"class": "sign-mark", "d": svg.path(corners) + "Z"})
        for number, line in enumerate(self.lines):
            label = svg.text(
                drawing,
                x=self.x + 10 if self.to_right else self.x - 10,
                y=height + 4 + number * (LANE - 3),
                text=line,
                kind="mark-name",
                anchor="start" if self.to_right else "end",
            )
            SubElement(label, "title").text = self.text


def spark(series: chart_series.SymptomSeries, *, ident: str, name: str) -> Markup:
    """The course of one symptom as small as a word, for a row of the queue. `ident` is unique on the page."""
    width, height = 150.0, 46.0
    end = max((one.hours for one in series.band), default=FIRST_WEEK)
    axis = Axis(last_hour=end, left=4, right=width - 6)
    drawing = svg.drawing(ident, title=name, text=describe_series(series), height=height, width=width)
    drawing.set("class", "spark")
    draw_band(
        drawing, series.band, axis=axis, scale=lambda score: height - 6 - (height - 12) * score / MAX_SCORE
    )
    svg.line(drawing, x1=axis.left, y1=height - 6, x2=axis.right, y2=height - 6, kind="axis")
    places = [
        (axis.x(point.hours), height - 6 - (height - 12) * point.middle / MAX_SCORE)
        for point in series.points
    ]
    if len(places) > 1:
        SubElement(drawing, "path", {"class": "course-line", "d": svg.path(places)})
    for place, point in zip(places, series.points, strict=True):
        _mark(drawing, *place, point=point, size=3.2)
    return svg.markup(drawing)


def describe_series(series: chart_series.SymptomSeries) -> str:
    """The same course in words, for those who cannot see it."""
    if not series.points:
        return "No score reported."
    sentences = (
        f"Day {symptoms.recovery_day(point.hours)}: {_figure(point)} of 10, {_SAID[point.standing]}"
        f"{', asked again' if point.asked_again else ''}."
        for point in series.points
    )
    return " ".join(sentences)


def _figure(point: chart_series.ChartPoint) -> str:
    """The score, or the scores that an answer in words stands for."""
    return score_wording.score_range(*(point.meant or (point.score, point.score)))


def _marks_described(course: ChartData, signs: Mapping[WarningSign, str]) -> str:
    sentences = [f"Day {symptoms.recovery_day(mark.hours)}: {signs[mark.sign]}." for mark in course.signs]
    sentences.append(f"Texts sent: {len(course.texts)}. Calls: {len(course.contacts)}.")
    if course.photos:
        sentences.append(f"Photos: {len(course.photos)}.")
    return " ".join(sentences)


def draw_band(
    drawing: Element,
    band: Sequence[chart_series.BandPoint],
    *,
    axis: Axis,
    scale: Callable[[float], float] = y,
) -> None:
    """Two tones up to p90 and p97.5 over a faint ground, and the line of p50."""
    if not band:
        return
    across = [one for one in band if one.hours <= axis.last_hour]
    xs = [axis.x(one.hours) for one in across]
    p50, p90, top = (
        [(x, scale(score)) for x, score in zip(xs, scores, strict=True)]
        for scores in (
            [one.band.p50 for one in across],
            [one.band.p90 for one in across],
            [one.band.p97_5 for one in across],
        )
    )
    ground = [(xs[0], scale(0)), (xs[-1], scale(0))]
    SubElement(drawing, "path", {"class": "band-under", "d": svg.path([*p50, *reversed(ground)]) + "Z"})
    SubElement(drawing, "path", {"class": "band-outer", "d": svg.path([*p90, *reversed(top)]) + "Z"})
    SubElement(drawing, "path", {"class": "band-inner", "d": svg.path([*p50, *reversed(p90)]) + "Z"})
    SubElement(drawing, "path", {"class": "band-middle", "d": svg.path(p50)})


def draw_grid(drawing: Element, axis: Axis) -> None:
    """Lines and figures of the scores and of the days."""
    for score in (0, 5, 10):
        svg.line(drawing, x1=LEFT, y1=y(score), x2=RIGHT, y2=y(score), kind="axis" if score == 0 else "grid")
        svg.text(drawing, x=LEFT - 6, y=y(score) + 4, text=str(score), kind="tick", anchor="end")
    _days(drawing, axis, bottom=BOTTOM)


def _days(drawing: Element, axis: Axis, *, bottom: float) -> None:
    svg.line(drawing, x1=LEFT, y1=bottom, x2=RIGHT, y2=bottom, kind="axis")
    for day in axis.days:
        x = axis.x(day * 24)
        svg.line(drawing, x1=x, y1=bottom, x2=x, y2=bottom + 4, kind="axis")
        svg.text(drawing, x=x, y=bottom + 18, text=str(day), kind="tick", anchor="middle")
    svg.text(drawing, x=LEFT - 8, y=bottom + 18, text="day", kind="tick", anchor="end")
    if axis.last_hour > FIRST_WEEK:
        x = axis.x(FIRST_WEEK)
        svg.line(drawing, x1=x, y1=TOP, x2=x, y2=bottom, kind="axis-break")


def _course(drawing: Element, points: Sequence[chart_series.ChartPoint], *, axis: Axis) -> None:
    places = [(axis.x(point.hours), y(point.middle)) for point in points]
    if len(places) > 1:
        SubElement(drawing, "path", {"class": "course-line", "d": svg.path(places)})
    for (x, height), point in zip(places, points, strict=True):
        _mark(drawing, x, height, point=point, size=5)
        if point.standing is not chart_series.BandPosition.WITHIN:
            svg.text(drawing, x=x, y=height - 9, text=_figure(point), kind="value", anchor="middle")


def _earlier(drawing: Element, points: Sequence[tuple[float, int]], *, axis: Axis) -> None:
    """The same symptom after an earlier session, faint, up to the end of this axis."""
    places = [(axis.x(hours), y(score)) for hours, score in points if hours <= axis.last_hour]
    if len(places) > 1:
        SubElement(drawing, "path", {"class": "earlier-line", "d": svg.path(places)})
    for x, height in places:
        mark = {"class": "earlier-point", "cx": svg.number(x), "cy": svg.number(height), "r": "2"}
        SubElement(drawing, "circle", mark)


def _mark(drawing: Element, x: float, height: float, *, point: chart_series.ChartPoint, size: float) -> None:
    kind = f"point is-{point.standing.value}" + (" is-asked" if point.asked_again else "")
    if point.standing is chart_series.BandPosition.WITHIN:
        SubElement(
            drawing,
            "circle",
            {"class": kind, "cx": svg.number(x), "cy": svg.number(height), "r": svg.number(size * 0.85)},
        )
        return
    if point.standing is chart_series.BandPosition.HIGH:
        corners = [(x, height - size), (x + size, height), (x, height + size), (x - size, height)]
    else:
        corners = [
            (x, height - size * 1.25),
            (x + size * 1.15, height + size * 0.8),
            (x - size * 1.15, height + size * 0.8),
        ]
    SubElement(drawing, "path", {"class": kind, "d": svg.path(corners) + "Z"})


def _lane(
    drawing: Element, moments: Sequence[float], *, axis: Axis, bottom: float, name: str, kind: str
) -> None:
    """Short strokes at the moments of texts or calls, under the name of the lane and their number."""
    svg.line(drawing, x1=LEFT, y1=bottom, x2=RIGHT, y2=bottom, kind="grid")
    svg.text(drawing, x=LEFT + 4, y=bottom - 13, text=f"{name}: {len(moments)}", kind="lane-name")
    for hours in moments:
        svg.line(drawing, x1=axis.x(hours), y1=bottom - 9, x2=axis.x(hours), y2=bottom, kind=kind)


def _now(drawing: Element, course: ChartData, *, axis: Axis, top: float, bottom: float) -> None:
    if 0 <= course.now <= course.last_hour:
        x = axis.x(course.now)
        svg.line(drawing, x1=x, y1=top, x2=x, y2=bottom, kind="now-line")


def panels(
    course: ChartData,
    *,
    names: Mapping[Symptom, str],
    signs: Mapping[WarningSign, str],
    ident: str = "course",
) -> list[Markup]:
    """All panels of a course, in the order of the symptoms, the marks after the first four."""
    drawn = [
        panel(series, course=course, name=names[series.symptom], ident=ident) for series in course.series
    ]
    return [*drawn, marks_panel(course, signs=signs, ident=ident)]
