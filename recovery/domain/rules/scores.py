"""Rules that hold scores against the expected band."""

from __future__ import annotations

from collections.abc import Iterator

from recovery.domain import findings, looks


def far_above(view: looks.View) -> Iterator[findings.Finding]:
    """A core symptom far above what nearly all normal healers report."""
    rule = view.rules.far_above
    for index in looks.CORE:
        score = view.look.scores[index]
        band = view.look.bands[index]
        if score is not None and score >= max(band.p97_5 + rule.margin, rule.least):
            yield findings.Finding(
                rule=findings.Rule.FAR_ABOVE,
                level=rule.level,
                symptom=looks.SCORED[index],
                value=score,
                bound=band.p97_5,
                day=view.look.day,
            )


def persistence(view: looks.View) -> Iterator[findings.Finding]:
    """A core symptom above the band in several reports running: above p97.5, or above p90 and not
    falling."""
    rule = view.rules.persistence
    for index in looks.CORE:
        above_top = _running(view, index, top=True)
        above_high = _running(view, index, top=False)
        if above_top >= rule.above_p97_5:
            count, bound = above_top, view.look.bands[index].p97_5
        elif above_high >= rule.above_p90 and _not_falling(view, index):
            count, bound = above_high, view.look.bands[index].p90
        else:
            continue
        yield findings.Finding(
            rule=findings.Rule.PERSISTENCE,
            level=rule.level,
            symptom=looks.SCORED[index],
            value=view.look.scores[index],
            bound=max(bound, view.rules.general.least),
            day=view.look.day,
            count=count,
        )


def late(view: looks.View) -> Iterator[findings.Finding]:
    """A score that should be gone by this day."""
    steps = [step for step in view.rules.late if step.from_day <= view.look.day]
    for symptom in looks.SCORED:
        score = view.look.scores[looks.SCORED.index(symptom)]
        if score is None:
            continue
        reached = []
        for step in steps:
            least = step.scores.get(symptom)
            if view.fine and symptom in step.fine:
                least = step.fine[symptom]
            if least is not None and score >= least:
                reached.append((step.level.rank, -least, step))
        if reached:
            _, least, step = max(reached, key=lambda item: item[:2])
            yield findings.Finding(
                rule=findings.Rule.LATE,
                level=step.level,
                symptom=symptom,
                value=score,
                bound=-least - 1,
                day=view.look.day,
            )


def _running(view: looks.View, index: int, *, top: bool) -> int:
    """How many reports up to this one are above the bound without a break; day 0 never counts."""
    count = 0
    for look in (view.look, *reversed(view.past)):
        score = look.scores[index]
        band = look.bands[index]
        bound = max(band.p97_5 if top else band.p90, view.rules.general.least)
        if score is None or look.day < 1 or score <= bound:
            break
        count += 1
    return count


def _not_falling(view: looks.View, index: int) -> bool:
    """Whether the score is no lower than in the report before."""
    now, before = view.look.scores[index], view.past[-1].scores[index]
    return now is not None and before is not None and now >= before
