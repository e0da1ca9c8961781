"""Simulated courses as they would reach the clinic: what was felt, what was typed, what was missed."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evaluation import ground_truth, skin_model
from recovery.domain.clinical import symptoms

DAY_HOURS = 24.0


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

DILIGENCE = 20.0
"""How alike patients are in answering: the two parameters of the beta distribution sum to it."""
DROP_PER_DAY = 0.02
"""How much rarer an answer gets with each day, up to `LAST_DROP`."""
LAST_DROP = 7
ANSWERS_WHEN_ILL = 0.9
"""What is left of the chance of an answer once something goes wrong."""
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
ANSWERED_AFTER, ANSWERED_WITHIN = 1.5, 10.0
"""Mean hours between question and answer (an exponential), and the most."""
REMINDER_HELPS = 0.4
"""Share of those who have not answered who do after a reminder (33 % to 60 % in one diary by text)."""
TICKS = 0.9
"""Chance that a sign that is there is ticked."""
UNDER_REPORTER_TICKS = 0.6
STRAY_SIGNS = (
    symptoms.WarningSign.PUS,
    symptoms.WarningSign.SPREADING_HEAT,
    symptoms.WarningSign.FEVER,
    symptoms.WarningSign.CHILLS,
    symptoms.WarningSign.BLISTERS,
    symptoms.WarningSign.COLD_SORE_TINGLE,
    symptoms.WarningSign.ONE_SIDED_SWELLING,
    symptoms.WarningSign.PAIN_RISING,
    symptoms.WarningSign.HIVES,
    symptoms.WarningSign.WORRIED,
)
"""The same-day signs that a slipping finger ticks, evenly drawn."""

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
    already; on the others fewer answer. `asks_more`: whether what an answer leaves open is asked about.
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
    world: ground_truth.World = ground_truth.FIRST_SIMULATION


REFERENCE = Arm()


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseReport:
    """One report: `first` as entered, typing errors and stray ticks included.

    `seen_hours` is when the signs were really seen (`first.hours` may name a wrong moment),
    `arrived_hours` when the clinic has it. `slips` holds what was meant where a digit was mistyped;
    `notices` are the slips the patient mends if asked about. `stray` is a sign that was never there.
    `pinpoint_bleeding` belongs to the first simulation and is no part of the product.
    """

    first: symptoms.Observation
    seen_hours: float
    arrived_hours: float
    slips: Mapping[symptoms.Symptom, int]
    notices: frozenset[symptoms.Symptom]
    stray: symptoms.WarningSign | None
    pinpoint_bleeding: int

    @property
    def honest(self) -> bool:
        """Whether everything entered was meant and names the right moment."""
        return not self.slips and self.stray is None and self.first.hours == self.seen_hours

    def answered(self, asked: Collection[symptoms.Symptom]) -> symptoms.Observation:
        """What stands once the patient was asked "is that right?" about `asked`.

        A noticed slip is mended; everything asked about counts as confirmed then.
        """
        if not asked:
            return self.first
        scores = dict(self.first.scores)
        for symptom in asked:
            if symptom in self.notices:
                scores[symptom] = self.slips[symptom]
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
        moment = hours / DAY_HOURS + _delay(rng)
        chance = _chance(self.diligence, day=int(moment), ill=self.skin.ill(moment), reminded=False)
        if rng.random() >= chance:
            return None
        return _report(rng, course=self.skin, moment=moment, arm=self.arm)


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
    diligence = _diligence(rng, arm.compliance)
    reports: list[CourseReport] = []
    treated_at = rng.uniform(TREATED_FROM, TREATED_UNTIL) if arm.asked_in_the_morning else 12.0
    asked = tuple(_asked_hours(day, treated_at=treated_at, arm=arm) for day in arm.days)
    for day, hours in zip(arm.days, asked, strict=True):
        moment = _moment(rng, day=day, asked=hours, arm=arm)
        reminded = arm.reminded is None or day in arm.reminded
        if rng.random() < _chance(diligence, day=day, ill=course.ill(moment), reminded=reminded):
            reports.append(_report(rng, course=course, moment=moment, arm=arm))
            if arm.duplicate_rate and rng.random() < arm.duplicate_rate:
                reports.append(_again(reports[-1], rng.uniform(0.02, 0.2)))
    return Course(
        kind=kind,
        facts=facts,
        reports=tuple(reports),
        onset_hours=None if course.onset is None else course.onset * DAY_HOURS,
        under_reporter=person.under_reporter,
        asked_days=arm.days,
        asked_hours=asked,
        treated_at=treated_at,
        patient=Patient(skin=course, arm=arm, diligence=diligence, seed=str(rng.random())),
    )


def _asked_hours(day: int, *, treated_at: float, arm: Arm) -> float:
    """When the question of a day is asked, in hours since the treatment."""
    if not arm.asked_in_the_morning:
        return day * DAY_HOURS
    return max(day * DAY_HOURS + ASKED_AT - treated_at, 0.0)


def _moment(rng: random.Random, *, day: int, asked: float, arm: Arm) -> float:
    """When it is answered, in days since the treatment."""
    if arm.asked_in_the_morning and day:
        return asked / DAY_HOURS + _delay(rng)
    moment = FIRST_MOMENT if day == 0 else day + LATER_MOMENT
    return moment + rng.uniform(-MOMENT_SPREAD, MOMENT_SPREAD)


def _delay(rng: random.Random) -> float:
    """Days between a question and its answer."""
    return min(rng.expovariate(1 / ANSWERED_AFTER), ANSWERED_WITHIN) / DAY_HOURS


def _diligence(rng: random.Random, mean: float) -> float | None:
    """One patient's share of check-ins answered on day 0; None for one who answers all of them."""
    return rng.betavariate(mean * DILIGENCE, (1 - mean) * DILIGENCE) if mean < 1 else None


def _chance(diligence: float | None, *, day: int, ill: bool, reminded: bool) -> float:
    if diligence is None:
        return 1.0
    answers = diligence - DROP_PER_DAY * min(day, LAST_DROP)
    if not reminded:
        answers = max(0.0, 1 - (1 - answers) / (1 - REMINDER_HELPS))
    return answers * (ANSWERS_WHEN_ILL if ill else 1.0)


def _report(rng: random.Random, *, course: skin_model.Skin, moment: float, arm: Arm) -> CourseReport:
    scores, slips, bleeding = _entries(rng, felt=course.felt(moment), arm=arm)
    stray = None
    if rng.random() < arm.stray_rate:
        stray = (
            rng.choice(STRAY_SIGNS) if arm.channel is not AnswerChannel.TEXT else symptoms.WarningSign.WORRIED
        )
    signs = _ticked(rng, course=course, moment=moment, arm=arm)
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
            meant, entered = _answer(meant), _answer(entered)
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


def _answer(score: int) -> int:
    """The one of the five answers that a score lies in."""
    return next(sent for sent, (least, most) in ground_truth.ANSWERS.items() if least <= score <= most)


def _ticked(
    rng: random.Random, *, course: skin_model.Skin, moment: float, arm: Arm
) -> frozenset[symptoms.WarningSign]:
    shown = course.shown(moment)
    if not shown:
        return frozenset()
    chance = UNDER_REPORTER_TICKS if course.person.under_reporter else TICKS
    if arm.channel is AnswerChannel.TEXT:
        ticked = rng.random() < chance * arm.word_rate
        return frozenset({symptoms.WarningSign.WORRIED}) if ticked else frozenset()
    return frozenset(sign for sign in shown if rng.random() < chance)


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
