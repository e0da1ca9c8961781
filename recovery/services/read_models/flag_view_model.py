"""The types of what one flag's page shows: patient, treatment, reports, reasons, texts, photos, history;
flag_view fills them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from recovery.domain.clinical import symptoms
from recovery.domain.clinical.bands import CurveChoice
from recovery.domain.clinical.findings import Finding
from recovery.domain.clinical.symptoms import AnswerScale, Area, Level, Symptom, WarningSign
from recovery.domain.core.language import Language
from recovery.domain.flags import flag_lifecycle
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.treatments.indication import Indication
from recovery.models.flags.flags import EventKind
from recovery.models.reports.reports import DeviceClock
from recovery.services.flags.escalation_results import EscalationResult
from recovery.services.read_models.chart_data import ChartData


@dataclass(frozen=True, kw_only=True)
class PatientFacts:
    """Who it is about. `phone` in E.164; `texts_ended` when the number asked for no more texts;
    `prefers_calls_since` when the patient texted that calls are better than texts."""

    id: UUID
    name: str
    phone: str
    year_of_birth: int
    language: Language
    skin_type: int | None
    answers_by: AnswersBy
    texts_ended: datetime | None
    prefers_calls_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class TreatmentRecord:
    """What was done. `day` is the recovery day at the moment of reading; `withdrawn` if entered in error.
    `taken_over` is when the patient was treated again, `takes_over` when the earlier treatments were done
    that were still followed then.
    """

    id: UUID
    performed_at: datetime
    day: int
    facts: symptoms.TreatmentFacts
    indication: Indication | None
    numbing: str | None
    topical: str | None
    lot: str | None
    protocol: str
    withdrawn: bool
    taken_over: datetime | None
    takes_over: Sequence[datetime]


@dataclass(frozen=True, kw_only=True)
class FlagDetails:
    """Where the flag stands, by when somebody should have looked, and who holds it."""

    id: UUID
    state: flag_lifecycle.FlagState
    urgency: flag_lifecycle.Urgency
    opened_at: datetime
    due_at: datetime
    holder_id: UUID | None
    holder: str | None
    held_since: datetime | None
    resolved_at: datetime | None
    outcome: flag_lifecycle.FlagOutcome | None
    comment: str | None


@dataclass(frozen=True, kw_only=True)
class AssessedReport:
    """One report as it stands now, with how it was last judged.

    `same_as_before`: the patient said that all is as the time before, and those scores were taken over.
    `signs_denied`: asked by text for signs, the patient answered that there is none. `asked_first` are
    findings that raised nothing before the patient was asked once more.
    """

    report_id: UUID
    seen_at: datetime
    hours: float
    received_at: datetime
    clock: DeviceClock
    revision: int
    day: int
    level: Level
    scores: Mapping[Symptom, int]
    scale: AnswerScale
    strongest: Area | None
    warning_signs: Sequence[WarningSign]
    asked_again: frozenset[Symptom]
    asked_first: Sequence[Finding]
    note: str | None
    same_as_before: bool
    signs_denied: bool


@dataclass(frozen=True, kw_only=True)
class FlagReason:
    """Why one report, or without one a silence or what was told to the staff, raised the flag.

    `told` are the words as `told_to` wrote them down, `corrected` if the patient has changed the report
    since.
    """

    report_id: UUID | None
    seen_at: datetime
    day: int
    level: Level
    findings: Sequence[Finding]
    protocol: str
    corrected: bool
    told: str | None = None
    told_to: str | None = None

    @property
    def subjects(self) -> list[list[Finding]]:
        """The findings, those about the same sign or symptom together, in the order they are told."""
        found: dict[object, list[Finding]] = {}
        for finding in self.findings:
            subject = finding.symptom, finding.sign, finding.signs, finding.several
            found.setdefault(subject, []).append(finding)
        return list(found.values())


@dataclass(frozen=True, kw_only=True)
class TreatmentText:
    """One text of the treatment; never its words."""

    template: str
    day: int | None
    to_patient: bool
    due_at: datetime
    settled_at: datetime | None
    state: MessageState
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class FlagHistoryEntry:
    """One thing that happened to the flag; `who` is empty for the worker, `to` whom it was handed to.

    `came_of_it` says of an escalation whether it reached anybody.
    """

    at: datetime
    kind: EventKind
    who: str | None
    to: str | None
    detail: Mapping[str, Any]
    taken_back: bool
    came_of_it: EscalationResult | None = None


@dataclass(frozen=True, kw_only=True)
class ReportPhoto:
    """A photo of a report, by when the signs of the report were seen; `width` and `height` in pixels."""

    id: UUID
    report_id: UUID
    hours: float
    day: int
    width: int
    height: int


@dataclass(frozen=True, kw_only=True)
class FlagView:
    """Everything the flag's page shows. Reasons and events newest first, reports in the order seen.

    `undo_until` is how long whoever reads it may take back their last step; None where there is none.
    """

    flag: FlagDetails
    patient: PatientFacts
    treatment: TreatmentRecord
    held_against: CurveChoice
    reasons: Sequence[FlagReason]
    reports: Sequence[AssessedReport]
    photos: Sequence[ReportPhoto]
    course: ChartData
    texts: Sequence[TreatmentText]
    events: Sequence[FlagHistoryEntry]
    undo_until: datetime | None
    other_flags: Sequence[FlagDetails]
