"""The clinic's figures over some days as its manager reads them: the period, weeks, skin groups, durations,
promises, shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.models.clinic.clinics import Clinic
from recovery.models.read_models import clinic_figures as figures
from recovery.models.read_models import text_figures
from recovery.models.read_models.check_in_figures import CheckInCounts
from recovery.models.read_models.clinic_figures import (
    DurationFigures,
    DurationKind,
    FlagCounts,
    TreatmentFilter,
)
from recovery.models.read_models.promise_figures import PromiseCounts
from recovery.models.read_models.text_figures import TextCount
from recovery.services.read_models import detection
from recovery.services.read_models.detection import Detection
from recovery.services.read_models.figures import kept_figures
from recovery.services.read_models.figures.figure_sums import FigureSums

LONGEST = 366
"""Days at most in one summary."""

USUAL = 90
"""Days where none are asked for."""

SKIN_GROUPS = (("I-II", (1, 2)), ("III-IV", (3, 4)), ("V-VI", (5, 6)), ("unknown", (None,)))
AGES = ("under_4_hours", "under_24_hours", "under_3_days", "older")


class WrongPeriod(ValueError):
    """These days cannot be summed up; the message says why, and `name` which end is wrong."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days in the clinic's zone, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, kw_only=True)
class WeekFigures:
    """What became of the treatments of one week; `monday` may lie before the first day that counts."""

    monday: date
    treatments: int
    flags: int
    flags_per_100: float | None
    asked: int
    answered: int
    answered_share: float | None


@dataclass(frozen=True, kw_only=True)
class SkinGroup:
    """Treatments of one group of skin types, and what their flags turned out to be."""

    group: str
    treatments: int
    flags: int
    flags_per_100: float | None
    closed: int
    precision: float | None


@dataclass(frozen=True, kw_only=True)
class DurationSummary:
    """How long a step took, in minutes. `within_24h` is its share of all that had 24 hours or took less."""

    what: DurationKind
    done: int
    waiting: int
    median_minutes: float | None
    p95_minutes: float | None
    within: int
    late: int
    within_24h: float | None


@dataclass(frozen=True, kw_only=True)
class SegmentCount:
    """So many texts that the carrier charges, and the segments of those of which they were counted."""

    texts: int
    measured: int
    segments: int


@dataclass(frozen=True, kw_only=True)
class ClinicSummary:
    """Everything about the treatments of a period that counts, as it stands now. Shares are from 0 to 1.

    `open` is about all flags that are unresolved now, by age, whenever the treatment was.
    """

    period: Period
    counts_from: datetime | None
    treatments: int
    check_ins: CheckInCounts
    check_ins_by_day: Sequence[CheckInCounts]
    durations: Sequence[DurationSummary]
    flags: int
    outcomes: Mapping[FlagOutcome, int]
    found: int
    expected: int
    groups: Sequence[SkinGroup]
    promises: PromiseCounts
    texts: Sequence[TextCount]
    open: Mapping[str, int]
    weeks: Sequence[WeekFigures]
    detection: Detection

    @property
    def flags_per_100(self) -> float | None:
        """Flags raised for every hundred treatments."""
        return _share(self.flags * 100, self.treatments)

    @property
    def charged(self) -> SegmentCount:
        """What the carrier took of these texts, in segments, and of how many texts those are known."""
        taken = [text for text in self.texts if text.state in text_figures.CHARGED]
        return SegmentCount(
            texts=sum(text.texts for text in taken),
            measured=sum(text.measured for text in taken),
            segments=sum(text.segments for text in taken),
        )

    @property
    def promises_kept(self) -> float | None:
        """Of the promised times that have passed, the share by which somebody had looked."""
        return _share(self.promises.kept, self.promises.made)

    @property
    def precision(self) -> float | None:
        """Of the flags closed with an outcome that says so, the share that was more than expected healing."""
        return _share(self.found, self.found + self.expected)


def answered_share(counted: CheckInCounts) -> float | None:
    """The submission rate: answered check-ins of those that had their 24 hours, or were answered sooner."""
    return _share(counted.answered, counted.asked - counted.waiting)


def missed_count(counted: CheckInCounts) -> int:
    """Check-ins that had their 24 hours and were not answered."""
    return counted.asked - counted.answered - counted.waiting


def parse_period(clinic: Clinic, *, first: date | None, last: date | None, now: datetime) -> Period:
    """The days asked for; what is left out is today, and the usual length. Raises WrongPeriod."""
    today = now.astimezone(opening_hours.zone_named(clinic.time_zone)).date()
    end = last or today
    begin = first or end - timedelta(days=USUAL - 1)
    if not 2000 <= begin.year <= 2199:
        raise WrongPeriod("from", "This day is out of range.")
    if end > today:
        raise WrongPeriod("until", "This day has not come yet.")
    if begin > end:
        raise WrongPeriod("from", "The first day comes after the last.")
    if (end - begin).days >= LONGEST:
        raise WrongPeriod("from", f"At most {LONGEST} days at once.")
    return Period(first=begin, last=end)


def filter_of(clinic: Clinic, period: Period, *, now: datetime) -> TreatmentFilter:
    """The days of a period as moments in the clinic's zone."""
    return kept_figures.filter_of_days(clinic, period.days, now=now)


def summarize(session: Session, *, clinic: Clinic, period: Period, now: datetime) -> ClinicSummary:
    """The figures of a period."""
    sums = kept_figures.read_sums(session, clinic, first=period.first, last=period.last, now=now)
    by_skin, by_day = sums.by_skin_type(), sums.check_ins_by_day()
    ages = figures.open_by_age(session, clinic.id, now=now)
    return ClinicSummary(
        period=period,
        counts_from=clinic.live_since,
        treatments=sum(counts.treatments for counts in by_skin),
        check_ins=_all_days(by_day),
        check_ins_by_day=by_day,
        durations=[_duration(took, measured) for took, measured in sums.durations().items()],
        flags=sum(counts.flags for counts in by_skin),
        outcomes=sums.outcomes(),
        found=sum(counts.found for counts in by_skin),
        expected=sum(counts.expected for counts in by_skin),
        groups=[
            _group(name, [counts for counts in by_skin if counts.key in types]) for name, types in SKIN_GROUPS
        ],
        promises=sums.promises(),
        texts=sums.texts(),
        open=dict(zip(AGES, ages, strict=True)),
        weeks=_weeks(sums),
        detection=detection.summarize(sums.courses(), sums.precisions()),
    )


def _weeks(sums: FigureSums) -> list[WeekFigures]:
    asked = {of_week.key: of_week for of_week in sums.check_ins_by_week()}
    weeks = []
    for counts in sums.by_week():
        if not isinstance(counts.key, date):
            continue
        counted = asked.get(counts.key, CheckInCounts(key=counts.key, asked=0, answered=0, waiting=0))
        week = WeekFigures(
            monday=counts.key,
            treatments=counts.treatments,
            flags=counts.flags,
            flags_per_100=_share(counts.flags * 100, counts.treatments),
            asked=counted.asked,
            answered=counted.answered,
            answered_share=answered_share(counted),
        )
        weeks.append(week)
    return weeks


def _all_days(by_day: Sequence[CheckInCounts]) -> CheckInCounts:
    return CheckInCounts(
        key=0,
        asked=sum(day.asked for day in by_day),
        answered=sum(day.answered for day in by_day),
        waiting=sum(day.waiting for day in by_day),
    )


def _group(name: str, those: Sequence[FlagCounts]) -> SkinGroup:
    treated, flags = sum(counts.treatments for counts in those), sum(counts.flags for counts in those)
    found, expected = sum(counts.found for counts in those), sum(counts.expected for counts in those)
    return SkinGroup(
        group=name,
        treatments=treated,
        flags=flags,
        flags_per_100=_share(flags * 100, treated),
        closed=found + expected,
        precision=_share(found, found + expected),
    )


def _duration(took: DurationKind, measured: DurationFigures) -> DurationSummary:
    return DurationSummary(
        what=took,
        done=measured.done,
        waiting=measured.waiting,
        median_minutes=None if measured.median is None else measured.median / 60,
        p95_minutes=None if measured.p95 is None else measured.p95 / 60,
        within=measured.within,
        late=measured.late,
        within_24h=_share(measured.within, measured.within + measured.late),
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
