"""Which entries to ask about again: a slip of the finger looks unlike the band and unlike the last report."""

from __future__ import annotations

from recovery.domain import bands, symptoms, thresholds


def doubtful(
    observation: symptoms.Observation,
    *,
    before: symptoms.Observation | None,
    table: bands.BandTable,
    rule: thresholds.Plausibility,
) -> tuple[symptoms.Symptom, ...]:
    """The entries of a report that may be slips, whether confirmed or not, in the order of `Symptom`.

    `before` is the latest earlier report of the course.
    """
    where = bands.place(table.hours, observation.hours)
    near = before if before and observation.hours - before.hours <= rule.within_hours else None
    found = []
    for symptom in symptoms.Symptom:
        score = observation.scores.get(symptom)
        row = table.bands.get(symptom)
        if score is None or row is None:
            continue
        top = bands.between(row, where).p97_5
        last = near.scores.get(symptom) if near else None
        far = score >= max(top + rule.margin, rule.least)
        if far or (last is not None and (score - last >= rule.jump or last - score >= rule.drop)):
            found.append(symptom)
    return tuple(found)
