"""Reads one flag with everything a nurse needs to decide: patient, course, reasons, texts, photos, what was
done (types: flag_view_model)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical import chart_series, findings, symptoms
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.review import undo
from recovery.models.clinic import clinics
from recovery.models.flags import flags
from recovery.models.flags.flags import EventKind, Flag
from recovery.models.messaging import messages, opt_outs
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports import photos, reports, told_signs
from recovery.models.reports.photos import Photo
from recovery.models.reports.reports import ReportRevision, StoredAssessment
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import StaffCaller
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.flags import escalation_results
from recovery.services.flags import flag_work as work
from recovery.services.flags.escalation_results import EscalationResult
from recovery.services.flags.flag_queue_entries import by_urgency, newest_of_each
from recovery.services.read_models import chart_data
from recovery.services.read_models.chart_data import ChartData, ChartMarks, EarlierSeries
from recovery.services.read_models.flag_view_model import (
    AssessedReport,
    FlagDetails,
    FlagHistoryEntry,
    FlagReason,
    FlagView,
    PatientFacts,
    ReportPhoto,
    TreatmentRecord,
    TreatmentText,
)
from recovery.services.reports.reports import SAME_AS
from recovery.services.treatments import overlapping


def read_flag(
    session: Session, *, caller: StaffCaller, flag_id: UUID, content: Content, now: datetime
) -> FlagView:
    """A flag of the caller's clinic; the reading is audited. Raises UnknownFlag, for another clinic's too."""
    flag = flags.get(session, caller.clinic_id, flag_id)
    if flag is None:
        raise work.UnknownFlag(flag_id)
    treatment = treatments.get(session, flag.clinic_id, flag.treatment_id)
    patient = None if treatment is None else patients.get(session, flag.clinic_id, treatment.patient_id)
    if treatment is None or patient is None:
        raise work.UnknownFlag(flag_id)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="flag.read",
        subject=("flag", flag.id),
        now=now,
    )
    return _file(
        session, caller=caller, flag=flag, treatment=treatment, patient=patient, content=content, now=now
    )


def _file(
    session: Session,
    *,
    caller: StaffCaller,
    flag: Flag,
    treatment: Treatment,
    patient: Patient,
    content: Content,
    now: datetime,
) -> FlagView:
    names = clinics.staff_names(session, flag.clinic_id)
    said = reports.list_current_revisions(session, flag.clinic_id, treatment.id)
    judged = reports.latest_assessments(session, flag.clinic_id, treatment.id)
    texts = messages.list_for_treatment(session, flag.clinic_id, treatment.id)
    events = flags.list_events(session, flag.clinic_id, flag.id)
    results = escalation_results.read_results(session, flag.clinic_id, events, now=now)
    happened = flag_history(events, names, results=results)
    undoable = undo.find_undoable(events, staff_id=caller.staff_id, now=now)
    photos_sent = report_photos(
        photos.list_for_treatment(session, flag.clinic_id, treatment.id), said=said, treatment=treatment
    )
    denied = told_signs.reports_denying_signs(session, flag.clinic_id, treatment.id)
    reported = [
        assessed_report(
            revision,
            judged[revision.report_id],
            treatment=treatment,
            signs_denied=revision.report_id in denied,
        )
        for revision in said
    ]
    record = treatment_record(session, treatment, skin_type=patient.skin_type, now=now)
    held_to = protocols.get_protocol(
        session, clinic_id=flag.clinic_id, version=treatment.protocol, content=content
    )
    return FlagView(
        flag=flag_details(flag, names),
        patient=_patient(session, patient),
        treatment=record,
        held_against=held_to.curves.choose(record.facts),
        reasons=flag_reasons(
            flags.assessments_by_flag(session, flag.clinic_id, [flag.id]).get(flag.id, []),
            said,
            names=names,
        ),
        reports=reported,
        photos=photos_sent,
        course=draw_course(
            reported,
            record=record,
            texts=texts,
            happened=happened,
            photos_sent=photos_sent,
            earlier=chart_data.earlier_sessions(session, treatment),
            held_to=held_to,
            answers=content.answers,
            now=now,
        ),
        texts=[_text(message) for message in texts],
        events=happened[::-1],
        undo_until=None if undoable is None else undoable.at + UNDO_WITHIN,
        other_flags=[
            flag_details(other, names)
            for other in flags.list_for_treatment(session, flag.clinic_id, treatment.id)
            if other.id != flag.id
        ],
    )


def flag_details(flag: Flag, names: Mapping[UUID, str]) -> FlagDetails:
    """Where a flag stands, its holder by name."""
    return FlagDetails(
        id=flag.id,
        state=flag.state,
        urgency=flag.urgency,
        opened_at=flag.opened_at,
        due_at=flag.due_at,
        holder_id=flag.held_by,
        holder=None if flag.held_by is None else names.get(flag.held_by),
        held_since=flag.held_since,
        resolved_at=flag.resolved_at,
        outcome=flag.outcome,
        comment=flag.comment,
    )


def _patient(session: Session, patient: Patient) -> PatientFacts:
    ended = opt_outs.get_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone)
    return PatientFacts(
        id=patient.id,
        name=patient.full_name,
        phone=patient.phone,
        year_of_birth=patient.year_of_birth,
        language=patient.language,
        skin_type=patient.skin_type,
        answers_by=patient.answers_by,
        texts_ended=None if ended is None else ended.since,
        prefers_calls_since=patient.prefers_calls_since,
    )


def treatment_record(
    session: Session, treatment: Treatment, *, skin_type: int | None, now: datetime
) -> TreatmentRecord:
    """What was done, as pages show it."""
    overlap = overlapping.read_overlap(session, treatment)
    return TreatmentRecord(
        id=treatment.id,
        performed_at=treatment.performed_at,
        day=symptoms.recovery_day(symptoms.hours_between(treatment.performed_at, now)),
        facts=treatment.facts(skin_type=skin_type),
        indication=treatment.indication,
        numbing=treatment.numbing,
        topical=treatment.topical,
        lot=treatment.lot,
        protocol=treatment.protocol,
        withdrawn=treatment.withdrawn_at is not None,
        taken_over=None if overlap.taken_over_by is None else overlap.taken_over_by.performed_at,
        takes_over=[other.performed_at for other in overlap.takes_over],
    )


def assessed_report(
    said: ReportRevision, judged: StoredAssessment, *, treatment: Treatment, signs_denied: bool
) -> AssessedReport:
    """A revision of a report with how it was judged."""
    observation = said.observation(performed_at=treatment.performed_at)
    return AssessedReport(
        report_id=said.report_id,
        seen_at=said.seen_at,
        hours=observation.hours,
        received_at=said.received_at,
        clock=said.clock,
        revision=said.revision,
        day=judged.day,
        level=judged.level,
        scores=observation.scores,
        scale=observation.scale,
        strongest=observation.strongest,
        warning_signs=[sign for sign in WarningSign if sign in observation.warning_signs],
        asked_again=frozenset(Symptom(name) for name in judged.ask_again),
        asked_first=[findings.from_dict(finding) for finding in judged.held],
        note=said.note,
        same_as_before=SAME_AS in said.body,
        signs_denied=signs_denied,
    )


def flag_reasons(
    raising: Sequence[StoredAssessment],
    said: Sequence[ReportRevision],
    *,
    names: Mapping[UUID, str],
) -> list[FlagReason]:
    """One entry a report, from the newest of its assessments that raised the flag, and one each time that
    something was told to the staff."""
    revisions = {revision.report_id: revision for revision in said}
    reasons = [_why(assessed, revisions, names=names) for assessed in newest_of_each(raising)]
    return sorted(reasons, key=lambda reason: reason.seen_at, reverse=True)


def _why(
    assessed: StoredAssessment, kept: Mapping[UUID, ReportRevision], *, names: Mapping[UUID, str]
) -> FlagReason:
    said = None if assessed.report_id is None else kept[assessed.report_id]
    return FlagReason(
        report_id=assessed.report_id,
        seen_at=assessed.created_at if said is None else said.seen_at,
        day=assessed.day,
        level=assessed.level,
        findings=by_urgency(assessed),
        protocol=assessed.protocol,
        told=assessed.told,
        told_to=None if assessed.told_to is None else names.get(assessed.told_to),
        corrected=said is not None and said.revision > (assessed.revision or 0),
    )


def draw_course(
    reported: Sequence[AssessedReport],
    *,
    record: TreatmentRecord,
    texts: Sequence[messages.Message],
    happened: Sequence[FlagHistoryEntry],
    photos_sent: Sequence[ReportPhoto],
    earlier: Sequence[EarlierSeries],
    held_to: Protocol,
    answers: symptoms.AnswerRanges,
    now: datetime,
) -> ChartData:
    """The course of these reports, current revisions each, over the band it is held against."""
    seen = [
        chart_series.ChartReport(
            observation=symptoms.Observation(
                hours=report.hours,
                scores=report.scores,
                warning_signs=frozenset(report.warning_signs),
                scale=report.scale,
            ),
            asked_again=report.asked_again,
        )
        for report in reported
    ]
    since = record.performed_at
    sent_states = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)
    moments = ChartMarks(
        texts=[
            symptoms.hours_between(since, message.settled_at or message.due_at)
            for message in texts
            if message.patient_id is not None and message.state in sent_states
        ],
        contacts=[
            symptoms.hours_between(since, event.at)
            for event in happened
            if event.kind is EventKind.CONTACT and not event.taken_back
        ],
        photos=[photo.hours for photo in photos_sent],
        now=symptoms.hours_between(since, now),
    )
    return chart_data.build_chart(
        seen,
        table=held_to.curves.table(record.facts),
        moments=moments,
        earlier=earlier,
        answers=answers,
    )


def report_photos(
    stored: Sequence[Photo], *, said: Sequence[ReportRevision], treatment: Treatment
) -> list[ReportPhoto]:
    """The photos of these reports of a treatment, by when the signs of each were seen."""
    seen = {revision.report_id: revision.hours_since(treatment.performed_at) for revision in said}
    return [
        ReportPhoto(
            id=photo.id,
            report_id=photo.report_id,
            hours=seen[photo.report_id],
            day=symptoms.recovery_day(seen[photo.report_id]),
            width=photo.width,
            height=photo.height,
        )
        for photo in stored
        if photo.report_id in seen
    ]


def flag_history(
    events: Sequence[flags.FlagEvent],
    names: Mapping[UUID, str],
    *,
    results: Mapping[UUID, EscalationResult],
) -> list[FlagHistoryEntry]:
    """What happened, oldest first; an undone event is marked, and the undo itself is not listed."""
    undone = {event.detail.get("undoes") for event in events if event.kind is EventKind.UNDONE}
    return [
        FlagHistoryEntry(
            at=event.at,
            kind=event.kind,
            who=None if event.staff_id is None else names.get(event.staff_id),
            to=names.get(UUID(event.detail["to"])) if event.kind is EventKind.HANDED_OVER else None,
            detail=event.detail,
            taken_back=str(event.id) in undone,
            came_of_it=results.get(event.id),
        )
        for event in events
        if event.kind is not EventKind.UNDONE
    ]


def _text(message: messages.Message) -> TreatmentText:
    day = message.details.get("day")
    return TreatmentText(
        template=message.template,
        day=day if isinstance(day, int) else None,
        to_patient=message.patient_id is not None,
        due_at=message.due_at,
        settled_at=message.settled_at,
        state=message.state,
        reason=message.reason,
    )
