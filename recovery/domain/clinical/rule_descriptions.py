"""The rules of a protocol as sentences, for whoever answers for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Level
from recovery.domain.clinical.thresholds import LateStep, Scores, Thresholds

URGENCY = {
    Level.EMERGENCY: "an emergency flag, at any hour",
    Level.ABNORMAL: "a flag for the same day",
    Level.WATCH: "a flag for the next business day",
    Level.EXPECTED: "no flag",
}


@dataclass(frozen=True, kw_only=True)
class RuleSentence:
    """One rule: its name for people, and what it does with which bounds."""

    name: str
    said: str


def describe_rules(protocol: Protocol) -> Sequence[RuleSentence]:
    """Every rule in the order in which a report meets it. Scores run from 0 to 10."""
    rules = protocol.rules
    return (
        RuleSentence(name="Least score", said=_general(rules)),
        RuleSentence(name="Far above the band", said=_far_above(rules)),
        RuleSentence(name="Rebound", said=_rebound(rules)),
        RuleSentence(name="Persistence", said=_persistence(rules)),
        *(
            RuleSentence(name=f"Late, from day {step.from_day}", said=_late(step, rules))
            for step in rules.late
        ),
        RuleSentence(name="Itching", said=_itch(rules)),
        RuleSentence(name="Several together", said=_cluster(rules)),
        RuleSentence(name="The patient's own band", said=_personal(rules)),
        RuleSentence(name="Asked again", said=_asked_again(rules)),
        RuleSentence(name="Silence", said=_silence(rules)),
    )


def _general(rules: Thresholds) -> str:
    general = rules.general
    return (
        f"A score of {general.least:g} or less never raises anything. Reports less than "
        f"{general.apart_hours:g} hours apart count as one. On skin types "
        f"{_types(general.fine_skin_types)} redness is judged by the smaller step, because it is "
        "under-read there."
    )


def _far_above(rules: Thresholds) -> str:
    far, alone = rules.far_above, rules.alone
    return (
        f"A score at least {far.margin:g} above what 39 in 40 report at that moment, and at least "
        f"{far.least:g}, raises {URGENCY[far.level]}. Where it is below {alone.least:g} and nothing else "
        f"speaks for it, {URGENCY[alone.level]}."
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
    return said


def _itch(rules: Thresholds) -> str:
    itch = rules.itch
    return (
        f"From day {itch.from_day} on, itching above what 39 in 40 report and at least {itch.least:g}, or "
        f"at least {itch.rise_least:g} and {itch.rise:g} above its lowest since day {itch.rise_since}, "
        f"raises {URGENCY[itch.level]}."
    )


def _cluster(rules: Thresholds) -> str:
    cluster = rules.cluster
    return (
        f"Two or more symptoms above what 39 in 40 report, together {cluster.points:g} points above the "
        f"patient's own lowest, raise {URGENCY[cluster.level]}; {cluster.urgent_points:g} points from "
        f"redness, swelling and pain alone raise {URGENCY[cluster.urgent_level]}. From day "
        f"{cluster.back_from_day} on, pain and itching that come back together by {cluster.back_points:g} "
        "points count as well."
    )


def _personal(rules: Thresholds) -> str:
    personal, fine = rules.personal_band, rules.general.fine_skin_types
    return (
        f"The first {personal.first_hours:g} hours say how strongly this skin reacts: they widen the band "
        f"up to {personal.widen_most:g} times, or narrow the redness expected later to "
        f"{personal.narrow_least:g}. From day {personal.from_day} on, redness above that adds up over "
        f"time; {personal.limit:g} point-days ({personal.fine_limit:g} on skin types {_types(fine)}) raise "
        f"{URGENCY[personal.level]}."
    )


def _asked_again(rules: Thresholds) -> str:
    asked = rules.plausibility
    return (
        f"An entry far above the band, {asked.jump:g} or more above the last one, or {asked.drop:g} or "
        "more below it, is asked about again: “is that right?”. It is held until it is confirmed or the "
        "wait is over; warning signs never wait."
    )


def _silence(rules: Thresholds) -> str:
    return (
        "No answer to a check-in is a finding for the same day after any finding, while a flag is open, "
        f"or once redness, swelling and pain together rose by {rules.silence.rise:g} points to above what "
        "9 in 10 report."
    )


def _scores(scores: Scores) -> str:
    named = [f"{symptom.value} of {score:g} or more" for symptom, score in scores.items()]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def _types(numbers: Iterable[int]) -> str:
    roman = ("", "I", "II", "III", "IV", "V", "VI")
    ordered = sorted(numbers)
    return f"{roman[ordered[0]]} to {roman[ordered[-1]]}" if ordered else "none"
