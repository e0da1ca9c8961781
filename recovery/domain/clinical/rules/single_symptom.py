"""Rules that hold one symptom at a time against its band: far above, first hours, rebound, persistence, late,
itch.

Each is a view in, findings out.
"""

from __future__ import annotations

from collections.abc import Iterator

from recovery.domain.clinical import banded_report, findings, symptoms


def far_above(view: banded_report.RuleInput) -> Iterator[findings.Finding]:
    """A core symptom far above what nearly all normal healers report; milder where it stands alone."""
    rule = view.rules.far_above
    for index in banded_report.CORE:
        score = view.report.least[index]
        top = view.p97_5_bound(view.report, index)
        bound = max(top + rule.margin, rule.least)
        # The strongest answer of a coarse scale may reach so far: it asks, but does not say for certain.
        if score is not None and score >= min(bound, view.report.strongest):
            borne_out = rule.level if score >= bound else view.rules.alone.level
            yield findings.Finding(
                rule=findings.AssessmentRule.FAR_ABOVE,
                level=_level(view, index, borne_out=borne_out),
                symptom=banded_report.SCORED[index],
                value=view.report.scores[index],
                value_range=view.report.range_meant(index),
                bound=top,
                day=view.report.day,
            )


def first_hours(view: banded_report.RuleInput) -> Iterator[findings.Finding]:
    """In the first hours, a symptom far above what an evening can be."""
    rule = view.rules.first_hours
    if rule is None:
        return
    for index, symptom in enumerate(banded_report.SCORED):
        score, top = view.report.least[index], view.report.p97_5[index]
        if symptom not in rule.scores or score is None:
            continue
        if score >= min(max(top + rule.margin, rule.scores[symptom]), view.report.strongest):
            yield findings.Finding(
                rule=findings.AssessmentRule.FAR_ABOVE,
                level=rule.level,
                symptom=symptom,
                value=view.report.scores[index],
                value_range=view.report.range_meant(index),
                bound=top,
                day=view.report.day,
            )


def rebound(view: banded_report.RuleInput) -> Iterator[findings.Finding]:
    """A core symptom that came back after it had eased: well above its lowest and above p90; milder
    where it stands alone."""
    rule = view.rules.rebound
    if view.report.day < rule.from_day:
        return
    for index in banded_report.CORE:
        score, lowest = view.report.scores[index], view.lowest_score(index)
        surely = view.report.least[index]
        if score is None or surely is None or lowest is None:
            continue
        fine = view.uses_fine_step and index == banded_report.REDNESS
        step, least = (rule.fine_step, rule.fine_least) if fine else (rule.step, rule.least)
        high = view.p90_bound(view.report, index)
        if score - lowest >= step and surely >= least and surely > high:
            yield findings.Finding(
                rule=findings.AssessmentRule.REBOUND,
                level=_level(view, index, borne_out=rule.level),
                symptom=banded_report.SCORED[index],
                value=score,
                value_range=view.report.range_meant(index),
                bound=high,
                reference=lowest,
                reference_range=view.lowest_range(index),
                day=view.report.day,
            )


def persistence(view: banded_report.RuleInput) -> Iterator[findings.Finding]:
    """A core symptom above the band in several reports running: above p97.5, or above p90 and not
    falling."""
    rule = view.rules.persistence
    for index in banded_report.CORE:
        above_top, above_high = _running(view, index, top=True), _running(view, index, top=False)
        if above_top >= rule.above_p97_5:
            count, bound = above_top, view.p97_5_bound(view.report, index)
        elif above_high >= rule.above_p90 and _not_falling(view, index):
            count, bound = above_high, view.p90_bound(view.report, index)
        else:
            continue
        yield findings.Finding(
            rule=findings.AssessmentRule.PERSISTENCE,
            level=rule.level,
            symptom=banded_report.SCORED[index],
            value=view.report.scores[index],
            value_range=view.report.range_meant(index),
            bound=bound,
            day=view.report.day,
            count=count,
        )


def late(view: banded_report.RuleInput) -> Iterator[findings.Finding]:
    """A score that should be gone by this day."""
    steps = [step for step in view.rules.late if step.from_day <= view.report.day]
    for index, symptom in enumerate(banded_report.SCORED):
        score = view.report.least[index]
        if score is None:
            continue
        reached = []
        for step in steps:
            least = step.scores.get(symptom)
            if view.uses_fine_step and symptom in step.fine:
                least = step.fine[symptom]
            over = view.p97_5_bound(view.report, index) + step.over
            if least is not None and score >= least and score > over:
                reached.append((step.level.rank, -least, step.level))
        if reached:
            _, least, level = max(reached, key=lambda item: item[:2])
            yield findings.Finding(
                rule=findings.AssessmentRule.LATE,
                level=level,
                symptom=symptom,
                value=view.report.scores[index],
                value_range=view.report.range_meant(index),
                bound=-least - 1,
                day=view.report.day,
            )


def itch(view: banded_report.RuleInput) -> Iterator[findings.Finding]:
    """Itching that is strong, or comes back, at a time when itching fades."""
    rule = view.rules.itch
    score = view.report.scores[banded_report.ITCHING]
    top = view.p97_5_bound(view.report, banded_report.ITCHING)
    surely = view.report.least[banded_report.ITCHING]
    if score is None or surely is None or view.report.day < rule.from_day or surely <= top:
        return
    lowest = view.lowest_score(banded_report.ITCHING, since=rule.rise_since)
    back = lowest is not None and surely >= rule.rise_least and score - lowest >= rule.rise
    lasting = surely >= rule.lasting and _lasted(view, least=rule.lasting)
    if surely >= rule.least or back or lasting:
        yield findings.Finding(
            rule=findings.AssessmentRule.ITCH,
            level=rule.level,
            symptom=banded_report.SCORED[banded_report.ITCHING],
            value=score,
            value_range=view.report.range_meant(banded_report.ITCHING),
            bound=top,
            reference=lowest if back else None,
            reference_range=(
                view.lowest_range(banded_report.ITCHING, since=rule.rise_since) if back else None
            ),
            day=view.report.day,
        )


def _lasted(view: banded_report.RuleInput, *, least: float) -> bool:
    """Whether itching was above its band and at least so strong in the report before as well."""
    if not view.past or view.past[-1].day < 1:
        return False
    before = view.past[-1].least[banded_report.ITCHING]
    top = view.p97_5_bound(view.past[-1], banded_report.ITCHING)
    return before is not None and before >= least and before > top


def core_scores_are_rising(view: banded_report.RuleInput, *, by: float) -> bool:
    """Whether the core symptoms together rose by `by` since the report before, one of them to above p90."""
    if not view.past:
        return False
    rose, above = 0.0, False
    for index in banded_report.CORE:
        now, before = view.report.scores[index], view.past[-1].scores[index]
        if now is not None and before is not None and now > before:
            rose += now - before
            above = above or _above_high(view, view.report, index)
    return above and rose >= by


def is_above_high(view: banded_report.RuleInput) -> bool:
    """Whether a symptom that speaks for others is above what nine in ten report."""
    return any(_above_high(view, view.report, index) for index in banded_report.SPEAKING)


def _level(view: banded_report.RuleInput, index: int, *, borne_out: symptoms.Level) -> symptoms.Level:
    return borne_out if _borne_out(view, index) else view.rules.alone.level


def _borne_out(view: banded_report.RuleInput, index: int) -> bool:
    """Whether something else speaks for a score that alarms: its height, another symptom above p90, or
    the same one above p90 in the report before."""
    score = view.report.least[index]
    if score is not None and score >= view.rules.alone.least:
        return True
    if any(_above_high(view, view.report, other) for other in banded_report.SPEAKING if other != index):
        return True
    return bool(view.past) and view.past[-1].day >= 1 and _above_high(view, view.past[-1], index)


def _above_high(view: banded_report.RuleInput, look: banded_report.BandedReport, index: int) -> bool:
    """Whether the symptom is surely above p90 for this patient."""
    score = look.least[index]
    return score is not None and score > view.p90_bound(look, index)


def _running(view: banded_report.RuleInput, index: int, *, top: bool) -> int:
    """How many reports up to this one are above the bound without a break; day 0 never counts."""
    least = view.rules.persistence.least
    count = 0
    for look in (view.report, *reversed(view.past)):
        score = look.least[index]
        bound = view.p97_5_bound(look, index) if top else view.p90_bound(look, index)
        if score is None or look.day < 1 or score <= bound or score < least:
            break
        count += 1
    return count


def _not_falling(view: banded_report.RuleInput, index: int) -> bool:
    """Whether the score is no lower than in the report before."""
    now, before = view.report.scores[index], view.past[-1].scores[index]
    return now is not None and before is not None and now >= before
