from __future__ import annotations

import pathlib

from evaluation import protocol_chart
from recovery.domain.clinical import protocol

ROOT = pathlib.Path(__file__).parents[2]


def test_the_drawing_in_the_docs_is_that_of_the_shipped_protocol() -> None:
    text = (ROOT / "config/protocols/standard-2026-12.toml").read_text(encoding="utf-8")
    drawn = protocol_chart.svg(protocol=protocol.parse(text))
    assert (ROOT / "docs/curve.svg").read_text(encoding="utf-8") == drawn
