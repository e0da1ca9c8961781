"""Check-ins whose time to be answered has come, locked, with all that decides what follows (heard, reported,
opened, missed).

One statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, ScalarSelect, Select, cast, extract, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from recovery.domain.clinical.symptoms import Level
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.inbound.text_meaning import NO_CONTACT
from recovery.models.flags.flags import Flag
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.messaging.messages import REACHED_NOBODY, Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.patients.patients import Patient, PatientSession
from recovery.models.reports.reports import AssessmentCause, Report, ReportRevision, StoredAssessment
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class SilenceCheck:
    """One check-in, locked, and what is known at this moment.

    `heard_day` is the recovery day on which the patient last reported or wrote, `heard_since` whether since
    the text left; `missed` how many check-ins
    since then reached them, this one included. `last_level` and `last_held` are of the report seen last: how
    it was judged, and what of it was to be asked about first. `taken_over`: a later treatment of the same
    patient has been done.
    """

    message: Message
    treatment: Treatment
    patient: Patient
    heard_day: int | None
    heard_since: bool
    missed: int
    last_level: Level | None
    last_held: list[dict[str, Any]] | None
    opted_out: bool
    opened: bool
    flag_open: bool
    told: bool
    taken_over: bool


def list_due_checks_for_update(session: Session, *, now: datetime, limit: int) -> Sequence[SilenceCheck]:
    """Lock up to `limit` check-ins that are to be looked at and that no other worker holds.

    The cost follows what is due, not how many treatments there are: an index holds the moments.
    """
    due = (
        select(Message.clinic_id, Message.id)
        .where(Message.silence_at <= now)
        .order_by(Message.silence_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    heard_day = _heard_day()
    wanted = (
        select(
            Message,
            Treatment,
            Patient,
            heard_day,
            _heard_since(),
            _missed(heard_day),
            _of_last_report(StoredAssessment.level),
            _of_last_report(StoredAssessment.held),
            _opted_out(),
            _opened(),
            _flag_open(),
            _told(heard_day),
            treatments.taken_over_at(Treatment).is_not(None),
        )
        .select_from(due)
        .join(Message, (Message.clinic_id == due.c.clinic_id) & (Message.id == due.c.id))
        .join(Treatment, (Treatment.clinic_id == Message.clinic_id) & (Treatment.id == Message.treatment_id))
        .join(Patient, (Patient.clinic_id == Message.clinic_id) & (Patient.id == Message.patient_id))
        .order_by(Message.clinic_id, Message.treatment_id, Message.id)
    )
    rows = session.execute(wanted.execution_options(populate_existing=True)).all()
    return [
        SilenceCheck(
            message=row[0],
            treatment=row[1],
            patient=row[2],
            heard_day=row[3],
            heard_since=row[4],
            missed=row[5],
            last_level=row[6],
            last_held=row[7],
            opted_out=row[8],
            opened=row[9],
            flag_open=row[10],
            told=row[11],
            taken_over=row[12],
        )
        for row in rows
    ]


def _heard_day() -> ColumnElement[int | None]:
    """Words count as contact: whoever answers "im ok thx" is not silent. Greatest takes no heed of NULL."""
    return func.greatest(_reported_day(), _written_day())


def _day_of(moment: ColumnElement[datetime] | InstrumentedAttribute[datetime]) -> ColumnElement[int | None]:
    hours = extract("epoch", moment - Treatment.performed_at) / 3600
    return cast(func.max(func.floor((hours + 12) / 24)), Integer)


def _heard_since() -> ColumnElement[bool]:
    """What answers a question beside the plan: its day may have one of the plan, too."""
    written = _written(InboundText.id).where(InboundText.received_at >= Message.claimed_at)
    reported = _reported(ReportRevision.report_id).where(ReportRevision.received_at >= Message.claimed_at)
    return or_(*(said.correlate(Message, Treatment).exists() for said in (written, reported)))


def _written(column: ColumnElement[T] | InstrumentedAttribute[T]) -> Select[T]:
    return select(column).where(
        InboundText.clinic_id == Message.clinic_id,
        InboundText.patient_id == Message.patient_id,
        InboundText.source == InboundSource.TEXT,
        InboundText.meaning.not_in(NO_CONTACT),
        InboundText.no_answer.is_distinct_from(NoAnswer.NOT_WRITTEN),
        InboundText.received_at >= Treatment.performed_at,
    )


def _written_day() -> ScalarSelect[int | None]:
    return _written(_day_of(InboundText.received_at)).correlate(Message, Treatment).scalar_subquery()


def _reported(column: ColumnElement[T] | InstrumentedAttribute[T]) -> Select[T]:
    return (
        select(column)
        .join(
            Report,
            (Report.clinic_id == ReportRevision.clinic_id)
            & (Report.id == ReportRevision.report_id)
            & (Report.revision == ReportRevision.revision),
        )
        .where(Report.clinic_id == Message.clinic_id, Report.treatment_id == Message.treatment_id)
    )


def _reported_day() -> ScalarSelect[int | None]:
    return _reported(_day_of(ReportRevision.seen_at)).correlate(Message, Treatment).scalar_subquery()


def _missed(heard_day: ColumnElement[int | None]) -> ScalarSelect[int]:
    asked = aliased(Message)
    return (
        select(func.count())
        .where(
            asked.clinic_id == Message.clinic_id,
            asked.patient_id == Message.patient_id,
            asked.treatment_id == Message.treatment_id,
            asked.asks_day <= Message.asks_day,
            asked.asks_day > func.coalesce(heard_day, -1),
            asked.state.not_in(REACHED_NOBODY),
        )
        .correlate(Message, Treatment)
        .scalar_subquery()
    )


def _of_last_report(column: InstrumentedAttribute[T]) -> ScalarSelect[T]:
    return (
        select(column)
        .join(
            ReportRevision,
            (ReportRevision.clinic_id == StoredAssessment.clinic_id)
            & (ReportRevision.report_id == StoredAssessment.report_id)
            & (ReportRevision.revision == StoredAssessment.revision),
        )
        .where(
            StoredAssessment.clinic_id == Message.clinic_id,
            StoredAssessment.treatment_id == Message.treatment_id,
        )
        .order_by(ReportRevision.seen_at.desc(), StoredAssessment.revision.desc(), StoredAssessment.id.desc())
        .limit(1)
        .correlate(Message)
        .scalar_subquery()
    )


def _opted_out() -> ScalarSelect[bool]:
    ended = select(OptOut.phone).where(OptOut.clinic_id == Patient.clinic_id, OptOut.phone == Patient.phone)
    return select(ended.correlate(Patient).exists()).correlate(Patient).scalar_subquery()


def _opened() -> ScalarSelect[bool]:
    """Whether a page of the patient's was in use since the check-in was due."""
    seen = select(PatientSession.patient_id).where(
        PatientSession.clinic_id == Message.clinic_id,
        PatientSession.patient_id == Message.patient_id,
        PatientSession.last_seen_at >= Message.due_at,
    )
    return select(seen.correlate(Message).exists()).correlate(Message).scalar_subquery()


def _flag_open() -> ScalarSelect[bool]:
    unresolved = select(Flag.id).where(
        Flag.clinic_id == Message.clinic_id,
        Flag.treatment_id == Message.treatment_id,
        Flag.state != FlagState.RESOLVED,
    )
    return select(unresolved.correlate(Message).exists()).correlate(Message).scalar_subquery()


def _told(heard_day: ColumnElement[int | None]) -> ScalarSelect[bool]:
    """Whether this silence, since the patient was last heard from, is a finding already."""
    silences = select(StoredAssessment.id).where(
        StoredAssessment.clinic_id == Message.clinic_id,
        StoredAssessment.treatment_id == Message.treatment_id,
        StoredAssessment.cause == AssessmentCause.SILENCE,
        StoredAssessment.day > func.coalesce(heard_day, -1),
    )
    return (
        select(silences.correlate(Message, Treatment).exists())
        .correlate(Message, Treatment)
        .scalar_subquery()
    )


def treatments_of(looks: Sequence[SilenceCheck]) -> dict[UUID, list[UUID]]:
    """The treatments looked at, by clinic."""
    treatment_ids: dict[UUID, list[UUID]] = {}
    for look in looks:
        treatment_ids.setdefault(look.treatment.clinic_id, []).append(look.treatment.id)
    return treatment_ids
