"""Every rule of a protocol told as an English sentence with its bounds, for the director who signs it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import MAX_SCORE, AnswerRanges, Level
from recovery.domain.clinical.thresholds import (
    AskFirst,
    Asking,
    FirstHours,
    LateStep,
    Scores,
    Thresholds,
)

URGENCY = {
    Level.EMERGENCY: "an emergency flag, at any hour",
    Level.ABNORMAL: "a flag for the same day",
    Level.WATCH: "a flag for the next business day",
    Level.EXPECTED: "no flag",
}

NAMES = {
    AssessmentRule.FAR_ABOVE: "far above the band",
    AssessmentRule.REBOUND: "rebound",
    AssessmentRule.PERSISTENCE: "persistence",
    AssessmentRule.LATE: "late",
    AssessmentRule.ITCH: "itching",
    AssessmentRule.CLUSTER: "several together",
    AssessmentRule.PERSONAL_BAND: "the patient's own band",
}
"""The rules that look at scores, as a sentence names them."""


@dataclass(frozen=True, kw_only=True)
class RuleSentence:
    """One rule: its name for people, and what it does with which bounds."""

    name: str
    said: str


def describe_rules(protocol: Protocol) -> Sequence[RuleSentence]:
    """Every rule in the order in which a report meets it. Scores run from 0 to 10. A protocol without a
    rule says nothing of it."""
    rules = protocol.rules
    return (
        *_told("The five answers", _answers(protocol.answers) if protocol.answers else None),
        RuleSentence(name="Least score", said=_general(rules)),
        *_told("The first hours", _first_hours(rules.first_hours) if rules.first_hours else None),
        RuleSentence(name="Far above the band", said=_far_above(protocol)),
        RuleSentence(name="Rebound", said=_rebound(rules)),
        RuleSentence(name="Persistence", said=_persistence(rules)),
        *(
            RuleSentence(name=f"Late, from day {step.from_day}", said=_late(step, rules))
            for step in rules.late
        ),
        RuleSentence(name="Itching", said=_itch(rules)),
        RuleSentence(name="Several together", said=_cluster(rules)),
        RuleSentence(name="The patient's own band", said=_personal(rules)),
        RuleSentence(name="Own settings", said=_own_settings(rules)),
        RuleSentence(name="Asked again", said=_asked_again(rules)),
        *_told("Asked about first", _asked_first(rules.ask_first) if rules.ask_first else None),
        *_told("One more question", _one_more(rules.asking) if rules.asking else None),
        RuleSentence(name="Silence", said=_silence(rules)),
    )


def _told(name: str, said: str | None) -> tuple[RuleSentence, ...]:
    return () if said is None else (RuleSentence(name=name, said=said),)


def _answers(answers: AnswerRanges) -> str:
    ranges = [f"{least} to {most}" if least < most else f"{least}" for least, most in answers.values()]
    return (
        f"An answer of the page and the app stands for a range of scores: {', '.join(ranges[:-1])} or "
        f"{ranges[-1]}. The lowest score of the range has to pass a bound; a rise is told by the middles."
    )


def _first_hours(first: FirstHours) -> str:
    return (
        f"In the first 12 hours {_scores(first.scores)}, and at least {first.margin:g} above what 39 in 40 "
        f"report at that moment, raises {URGENCY[first.level]}. Otherwise only warning signs count then."
    )


def _general(rules: Thresholds) -> str:
    general = rules.general
    return (
        f"A score of {general.least:g} or less never raises anything. Reports less than "
        f"{general.apart_hours:g} hours apart count as one. On skin types "
        f"{_types(general.fine_skin_types)} redness is judged by the smaller step, because it is "
        "under-read there."
    )


def _far_above(protocol: Protocol) -> str:
    far, alone = protocol.rules.far_above, protocol.rules.alone
    strongest = (
        f" The strongest answer there is raises {URGENCY[alone.level]} where even it stays below that."
    )
    return (
        f"A score at least {far.margin:g} above what 39 in 40 report at that moment, and at least "
        f"{far.least:g}, raises {URGENCY[far.level]}. Where it is below {alone.least:g} and nothing else "
        f"speaks for it, {URGENCY[alone.level]}.{strongest if protocol.answers else ''}"
    )


def _rebound(rules: Thresholds) -> str:
    rebound, fine = rules.rebound, rules.general.fine_skin_types
    return (
        f"From day {rebound.from_day} on, a score {rebound.step:g} or more above its lowest so far, at "
        f"least {rebound.least:g} and above what 9 in 10 report, raises {URGENCY[rebound.level]}. For "
        f"redness on skin types {_types(fine)} a rise of {rebound.fine_step:g} to at least "
        f"{rebound.fine_least:g} is enough."
    )


def _persistence(rules: Thresholds) -> str:
    persistence = rules.persistence
    return (
        f"A score of at least {persistence.least:g} above what 39 in 40 report in "
        f"{persistence.above_p97_5} reports running, or above what 9 in 10 report in "
        f"{persistence.above_p90} and not falling, raises {URGENCY[persistence.level]}."
    )


def _late(step: LateStep, rules: Thresholds) -> str:
    said = f"From day {step.from_day} on, {_scores(step.scores)} raises {URGENCY[step.level]}."
    if step.fine:
        types = _types(rules.general.fine_skin_types)
        said += f" On skin types {types} {_scores(step.fine)} is enough."
    if step.over > LateStep.over:
        by = f"more than {step.over:g} points " if step.over else ""
        said += f" Only where it is also {by}above what 39 in 40 report after such a treatment."
    return said


def _itch(rules: Thresholds) -> str:
    itch = rules.itch
    lasting = f", or at least {itch.lasting:g} in two reports running" if itch.lasting <= MAX_SCORE else ""
    return (
        f"From day {itch.from_day} on, itching above what 39 in 40 report and at least {itch.least:g}, or "
        f"at least {itch.rise_least:g} and {itch.rise:g} above its lowest since day {itch.rise_since}"
        f"{lasting}, raises {URGENCY[itch.level]}."
    )


def _cluster(rules: Thresholds) -> str:
    cluster = rules.cluster
    return (
        f"Two or more symptoms above what 39 in 40 report, together {cluster.points:g} points above the "
        f"patient's own lowest, raise {URGENCY[cluster.level]}; {cluster.urgent_points:g} points from "
        f"redness, swelling and pain alone raise {URGENCY[cluster.urgent_level]}. From day "
        f"{cluster.back_from_day} on, pain and itching that come back together by {cluster.back_points:g} "
        f"points above their own lowest since day {cluster.back_since} count as well."
    )


def _personal(rules: Thresholds) -> str:
    personal, fine = rules.personal_band, rules.general.fine_skin_types
    taught = "above" if not personal.teach_margin else f"more than {personal.teach_margin:g} above"
    untaught = f" A score {taught} what 39 in 40 report teaches nothing of this."
    types = _types(fine)
    return (
        f"The first {personal.first_hours:g} hours say how strongly this skin reacts. With "
        f"{personal.weight:g} points of the ordinary patient added they widen the band up to "
        f"{personal.widen_most:g} times; with {personal.redness_weight:g} points of ordinary redness added "
        f"({personal.fine_prior:g} times as many on skin types {types}) they narrow the redness expected "
        f"later to {personal.narrow_least:g}. From day {personal.from_day} on, redness above that (above "
        f"{personal.floor:g} where less is expected) adds up, each report for at most "
        f"{personal.gap_days:g} days; with a score of at least {personal.least:g}, "
        f"{personal.limit:g} point-days ({personal.fine_limit:g} on skin types {types}) raise "
        f"{URGENCY[personal.level]}. Redness that fell to the least there is above none raises nothing. "
        f"Earlier sessions that healed make the band last {personal.duration_least:g} to "
        f"{personal.duration_most:g} times as long."
        f"{untaught if personal.teach_margin < MAX_SCORE else ''}"
    )


def _asked_again(rules: Thresholds) -> str:
    asked = rules.plausibility
    return (
        "Asked about again (“is that right?”) is an entry so far above what 39 in 40 report: "
        f"{_margins(asked.margins)}, and at least {asked.least:g}. So is one {asked.jump:g} or more above "
        f"the last of {asked.within_hours:g} hours, or {asked.drop:g} or more below it. What lies within "
        f"{asked.same:g} of the last one, or has {asked.agreeing} others high beside it, is not. An entry is "
        "held until it is confirmed or the wait is over; warning signs never wait."
    )


def _own_settings(rules: Thresholds) -> str:
    limits = rules.override
    return (
        f"A clinic or a patient may have a band {limits.level_least:g} to {limits.level_most:g} times as "
        f"high and {limits.duration_least:g} to {limits.duration_most:g} times as long. What the standard "
        "band would have raised beyond that is told, and raises nothing."
    )


def _asked_first(first: AskFirst) -> str:
    named = [NAMES[rule] for rule in NAMES if rule in first.rules]
    never = f" One of {_listed(sorted(first.never), 'or')} never waits." if first.never else ""
    lasts = f" One that rests on reports running of {first.lasting_hours:g} hours raises it at once."
    return (
        f"Where a report has findings for the next business day only, by {_listed(named, 'and')} alone, the "
        f"patient is asked once more before a flag is raised, through day {first.until_day}. A finding in a "
        f"report of the last {first.within_hours:g} hours raises it at once; warning signs and patients at "
        f"risk never wait.{never}{lasts if first.lasting_hours < math.inf else ''}"
    )


def _one_more(asking: Asking) -> str:
    return (
        f"One more question is sent {asking.least_hours:g} to {asking.most_hours:g} hours after an answer "
        f"that leaves something open, unless the plan asks at most {asking.slack_hours:g} hours later: after "
        "findings that are asked about first, an entry not confirmed, redness, swelling and pain together "
        f"{asking.rise:g} points higher, from day {asking.unclear_from_day} on a score above what 9 in 10 "
        f"report, or no answer at all. At most {asking.most} in a course, none after day {asking.until_day}."
    )


def _silence(rules: Thresholds) -> str:
    silence = rules.silence
    said = (
        f"No answer to a check-in raises {URGENCY[silence.level]} after any finding, while a flag is open, "
        f"or once redness, swelling and pain together rose by {silence.rise:g} points to above what "
        "9 in 10 report."
    )
    if rules.ask_first is None:
        return said
    return f"{said} After findings that are asked about first it lets these stand as they are."


def _scores(scores: Scores) -> str:
    return _listed([f"{symptom.value} of {score:g} or more" for symptom, score in scores.items()], "or")


def _margins(margins: Scores) -> str:
    return ", ".join(f"{symptom.value} {by:g}" for symptom, by in margins.items())


def _listed(named: Sequence[str], last: str) -> str:
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} {last} {named[-1]}"


def _types(numbers: Iterable[int]) -> str:
    roman = ("", "I", "II", "III", "IV", "V", "VI")
    ordered = sorted(numbers)
    return f"{roman[ordered[0]]} to {roman[ordered[-1]]}" if ordered else "none"
