"""One text from somebody's phone: kept, understood, acted on and answered, once, in one transaction.

Scores and signs go the way of a report from the app. A text that cannot be anybody's for certain is not
put into anybody's record: it waits on a list. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.flags import flag_lifecycle
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound import text_meaning
from recovery.domain.inbound.text_meaning import ParsedText, TextMeaning
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags import flags
from recovery.models.inbound import inbound_texts, phone_locks
from recovery.models.inbound.inbound_texts import InboundSource, InboundText, StrayText
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports as report_rows
from recovery.models.tasks.tasks import TaskKind
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import PatientCaller
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.inbound import opt_outs, text_replies
from recovery.services.inbound.text_replies import InboundReference, ReplyTemplate
from recovery.services.reports import reports
from recovery.services.reports.reports import Submission
from recovery.services.tasks import tasks
from recovery.sms.gateway_interface import CarrierKeyword, InboundMessage

CORRECTS_WITHIN = timedelta(minutes=30)
"""Scores texted again this soon are a correction, later ones a new look in the mirror."""

PICTURE = "[picture]"
_REPORTS = uuid5(NAMESPACE_URL, "urn:afterglow:report-by-text")
_KEPT_ANSWER = b"{}"
"""A report by text is answered by a text: no bytes are sent back, and none again."""


@dataclass(frozen=True, kw_only=True)
class _Taken:
    """A text with what it means, and the moment it is taken."""

    text: InboundMessage
    meaning: ParsedText
    content: Content
    now: datetime

    @property
    def heard(self) -> InboundReference:
        return InboundReference(carrier_id=self.text.carrier_id, at=self.now)

    @property
    def body(self) -> str:
        return " ".join([*filter(None, (self.text.body,)), *[PICTURE] * self.text.pictures])

    @property
    def urgent(self) -> bool:
        """Whether it wants a nurse the same day or at once."""
        return bool(self.meaning.signs) or self.meaning.nurse

    def entry(self, clinic_id: UUID, *, to_read: bool) -> InboundText:
        """What the clinic keeps of it."""
        return InboundText(
            clinic_id=clinic_id,
            source=InboundSource.TEXT,
            carrier_id=self.text.carrier_id,
            phone=self.text.sender,
            body=self.body,
            pictures=self.text.pictures,
            received_at=self.now,
            meaning=self.meaning.kind,
            to_read=to_read,
        )


def handle_text(
    session: Session, *, text: InboundMessage, content: Content, now: datetime
) -> TextMeaning | None:
    """Take one text; what it was taken as, None where it had been taken before. The caller commits."""
    # The number is locked, so duplicates and opt-outs are handled one after the other.
    phone_locks.lock_number(session, text.sender)
    if inbound_texts.was_received(session, text.carrier_id):
        return None
    taken = _Taken(text=text, meaning=_meaning(text, content), content=content, now=now)
    found = patients.find_by_phone(session, text.sender)
    if taken.meaning.stop:
        opt_outs.stop(session, patients=found, how="text", now=now)
    elif taken.meaning.start:
        opt_outs.start(session, patients=found, phone=text.sender, content=content, now=now)
    if len(found) == 1:
        _from_patient(session, taken, patient=found[0])
    else:
        _from_nobody_certain(session, taken, found=found)
    session.flush()
    return taken.meaning.kind


def _meaning(text: InboundMessage, content: Content) -> ParsedText:
    """What the words mean, and what the carrier already took them as."""
    meaning = text_meaning.parse_text(text.body, content.vocabulary)
    if text.keyword is CarrierKeyword.STOP:
        meaning = replace(meaning, stop=True, start=False)
    elif text.keyword is CarrierKeyword.START:
        meaning = replace(meaning, start=True, stop=False)
    elif text.keyword is CarrierKeyword.HELP:
        meaning = replace(meaning, help=True)
    return replace(meaning, more=meaning.more or text.pictures > 0)


def _from_patient(session: Session, taken: _Taken, *, patient: Patient) -> None:
    clinic = clinics.get(session, patient.clinic_id)
    newest = treatments.list_for_patient(session, patient.clinic_id, patient.id, limit=1)
    if clinic is None:
        return
    treatment = newest[0] if newest else None
    followed = treatment is not None and tasks.is_followed(treatment, now=taken.now)
    if treatment is not None and (taken.urgent or (taken.meaning.scores and followed)):
        _reported(session, taken, clinic=clinic, patient=patient, treatment=treatment)
    else:
        _written(session, taken, clinic=clinic, patient=patient, treatment=treatment)


def _reported(
    session: Session, taken: _Taken, *, clinic: Clinic, patient: Patient, treatment: Treatment
) -> None:
    """Scores and signs, through the same service as the app."""
    judged: list[reports.ReportAnswer] = []

    def keep(answered: reports.ReportAnswer) -> bytes:
        judged.append(answered)
        return _KEPT_ANSWER

    submission = _submission(session, taken, treatment=treatment)
    reports.record(
        session,
        caller=PatientCaller(clinic_id=clinic.id, patient_id=patient.id),
        treatment_id=treatment.id,
        submission=submission,
        content=taken.content,
        render=keep,
        most_a_day=None,
        now=taken.now,
    )
    entry = taken.entry(clinic.id, to_read=False)
    entry.patient_id, entry.treatment_id = patient.id, treatment.id
    entry.report_id, entry.revision = submission.report_id, submission.revision
    session.add(entry)
    _answer_report(session, taken, judged[0], clinic=clinic, patient=patient)


def _submission(session: Session, taken: _Taken, *, treatment: Treatment) -> Submission:
    meaning = taken.meaning
    report_id, revision = uuid5(_REPORTS, taken.text.carrier_id), 1
    earlier = inbound_texts.latest_report_by_text(
        session, treatment.clinic_id, treatment.id, since=taken.now - CORRECTS_WITHIN
    )
    signs = frozenset({WarningSign.WORRIED}) if meaning.nurse else frozenset[WarningSign]()
    note = taken.body if meaning.more or meaning.signs else None
    if earlier is not None and meaning.scores:
        report = report_rows.get(session, treatment.clinic_id, earlier)
        said = (
            None
            if report is None
            else report_rows.get_revision(session, treatment.clinic_id, earlier, number=report.revision)
        )
        if said is not None:
            # A correction replaces scores only; words and requests of the first text remain.
            report_id, revision = earlier, said.revision + 1
            signs |= frozenset(WarningSign(sign) for sign in said.warning_signs)
            note = "\n".join(filter(None, (said.note, note))) or None
    return Submission(
        report_id=report_id,
        revision=revision,
        seen_at=taken.now,
        sent_at=None,
        scores=meaning.scores,
        warning_signs=signs,
        confirmed=frozenset(),
        note=note,
        body={"text": taken.text.carrier_id, "revision": revision},
    )


def _answer_report(
    session: Session, taken: _Taken, judged: reports.ReportAnswer, *, clinic: Clinic, patient: Patient
) -> None:
    """An emergency at once; scores without repeating them; words by when a nurse has looked."""
    treatment_id = judged.treatment_id
    if judged.level is Level.EMERGENCY:
        text_replies.plan_reply(
            session,
            taken.heard,
            clinic=clinic,
            patient=patient,
            reply=ReplyTemplate.EMERGENCY,
            treatment_id=treatment_id,
        )
    elif taken.meaning.scores and judged.day <= text_replies.LAST_DAY_WITH_ROOM:
        text_replies.plan_reply(
            session,
            taken.heard,
            clinic=clinic,
            patient=patient,
            reply=ReplyTemplate.GOT_SCORES,
            treatment_id=treatment_id,
            day=judged.day,
        )
    elif taken.meaning.scores or flags.get_unresolved(session, clinic.id, treatment_id) is not None:
        # Without a flag yet, the text that goes with the new one is the answer.
        urgency = flag_lifecycle.urgency_of(judged.level) or Urgency.NEXT_BUSINESS_DAY
        text_replies.plan_reply(
            session,
            taken.heard,
            clinic=clinic,
            patient=patient,
            reply=ReplyTemplate.GOT_TEXT,
            by=_due(taken, clinic=clinic, urgency=urgency),
        )


def _written(
    session: Session, taken: _Taken, *, clinic: Clinic, patient: Patient, treatment: Treatment | None
) -> None:
    """Keywords are answered; what is left of words waits for a nurse."""
    to_read = _wants_reading(taken)
    entry = taken.entry(clinic.id, to_read=to_read)
    entry.patient_id = patient.id
    entry.treatment_id = None if treatment is None else treatment.id
    session.add(entry)
    session.flush()
    _answer_keyword(session, taken, clinic=clinic, patient=patient)
    if not to_read:
        return
    by = _due(taken, clinic=clinic, urgency=_urgency(taken))
    tasks.open_task(
        session,
        tasks.TaskSubject(clinic_id=clinic.id, patient_id=patient.id, treatment_id=entry.treatment_id),
        kind=TaskKind.TEXT_TO_READ,
        due_at=by,
        now=taken.now,
    )
    _see_to_urgent(session, taken, clinic=clinic, entry=entry, by=by)
    if not taken.meaning.stop:
        reply = ReplyTemplate.EMERGENCY if taken.meaning.signs.emergency else ReplyTemplate.GOT_TEXT
        text_replies.plan_reply(
            session,
            taken.heard,
            clinic=clinic,
            patient=patient,
            reply=reply,
            by=None if reply is ReplyTemplate.EMERGENCY else by,
        )


def _from_nobody_certain(session: Session, taken: _Taken, *, found: Sequence[Patient]) -> None:
    """From a shared or unknown number: added to the list of each possible clinic, or the operator's."""
    concerned = [
        clinic
        for clinic_id in dict.fromkeys(patient.clinic_id for patient in found)
        if (clinic := clinics.get(session, clinic_id)) is not None
    ]
    if not found:
        only = clinics.get_single(session)
        concerned = [] if only is None else [only]
    to_read = _wants_reading(taken) or bool(taken.meaning.scores)
    for place, clinic in enumerate(concerned):
        entry = taken.entry(clinic.id, to_read=to_read)
        session.add(entry)
        session.flush()
        by = _due(taken, clinic=clinic, urgency=_urgency(taken))
        if to_read:
            tasks.open_task(
                session,
                tasks.TaskSubject(clinic_id=clinic.id),
                kind=TaskKind.UNMATCHED_TEXT,
                due_at=by,
                detail={"text": str(entry.id)},
                now=taken.now,
            )
            _see_to_urgent(session, taken, clinic=clinic, entry=entry, by=by)
        if found and place == 0:
            _answer_number(session, taken, clinic=clinic, patient=found[0], by=by, to_read=to_read)
    if not concerned:
        session.add(
            StrayText(
                carrier_id=taken.text.carrier_id,
                phone=taken.text.sender,
                body=taken.body,
                pictures=taken.text.pictures,
                received_at=taken.now,
                meaning=taken.meaning.kind,
            )
        )


def _answer_number(
    session: Session, taken: _Taken, *, clinic: Clinic, patient: Patient, by: datetime, to_read: bool
) -> None:
    """One answer to a shared number; it names nobody, so it does not matter whose plan it stands in."""
    _answer_keyword(session, taken, clinic=clinic, patient=patient)
    if to_read and not taken.meaning.stop:
        urgent = bool(taken.meaning.signs.emergency)
        text_replies.plan_reply(
            session,
            taken.heard,
            clinic=clinic,
            patient=patient,
            reply=ReplyTemplate.EMERGENCY if urgent else ReplyTemplate.GOT_TEXT,
            by=None if urgent else by,
        )


def _answer_keyword(session: Session, taken: _Taken, *, clinic: Clinic, patient: Patient) -> None:
    """START and HELP, unless the carrier has answered already; STOP is always answered by the carrier."""
    if taken.text.keyword is not None or taken.meaning.stop:
        return
    if taken.meaning.start or taken.meaning.help:
        reply = ReplyTemplate.START_ACK if taken.meaning.start else ReplyTemplate.HELP
        text_replies.plan_reply(session, taken.heard, clinic=clinic, patient=patient, reply=reply)


def _wants_reading(taken: _Taken) -> bool:
    keyword = taken.meaning.stop or taken.meaning.start or taken.meaning.help
    return taken.urgent or taken.meaning.more or not keyword


def _see_to_urgent(
    session: Session, taken: _Taken, *, clinic: Clinic, entry: InboundText, by: datetime
) -> None:
    """No flag can carry it, so the clinic's own phone hears of it."""
    if taken.urgent:
        urgent = bool(taken.meaning.signs.emergency)
        text_replies.text_staff(session, clinic=clinic, about=entry.id, urgent=urgent, by=by, now=taken.now)


def _urgency(taken: _Taken) -> Urgency:
    if taken.meaning.signs.emergency:
        return Urgency.EMERGENCY
    return Urgency.SAME_DAY if taken.urgent else Urgency.NEXT_BUSINESS_DAY


def _due(taken: _Taken, *, clinic: Clinic, urgency: Urgency) -> datetime:
    return flag_lifecycle.due_at(
        urgency, since=taken.now, hours=opening_hours_of(clinic), times=taken.content.response_times
    )
