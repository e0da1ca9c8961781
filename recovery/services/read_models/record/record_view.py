"""Putting a patient's whole record together, from the same rows as the patient's own data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical import findings, healing_time
from recovery.models.clinic import clinics
from recovery.models.flags import flags
from recovery.models.flags.flags import EventKind
from recovery.models.messaging import opt_outs
from recovery.models.messaging.messages import Message
from recovery.models.patients import consultations
from recovery.models.patients.patients import Patient
from recovery.models.read_models import audit_trail, patient_record
from recovery.models.read_models.audit_trail import ActKind, TrailFilter
from recovery.models.read_models.patient_record import PatientRecord
from recovery.models.reports.reports import AssessmentCause, ReportRevision, StoredAssessment
from recovery.models.tasks import tasks
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import StaffCaller
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.flags import escalation_results
from recovery.services.patients import enrolment
from recovery.services.read_models import chart_data, flag_view, patient_view, send_explanations
from recovery.services.read_models.chart_data import EarlierSeries
from recovery.services.read_models.flag_view_model import ReportPhoto
from recovery.services.read_models.record.record_model import (
    PhotoDay,
    RecordAct,
    RecordCall,
    RecordFlag,
    RecordReport,
    RecordSession,
    RecordView,
    ToldWords,
)
from recovery.services.read_models.send_explanations import TextExplanation

MOST_CONSULTATIONS = 50
MOST_TASKS = 200
MOST_ACTS = 40
"""The newest; the audit trail has all."""

_Row = TypeVar("_Row")


@dataclass(frozen=True, kw_only=True)
class _Found:
    """The rows behind one record, with what names them."""

    patient: Patient
    rows: PatientRecord
    names: Mapping[UUID, str]
    content: Content
    now: datetime


def read_record_view(
    session: Session,
    *,
    caller: StaffCaller,
    patient_id: UUID,
    content: Content,
    now: datetime,
    action: str = "record.read",
) -> RecordView:
    """Everything of a patient of the caller's clinic; the reading is audited. Raises UnknownPatient."""
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    found = _Found(
        patient=patient,
        rows=patient_record.read_record(session, patient),
        names=clinics.staff_names(session, patient.clinic_id),
        content=content,
        now=now,
    )
    ids = [treatment.id for treatment in found.rows.treatments]
    texts = send_explanations.explain_whole_record(
        session, patient=patient, treatment_ids=ids, content=content, now=now
    )
    held = _flags(session, found)
    sessions = _sessions(session, found, held=held, texts=texts)
    acts = _acts(session, found, frozenset(ActKind) - {ActKind.READ})
    readings = _acts(session, found, frozenset({ActKind.READ}))
    patient_view.audit_reading(session, caller=caller, patient=patient, now=now, action=action)
    with_photos = [one for one in reversed(sessions) if any(report.photos for report in one.reports)]
    return RecordView(
        patient=patient,
        opt_out=opt_outs.get_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone),
        consents=found.rows.consents[::-1],
        consultations=[
            (one, _name(found, one.recorded_by))
            for one in consultations.list_for_patient(
                session, patient.clinic_id, patient.id, limit=MOST_CONSULTATIONS
            )
        ],
        sessions=sessions,
        photo_sessions=[one.treatment for one in with_photos],
        photo_days=_photo_days(with_photos),
        flags=held,
        calls=_calls(held),
        received=found.rows.received,
        other_texts=texts[None],
        tasks=[
            (task, _name(found, task.done_by))
            for task in tasks.list_for_patient(session, patient.clinic_id, patient.id, limit=MOST_TASKS)
        ],
        readings=readings,
        acts=acts,
    )


def _name(found: _Found, staff_id: UUID | None) -> str | None:
    return None if staff_id is None else found.names.get(staff_id)


def _sessions(
    session: Session,
    found: _Found,
    *,
    held: Sequence[RecordFlag],
    texts: Mapping[UUID | None, Sequence[TextExplanation]],
) -> list[RecordSession]:
    """Newest first, withdrawn ones in their place."""
    done = found.rows.treatments
    recorded = audit_trail.first_acts(
        session, found.patient.clinic_id, [one.id for one in done], action="treatment.record"
    )
    corrected = treatments.corrections_by_treatment(
        session, found.patient.clinic_id, [one.id for one in done]
    )
    sessions: list[RecordSession] = []
    earlier: list[EarlierSeries] = []
    for treatment in done:
        made = _session(
            session,
            found,
            treatment,
            flags_of=[one for one in held if one.treatment.id == treatment.id],
            texts=texts[treatment.id],
            recorded_by=_name(found, recorded.get(treatment.id)),
            corrections=[(one, _name(found, one.staff_id)) for one in corrected[treatment.id]],
            earlier=earlier[: -chart_data.EARLIER - 1 : -1],
        )
        sessions.append(made)
        said = [report.stands for report in made.reports]
        if said and treatment.withdrawn_at is None:
            earlier.append(chart_data.earlier_series(treatment, _current(found, treatment)))
    return sessions[::-1]


def _session(
    session: Session,
    found: _Found,
    treatment: Treatment,
    *,
    flags_of: Sequence[RecordFlag],
    texts: Sequence[TextExplanation],
    recorded_by: str | None,
    corrections: Sequence[tuple[treatments.TreatmentCorrection, str | None]],
    earlier: Sequence[EarlierSeries],
) -> RecordSession:
    rows, patient = found.rows, found.patient
    record = flag_view.treatment_record(session, treatment, skin_type=patient.skin_type, now=found.now)
    held_to = protocols.get_protocol(
        session, clinic_id=patient.clinic_id, version=treatment.protocol, content=found.content
    )
    reports = _reports(found, treatment)
    unreported = [one for one in rows.assessments if one.treatment_id == treatment.id and not one.report_id]
    return RecordSession(
        treatment=record,
        held_against=held_to.curves.choose(record.facts),
        treated_by=_name(found, treatment.performed_by),
        recorded_by=recorded_by,
        withdrawn_at=treatment.withdrawn_at,
        corrections=corrections,
        settling=healing_time.summarize_healing(
            [said.observation(performed_at=treatment.performed_at) for said in _current(found, treatment)]
        ),
        course=flag_view.draw_course(
            [report.stands for report in reports],
            record=record,
            texts=_sent(found, treatment),
            happened=[event for flag in flags_of for event in flag.history],
            photos_sent=[photo for report in reports for photo in report.photos],
            earlier=earlier,
            held_to=held_to,
            answers=found.content.answers,
            now=found.now,
        ),
        reports=reports,
        silences=[one.day for one in unreported if one.cause is AssessmentCause.SILENCE],
        told=[
            ToldWords(
                at=one.created_at,
                day=one.day,
                words=one.told,
                to=_name(found, one.told_to),
            )
            for one in unreported
            if one.told is not None
        ],
        complications=[one for one in rows.complications if one.treatment_id == treatment.id],
        texts=texts,
    )


def _current(found: _Found, treatment: Treatment) -> list[ReportRevision]:
    """What stands of each report of a treatment, in the order the signs were seen."""
    newest = {
        (report.id, report.revision) for report in found.rows.reports if report.treatment_id == treatment.id
    }
    said = [one for one in found.rows.revisions if (one.report_id, one.revision) in newest]
    return sorted(said, key=lambda one: (one.seen_at, one.report_id))


def _reports(found: _Found, treatment: Treatment) -> list[RecordReport]:
    rows = found.rows
    judged: dict[tuple[UUID | None, int | None], StoredAssessment] = {
        (one.report_id, one.revision): one for one in rows.assessments
    }
    denied = {report.id for report in rows.reports if report.signs_denied_at is not None}
    revisions = _by((one.report_id, one) for one in rows.revisions)
    current = _current(found, treatment)
    photos = flag_view.report_photos(rows.photos, said=current, treatment=treatment)
    reports = []
    for said in current:
        *before, stands = [
            flag_view.assessed_report(
                one,
                judged[one.report_id, one.revision],
                treatment=treatment,
                signs_denied=one.report_id in denied,
            )
            for one in revisions[said.report_id]
        ]
        assessed = judged[said.report_id, said.revision]
        reports.append(
            RecordReport(
                stands=stands,
                findings=[findings.from_dict(one) for one in assessed.findings],
                before=before,
                photos=[photo for photo in photos if photo.report_id == said.report_id],
            )
        )
    return reports


def _sent(found: _Found, treatment: Treatment) -> list[Message]:
    return [text for text in found.rows.texts if text.treatment_id == treatment.id]


def _flags(session: Session, found: _Found) -> list[RecordFlag]:
    """Newest first."""
    rows, clinic_id = found.rows, found.patient.clinic_id
    raised = flags.assessments_by_flag(session, clinic_id, [flag.id for flag in rows.flags])
    events = _by((event.flag_id, event) for event in rows.flag_events)
    results = escalation_results.read_results(session, clinic_id, rows.flag_events, now=found.now)
    records = {
        one.id: flag_view.treatment_record(session, one, skin_type=found.patient.skin_type, now=found.now)
        for one in rows.treatments
    }
    courses = {treatment.id: _current(found, treatment) for treatment in rows.treatments}
    return [
        RecordFlag(
            details=flag_view.flag_details(flag, found.names),
            treatment=records[flag.treatment_id],
            reasons=flag_view.flag_reasons(
                raised.get(flag.id, []), courses[flag.treatment_id], names=found.names
            ),
            history=flag_view.flag_history(events[flag.id], found.names, results=results),
        )
        for flag in reversed(rows.flags)
    ]


def _calls(held: Sequence[RecordFlag]) -> list[RecordCall]:
    calls = [
        RecordCall(flag_id=flag.details.id, entry=event)
        for flag in held
        for event in flag.history
        if event.kind is EventKind.CONTACT and not event.taken_back
    ]
    return sorted(calls, key=lambda call: call.entry.at, reverse=True)


def _photo_days(with_photos: Sequence[RecordSession]) -> list[PhotoDay]:
    cells: dict[int, dict[UUID, list[ReportPhoto]]] = defaultdict(lambda: defaultdict(list))
    for one in with_photos:
        for photo in (photo for report in one.reports for photo in report.photos):
            cells[photo.day][one.treatment.id].append(photo)
    return [
        PhotoDay(day=day, cells=[cells[day][one.treatment.id] for one in with_photos])
        for day in sorted(cells)
    ]


def _acts(session: Session, found: _Found, kinds: frozenset[ActKind]) -> list[RecordAct]:
    which = TrailFilter(clinic_id=found.patient.clinic_id, patient_id=found.patient.id, kinds=kinds)
    return [
        RecordAct(entry=entry, who=_name(found, entry.actor_id))
        for entry in audit_trail.list_entries(session, which, limit=MOST_ACTS)
    ]


def _by(pairs: Iterable[tuple[UUID, _Row]]) -> Mapping[UUID, list[_Row]]:
    grouped: defaultdict[UUID, list[_Row]] = defaultdict(list)
    for key, row in pairs:
        grouped[key].append(row)
    return grouped
