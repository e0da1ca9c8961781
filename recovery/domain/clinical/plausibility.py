"""Which entries to ask about again: a slip of the finger looks unlike the band, unlike the last report
and unlike the other symptoms."""

from __future__ import annotations

from collections.abc import Collection

from recovery.domain.clinical import banded_report, symptoms, thresholds


def implausible_entries(
    look: banded_report.BandedReport,
    *,
    given: Collection[symptoms.Symptom],
    before: banded_report.BandedReport | None,
    given_before: Collection[symptoms.Symptom],
    rule: thresholds.Plausibility,
    widen: float = 1.0,
) -> tuple[symptoms.Symptom, ...]:
    """The entries of a report that may be slips, whether confirmed or not, in the order of `Symptom`.

    `given` are the symptoms that were answered, `before` is the latest earlier report of the course, in which
    `given_before` were; `widen` is how much more this skin reacts.
    """
    near = before if before and look.hours - before.hours <= rule.within_hours else None
    unlikely, high = set(), set()
    for index, symptom in enumerate(banded_report.SCORED):
        least = look.least[index]
        if symptom not in given or least is None:
            continue
        if index in banded_report.SPEAKING and least > look.p97_5[index] * widen:
            high.add(symptom)
        last = near.scores[index] if near and symptom in given_before else None
        if _unlike(look, index, last=last, widen=widen, rule=rule):
            unlikely.add(symptom)
    return tuple(
        symptom
        for symptom in symptoms.Symptom
        if symptom in unlikely and len(high - {symptom}) < rule.agreeing
    )


def _unlike(
    look: banded_report.BandedReport,
    index: int,
    *,
    last: float | None,
    widen: float,
    rule: thresholds.Plausibility,
) -> bool:
    score, least = look.scores[index], look.least[index]
    if score is None or least is None:
        return False
    if last is not None and abs(score - last) <= rule.same:
        return False
    margin = rule.margins.get(banded_report.SCORED[index], symptoms.MAX_SCORE + 1)
    if least >= max(look.p97_5[index] * widen + margin, rule.least):
        return True
    if last is None:
        return False
    high = look.p90[index] * widen
    speaks = index in banded_report.SPEAKING
    rose = speaks and least >= rule.least and score - last >= rule.jump and least > high
    return rose or last - score >= rule.drop
