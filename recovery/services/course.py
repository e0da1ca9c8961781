"""One flag with everything a nurse needs to decide: the patient, the course, the reasons, what was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain import symptoms, trace, triage
from recovery.domain.delivery import MessageState
from recovery.domain.findings import Finding
from recovery.domain.people import AnswersBy, Indication, Language
from recovery.domain.protocol import Protocol
from recovery.domain.symptoms import Level, Symptom, WarningSign
from recovery.models import clinics, flags, messages, patients, reports, treatments
from recovery.models.flags import EventKind, Flag
from recovery.models.patients import Patient
from recovery.models.reports import Assessment, Clock, ReportRevision
from recovery.models.treatments import Treatment
from recovery.services import audit, protocols
from recovery.services.access import StaffCaller
from recovery.services.content import Content
from recovery.services.queue_entries import by_weight
from recovery.services.triage import UnknownFlag

FIRST_WEEK = 180.0
"""Hours until the end of recovery day 7."""

FOUR_WEEKS = 684.0
"""Hours until the end of recovery day 28, the last on which patients are asked."""


@dataclass(frozen=True, kw_only=True)
class PatientFacts:
    """Who it is about. `phone` in E.164; `texts_ended` when the number asked for no more texts."""

    id: UUID
    name: str
    phone: str
    year_of_birth: int
    language: Language
    skin_type: int | None
    answers_by: AnswersBy
    texts_ended: datetime | None


@dataclass(frozen=True, kw_only=True)
class TreatmentRecord:
    """What was done. `day` is the recovery day at the moment of reading; `withdrawn` if entered in error."""

    id: UUID
    performed_at: datetime
    day: int
    facts: symptoms.TreatmentFacts
    indication: Indication | None
    numbing: str | None
    topical: str | None
    protocol: str
    withdrawn: bool


@dataclass(frozen=True, kw_only=True)
class FlagStanding:
    """Where the flag stands, by when somebody should have looked, and who holds it."""

    id: UUID
    state: triage.FlagState
    urgency: triage.Urgency
    opened_at: datetime
    due_at: datetime
    holder_id: UUID | None
    holder: str | None
    held_since: datetime | None
    resolved_at: datetime | None
    outcome: triage.Outcome | None
    comment: str | None


@dataclass(frozen=True, kw_only=True)
class Reported:
    """One report as it stands now, with how it was last judged."""

    report_id: UUID
    seen_at: datetime
    hours: float
    received_at: datetime
    clock: Clock
    revision: int
    day: int
    level: Level
    scores: Mapping[Symptom, int]
    warning_signs: Sequence[WarningSign]
    asked_again: frozenset[Symptom]
    note: str | None


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """Why one report, or a silence (without one), raised the flag.

    `corrected` if the patient has changed the report since.
    """

    report_id: UUID | None
    seen_at: datetime
    day: int
    level: Level
    findings: Sequence[Finding]
    protocol: str
    corrected: bool

    @property
    def subjects(self) -> list[list[Finding]]:
        """The findings, those about the same sign or symptom together, in the order they are told."""
        found: dict[object, list[Finding]] = {}
        for finding in self.findings:
            subject = finding.symptom, finding.sign, finding.signs, finding.several
            found.setdefault(subject, []).append(finding)
        return list(found.values())


@dataclass(frozen=True, kw_only=True)
class TextSent:
    """One text of the treatment; never its words."""

    template: str
    day: int | None
    to_patient: bool
    due_at: datetime
    settled_at: datetime | None
    state: MessageState
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One thing that happened to the flag; `who` is empty for the worker."""

    at: datetime
    kind: EventKind
    who: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Course:
    """What the chart draws, in hours since the treatment. `last_hour` is where its time axis ends."""

    series: Sequence[trace.Series]
    signs: Sequence[trace.SignMark]
    texts: Sequence[float]
    contacts: Sequence[float]
    now: float
    last_hour: float


@dataclass(frozen=True, kw_only=True)
class FlagFile:
    """Everything the flag's page shows. Reasons and events newest first, reports in the order seen."""

    flag: FlagStanding
    patient: PatientFacts
    treatment: TreatmentRecord
    reasons: Sequence[Reasons]
    reports: Sequence[Reported]
    course: Course
    texts: Sequence[TextSent]
    events: Sequence[Happened]
    other_flags: Sequence[FlagStanding]


def read_flag(
    session: Session, *, caller: StaffCaller, flag_id: UUID, content: Content, now: datetime
) -> FlagFile:
    """A flag of the caller's clinic; the reading is audited. Raises UnknownFlag, for another clinic's too."""
    flag = flags.get(session, caller.clinic_id, flag_id)
    if flag is None:
        raise UnknownFlag(flag_id)
    treatment = treatments.get(session, flag.clinic_id, flag.treatment_id)
    patient = None if treatment is None else patients.get(session, flag.clinic_id, treatment.patient_id)
    if treatment is None or patient is None:
        raise UnknownFlag(flag_id)
    audit.record(
        session,
        clinic_id=caller.clinic_id,
        actor=audit.staff(caller.staff_id),
        action="flag.read",
        subject=("flag", flag.id),
        now=now,
    )
    return _file(session, flag=flag, treatment=treatment, patient=patient, content=content, now=now)


def _file(
    session: Session,
    *,
    flag: Flag,
    treatment: Treatment,
    patient: Patient,
    content: Content,
    now: datetime,
) -> FlagFile:
    names = clinics.staff_names(session, flag.clinic_id)
    said = reports.course(session, flag.clinic_id, treatment.id)
    judged = reports.latest_assessments(session, flag.clinic_id, treatment.id)
    texts = messages.of_treatment(session, flag.clinic_id, treatment.id)
    events = flags.events(session, flag.clinic_id, flag.id)
    reported = [_reported(one, judged[one.report_id], treatment) for one in said]
    record = _record(treatment, skin_type=patient.skin_type, now=now)
    held_to = protocols.resolve(
        session, clinic_id=flag.clinic_id, version=treatment.protocol, content=content
    )
    return FlagFile(
        flag=_standing(flag, names),
        patient=_patient(session, patient),
        treatment=record,
        reasons=_reasons(flags.assessments_of(session, flag.clinic_id, [flag.id]).get(flag.id, []), said),
        reports=reported,
        course=_course(reported, record=record, texts=texts, events=events, held_to=held_to, now=now),
        texts=[_text(one) for one in texts],
        events=[_event(one, names) for one in reversed(events)],
        other_flags=[
            _standing(one, names)
            for one in flags.of_treatment(session, flag.clinic_id, treatment.id)
            if one.id != flag.id
        ],
    )


def _standing(flag: Flag, names: Mapping[UUID, str]) -> FlagStanding:
    return FlagStanding(
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
    ended = messages.opted_out(session, clinic_id=patient.clinic_id, phone=patient.phone)
    return PatientFacts(
        id=patient.id,
        name=f"{patient.first_name} {patient.last_name}",
        phone=patient.phone,
        year_of_birth=patient.year_of_birth,
        language=patient.language,
        skin_type=patient.skin_type,
        answers_by=patient.answers_by,
        texts_ended=None if ended is None else ended.since,
    )


def _record(treatment: Treatment, *, skin_type: int | None, now: datetime) -> TreatmentRecord:
    return TreatmentRecord(
        id=treatment.id,
        performed_at=treatment.performed_at,
        day=symptoms.day_of(symptoms.hours_between(treatment.performed_at, now)),
        facts=treatment.facts(skin_type=skin_type),
        indication=treatment.indication,
        numbing=treatment.numbing,
        topical=treatment.topical,
        protocol=treatment.protocol,
        withdrawn=treatment.withdrawn_at is not None,
    )


def _reported(said: ReportRevision, judged: Assessment, treatment: Treatment) -> Reported:
    observation = said.observation(performed_at=treatment.performed_at)
    return Reported(
        report_id=said.report_id,
        seen_at=said.seen_at,
        hours=observation.hours,
        received_at=said.received_at,
        clock=said.clock,
        revision=said.revision,
        day=judged.day,
        level=judged.level,
        scores=observation.scores,
        warning_signs=[sign for sign in WarningSign if sign in observation.warning_signs],
        asked_again=frozenset(Symptom(name) for name in judged.ask_again),
        note=said.note,
    )


def _reasons(raising: Sequence[Assessment], said: Sequence[ReportRevision]) -> list[Reasons]:
    """One entry a report, from the newest of its assessments that raised the flag."""
    newest: dict[UUID | None, Assessment] = {}
    for assessed in raising:
        newest.setdefault(assessed.report_id, assessed)
    kept = {one.report_id: one for one in said}
    found = [_why(assessed, kept) for assessed in newest.values()]
    return sorted(found, key=lambda one: one.seen_at, reverse=True)


def _why(assessed: Assessment, kept: Mapping[UUID, ReportRevision]) -> Reasons:
    said = None if assessed.report_id is None else kept[assessed.report_id]
    return Reasons(
        report_id=assessed.report_id,
        seen_at=assessed.created_at if said is None else said.seen_at,
        day=assessed.day,
        level=assessed.level,
        findings=by_weight(assessed),
        protocol=assessed.protocol,
        corrected=said is not None and said.revision > (assessed.revision or 0),
    )


def last_hour(reported: Sequence[float]) -> float:
    """Where the time axis of a course ends: after the first week, or after four where reports are later."""
    return FOUR_WEEKS if any(hours > FIRST_WEEK for hours in reported) else FIRST_WEEK


def _course(
    reported: Sequence[Reported],
    *,
    record: TreatmentRecord,
    texts: Sequence[messages.Message],
    events: Sequence[flags.FlagEvent],
    held_to: Protocol,
    now: datetime,
) -> Course:
    seen = [
        trace.Seen(
            observation=symptoms.Observation(
                hours=one.hours, scores=one.scores, warning_signs=frozenset(one.warning_signs)
            ),
            asked_again=one.asked_again,
        )
        for one in reported
    ]
    end = last_hour([one.hours for one in reported])
    table = held_to.curves.table(record.facts)
    since = record.performed_at
    left = (MessageState.ACCEPTED, MessageState.SENT, MessageState.DELIVERED)
    return Course(
        series=[
            trace.series(symptom, seen=seen, table=table, last_hour=end, also_at=FIRST_WEEK)
            for symptom in trace.drawn_symptoms(seen)
        ],
        signs=trace.sign_marks(seen),
        texts=[
            symptoms.hours_between(since, one.settled_at or one.due_at)
            for one in texts
            if one.patient_id is not None and one.state in left
        ],
        contacts=[symptoms.hours_between(since, one.at) for one in events if one.kind is EventKind.CONTACT],
        now=symptoms.hours_between(since, now),
        last_hour=end,
    )


def _text(message: messages.Message) -> TextSent:
    day = message.details.get("day")
    return TextSent(
        template=message.template,
        day=day if isinstance(day, int) else None,
        to_patient=message.patient_id is not None,
        due_at=message.due_at,
        settled_at=message.settled_at,
        state=message.state,
        reason=message.reason,
    )


def _event(event: flags.FlagEvent, names: Mapping[UUID, str]) -> Happened:
    return Happened(
        at=event.at,
        kind=event.kind,
        who=None if event.staff_id is None else names.get(event.staff_id),
        detail=event.detail,
    )
