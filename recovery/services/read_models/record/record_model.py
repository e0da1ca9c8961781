"""What the page of a patient's whole record shows, session by session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from recovery.domain.clinical.bands import CurveChoice
from recovery.domain.clinical.findings import Finding
from recovery.domain.clinical.healing_time import HealingTime
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.complications import Complication
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.patients.consultations import Consultation
from recovery.models.patients.patients import Consent, Patient
from recovery.models.tasks.tasks import Task
from recovery.models.treatments.treatments import TreatmentCorrection
from recovery.services.read_models.chart_data import ChartData
from recovery.services.read_models.flag_view_model import (
    AssessedReport,
    FlagDetails,
    FlagHistoryEntry,
    FlagReason,
    ReportPhoto,
    TreatmentRecord,
)
from recovery.services.read_models.send_explanations import TextExplanation


@dataclass(frozen=True, kw_only=True)
class RecordReport:
    """One report as it stands, what was found in it, and what it said before it was changed."""

    stands: AssessedReport
    findings: Sequence[Finding]
    before: Sequence[AssessedReport]
    photos: Sequence[ReportPhoto]


@dataclass(frozen=True, kw_only=True)
class RecordFlag:
    """One flag with its reasons and all that happened to it, oldest first."""

    details: FlagDetails
    treatment: TreatmentRecord
    reasons: Sequence[FlagReason]
    history: Sequence[FlagHistoryEntry]

    @property
    def is_open(self) -> bool:
        """Whether it still wants a nurse."""
        return self.details.state is not FlagState.RESOLVED


@dataclass(frozen=True, kw_only=True)
class ToldWords:
    """What a patient told the staff outside check-ins."""

    at: datetime
    day: int
    words: str
    to: str | None


@dataclass(frozen=True, kw_only=True)
class RecordSession:
    """One treatment with all that followed it. `treated_by` and `recorded_by` are names, where known;
    `silences` the days of check-ins that stood out by staying unanswered; `texts` in the order they were due.
    """

    treatment: TreatmentRecord
    held_against: CurveChoice
    treated_by: str | None
    recorded_by: str | None
    withdrawn_at: datetime | None
    corrections: Sequence[tuple[TreatmentCorrection, str | None]]
    settling: HealingTime
    course: ChartData
    reports: Sequence[RecordReport]
    silences: Sequence[int]
    told: Sequence[ToldWords]
    complications: Sequence[Complication]
    texts: Sequence[TextExplanation]


@dataclass(frozen=True, kw_only=True)
class PhotoDay:
    """The photos of one recovery day, for each session that has any, in the order of `photo_sessions`."""

    day: int
    cells: Sequence[Sequence[ReportPhoto]]


@dataclass(frozen=True, kw_only=True)
class RecordCall:
    """One attempt to reach the patient about a flag."""

    flag_id: UUID
    entry: FlagHistoryEntry


@dataclass(frozen=True, kw_only=True)
class RecordAct:
    """Who did or read something of this patient."""

    entry: AuditEntry
    who: str | None

    @property
    def detail(self) -> dict[str, Any]:
        """What was said of the act."""
        return self.entry.detail


@dataclass(frozen=True, kw_only=True)
class RecordView:
    """The whole record. Sessions, flags, consultations, calls and acts with the newest first; `photo_days` by
    day, `photo_sessions` oldest first."""

    patient: Patient
    opt_out: OptOut | None
    consents: Sequence[Consent]
    consultations: Sequence[tuple[Consultation, str | None]]
    sessions: Sequence[RecordSession]
    photo_sessions: Sequence[TreatmentRecord]
    photo_days: Sequence[PhotoDay]
    flags: Sequence[RecordFlag]
    calls: Sequence[RecordCall]
    received: Sequence[InboundText]
    other_texts: Sequence[TextExplanation]
    tasks: Sequence[tuple[Task, str | None]]
    readings: Sequence[RecordAct]
    acts: Sequence[RecordAct]

    @property
    def last(self) -> RecordSession | None:
        """The newest session that was not withdrawn."""
        return next((one for one in self.sessions if one.withdrawn_at is None), None)

    @property
    def last_healed(self) -> RecordSession | None:
        """The newest session before that one of which anything was reported."""
        done = [one for one in self.sessions if one.withdrawn_at is None]
        return next((one for one in done[1:] if one.reports), None)

    @property
    def open_flags(self) -> list[RecordFlag]:
        """Those that want a nurse."""
        return [flag for flag in self.flags if flag.is_open]

    @property
    def closed_flags(self) -> list[RecordFlag]:
        """Those that were closed, the one closed last first."""
        closed = [flag for flag in self.flags if not flag.is_open]
        return sorted(
            closed, key=lambda flag: flag.details.resolved_at or flag.details.opened_at, reverse=True
        )
