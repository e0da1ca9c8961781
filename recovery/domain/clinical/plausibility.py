"""Which entries to ask about again: a slip of the finger looks unlike the band, unlike the last report
and unlike the other symptoms."""

from __future__ import annotations

from recovery.domain.clinical import banded_report, bands, symptoms, thresholds


def implausible_entries(
    observation: symptoms.Observation,
    *,
    before: symptoms.Observation | None,
    table: bands.BandTable,
    rule: thresholds.Plausibility,
    widen: float = 1.0,
) -> tuple[symptoms.Symptom, ...]:
    """The entries of a report that may be slips, whether confirmed or not, in the order of `Symptom`.

    `before` is the latest earlier report of the course; `widen` is how much more this skin reacts.
    """
    where = bands.locate_knot(table.hours, observation.hours)
    near = before if before and observation.hours - before.hours <= rule.within_hours else None
    unlikely, high = [], set()
    for symptom, score in observation.scores.items():
        row = table.bands.get(symptom)
        if row is None:
            continue
        _, p90, p97_5 = bands.interpolate_values(row, where)
        if symptom in banded_report.SCORED and score > p97_5 * widen:
            high.add(symptom)
        last = near.scores.get(symptom) if near else None
        if _unlike(score, last=last, p90=p90 * widen, top=p97_5 * widen, symptom=symptom, rule=rule):
            unlikely.append(symptom)
    return tuple(
        symptom
        for symptom in symptoms.Symptom
        if symptom in unlikely and len(high - {symptom}) < rule.agreeing
    )


def _unlike(
    score: float,
    *,
    last: float | None,
    p90: float,
    top: float,
    symptom: symptoms.Symptom,
    rule: thresholds.Plausibility,
) -> bool:
    if last is not None and abs(score - last) <= rule.same:
        return False
    if score >= max(top + rule.margins.get(symptom, symptoms.MAX_SCORE + 1), rule.least):
        return True
    if last is None:
        return False
    rose = (
        symptom in banded_report.SCORED and score >= rule.least and score - last >= rule.jump and score > p90
    )
    return rose or last - score >= rule.drop
