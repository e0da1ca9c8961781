"""Charts of the figures, drawn without a database."""

from __future__ import annotations

from api.console.clinic import figure_charts
from api.console.clinic.figure_charts import Bar


def test_a_line_has_a_gap_where_a_week_has_no_figure() -> None:
    points = [Bar(name=str(at), value=value, told=f"{value}") for at, value in enumerate([1, 2, None, 3, 1])]
    drawn = figure_charts.weeks(points, ident="x", title="X")
    assert drawn.count('class="figure-line"') == 2
    assert drawn.count("<circle") == 4
    assert "nothing yet" in figure_charts.weeks([], ident="x", title="X")


def test_columns_say_in_words_what_they_show() -> None:
    drawn = figure_charts.columns(
        [Bar(name="<b>", value=4, told="4"), Bar(name="none", value=None, told="–")], ident="x", title="X"
    )
    assert "&lt;b&gt;: 4. none: –." in drawn
    assert drawn.count("<rect") == 1
