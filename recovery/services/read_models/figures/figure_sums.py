"""What can be added up of a clinic's figures: the counts of some days, and of these the sums."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Device
from recovery.domain.flags.flag_lifecycle import FlagOutcome
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.read_models import (
    check_in_figures,
    clinic_figures,
    detection_figures,
    promise_figures,
    text_figures,
)
from recovery.models.read_models.check_in_figures import CheckInCounts
from recovery.models.read_models.clinic_figures import (
    DurationFigures,
    DurationKind,
    FlagCounts,
    TreatmentFilter,
)
from recovery.models.read_models.detection_figures import CourseCounts, PrecisionCounts
from recovery.models.read_models.promise_figures import PromiseCounts
from recovery.models.read_models.text_figures import TextCount

Key = tuple[str | int | None, ...]
Counts = tuple[int, ...]


class SumPart(StrEnum):
    """What is counted, and by what: by skin type, week, day asked about, outcome, and so on."""

    SKIN = "skin"
    WEEK = "week"
    ASKED_DAY = "asked_day"
    ASKED_WEEK = "asked_week"
    OUTCOME = "outcome"
    STEP = "step"
    PROMISE = "promise"
    TEXT = "text"
    COURSE = "course"
    REASON = "reason"


@dataclass(frozen=True, kw_only=True)
class FigureSums:
    """Counts by their keys, and of each step the times it took, in seconds."""

    counts: Mapping[SumPart, Mapping[Key, Counts]]
    lasted: Mapping[DurationKind, Sequence[float]]

    def by_skin_type(self) -> list[FlagCounts]:
        """Treatments and flags by Fitzpatrick skin type."""
        return [FlagCounts(_number(key[0]), *counts) for key, counts in self._listed(SumPart.SKIN)]

    def by_week(self) -> list[FlagCounts]:
        """Treatments and flags by the Monday of the week of the treatment, the first week first."""
        return [FlagCounts(_day(key[0]), *counts) for key, counts in sorted(self._listed(SumPart.WEEK))]

    def check_ins_by_day(self) -> list[CheckInCounts]:
        """Check-ins by the day of recovery they ask about, the first day first."""
        return [
            CheckInCounts(_number(key[0]) or 0, *counts)
            for key, counts in sorted(self._listed(SumPart.ASKED_DAY))
        ]

    def check_ins_by_week(self) -> list[CheckInCounts]:
        """Check-ins by the Monday of the week of the treatment."""
        return [CheckInCounts(_day(key[0]), *counts) for key, counts in self._listed(SumPart.ASKED_WEEK)]

    def outcomes(self) -> dict[FlagOutcome, int]:
        """How many flags were closed as what."""
        return {FlagOutcome(str(key[0])): counts[0] for key, counts in self._listed(SumPart.OUTCOME)}

    def durations(self) -> dict[DurationKind, DurationFigures]:
        """How long each step took."""
        of_step = self.counts.get(SumPart.STEP, {})
        return {
            took: DurationFigures(self.lasted.get(took, ()), *of_step.get((took.value,), (0, 0, 0)))
            for took in DurationKind
        }

    def promises(self) -> PromiseCounts:
        """Promised times that have passed, and how many were kept."""
        return PromiseCounts(*self.counts.get(SumPart.PROMISE, {}).get((), (0, 0)))

    def texts(self) -> list[TextCount]:
        """What became of texts, the most frequent first."""
        found = [
            TextCount(MessageState(str(key[0])), _words(key[1]), *counts)
            for key, counts in self._listed(SumPart.TEXT)
        ]
        return sorted(
            found, key=lambda one: (-one.texts, one.state.value, one.reason is None, one.reason or "")
        )

    def courses(self) -> list[CourseCounts]:
        """Treatments by device, lot and skin type."""
        return [
            CourseCounts(Device(str(key[0])), _words(key[1]), _number(key[2]), *counts)
            for key, counts in self._listed(SumPart.COURSE)
        ]

    def precisions(self) -> list[PrecisionCounts]:
        """How often the flags of each rule, sign and skin type were right."""
        return [
            PrecisionCounts(str(key[0]), str(key[1]), *counts) for key, counts in self._listed(SumPart.REASON)
        ]

    def _listed(self, part: SumPart) -> list[tuple[Key, Counts]]:
        return list(self.counts.get(part, {}).items())


def read_sums(
    session: Session, which: TreatmentFilter, *, zone: str, wordings: Collection[str]
) -> FigureSums:
    """Count the treatments of these days, and the texts that were due on them."""
    asked = check_in_figures.count_check_ins(session, which, zone=zone)
    took = clinic_figures.durations(session, which)
    skin, weeks = (
        clinic_figures.flagged_by_skin_type(session, which),
        clinic_figures.flagged_by_week(session, which, zone=zone),
    )
    return FigureSums(
        counts={
            SumPart.SKIN: {(_kept(row.key),): row[1:] for row in skin},
            SumPart.WEEK: {(_kept(row.key),): row[1:] for row in weeks},
            SumPart.ASKED_DAY: {(_kept(row.key),): row[1:] for row in asked.days},
            SumPart.ASKED_WEEK: {(_kept(row.key),): row[1:] for row in asked.weeks},
            SumPart.OUTCOME: {
                (outcome.value,): (count,)
                for outcome, count in clinic_figures.outcomes(session, which).items()
            },
            SumPart.STEP: {(step.value,): found[1:] for step, found in took.items()},
            SumPart.PROMISE: {(): tuple(promise_figures.promises(session, which, wordings=wordings))},
            SumPart.TEXT: {
                (row.state.value, row.reason): row[2:]
                for row in text_figures.texts_by_outcome(session, which)
            },
            SumPart.COURSE: {
                (row.device.value, row.lot, row.skin_type): row[3:]
                for row in detection_figures.courses(session, which)
            },
            SumPart.REASON: {
                (row.kind, row.key): row[2:] for row in detection_figures.precisions(session, which)
            },
        },
        lasted={step: found.lasted for step, found in took.items()},
    )


def add_up(several: Iterable[FigureSums]) -> FigureSums:
    """The sums of days that have no day in common."""
    sums: dict[SumPart, dict[Key, list[int]]] = {part: {} for part in SumPart}
    lasted: dict[DurationKind, array[float]] = {took: array("d") for took in DurationKind}
    for one in several:
        for part, of_part in one.counts.items():
            total = sums[part]
            for key, more in of_part.items():
                have = total.get(key)
                if have is None:
                    total[key] = list(more)
                else:
                    for place, count in enumerate(more):
                        have[place] += count
        for took, times in one.lasted.items():
            lasted[took].extend(times)
    counts = {part: {key: tuple(of_key) for key, of_key in total.items()} for part, total in sums.items()}
    return FigureSums(counts=counts, lasted={took: sorted(times) for took, times in lasted.items()})


def to_kept(sums: FigureSums) -> tuple[dict[str, Any], bytes]:
    """As they are kept: always the same of the same.

    The counts as JSON, with how many times each step has, and the times one after another, eight bytes each.
    """
    counts = {
        part.value: sorted(([list(key), list(of_key)] for key, of_key in of_part.items()), key=repr)
        for part, of_part in sums.counts.items()
    }
    times = {took: sums.lasted.get(took, ()) for took in DurationKind}
    lengths = {took.value: len(lasted) for took, lasted in times.items()}
    return {"counts": counts, "times": lengths}, b"".join(
        array("d", lasted).tobytes() for lasted in times.values()
    )


def from_kept(kept: Mapping[str, Any], times: bytes) -> FigureSums:
    """What `to_kept` made of sums, as they were."""
    everything, lasted, place = array("d", times), {}, 0
    for took in DurationKind:
        length = kept["times"][took.value]
        lasted[took] = everything[place : place + length]
        place += length
    counts = {
        SumPart(part): {tuple(key): tuple(of_key) for key, of_key in of_part}
        for part, of_part in kept["counts"].items()
    }
    return FigureSums(counts=counts, lasted=lasted)


def _kept(key: int | date | None) -> str | int | None:
    return key.isoformat() if isinstance(key, date) else key


def _number(key: str | int | None) -> int | None:
    return None if key is None else int(key)


def _day(key: str | int | None) -> date:
    return date.fromisoformat(str(key))


def _words(key: str | int | None) -> str | None:
    return None if key is None else str(key)
