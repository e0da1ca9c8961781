from __future__ import annotations

from pathlib import Path

import pytest

from estimation import estimate_settings
from recovery.domain.core.toml_reader import TomlError

TEXT = (Path(__file__).resolve().parents[2] / "config" / "estimate.toml").read_text("utf-8")


def test_what_ships_can_be_read() -> None:
    settings = estimate_settings.parse(TEXT)
    assert settings.curves.widest == 1.4
    assert settings.safety.courses == 2000


@pytest.mark.parametrize(
    ("good", "bad"), [("widest = 1.4", "widest = 3"), ("points = ", "pionts = "), ("seed = 1", "seed = 1.5")]
)
def test_a_wrong_figure_is_refused_with_its_line(good: str, bad: str) -> None:
    with pytest.raises(TomlError, match=r"line \d+"):
        estimate_settings.parse(TEXT.replace(good, bad))
