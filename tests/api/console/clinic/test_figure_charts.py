"""Charts of the figures, drawn without a database."""

from __future__ import annotations

import re

from api.console.clinic import figure_charts
from api.console.clinic.figure_charts import Bar


def test_a_line_has_a_gap_where_a_week_has_no_figure() -> None:
    points = [Bar(name=str(at), value=value, label=f"{value}") for at, value in enumerate([1, 2, None, 3, 1])]
    drawn = figure_charts.weeks(points, ident="x", title="X")
    assert drawn.count('class="figure-line"') == 2
    assert drawn.count("<circle") == 4
    assert "nothing yet" in figure_charts.weeks([], ident="x", title="X")


def test_columns_say_in_words_what_they_show() -> None:
    drawn = figure_charts.columns(
        [Bar(name="<b>", value=4, label="4"), Bar(name="none", value=None, label="–")], ident="x", title="X"
    )
    assert "&lt;b&gt;: 4. none: –." in drawn
    assert drawn.count("<rect") == 1


def bars(*values: float | None) -> list[Bar]:
    return [Bar(name=f"w{place}", value=value, label=f"={value}") for place, value in enumerate(values)]


def heights_of(drawn: str) -> list[float]:
    """How high the columns are, as a share of the tallest there can be."""
    room = figure_charts.BOTTOM - figure_charts.TOP
    return [round(float(found) / room, 2) for found in re.findall(r'<rect[^>]* height="([\d.]+)"', drawn)]


def test_columns_are_as_high_as_their_share_of_the_highest_or_of_what_is_full() -> None:
    assert heights_of(figure_charts.columns(bars(2, 1, 0), ident="x", title="X")) == [1.0, 0.5]
    assert heights_of(figure_charts.columns(bars(2, 1), ident="x", title="X", top=4)) == [0.5, 0.25]
    assert heights_of(figure_charts.columns(bars(8), ident="x", title="X", top=4)) == [1.0], "none leaves it"
    assert heights_of(figure_charts.columns(bars(0, None), ident="x", title="X")) == []


def test_few_columns_are_no_walls_and_many_do_not_touch() -> None:
    def widths(count: int) -> list[float]:
        drawn = figure_charts.columns(bars(*[1.0] * count), ident="x", title="X")
        return [float(found) for found in re.findall(r'<rect[^>]* width="([\d.]+)"', drawn)]

    assert widths(2) == [figure_charts.WIDEST] * 2
    room = (figure_charts.RIGHT - figure_charts.LEFT) / 30
    assert all(width < room for width in widths(30))


def test_the_highest_and_the_last_point_are_written_out() -> None:
    drawn = figure_charts.weeks(bars(1, 9, 3, 2), ident="x", title="X")
    assert re.findall(r'class="figure"[^>]*>([^<]+)<', drawn) in (["=9", "=2"], ["=2", "=9"])
    rising = figure_charts.weeks(bars(1, 2, None), ident="x", title="X")
    assert re.findall(r'class="figure"[^>]*>([^<]+)<', rising) == ["=2"]


def test_of_many_weeks_only_some_are_named() -> None:
    for count, named in ((1, 1), (7, 7), (8, 4), (52, 7)):
        drawn = figure_charts.weeks(bars(*[1.0] * count), ident="x", title="X")
        names = re.findall(r'class="column-name"[^>]*>([^<]+)<', drawn)
        assert len(names) == named
        assert names[0] == "w0"


def test_a_chart_of_nothing_says_so() -> None:
    assert "Nothing yet." in figure_charts.columns([], ident="x", title="X")
    assert "nothing yet" in figure_charts.weeks(bars(None, None), ident="x", title="X")
