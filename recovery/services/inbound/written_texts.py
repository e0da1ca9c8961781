"""A text in words: keywords are answered, numbers that cannot be read are asked for again, the rest waits for
a nurse, and is told so."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.content import emergency_text
from recovery.domain.content.emergency_text import EmergencyTemplate
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.models.clinic.clinics import Clinic
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging import patient_texts
from recovery.models.patients.patients import Patient
from recovery.services.inbound import opt_outs, text_answers, text_replies
from recovery.services.inbound.asked_treatment import AskedTreatment
from recovery.services.inbound.taken_text import TakenText
from recovery.services.inbound.text_replies import Reply, ReplyTemplate

REPAIRED_WITHIN = timedelta(hours=24)
"""How long one request for numbers that can be read holds for a check-in: then a nurse reads them."""


def take(
    session: Session, taken: TakenText, *, clinic: Clinic, patient: Patient, about: AskedTreatment | None
) -> None:
    """Keep words from one patient, answer them, and bring them to a nurse."""
    to_read = wants_reading(taken)
    entry = taken.entry(clinic.id, to_read=to_read)
    entry.patient_id = patient.id
    entry.treatment_id = None if about is None else about.treatment.id
    entry.due_at = taken.due_at(clinic) if to_read else None
    repair = _may_repair(session, taken, patient=patient, about=about)
    answers = _answers(taken, clinic=clinic, language=patient.language, to_read=to_read, repair=repair)
    text_answers.answer(session, taken, entry=entry, clinic=clinic, patient=patient, answers=answers)
    session.add(entry)
    session.flush()
    if entry.to_read and not _read_with_pause(taken):
        text_answers.open_reading(session, taken, entry=entry, clinic=clinic)
    see_to_urgent(session, taken, clinic=clinic, entry=entry)
    if taken.ends_texts and taken.danger:
        by = taken.due_at(clinic, Urgency.EMERGENCY)
        opt_outs.add_urgent_call(
            session,
            patient,
            treatment_id=entry.treatment_id,
            # The words themselves stand in the queue.
            urgency=Urgency.NEXT_BUSINESS_DAY,
            by=by,
            now=taken.now,
        )


def wants_reading(taken: TakenText) -> bool:
    """Whether a nurse should read it: everything but a keyword alone."""
    keyword = taken.meaning.stop or taken.meaning.start or taken.meaning.help
    return taken.urgent or taken.meaning.more or not keyword


def number_answers(
    taken: TakenText, *, clinic: Clinic, language: Language, to_read: bool
) -> list[Reply] | NoAnswer:
    """What answers a text of which only the number is known: nothing that is about one person's page."""
    if taken.ends_texts:
        return text_answers.confirm_opt_out(taken, clinic=clinic)
    said = [
        reply
        for reply in text_answers.beside(taken, clinic=clinic)
        if reply.template is not ReplyTemplate.PHOTOS
    ]
    return _joined(taken, said, clinic=clinic, language=language, to_read=to_read)


def see_to_urgent(session: Session, taken: TakenText, *, clinic: Clinic, entry: InboundText) -> None:
    """No flag can carry it, so the clinic's own phone hears of it."""
    if taken.urgent:
        text_replies.text_staff(
            session,
            clinic=clinic,
            about=entry.id,
            urgent=taken.urgency is Urgency.EMERGENCY,
            by=taken.due_at(clinic),
            now=taken.now,
        )


def _read_with_pause(taken: TakenText) -> bool:
    """Words that may end texts are read with the task that they open, so that nobody reads them twice."""
    return taken.meaning.may_stop and not taken.paused and not taken.ends_texts and not taken.urgent


def _may_repair(
    session: Session, taken: TakenText, *, patient: Patient, about: AskedTreatment | None
) -> bool:
    """One request for numbers that can be read, for each question; then a nurse. Words beside the numbers are
    for a nurse at once: the numbers that come next do not settle them."""
    if not taken.meaning.unclear_scores or taken.meaning.more or about is None:
        return False
    since: datetime = taken.now - REPAIRED_WITHIN
    if about.asked_at is not None:
        since = max(since, about.asked_at)
    asked = patient_texts.count_answers(
        session,
        clinic_id=patient.clinic_id,
        patient_id=patient.id,
        templates=[ReplyTemplate.REPAIR_SCORES.value],
        since=since,
    )
    return asked == 0


def _answers(
    taken: TakenText, *, clinic: Clinic, language: Language, to_read: bool, repair: bool
) -> list[Reply] | NoAnswer:
    if taken.ends_texts:
        return text_answers.confirm_opt_out(taken, clinic=clinic)
    said = text_answers.beside(taken, clinic=clinic)
    if repair and not taken.urgent:
        return [Reply(template=ReplyTemplate.REPAIR_SCORES), *said]
    return _joined(taken, said, clinic=clinic, language=language, to_read=to_read)


def _joined(
    taken: TakenText, said: list[Reply], *, clinic: Clinic, language: Language, to_read: bool
) -> list[Reply] | NoAnswer:
    by = taken.due_at(clinic)
    signs = taken.meaning.signs
    if signs.emergency:
        doubtful = bool(signs.emergency & signs.doubtful)
        words = taken.content.words_for(language).signs
        chosen = emergency_text.choose(signs.emergency, doubtful=doubtful, words=words)
        if taken.certain_emergency or chosen.template is EmergencyTemplate.SELF_HARM:
            return [text_replies.in_emergency(chosen)]
        return [Reply(template=ReplyTemplate.MAYBE_EMERGENCY, by=by)]
    told = {reply.template for reply in said}
    # A pause says itself by when a nurse reads, and a picture without words has nothing else to be read.
    wordless = bool(taken.text.pictures) and not taken.text.body.strip() and ReplyTemplate.PHOTOS in told
    if to_read and not wordless and (taken.urgent or ReplyTemplate.TEXTS_PAUSED not in told):
        said = [Reply(template=ReplyTemplate.GOT_TEXT, by=by), *said]
    return said or NoAnswer.CARRIER_ANSWERED
