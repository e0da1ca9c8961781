"""Reports held against a band that is the same for every symptom."""

from __future__ import annotations

from recovery.domain.clinical import banded_report, symptoms


def banded(
    hours: float, scores: tuple[float | None, ...] = (0, 0, 0, 0), *, p90: float = 2.0, top: float = 4.0
) -> banded_report.BandedReport:
    """`scores` in the order of `banded_report.SCORED`: redness, swelling, pain, itching."""
    return banded_report.BandedReport(
        hours=hours,
        day=symptoms.recovery_day(hours),
        scores=scores,
        p50=(0.0,) * 4,
        p90=(p90,) * 4,
        p97_5=(top,) * 4,
    )
