"""The questions about warning signs that texts ask: which one is open, its denial kept, what is said after
scores and after none.

Low numbers say nothing of pus or fever: that scores are as expected is told only to who was asked, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Level, Symptom
from recovery.domain.content import aftercare_tips
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FollowUpState
from recovery.domain.treatments import avoidance_rules
from recovery.models.clinic.clinics import Clinic
from recovery.models.inbound import inbound_texts
from recovery.models.messaging import patient_texts
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports as report_rows
from recovery.models.reports import told_signs
from recovery.models.treatments.treatments import Treatment
from recovery.services.core import audit
from recovery.services.inbound import text_answers
from recovery.services.inbound.asked_treatment import AskedTreatment
from recovery.services.inbound.taken_text import TakenText
from recovery.services.inbound.text_replies import Reply, ReplyTemplate
from recovery.services.reports import follow_up_status, reports
from recovery.services.reports.reports import ReportAnswer

OPEN_FOR = timedelta(hours=24)
"""How long the question of a day waits for its answer: then the next day's numbers are asked for."""

ASKING = (ReplyTemplate.ASK_SIGNS, ReplyTemplate.ASK_SIGNS_TIP, ReplyTemplate.ASK_SIGNS_MARKS)
MARKS_QUESTION = "marks_text"
"""The check-in of the late days, which asks for marks alone."""

NAMED_AS_EXPECTED = frozenset({Symptom.REDNESS, Symptom.SWELLING, Symptom.PAIN})
"""What the wording says is as expected. Peeling is judged by no rule, so it is not among them."""


@dataclass(frozen=True, kw_only=True)
class OpenQuestion:
    """A question about signs that waits for its answer: of the report that it was asked about, or, without
    one, of a late day's check-in."""

    report_id: UUID | None


def find_open(session: Session, about: AskedTreatment, *, now: datetime) -> OpenQuestion | None:
    """The question that was asked last about this treatment, None where that was another, or long ago."""
    treatment, since = about.treatment, now - OPEN_FOR
    asked = inbound_texts.newest_answered_with(
        session,
        treatment.clinic_id,
        treatment.id,
        answers=[template.value for template in ASKING],
        since=since,
    )
    if asked is not None and (about.asked_at is None or asked.received_at >= about.asked_at):
        return OpenQuestion(report_id=asked.report_id)
    if about.asked_with != MARKS_QUESTION or about.asked_at is None or about.asked_at < since:
        return None
    return OpenQuestion(report_id=None)


def deny(
    session: Session,
    taken: TakenText,
    *,
    clinic: Clinic,
    patient: Patient,
    treatment: Treatment,
    report_id: UUID,
) -> None:
    """None of the signs: kept with the report, which stands as it was judged, and answered."""
    note_denial(session, treatment, report_id=report_id, now=taken.now)
    entry = taken.entry(clinic.id, to_read=False)
    entry.patient_id, entry.treatment_id = patient.id, treatment.id
    answers = [after_denial(session, treatment, report_id=report_id, taken=taken)]
    text_answers.answer(session, taken, entry=entry, clinic=clinic, patient=patient, answers=answers)
    session.add(entry)
    session.flush()
    text_answers.see_to_unanswered(session, taken, entry=entry, clinic=clinic)


def note_denial(session: Session, treatment: Treatment, *, report_id: UUID, now: datetime) -> None:
    """The patient said that none of the signs is there; said again, the first time stands."""
    report = report_rows.get(session, treatment.clinic_id, report_id)
    if report is None or report.signs_denied_at is not None:
        return
    report.signs_denied_at = now
    session.flush()
    audit.record(
        session,
        clinic_id=treatment.clinic_id,
        actor=audit.patient(treatment.patient_id),
        action="report.signs_denied",
        subject=("report", report_id),
        now=now,
    )


def after_scores(
    session: Session, treatment: Treatment, judged: ReportAnswer, *, taken: TakenText, language: Language
) -> Reply:
    """What answers scores: the question about signs, with the day's tip unless something is in question, or
    with that about the marks of an earlier treatment; what comes after it where it was answered already."""
    report = report_rows.get(session, treatment.clinic_id, judged.report_id)
    if report is not None and report.signs_denied_at is not None:
        return after_denial(session, treatment, report_id=judged.report_id, taken=taken)
    if patient_texts.has_marks_to_ask(
        session,
        clinic_id=treatment.clinic_id,
        patient_id=treatment.patient_id,
        after=taken.now - OPEN_FOR,
        until=taken.now,
    ):
        return Reply(template=ReplyTemplate.ASK_SIGNS_MARKS, treatment_id=treatment.id, day=judged.day)
    ask = Reply(template=ReplyTemplate.ASK_SIGNS, treatment_id=treatment.id, day=judged.day)
    signs = told_signs.newest_warning_signs(session, treatment.clinic_id, [treatment.id])
    held = avoidance_rules.is_held(flagged=False, signs=signs.get(treatment.id, ()))
    if held or not _is_clear(session, treatment, judged, taken=taken):
        return ask
    tip = aftercare_tips.tip_on_day(taken.content.care_for(language), judged.day)
    return Reply(
        template=ReplyTemplate.ASK_SIGNS_TIP,
        treatment_id=treatment.id,
        day=judged.day,
        tip=tip.in_a_text,
    )


def after_denial(session: Session, treatment: Treatment, *, report_id: UUID, taken: TakenText) -> Reply:
    """What is said once no sign is there: as expected where the scores are, nothing is in question, and
    no words of the patient wait for a nurse, who may find a sign in them. Where something is asked about
    once more before a nurse looks, when that is."""
    course = reports.list_answers(session, treatment=treatment, content=taken.content, now=taken.now)
    judged = next(answer for answer in course if answer.report_id == report_id)
    scored = {Symptom(name) for name in judged.said.scores}
    expected = (
        judged.day > 0
        and scored >= NAMED_AS_EXPECTED
        and judged.said.note is None
        and _is_clear(session, treatment, judged, taken=taken)
        and not inbound_texts.has_unread(session, treatment.clinic_id, treatment.patient_id)
    )
    if judged.asks_at is not None and _is_calm(session, treatment, taken=taken):
        return Reply(
            template=ReplyTemplate.ASKED_AGAIN,
            treatment_id=treatment.id,
            day=judged.day,
            asks_at=judged.asks_at,
        )
    template = ReplyTemplate.AS_EXPECTED if expected else ReplyTemplate.GOT_SCORES
    return Reply(template=template, treatment_id=treatment.id, day=judged.day)


def _is_clear(session: Session, treatment: Treatment, judged: ReportAnswer, *, taken: TakenText) -> bool:
    """Whether nothing is in question: no entry of the report, no sign, nothing a nurse is to see to."""
    return (
        judged.level is Level.EXPECTED
        and not judged.ask_again
        and not judged.held
        and not judged.said.warning_signs
        and _is_calm(session, treatment, taken=taken)
    )


def _is_calm(session: Session, treatment: Treatment, *, taken: TakenText) -> bool:
    """Whether there is nothing that a nurse is to see to."""
    stands = follow_up_status.statuses_of_treatments(
        session, [treatment], content=taken.content, now=taken.now
    )[treatment.id]
    return stands.state in (FollowUpState.NONE, FollowUpState.CLOSED)
