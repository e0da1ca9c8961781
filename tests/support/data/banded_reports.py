"""Reports held against a band that is the same for every symptom."""

from __future__ import annotations

from recovery.domain.clinical import banded_report, symptoms


def banded(
    hours: float,
    scores: tuple[float | None, ...] = (0, 0, 0, 0),
    *,
    p90: float = 2.0,
    top: float = 4.0,
    least: tuple[float | None, ...] | None = None,
    strongest: float = 10.0,
) -> banded_report.BandedReport:
    """`scores` in the order of `banded_report.SCORED`: redness, swelling, pain, itching; the others are 0
    where they are left out. `least` is what answers surely mean, the scores themselves where it is left out.
    """
    every = len(banded_report.SCORED)
    given = scores + (0.0,) * (every - len(scores))
    surely = given if least is None else least + (0.0,) * (every - len(least))
    return banded_report.BandedReport(
        hours=hours,
        day=symptoms.recovery_day(hours),
        scores=given,
        least=surely,
        p50=(0.0,) * every,
        p90=(p90,) * every,
        p97_5=(top,) * every,
        strongest=strongest,
    )
