"""Rules that look at several symptoms, or the course, at once: cluster, and redness above the patient's own
expectation."""

from __future__ import annotations

from collections.abc import Iterator

from recovery.domain.clinical import banded_report, findings

BACK = (banded_report.PAIN, banded_report.ITCHING)
"""What comes back together days after a treatment, before a cold sore can be seen."""


def cluster(view: banded_report.RuleInput) -> Iterator[findings.Finding]:
    """Several symptoms above their bands together, or pain and itching back together, none of which
    need alarm alone."""
    rule = view.rules.cluster
    points = {index: above for index in banded_report.SPEAKING if (above := _points(view, index))}
    core = {index: above for index, above in points.items() if index in banded_report.CORE}
    if len(core) >= 2 and sum(core.values()) >= rule.urgent_points:
        counted, level, bound = core, rule.urgent_level, rule.urgent_points
        if sum(points.values()) >= rule.points and rule.level.rank > level.rank:
            counted, level, bound = points, rule.level, rule.points
    elif len(points) >= 2 and sum(points.values()) >= rule.points:
        counted, level, bound = points, rule.level, rule.points
    elif len(back := _back(view)) >= 2 and sum(back.values()) >= rule.back_points:
        counted, level, bound = back, rule.level, rule.back_points
    else:
        return
    yield findings.Finding(
        rule=findings.AssessmentRule.CLUSTER,
        level=level,
        value=sum(counted.values()),
        bound=bound,
        several=tuple(banded_report.SCORED[index] for index in counted),
        day=view.report.day,
    )


def personal_band(view: banded_report.RuleInput) -> Iterator[findings.Finding]:
    """Redness that stays above what this patient's own first reports lead us to expect: points above,
    times the days they lasted."""
    rule = view.rules.personal_band
    score = view.report.scores[banded_report.REDNESS]
    if view.report.day < rule.from_day or score is None or score < rule.least:
        return
    if _above(view, view.report) <= 0 or view.eased_to_least(banded_report.REDNESS):
        return
    lasted, count, before = 0.0, 0, 0.0
    for look in (*view.past, view.report):
        if look.scores[banded_report.REDNESS] is None:
            continue
        days = min((look.hours - before) / 24, rule.gap_days)
        before = look.hours
        if look.day < rule.from_day:
            continue
        above = _above(view, look)
        count = count + 1 if above > 0 else 0
        lasted = max(lasted + above * days, 0.0)
    if lasted >= (rule.fine_limit if view.uses_fine_step else rule.limit):
        yield findings.Finding(
            rule=findings.AssessmentRule.PERSONAL_BAND,
            level=rule.level,
            symptom=banded_report.SCORED[banded_report.REDNESS],
            value=score,
            value_range=view.report.range_meant(banded_report.REDNESS),
            bound=view.factors.redness * max(view.report.p90[banded_report.REDNESS], rule.floor),
            reference=lasted,
            count=count,
            day=view.report.day,
        )


def _points(view: banded_report.RuleInput, index: int) -> float:
    """Points above the patient's own lowest, or above p90 where that is lower; 0 within p97.5."""
    score, surely = view.report.scores[index], view.report.least[index]
    if score is None or surely is None or surely <= view.p97_5_bound(view.report, index):
        return 0.0
    base = view.report.p90[index]
    lowest = view.lowest_score(index)
    return score - (base if lowest is None else min(base, lowest))


def _back(view: banded_report.RuleInput) -> dict[int, float]:
    """Points of pain and itching above the patient's own lowest, where above p90 on later days."""
    rule = view.rules.cluster
    if view.report.day < rule.back_from_day:
        return {}
    points = {}
    for index in BACK:
        score, lowest = view.report.scores[index], view.lowest_score(index, since=rule.back_since)
        high = view.report.p90[index] * view.factors.widen
        surely = view.report.least[index]
        if score is None or surely is None or lowest is None or view.eased_to_least(index):
            continue
        if score > lowest and surely > high:
            points[index] = score - lowest
    return points


def _above(view: banded_report.RuleInput, look: banded_report.BandedReport) -> float:
    """Points of redness above expectation, in the ordinary patient's points."""
    score = look.scores[banded_report.REDNESS] or 0
    return score / view.factors.redness - max(look.p90[banded_report.REDNESS], view.rules.personal_band.floor)
