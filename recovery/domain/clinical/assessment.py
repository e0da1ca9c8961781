"""One report judged by all rules together: the expected course, level, findings, what to ask again; a
patient's own band override."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recovery.domain.clinical import (
    asking,
    banded_report,
    bands,
    findings,
    personal_factors,
    plausibility,
    symptoms,
    taking_over,
)
from recovery.domain.clinical.findings import AssessmentRule, Finding, from_dict, to_dict
from recovery.domain.clinical.personal_factors import PastCourse
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.rules import combined_symptoms, single_symptom, warning_signs

__all__ = [
    "Assessment",
    "AssessmentRule",
    "BandOverride",
    "ExpectedCourse",
    "Finding",
    "PastCourse",
    "assess",
    "assess_all",
    "expected_course",
    "from_dict",
    "to_dict",
]

SCORE_RULES = (
    single_symptom.far_above,
    single_symptom.rebound,
    combined_symptoms.cluster,
    single_symptom.persistence,
    single_symptom.late,
    combined_symptoms.personal_band,
    single_symptom.itch,
)
"""Every rule that looks at scores, in the order in which findings are listed."""


@dataclass(frozen=True, kw_only=True)
class BandOverride:
    """A clinic's or a patient's own setting: a band `level` times as high and `duration` times as long,
    within the protocol's limits, and whether every finding is at least `at_least` (a patient at risk).
    """

    level: float = 1.0
    duration: float = 1.0
    at_least: symptoms.Level | None = None


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """How one report stands: the most urgent level of its findings, `expected` without any.

    `ask_again` lists entries to confirm; `hours` is since the treatment, `day` the recovery day. `held` are
    findings that raise nothing before the patient was asked once more; `open_matter` is why one more
    question should follow.
    """

    level: symptoms.Level
    day: int
    hours: float
    protocol_version: str
    findings: tuple[findings.Finding, ...]
    ask_again: tuple[symptoms.Symptom, ...]
    held: tuple[Finding, ...] = ()
    open_matter: asking.OpenMatter | None = None


@dataclass(frozen=True, kw_only=True)
class ExpectedCourse:
    """What is expected of one patient: the bands of the course, and what the own reports say of the skin.

    The upper bounds hold `own.widen` times as high.
    """

    table: bands.BandTable
    factors: banded_report.PersonalFactors

    def at(self, *, symptom: symptoms.Symptom, hours: float) -> bands.Band | None:
        """The band at an hour with the patient's own factors, None for a symptom without a curve."""
        band = self.table.at(symptom=symptom, hours=hours)
        if band is None or symptom not in banded_report.WIDENED:
            return band
        return bands.Band(
            p50=band.p50,
            p90=min(band.p90 * self.factors.widen, symptoms.MAX_SCORE),
            p97_5=min(band.p97_5 * self.factors.widen, symptoms.MAX_SCORE),
        )


def expected_course(
    *,
    history: Sequence[symptoms.Observation],
    treatment: symptoms.TreatmentFacts,
    protocol: Protocol,
    earlier: Sequence[PastCourse] = (),
    override: BandOverride | None = None,
) -> ExpectedCourse:
    """What the next report will be held against. Takes what `assess` takes; `history` is all there is."""
    judge = _Judge(treatment=treatment, protocol=protocol, earlier=earlier, override=override)
    own = taking_over.own_part(sorted(history, key=_hours), treatment)
    return judge.expected([judge.look(other) for other in own])


def assess(
    observation: symptoms.Observation,
    *,
    history: Sequence[symptoms.Observation],
    treatment: symptoms.TreatmentFacts,
    protocol: Protocol,
    earlier: Sequence[PastCourse] = (),
    settled: bool = True,
    override: BandOverride | None = None,
) -> Assessment:
    """Judge a report by the other reports of its course.

    `history` comes in any order; only reports of earlier `hours` count. Right after a report arrived
    (`settled=False`) entries under question raise nothing yet; warning signs never wait. The first
    12 hours are judged by warning signs and `[rules.first_hours]` only, and what was seen once a later
    treatment had taken over by warning signs only. `earlier` are the patient's previous courses, which with
    the first reports of this one say what to expect of this skin.
    """
    judge = _Judge(treatment=treatment, protocol=protocol, earlier=earlier, override=override)
    past = sorted((other for other in history if other.hours < observation.hours), key=_hours)
    return judge.judge(observation, past=past, seen=[judge.look(other) for other in past], settled=settled)


def assess_all(
    observations: Sequence[symptoms.Observation],
    *,
    treatment: symptoms.TreatmentFacts,
    protocol: Protocol,
    earlier: Sequence[PastCourse] = (),
    override: BandOverride | None = None,
) -> list[Assessment]:
    """Judge every report of a course by the others, as `assess` does once settled; results stand in
    the order given."""
    judge = _Judge(treatment=treatment, protocol=protocol, earlier=earlier, override=override)
    order = sorted(observations, key=_hours)
    seen = [judge.look(observation) for observation in order]
    assessments: dict[int, Assessment] = {}
    for place, observation in enumerate(order):
        first = place
        while first and order[first - 1].hours == observation.hours:
            first -= 1
        assessments[id(observation)] = judge.judge(observation, past=order[:first], seen=seen[:first])
    return [assessments[id(observation)] for observation in observations]


def scores_are_rising(
    observation: symptoms.Observation,
    *,
    history: Sequence[symptoms.Observation],
    treatment: symptoms.TreatmentFacts,
    protocol: Protocol,
    earlier: Sequence[PastCourse] = (),
    override: BandOverride | None = None,
) -> bool:
    """Whether redness, swelling and pain together rose since the report before, one of them to above
    what is expected of this patient, as `[rules.silence]` says.

    Takes what `assess` takes, scores under question as entered. No answer after such a report is a
    same-day finding even where the report itself raised nothing. False in the first 12 hours, without an
    earlier report, and once a later treatment has taken over.
    """
    judge = _Judge(treatment=treatment, protocol=protocol, earlier=earlier, override=override)
    past = sorted((other for other in history if other.hours < observation.hours), key=_hours)
    return judge.rising(observation, seen=[judge.look(other) for other in past])


class _Judge:
    """The bands and the personal factors of one course, worked out once for all its reports."""

    def __init__(
        self,
        *,
        treatment: symptoms.TreatmentFacts,
        protocol: Protocol,
        earlier: Sequence[PastCourse],
        override: BandOverride | None,
    ) -> None:
        self._protocol = protocol
        self._treatment = treatment
        self._fine = treatment.skin_type in protocol.rules.general.fine_skin_types
        self._override = override
        self._earlier: list[banded_report.BandedReport] = []
        longer = 1.0
        if courses := [past.banded(protocol) for past in earlier if past.healed]:
            self._earlier = [look for seen in courses for look in seen]
            longer = personal_factors.estimate_duration(courses, rule=protocol.rules.personal_band)
        level, duration = _limited(override, protocol)
        self._plain = protocol.curves.table(treatment, duration=longer)
        self._table = protocol.curves.table(treatment, level=level, duration=longer * duration)

    def expected(self, seen: Sequence[banded_report.BandedReport]) -> ExpectedCourse:
        return ExpectedCourse(table=self._table, factors=self._own(seen))

    def look(self, observation: symptoms.Observation) -> banded_report.BandedReport:
        return self._look(observation, self._table)

    def _look(
        self,
        observation: symptoms.Observation,
        table: bands.BandTable,
        without: Sequence[symptoms.Symptom] = (),
    ) -> banded_report.BandedReport:
        return banded_report.band_report(
            observation, table=table, answers=self._protocol.answers, without=without
        )

    def rising(
        self, observation: symptoms.Observation, *, seen: Sequence[banded_report.BandedReport]
    ) -> bool:
        look = self.look(observation)
        if look.day < 1 or taking_over.is_taken_over(self._treatment, hours=look.hours):
            return False
        return single_symptom.core_scores_are_rising(
            self._view(look, seen, self._own(seen)), by=self._protocol.rules.silence.rise
        )

    def judge(
        self,
        observation: symptoms.Observation,
        *,
        past: Sequence[symptoms.Observation],
        seen: Sequence[banded_report.BandedReport],
        settled: bool = True,
    ) -> Assessment:
        """`past` and `seen`, the same reports against their bands, are all earlier, in order of hours."""
        if taking_over.is_taken_over(self._treatment, hours=observation.hours):
            return self._by_signs(observation)
        protocol, personal = self._protocol, self._own(seen)
        doubtful = plausibility.implausible_entries(
            self.look(observation),
            given=observation.scores.keys(),
            before=seen[-1] if seen else None,
            given_before=past[-1].scores.keys() if past else (),
            rule=protocol.rules.plausibility,
            widen=personal.widen,
        )
        ask_again = tuple(symptom for symptom in doubtful if symptom not in observation.confirmed)
        without = () if settled else ask_again
        look = self._look(observation, self._table, without=without)
        found = list(warning_signs.warning_sign(observation.warning_signs, day=look.day, protocol=protocol))
        held: list[findings.Finding] = []
        if look.day < 1:
            found.extend(single_symptom.first_hours(self._view(look, seen, personal)))
        else:
            scored = self._by_scores(look, seen, personal)
            if not found and self._asks_first(scored, look, seen, personal):
                scored, held = [], scored
            found.extend(scored)
            if self._override is not None:
                before = [self._look(other, self._plain) for other in past]
                plain = self._look(observation, self._plain, without=without)
                found = self._overridden(found, held, self._by_scores(plain, before, personal))
        return Assessment(
            level=max((finding.level for finding in found), key=_rank, default=symptoms.Level.EXPECTED),
            day=look.day,
            hours=observation.hours,
            protocol_version=protocol.version,
            findings=findings.placed(found, area=observation.strongest),
            ask_again=ask_again,
            held=findings.placed(held, area=observation.strongest),
            open_matter=self._open_matter(look, seen, personal, held=bool(held), doubt=bool(ask_again)),
        )

    def _by_signs(self, observation: symptoms.Observation) -> Assessment:
        """A report of a course that a later treatment has taken over: its scores are the later one's."""
        day, ticked = symptoms.recovery_day(observation.hours), observation.warning_signs
        found = self._at_least([*warning_signs.warning_sign(ticked, day=day, protocol=self._protocol)])
        return Assessment(
            level=max((finding.level for finding in found), key=_rank, default=symptoms.Level.EXPECTED),
            day=day,
            hours=observation.hours,
            protocol_version=self._protocol.version,
            findings=tuple(found),
            ask_again=(),
        )

    def _asks_first(
        self,
        scored: Sequence[findings.Finding],
        look: banded_report.BandedReport,
        seen: Sequence[banded_report.BandedReport],
        personal: banded_report.PersonalFactors,
    ) -> bool:
        """Whether these findings, all there are, are asked about once more before they raise anything."""
        rule = self._protocol.rules.ask_first
        if rule is None or len(scored) != 1 or look.day > rule.until_day:
            return False
        (alone,) = scored
        if alone.level is not symptoms.Level.WATCH or alone.rule not in rule.rules:
            return False
        at_risk = self._override is not None and self._override.at_least is not None
        if at_risk or rule.never.intersection((alone.symptom, *alone.several)):
            return False
        before = banded_report.spaced_reports(
            seen, before=look.hours, hours=self._protocol.rules.general.apart_hours
        )
        if banded_report.hours_running((*before, look), count=alone.count) >= rule.lasting_hours:
            return False
        if not before or before[-1].day < 1 or look.hours - before[-1].hours > rule.within_hours:
            return True
        return not self._by_scores(before[-1], before[:-1], personal)

    def _open_matter(
        self,
        look: banded_report.BandedReport,
        seen: Sequence[banded_report.BandedReport],
        personal: banded_report.PersonalFactors,
        *,
        held: bool,
        doubt: bool,
    ) -> asking.OpenMatter | None:
        rule = self._protocol.rules.asking
        if rule is None or look.day < 1:
            return None
        if held:
            return asking.OpenMatter.FINDING
        if doubt:
            return asking.OpenMatter.DOUBT
        view = self._view(look, seen, personal)
        if single_symptom.core_scores_are_rising(view, by=rule.rise):
            return asking.OpenMatter.RISE
        if look.day >= rule.unclear_from_day and single_symptom.is_above_high(view):
            return asking.OpenMatter.UNCLEAR
        return None

    def _by_scores(
        self,
        look: banded_report.BandedReport,
        seen: Sequence[banded_report.BandedReport],
        personal: banded_report.PersonalFactors,
    ) -> list[findings.Finding]:
        view = self._view(look, seen, personal)
        return [finding for rule in SCORE_RULES for finding in rule(view)]

    def _own(self, seen: Sequence[banded_report.BandedReport]) -> banded_report.PersonalFactors:
        rule = self._protocol.rules.personal_band
        return personal_factors.estimate_factors((*self._earlier, *seen), rule=rule, fine=self._fine)

    def _view(
        self,
        look: banded_report.BandedReport,
        seen: Sequence[banded_report.BandedReport],
        personal: banded_report.PersonalFactors,
    ) -> banded_report.RuleInput:
        rules = self._protocol.rules
        past = banded_report.spaced_reports(seen, before=look.hours, hours=rules.general.apart_hours)
        return banded_report.RuleInput(look, past, rules, self._fine, personal)

    def _overridden(
        self, found: list[findings.Finding], held: list[findings.Finding], plain: list[findings.Finding]
    ) -> list[findings.Finding]:
        """The findings under the patient's own setting, and what the standard band would have said."""
        found = self._at_least(found)
        reached = max((finding.level.rank for finding in (*found, *held)), default=0)
        more = max(plain, key=lambda finding: finding.level.rank, default=None)
        if more is not None and more.level.rank > reached:
            found.append(replace(more, rule=findings.AssessmentRule.OVERRIDE, level=symptoms.Level.EXPECTED))
        return found

    def _at_least(self, found: list[findings.Finding]) -> list[findings.Finding]:
        """The findings of a patient at risk, none milder than their setting says."""
        least = self._override.at_least if self._override else None
        if least is None:
            return found
        return [replace(finding, level=max(finding.level, least, key=_rank)) for finding in found]


def _limited(override: BandOverride | None, protocol: Protocol) -> tuple[float, float]:
    if override is None:
        return 1.0, 1.0
    rule = protocol.rules.override
    return (
        min(max(override.level, rule.level_least), rule.level_most),
        min(max(override.duration, rule.duration_least), rule.duration_most),
    )


def _hours(observation: symptoms.Observation) -> float:
    return observation.hours


def _rank(level: symptoms.Level) -> int:
    return level.rank
