from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from api.console import course_chart
from api.console.course_chart import Axis
from recovery.domain.clinical import chart_series, symptoms
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.services.read_models.chart_data import EIGHT_WEEKS, FIRST_WEEK, FOUR_WEEKS, ChartData

SVG = "{http://www.w3.org/2000/svg}"
NAMES = {sign: sign.value for sign in WarningSign}
BAND = (
    chart_series.BandPoint(hours=0, band=Band(p50=5, p90=7, p97_5=9)),
    chart_series.BandPoint(hours=72, band=Band(p50=1, p90=2, p97_5=3)),
    chart_series.BandPoint(hours=FIRST_WEEK, band=Band(p50=0, p90=0, p97_5=1)),
)


def _read(drawing: str) -> Element:
    """The drawing as XML, which it has to be."""
    return ElementTree.fromstring(drawing)  # noqa: S314  (made by us a moment ago)


def _point(
    hours: float, score: int, standing: chart_series.BandPosition, *, asked: bool = False
) -> chart_series.ChartPoint:
    return chart_series.ChartPoint(hours=hours, score=score, standing=standing, asked_again=asked)


def test_an_answer_in_words_is_told_by_its_range() -> None:
    point = chart_series.ChartPoint(
        hours=30, score=9, standing=chart_series.BandPosition.ABOVE, meant=(8, 10)
    )
    panel = _panel(_course(point))
    said = [element.text for element in panel.iter() if element.text]
    assert "8-10 of 10 on day 1" in said
    assert "8-10" in said
    assert "Day 1: 8-10 of 10, higher than 39 in 40." in said


def _course(
    *points: chart_series.ChartPoint,
    signs: tuple[chart_series.SignMark, ...] = (),
    last_hour: float = FIRST_WEEK,
) -> ChartData:
    series = chart_series.SymptomSeries(symptom=Symptom.REDNESS, band=BAND, points=points)
    return ChartData(
        series=[series],
        signs=signs,
        texts=[24.0],
        contacts=[],
        photos=[],
        earlier=[],
        now=80.0,
        last_hour=last_hour,
    )


def _panel(course: ChartData, name: str = "Redness") -> Element:
    return _read(course_chart.panel(course.series[0], course=course, name=name))


def _classes(drawing: Element, kind: str) -> list[Element]:
    return [element for element in drawing.iter() if kind in (element.get("class") or "").split()]


def _corners(path: Element) -> list[tuple[float, float]]:
    pairs = (path.get("d") or "").strip("MZ").split("L")
    return [(float(pair.split()[0]), float(pair.split()[1])) for pair in pairs]


def test_a_score_at_p90_lies_on_the_edge_between_the_two_tones() -> None:
    drawing = _panel(_course(_point(72, 2, chart_series.BandPosition.WITHIN)))
    (mark,) = _classes(drawing, "point")
    place = (float(mark.get("cx") or 0), float(mark.get("cy") or 0))
    (inner,) = _classes(drawing, "band-inner")
    (outer,) = _classes(drawing, "band-outer")
    assert place in _corners(inner)
    assert place in _corners(outer)


def test_the_band_reaches_from_p50_over_p90_to_p97_5() -> None:
    drawing = _panel(_course())
    (inner,) = _classes(drawing, "band-inner")
    (outer,) = _classes(drawing, "band-outer")
    (middle,) = _classes(drawing, "band-middle")
    heights = {height for _, height in _corners(inner)}
    assert {round(height, 2) for height in heights} == {round(course_chart.y(s), 2) for s in (5, 1, 0, 7, 2)}
    assert min(height for _, height in _corners(outer)) == pytest.approx(course_chart.y(9), abs=0.01)
    assert [round(height, 2) for _, height in _corners(middle)] == [
        round(course_chart.y(score), 2) for score in (5, 1, 0)
    ]


def test_points_above_the_band_differ_in_shape_and_carry_their_score() -> None:
    drawing = _panel(
        _course(
            _point(24, 3, chart_series.BandPosition.WITHIN),
            _point(48, 4, chart_series.BandPosition.HIGH),
            _point(72, 8, chart_series.BandPosition.ABOVE),
        )
    )
    within, high, above = _classes(drawing, "point")
    assert within.tag == f"{SVG}circle"
    assert (len(_corners(high)), len(_corners(above))) == (4, 3)
    assert [value.text for value in _classes(drawing, "value")] == ["4", "8"]
    (last,) = _classes(drawing, "panel-last")
    assert last.text == "8 of 10 on day 3"


def test_a_drawing_is_told_in_words() -> None:
    course = _course(
        _point(24, 3, chart_series.BandPosition.WITHIN),
        _point(72, 8, chart_series.BandPosition.ABOVE, asked=True),
    )
    drawing = _panel(course)
    assert drawing.get("role") == "img"
    named = [
        element for element in drawing if element.get("id") in (drawing.get("aria-labelledby") or "").split()
    ]
    assert [element.text for element in named] == [
        "Redness",
        "Day 1: 3 of 10, within the expected band. Day 3: 8 of 10, higher than 39 in 40, asked again.",
    ]
    assert _classes(drawing, "is-asked")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "a & b ]]>"])
def test_hostile_names_stay_text(hostile: str) -> None:
    course = _course(signs=(chart_series.SignMark(hours=50, sign=WarningSign.PUS),))
    drawing = _panel(course, name=hostile)
    assert drawing.findtext(f"{SVG}title") == hostile
    marks = _read(course_chart.marks_panel(course, signs={**NAMES, WarningSign.PUS: hostile}))
    assert hostile in [title.text for title in marks.iter(f"{SVG}title")]
    for found in (drawing, marks):
        assert {element.tag for element in found.iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "title", "desc", "path", "line", "text", "circle")
        }


def test_nothing_is_styled_inline_and_everything_lies_within_the_drawing() -> None:
    points = [_point(hours, 10, chart_series.BandPosition.ABOVE) for hours in (-5.0, 0.0, 100.0, 900.0)]
    course = _course(*points, last_hour=FOUR_WEEKS)
    drawing = _panel(course)
    for element in drawing.iter():
        assert element.get("style") is None
        for name, most in (("x", 340), ("x1", 340), ("x2", 340), ("cx", 340), ("y", 168), ("y1", 168)):
            assert 0 <= float(element.get(name) or 0) <= most
    for mark in _classes(drawing, "point"):
        assert all(0 <= x <= 340 and 0 <= height <= 168 for x, height in _corners(mark))


def test_days_are_even_in_the_first_week_and_compressed_after_it() -> None:
    short, long, longest = (Axis(last_hour=end) for end in (FIRST_WEEK, FOUR_WEEKS, EIGHT_WEEKS))
    assert short.days == tuple(range(8))
    assert long.days == (*range(8), 14, 28)
    assert longest.days == (*range(8), 28, 56)
    for axis in (short, long, longest):
        places = [axis.x(day * 24) for day in range(8)]
        steps = {round(later - before, 6) for before, later in pairwise(places)}
        assert len(steps) == 1
    assert long.x(14 * 24) - long.x(13 * 24) < long.x(48) - long.x(24)
    assert long.x(FIRST_WEEK) < long.x(FIRST_WEEK + 1) < long.x(FOUR_WEEKS) == long.x(10_000)


def test_signs_stand_at_their_time_and_none_is_lost() -> None:
    every = tuple(chart_series.SignMark(hours=50, sign=sign) for sign in WarningSign)
    few = _read(course_chart.marks_panel(_course(signs=every[:2]), signs=NAMES))
    assert len(_classes(few, "sign-mark")) == 2
    assert Axis(last_hour=FIRST_WEEK).x(50) == pytest.approx(
        _corners(_classes(few, "sign-mark")[0])[0][0], abs=0.01
    )
    many = _read(course_chart.marks_panel(_course(signs=every), signs=NAMES))
    left = f"and {len(every) - 6} more"
    assert any(left in (text.text or "") for text in _classes(many, "mark-name"))
    told = many.findtext(f"{SVG}desc") or ""
    assert all(sign.value in told for sign in WarningSign)
    assert len(_classes(many, "text-tick")) == 1


def test_a_long_name_is_told_in_lines_that_fit() -> None:
    name = "pus, or yellow or green fluid from the treated skin"
    course = _course(signs=(chart_series.SignMark(hours=80, sign=WarningSign.PUS),))
    drawing = _read(course_chart.marks_panel(course, signs={**NAMES, WarningSign.PUS: name}))
    lines = [str(label.text) for label in _classes(drawing, "mark-name")]
    assert len(lines) == 2
    assert name.startswith(lines[0])
    assert all(len(line) * 6 < 340 - 30 for line in lines)


def test_a_small_curve_shows_the_same_marks() -> None:
    course = _course(
        _point(24, 3, chart_series.BandPosition.WITHIN), _point(72, 8, chart_series.BandPosition.ABOVE)
    )
    drawing = _read(course_chart.spark(course.series[0], ident="spark-1", name="Redness"))
    assert [mark.tag for mark in _classes(drawing, "point")] == [f"{SVG}circle", f"{SVG}path"]
    assert symptoms.recovery_day(72) == 3
    title = drawing.find(f"{SVG}title")
    assert title is not None
    assert title.get("id") == "spark-1-title"


def test_a_symptom_without_a_curve_or_a_score_is_drawn_all_the_same() -> None:
    bare = chart_series.SymptomSeries(symptom=Symptom.BRUISING, band=(), points=())
    drawing = _read(course_chart.panel(bare, course=_course(), name="Bruising"))
    assert _classes(drawing, "band-inner") == []
    assert [last.text for last in _classes(drawing, "panel-last")] == ["not reported"]
