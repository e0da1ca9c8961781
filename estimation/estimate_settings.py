"""How strongly a clinic's own reports may change the expected course, read from `config/estimate.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from recovery.domain.core import toml_reader


@dataclass(frozen=True, kw_only=True)
class CurveSettings:
    """How a curve is learnt; `config/estimate.toml` says what each figure is."""

    least_courses: int
    weight: float
    smooth: float
    slips: float
    widest: float


@dataclass(frozen=True, kw_only=True)
class SafetySettings:
    """How much a draft may lose on simulated complications, at all and for the same day, in points of 100."""

    courses: int
    seed: int
    points: float
    same_day_points: float


@dataclass(frozen=True, kw_only=True)
class EstimateSettings:
    """Everything that an estimate goes by."""

    curves: CurveSettings
    safety: SafetySettings


def parse(text: str) -> EstimateSettings:
    """The settings from their TOML. Raises `TomlError`, which names the line."""
    file = toml_reader.parse_toml(text)
    curves, safety = file.table("curves"), file.table("safety")
    settings = EstimateSettings(
        curves=CurveSettings(
            least_courses=curves.whole("least_courses", least=5),
            weight=curves.number("weight", least=1, most=10_000),
            smooth=curves.number("smooth", most=10_000),
            slips=curves.number("slips", least=0.001, most=0.1),
            widest=curves.number("widest", least=1, most=2),
        ),
        safety=SafetySettings(
            courses=safety.whole("courses", least=50, most=100_000),
            seed=safety.whole("seed"),
            points=safety.number("points", most=20),
            same_day_points=safety.number("same_day_points", most=20),
        ),
    )
    for table in (curves, safety, file):
        table.finish()
    return settings
