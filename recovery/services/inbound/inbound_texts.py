"""The way of one text from a phone: whose it is, what it means, acted on and answered, once, in one
transaction.

Scores and signs go the way of a report from the app. A text that cannot be anybody's for certain is not
put into anybody's record: it waits on a list. Nothing is dropped, and nothing goes without an answer but
for a reason that is kept with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.inbound.text_meaning import NO_CONTACT, ParsedText, TextMeaning
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.inbound import inbound_texts, phone_locks
from recovery.models.inbound.stray_texts import StrayText
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.tasks.tasks import TaskKind
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.inbound import (
    asked_treatment,
    opt_outs,
    reported_texts,
    text_answers,
    text_questions,
    written_texts,
)
from recovery.services.inbound.asked_treatment import AskedTreatment
from recovery.services.inbound.taken_text import TakenText
from recovery.services.inbound.text_questions import OpenQuestion
from recovery.services.tasks import tasks
from recovery.sms.gateway_interface import CarrierKeyword, InboundMessage


def handle_text(
    session: Session, *, text: InboundMessage, content: Content, now: datetime
) -> TextMeaning | None:
    """Take one text; what it was taken as, None where it had been taken before. The caller commits.

    `content` is what ships: a text is read and answered by what its clinic runs on.
    """
    # The number is locked, so duplicates and opt-outs are handled one after the other.
    phone_locks.lock_number(session, text.sender)
    if inbound_texts.was_received(session, text.carrier_id):
        return None
    contents = RunningContents(session, newest=content)
    concerned = _concerned(session, patients.find_by_phone(session, text.sender))
    meaning = read(text, contents.of_or_shipped(concerned[0].id) if concerned else content)
    act_on(session, text=text, meaning=meaning, content=content, now=now)
    return meaning.kind


def read(text: InboundMessage, content: Content) -> ParsedText:
    """What the words mean, and what the carrier already took them as."""
    meaning = content.reader.read(text.body)
    if text.keyword is CarrierKeyword.STOP:
        meaning = replace(meaning, written=True, stop=True, start=False)
    elif text.keyword is CarrierKeyword.START:
        meaning = replace(meaning, written=True, start=True, stop=False)
    elif text.keyword is CarrierKeyword.HELP:
        meaning = replace(meaning, written=True, help=True)
    return replace(meaning, more=meaning.more or text.pictures > 0)


def act_on(
    session: Session, *, text: InboundMessage, meaning: ParsedText, content: Content, now: datetime
) -> None:
    """Do what a text means, and keep it with its answer. The caller holds the number, and commits.

    `meaning` is what it means to the first clinic that it concerns.
    """
    contents = RunningContents(session, newest=content)
    found = patients.find_by_phone(session, text.sender)
    silenced = not meaning.start and opt_outs.has_stopped(session, found)
    if meaning.stop:
        opt_outs.stop(session, patients=found, how="text", now=now)
    elif meaning.start:
        opt_outs.start(session, patients=found, phone=text.sender, contents=contents, now=now)
    taken = TakenText(
        text=text,
        meaning=meaning,
        content=content,
        now=now,
        silenced=silenced,
        paused=opt_outs.is_paused(session, found),
    )
    if len(found) == 1:
        content = contents.of_or_shipped(found[0].clinic_id)
        _from_patient(session, replace(taken, content=content), patient=found[0])
    else:
        _from_nobody_certain(session, taken, found=found, contents=contents)
    if meaning.may_stop and not taken.ends_texts and not taken.paused:
        opt_outs.pause(session, patients=found, carrier_id=text.carrier_id, now=now)
    session.flush()


def _from_patient(session: Session, taken: TakenText, *, patient: Patient) -> None:
    clinic = clinics.get_one(session, patient.clinic_id)
    about = asked_treatment.find(session, patient, of_skin=taken.of_skin, now=taken.now)
    if not taken.meaning.written:
        _seen_only(session, taken, clinic=clinic, patient=patient, about=about)
        return
    followed = about is not None and tasks.is_followed(about.treatment, now=taken.now)
    if about is not None and followed:
        taken = _refer_back(session, taken, about=about)
        taken = _take_yes(session, taken, about=about)
    if taken.meaning.prefers_calls:
        patient.prefers_calls_since = patient.prefers_calls_since or taken.now
    denied = _denied_question(session, taken, about=about) if followed else None
    if about is not None and denied is not None and denied.report_id is not None:
        text_questions.deny(
            session,
            taken,
            clinic=clinic,
            patient=patient,
            treatment=about.treatment,
            report_id=denied.report_id,
        )
    elif about is not None and (taken.urgent or denied or (taken.meaning.scores and followed)):
        reported_texts.take(session, taken, clinic=clinic, patient=patient, treatment=about.treatment)
    else:
        written_texts.take(session, taken, clinic=clinic, patient=patient, about=about)
    if taken.meaning.kind not in NO_CONTACT:
        tasks.end_silence(session, patient, now=taken.now)


def _denied_question(
    session: Session, taken: TakenText, *, about: AskedTreatment | None
) -> OpenQuestion | None:
    """The question about signs that a text answers with none; scores bring their own answer with them."""
    meaning = taken.meaning
    if about is None or not meaning.no_signs or meaning.scores or meaning.more or taken.ends_texts:
        return None
    return text_questions.find_open(session, about, now=taken.now)


def _take_yes(session: Session, taken: TakenText, *, about: AskedTreatment) -> TakenText:
    """A bare yes is the word for a sign while the question about signs is open; else it says nothing."""
    asks = taken.meaning.yes and not taken.ends_texts
    if not asks or text_questions.find_open(session, about, now=taken.now) is None:
        return taken
    return replace(taken, meaning=replace(taken.meaning, nurse=True, some_signs=True, more=False))


def _refer_back(session: Session, taken: TakenText, *, about: AskedTreatment) -> TakenText:
    """The scores that "same as yesterday" refers to; with nothing to refer to it cannot be read."""
    if not taken.meaning.same_scores or taken.meaning.scores:
        return taken
    before = reported_texts.last_scores(session, about.treatment)
    if before is None:
        return replace(taken, meaning=replace(taken.meaning, unclear_scores=True))
    scores = {Symptom(name): score for name, score in before.scores.items()}
    meaning = replace(taken.meaning, scores=scores)
    return replace(taken, meaning=meaning, same_as=before.report_id, scale=before.scale)


def _seen_only(
    session: Session,
    taken: TakenText,
    *,
    clinic: Clinic,
    patient: Patient | None,
    about: AskedTreatment | None,
) -> None:
    """What a phone sent by itself is kept, and nothing else."""
    entry = taken.entry(clinic.id, to_read=False)
    entry.patient_id = None if patient is None else patient.id
    entry.treatment_id = None if about is None else about.treatment.id
    entry.no_answer = NoAnswer.NOT_WRITTEN
    session.add(entry)


def _concerned(session: Session, found: Sequence[Patient]) -> Sequence[Clinic]:
    """The clinics that a text may be for; from an unknown number the only one that there is."""
    if not found:
        only = clinics.get_single(session)
        return [] if only is None else [only]
    return [
        clinics.get_one(session, clinic_id)
        for clinic_id in dict.fromkeys(patient.clinic_id for patient in found)
    ]


def _from_nobody_certain(
    session: Session, taken: TakenText, *, found: Sequence[Patient], contents: RunningContents
) -> None:
    """From a shared or unknown number: added to the list of each possible clinic, or the operator's.

    Each reads it by what it runs on itself.
    """
    concerned = _concerned(session, found)
    first_read_by = contents.of_or_shipped(concerned[0].id) if concerned else taken.content
    for place, clinic in enumerate(concerned):
        content = contents.of_or_shipped(clinic.id)
        meaning = taken.meaning if content is first_read_by else read(taken.text, content)
        here = replace(taken, content=content, meaning=meaning)
        if not here.meaning.written:
            _seen_only(session, here, clinic=clinic, patient=None, about=None)
            continue
        answers_to = found[0] if found else None
        keep_unmatched(session, here, clinic=clinic, answers_to=answers_to, first=place == 0)
    if not concerned:
        session.add(
            StrayText(
                carrier_id=taken.text.carrier_id,
                phone=taken.text.sender,
                body=taken.body,
                pictures=taken.text.pictures,
                received_at=taken.now,
                meaning=taken.meaning.kind,
                urgency=taken.urgency,
            )
        )


def keep_unmatched(
    session: Session, taken: TakenText, *, clinic: Clinic, answers_to: Patient | None, first: bool
) -> None:
    """Keep a text of nobody's for certain, bring it to a nurse of this clinic, and answer a shared number.

    There is one answer, and it names nobody, so it does not matter whose plan it stands in.
    """
    to_read = written_texts.wants_reading(taken) or bool(taken.meaning.scores)
    entry = taken.entry(clinic.id, to_read=to_read)
    entry.due_at = taken.due_at(clinic) if to_read else None
    if answers_to is None:
        entry.no_answer = NoAnswer.UNKNOWN_NUMBER
    elif not first:
        entry.no_answer = NoAnswer.ANSWERED_BESIDE
    else:
        answers = written_texts.number_answers(
            taken, clinic=clinic, language=answers_to.language, to_read=to_read
        )
        text_answers.answer(session, taken, entry=entry, clinic=clinic, patient=answers_to, answers=answers)
    session.add(entry)
    session.flush()
    if not entry.to_read:
        return
    tasks.open_task(
        session,
        tasks.TaskSubject(clinic_id=clinic.id),
        kind=TaskKind.UNMATCHED_TEXT,
        due_at=entry.due_at or taken.due_at(clinic),
        urgency=taken.urgency,
        detail=text_answers.about_text(entry),
        now=taken.now,
    )
    written_texts.see_to_urgent(session, taken, clinic=clinic, entry=entry)
