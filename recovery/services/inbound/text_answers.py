"""Every text's answers planned, or the reason for none noted with it; one that goes unanswered becomes a
nurse's task."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.models.clinic.clinics import Clinic
from recovery.models.inbound import inbound_texts
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.patients.patients import Patient
from recovery.models.tasks.tasks import TaskKind
from recovery.services.inbound import text_replies
from recovery.services.inbound.taken_text import TakenText
from recovery.services.inbound.text_replies import Reply, ReplyTemplate
from recovery.services.tasks import tasks
from recovery.sms.gateway_interface import CarrierKeyword

UNANSWERED = "unanswered"
"""The detail of a task that says why its text got no answer."""


def answer(
    session: Session,
    taken: TakenText,
    *,
    entry: InboundText,
    clinic: Clinic,
    patient: Patient,
    answers: Sequence[Reply] | NoAnswer,
) -> None:
    """Plan the answers and note on the entry, before it is stored, what answers it or why nothing does."""
    if isinstance(answers, NoAnswer):
        entry.no_answer = answers
        return
    limits = taken.content.schedule.limits
    for reply in answers:
        planned = text_replies.plan_reply(
            session, taken.heard, clinic=clinic, patient=patient, reply=reply, limits=limits
        )
        if planned and entry.answer is None:
            entry.answer = reply.template.value
    if entry.answer is None:
        # Beyond the cap another machine answers ours: a nurse alone is told.
        entry.no_answer = NoAnswer.TOO_MANY
        entry.to_read = True
    if entry.to_read and entry.due_at is None:
        entry.due_at = taken.due_at(clinic)


def see_to_unanswered(session: Session, taken: TakenText, *, entry: InboundText, clinic: Clinic) -> None:
    """A text beyond the cap waits for a nurse, and its task says that nothing was said back."""
    if entry.no_answer is not NoAnswer.TOO_MANY:
        return
    open_reading(session, taken, entry=entry, clinic=clinic)


def open_reading(session: Session, taken: TakenText, *, entry: InboundText, clinic: Clinic) -> None:
    """The task of reading this text, which is stored already; words of danger stand in the queue."""
    tasks.open_task(
        session,
        tasks.TaskSubject(clinic_id=clinic.id, patient_id=entry.patient_id, treatment_id=entry.treatment_id),
        kind=TaskKind.TEXT_TO_READ,
        due_at=entry.due_at or taken.due_at(clinic),
        # What was reported has its flag.
        urgency=taken.urgency if entry.report_id is None else Urgency.NEXT_BUSINESS_DAY,
        detail={} if entry.no_answer is None else {UNANSWERED: entry.no_answer.value},
        now=taken.now,
    )


def about_text(entry: InboundText) -> dict[str, str]:
    """The detail of a task about this one text, which says where nothing was said back to it."""
    beyond = entry.no_answer is NoAnswer.TOO_MANY
    return {"text": str(entry.id), **({UNANSWERED: NoAnswer.TOO_MANY.value} if beyond else {})}


def confirm_opt_out(taken: TakenText, *, clinic: Clinic) -> list[Reply] | NoAnswer:
    """An opt-out is said back once, where the carrier does not; with danger also where it may not pass."""
    if taken.silenced:
        return NoAnswer.OPTED_OUT
    if taken.danger:
        by = taken.due_at(clinic, Urgency.EMERGENCY)
        self_harm = WarningSign.SELF_HARM in taken.meaning.signs.emergency
        template = ReplyTemplate.STOPPED_SELF_HARM if self_harm else ReplyTemplate.STOPPED_DANGER
        return [Reply(template=template, by=by)]
    if taken.text.keyword is CarrierKeyword.STOP:
        return NoAnswer.CARRIER_ANSWERED
    return [Reply(template=ReplyTemplate.STOPPED)]


def beside(taken: TakenText, *, clinic: Clinic) -> list[Reply]:
    """What is said beside the answer proper: a keyword's answer, that texts wait, how photos are sent."""
    said: list[Reply] = []
    if taken.text.keyword is None and (taken.meaning.start or taken.meaning.help):
        keyword = ReplyTemplate.START_ACK if taken.meaning.start else ReplyTemplate.HELP
        said.append(Reply(template=keyword))
    if taken.meaning.may_stop and not taken.paused:
        by = taken.due_at(clinic, Urgency.NEXT_BUSINESS_DAY)
        said.append(Reply(template=ReplyTemplate.TEXTS_PAUSED, by=by))
    if taken.text.pictures:
        said.append(Reply(template=ReplyTemplate.PHOTOS))
    return said


def settle_repaired(session: Session, taken: TakenText, *, patient: Patient) -> None:
    """Scores that can be read take the place of those that could not: nobody has to read these any more."""
    settled = inbound_texts.settle_answered_with(
        session,
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        answer=ReplyTemplate.REPAIR_SCORES.value,
        now=taken.now,
    )
    for entry in settled:
        if not inbound_texts.has_other_unread(session, entry):
            tasks.settle_reading(session, entry, now=taken.now)
