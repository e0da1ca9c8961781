from __future__ import annotations

from xml.etree import ElementTree

from api.console.content import curve_drawing
from recovery.domain.clinical.bands import Band

HOURS = (6.0, 24.0, 168.0, 672.0)
BANDS = tuple(Band(p50=low, p90=low + 2, p97_5=low + 3.5) for low in (4, 2, 1, 0))
SVG = "{http://www.w3.org/2000/svg}"


def drawn(before: tuple[Band, ...] | None) -> ElementTree.Element:
    drawing = curve_drawing.draw_row("Redness <b>", hours=HOURS, bands=BANDS, before=before)
    return ElementTree.fromstring(str(drawing))  # noqa: S314  (drawn by us)


def kinds(drawing: ElementTree.Element) -> list[str]:
    return [one.get("class", "") for one in drawing]


def test_every_number_has_its_point_and_its_words() -> None:
    drawing = drawn(None)
    assert sum("knot" in kind for kind in kinds(drawing)) == 3 * len(HOURS)
    assert "curve-before" not in kinds(drawing)
    assert drawing.findtext(f"{SVG}title") == "Redness <b>"
    text = drawing.findtext(f"{SVG}desc") or ""
    assert text.startswith("Day 0: half 4, 9 in 10 6, 39 in 40 7.5. Day 1: half 2,")
    assert text.endswith("Day 28: half 0, 9 in 10 2, 39 in 40 3.5.")


def test_what_runs_is_dashed_where_it_differs_and_nowhere_else() -> None:
    assert "curve-before" not in kinds(drawn(BANDS))
    first = Band(p50=4, p90=7, p97_5=7.5)
    assert kinds(drawn((first, *BANDS[1:]))).count("curve-before") == 1
    points = [one for one in drawn(BANDS) if one.get("class") == "knot is-p90"]
    heights = [float(one.get("cy", "nan")) for one in points]
    assert heights == sorted(heights), "less is lower, and SVG counts downwards"
