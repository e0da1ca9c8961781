"""Simulated courses as they reach the clinic, generated: the arm's settings, when asked and answered,
entries, slips, late or twice."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evaluation import ground_truth, skin_model
from evaluation.patients import answering, ticks
from recovery.domain.clinical import symptoms

DAY_HOURS = answering.DAY_HOURS


class AnswerChannel(StrEnum):
    """How a patient answers: every item with a number, the page with its five answers, or four numbers in a
    text."""

    APP = "app"
    LINK = "link"
    TEXT = "text"


TEXT_SYMPTOMS = frozenset(
    {
        symptoms.Symptom.REDNESS,
        symptoms.Symptom.SWELLING,
        symptoms.Symptom.PEELING,
        symptoms.Symptom.PAIN,
    }
)
"""What a text asks for."""

FIRST_MOMENT = 0.3
"""When the report of day 0 is made, in days since the treatment."""
LATER_MOMENT = 0.1
"""How long after the full day every later one is made."""
MOMENT_SPREAD = 0.1
"""The most that either is early or late, evenly drawn."""
ASKED_AT = 9.0
"""The hour of the day at which the question of a day leaves, where patients are asked by text."""
TREATED_FROM, TREATED_UNTIL = 9.0, 17.0
"""The hours of the day between which treatments are, evenly drawn."""

REFERENCE_TREATMENT = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5)


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One way the world, the clinic and its patients may be. The defaults are the first simulation's,
    except for stray ticks, of which the review screen before sending leaves 0.16 % a report.

    `treatments` are drawn evenly; `days` are the check-ins asked for; `compliance` is the mean share
    of them answered at first, 1 for all of them always. Rates are shares: of entries for `typo_rate`,
    of reports for the others. A late report arrives 3 to 30 hours after it was made, a duplicate is
    the same entry made again a few minutes later, a wrong-moment report names another time than the
    one it describes, a skipping one leaves out the optional scores. `word_rate`: how often a patient
    who answers by text, and would tick a sign, writes the one word for a nurse instead. `asks_again`:
    whether doubtful entries are asked about; a slip that is asked about is mended at the rate
    `mended`. Before the course come `earlier_sessions` normal ones of the same person.
    `asked_in_the_morning`: questions leave at `ASKED_AT`, as the schedule that ships has it, else answers
    come on full days. `reminded` are the days on which one reminder follows, which `compliance` has in it
    already; on the others fewer answer, as a reminder brings `reminder_helps` of the silent to answer.
    `asks_more`: whether what an answer leaves open is asked about. `gives_in`: how often a true entry is made
    milder once it is asked about. `ticks`: how often a sign that shows is ticked. `breakout_rate` and
    `worried_rate`: shares of courses, healing ones too, in which the patient ticks that sign once.
    """

    name: str = "reference"
    treatments: tuple[symptoms.TreatmentFacts, ...] = (REFERENCE_TREATMENT,)
    channel: AnswerChannel = AnswerChannel.APP
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6, 7)
    compliance: float = 0.85
    typo_rate: float = 0.01
    asks_again: bool = True
    mended: float = 0.9
    stray_rate: float = 0.0016
    late_rate: float = 0.0
    duplicate_rate: float = 0.0
    wrong_moment_rate: float = 0.0
    skip_rate: float = 0.0
    under_reporters: float = 0.1
    word_rate: float = 0.7
    earlier_sessions: int = 0
    asked_in_the_morning: bool = False
    reminded: tuple[int, ...] | None = None
    asks_more: bool = False
    answers_when_ill: float = answering.ANSWERS_WHEN_ILL
    reminder_helps: float = answering.REMINDER_HELPS
    gives_in: float = answering.GIVES_IN
    ticks: float = ticks.TICKS
    breakout_rate: float = 0.0
    worried_rate: float = 0.0
    world: ground_truth.World = ground_truth.FIRST_SIMULATION


REFERENCE = Arm()


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseReport:
    """One report: `first` as entered, typing errors and stray ticks included.

    `seen_hours` is when the signs were really seen (`first.hours` may name a wrong moment),
    `arrived_hours` when the clinic has it. `slips` holds what was meant where a digit was mistyped;
    `notices` are the slips the patient mends if asked about, `gives_in` the true entries that are made milder
    then. `stray` is a sign that was never there.
    `pinpoint_bleeding` belongs to the first simulation and is no part of the product.
    """

    first: symptoms.Observation
    seen_hours: float
    arrived_hours: float
    slips: Mapping[symptoms.Symptom, int]
    notices: frozenset[symptoms.Symptom]
    gives_in: frozenset[symptoms.Symptom] = frozenset()
    stray: symptoms.WarningSign | None
    pinpoint_bleeding: int

    @property
    def honest(self) -> bool:
        """Whether everything entered was meant and names the right moment."""
        return not self.slips and self.stray is None and self.first.hours == self.seen_hours

    def answered(self, asked: Collection[symptoms.Symptom]) -> symptoms.Observation:
        """What stands once the patient was asked "is that right?" about `asked`.

        A noticed slip is mended, who gives in takes a true score back to half of it; everything asked about
        counts as confirmed then.
        """
        if not asked:
            return self.first
        scores = dict(self.first.scores)
        for symptom in asked:
            if symptom in self.notices:
                scores[symptom] = self.slips[symptom]
            elif symptom in self.gives_in and symptom not in self.slips:
                milder = answering.given_in(scores[symptom])
                words = self.first.scale is symptoms.AnswerScale.WORDS
                scores[symptom] = ground_truth.answer_to(milder) if words else milder
        return dataclasses.replace(self.first, scores=scores, confirmed=frozenset(asked))


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """One patient after one treatment. `reports` stand in the order in which their signs were seen.

    `onset_hours` is when a complication begins, None in a normal course. `asked_days` are the days a
    check-in was due. `earlier` are the same person's courses before, oldest first.
    """

    kind: ground_truth.CourseKind
    facts: symptoms.TreatmentFacts
    reports: tuple[CourseReport, ...]
    onset_hours: float | None
    under_reporter: bool
    asked_days: tuple[int, ...]
    earlier: tuple[Course, ...] = ()
    asked_hours: tuple[float, ...] = ()
    treated_at: float = 12.0
    patient: Patient | None = None

    def answer(self, hours: float) -> CourseReport | None:
        """What the patient answers to one more question at `hours`, None for no answer."""
        return None if self.patient is None else self.patient.answer(hours)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patient:
    """Who can be asked once more: the skin, the way of answering and the seed of it."""

    skin: skin_model.Skin
    arm: Arm
    diligence: float | None
    seed: str

    def answer(self, hours: float) -> CourseReport | None:
        """The report that follows a question at `hours`, None for no answer."""
        rng = random.Random(f"{self.seed}/{hours:.3f}")
        moment = hours / DAY_HOURS + answering.delay(rng)
        if rng.random() >= self.chance(moment, day=int(moment), reminded=False):
            return None
        return _report(rng, course=self.skin, moment=moment, arm=self.arm)

    def chance(self, moment: float, *, day: int, reminded: bool) -> float:
        """That a question of `day` is answered at `moment`, in days since the treatment."""
        return answering.chance(
            self.diligence,
            day=day,
            factor=self.arm.answers_when_ill if self.skin.ill(moment) else 1.0,
            reminder=0.0 if reminded else self.arm.reminder_helps,
        )


def generate(
    *, kind: ground_truth.CourseKind, count: int, seed: int, first: int = 0, arm: Arm = REFERENCE
) -> Iterator[Course]:
    """Courses `first` to `first + count - 1` of the endless cohort that `seed`, `kind` and `arm` name.

    Each course has a seed of its own, so that a cohort can be made in pieces and in any order.
    """
    for number in range(first, first + count):
        yield _course(random.Random(f"{seed}/{kind.value}/{number}"), kind=kind, arm=arm)


def _course(rng: random.Random, *, kind: ground_truth.CourseKind, arm: Arm) -> Course:
    person = ground_truth.draw_person(rng, under_reporters=arm.under_reporters)
    facts = rng.choice(arm.treatments)
    earlier: list[Course] = []
    for session in range(1, arm.earlier_sessions + 2):
        course = _session(
            rng,
            kind=kind if session > arm.earlier_sessions else ground_truth.CourseKind.NORMAL,
            person=person,
            facts=dataclasses.replace(facts, skin_type=person.skin_type, session_number=session),
            arm=arm,
        )
        earlier.append(course)
    last = earlier.pop()
    return dataclasses.replace(last, earlier=tuple(earlier)) if earlier else last


def _session(
    rng: random.Random,
    *,
    kind: ground_truth.CourseKind,
    person: ground_truth.Person,
    facts: symptoms.TreatmentFacts,
    arm: Arm,
) -> Course:
    course = skin_model.draw(rng, kind=kind, person=person, facts=facts, world=arm.world)
    diligence = answering.diligence(rng, arm.compliance)
    patient = Patient(skin=course, arm=arm, diligence=diligence, seed="")
    reports: list[CourseReport] = []
    treated_at = rng.uniform(TREATED_FROM, TREATED_UNTIL) if arm.asked_in_the_morning else 12.0
    asked = tuple(_asked_hours(day, treated_at=treated_at, arm=arm) for day in arm.days)
    for day, hours in zip(arm.days, asked, strict=True):
        moment = _moment(rng, day=day, asked=hours, arm=arm)
        reminded = arm.reminded is None or day in arm.reminded
        if rng.random() < patient.chance(moment, day=day, reminded=reminded):
            reports.append(_report(rng, course=course, moment=moment, arm=arm))
            if arm.duplicate_rate and rng.random() < arm.duplicate_rate:
                reports.append(_again(reports[-1], rng.uniform(0.02, 0.2)))
    return Course(
        kind=kind,
        facts=facts,
        reports=_with_ticks_of_healing_skin(rng, reports, arm=arm),
        onset_hours=None if course.onset is None else course.onset * DAY_HOURS,
        under_reporter=person.under_reporter,
        asked_days=arm.days,
        asked_hours=asked,
        treated_at=treated_at,
        patient=dataclasses.replace(patient, seed=str(rng.random())),
    )


def _with_ticks_of_healing_skin(
    rng: random.Random, reports: Sequence[CourseReport], *, arm: Arm
) -> tuple[CourseReport, ...]:
    """The reports of the course with the signs that `ticks.once` draws put into them."""
    ticked = list(reports)
    breakout_rate = None if arm.channel is AnswerChannel.TEXT else arm.breakout_rate
    drawn = ticks.once(rng, reports=len(reports), worried_rate=arm.worried_rate, breakout_rate=breakout_rate)
    for place, sign in drawn:
        first = ticked[place].first
        first = dataclasses.replace(first, warning_signs=first.warning_signs | {sign})
        ticked[place] = dataclasses.replace(ticked[place], first=first)
    return tuple(ticked)


def _asked_hours(day: int, *, treated_at: float, arm: Arm) -> float:
    """When the question of a day is asked, in hours since the treatment."""
    if not arm.asked_in_the_morning:
        return day * DAY_HOURS
    return max(day * DAY_HOURS + ASKED_AT - treated_at, 0.0)


def _moment(rng: random.Random, *, day: int, asked: float, arm: Arm) -> float:
    """When it is answered, in days since the treatment."""
    if arm.asked_in_the_morning and day:
        return asked / DAY_HOURS + answering.delay(rng)
    moment = FIRST_MOMENT if day == 0 else day + LATER_MOMENT
    return moment + rng.uniform(-MOMENT_SPREAD, MOMENT_SPREAD)


def _report(rng: random.Random, *, course: skin_model.Skin, moment: float, arm: Arm) -> CourseReport:
    scores, slips, bleeding = _entries(rng, felt=course.felt(moment), arm=arm)
    by_text = arm.channel is AnswerChannel.TEXT
    stray = ticks.stray(rng, by_text=by_text) if rng.random() < arm.stray_rate else None
    signs = ticks.ticked(
        rng,
        shown=course.shown(moment),
        chance=arm.ticks * (ticks.UNDER_REPORTERS_TICK if course.person.under_reporter else 1.0),
        word_rate=arm.word_rate if by_text else None,
    )
    seen = moment * DAY_HOURS
    arrived = seen
    if arm.late_rate and rng.random() < arm.late_rate:
        arrived += rng.uniform(3.0, 30.0)
    return CourseReport(
        first=symptoms.Observation(
            hours=_named(rng, seen=seen, arm=arm),
            scores=scores,
            warning_signs=signs if stray is None else signs | {stray},
            scale=symptoms.AnswerScale.WORDS
            if arm.channel is AnswerChannel.LINK
            else symptoms.AnswerScale.NUMBERS,
        ),
        seen_hours=seen,
        arrived_hours=arrived,
        slips=slips,
        notices=frozenset(symptom for symptom in slips if rng.random() < arm.mended),
        gives_in=frozenset(symptom for symptom in scores if rng.random() < arm.gives_in),
        stray=stray,
        pinpoint_bleeding=bleeding,
    )


def _entries(
    rng: random.Random, *, felt: Sequence[float], arm: Arm
) -> tuple[dict[symptoms.Symptom, int], dict[symptoms.Symptom, int], int]:
    """The scores entered, what was meant where a digit was mistyped, and pinpoint bleeding."""
    scores: dict[symptoms.Symptom, int] = {}
    slips: dict[symptoms.Symptom, int] = {}
    bleeding = 0
    noise = ground_truth.NOISE * arm.world.noise
    for item, level in zip(ground_truth.ITEMS, felt, strict=True):
        if arm.channel is AnswerChannel.TEXT and item.symptom not in TEXT_SYMPTOMS:
            continue
        meant = 0
        if level >= arm.world.felt_from:
            meant = min(max(round(rng.gauss(level, noise)), 0), symptoms.MAX_SCORE)
        entered = meant
        if rng.random() < arm.typo_rate:
            entered = rng.randint(0, symptoms.MAX_SCORE)
        if arm.channel is AnswerChannel.LINK:
            meant, entered = ground_truth.answer_to(meant), ground_truth.answer_to(entered)
        if item.symptom is None:
            bleeding = entered
            continue
        scores[item.symptom] = entered
        if entered != meant:
            slips[item.symptom] = meant
    if arm.skip_rate and rng.random() < arm.skip_rate:
        scores = {symptom: scores[symptom] for symptom in symptoms.REQUIRED}
        slips = {symptom: meant for symptom, meant in slips.items() if symptom in scores}
    return scores, slips, bleeding


def _named(rng: random.Random, *, seen: float, arm: Arm) -> float:
    """The moment a report names: mostly the true one, else the day before or a wrong clock's hour."""
    if not arm.wrong_moment_rate or rng.random() >= arm.wrong_moment_rate:
        return seen
    shift = -DAY_HOURS if rng.random() < 0.7 else -rng.uniform(1.0, 9.0)
    return max(0.0, seen + shift)


def _again(report: CourseReport, later: float) -> CourseReport:
    return dataclasses.replace(
        report,
        first=dataclasses.replace(report.first, hours=report.first.hours + later),
        seen_hours=report.seen_hours + later,
        arrived_hours=report.arrived_hours + later,
    )
