"""The figures of the reader are tables on the page, and nothing of them is lost."""

from __future__ import annotations

from api.console.content import figure_tables
from api.console.content.figure_tables import FigureBlock
from config import content_files
from tests.api.console.conftest import Browser

PAGE = "# Title\n\nTwo\nlines.\n\n| a | b |\n|---|---|\n| 1 |  |\n| 2 | x (y) |\n\nEnd.\n"


def test_paragraphs_and_tables_come_in_their_order_without_the_title() -> None:
    assert list(figure_tables.read_blocks(PAGE)) == [
        FigureBlock(text="Two lines."),
        FigureBlock(heads=["a", "b"], rows=[["1", ""], ["2", "x (y)"]]),
        FigureBlock(text="End."),
    ]


def test_whoever_signs_reads_every_figure_in_a_table(director: Browser) -> None:
    shown = {cell.text.strip() for cell in director.page("/console/course/sign").every("td")}
    blocks = list(figure_tables.read_blocks(content_files.read_content_files().reader_figures))
    cells = {cell for block in blocks for row in block.rows for cell in row[1:]}
    assert len(cells) > 60
    assert cells <= shown
