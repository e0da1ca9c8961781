"""Words by text: each is answered, and what is not understood is read by a nurse who has a time for it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import AnswerScale, Symptom, WarningSign
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.inbound.text_meaning import NamedSigns, ParsedText
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.reports.reports import ReportRevision
from recovery.models.tasks.tasks import TaskKind
from recovery.models.treatments.treatments import Treatment
from recovery.services.reports.reports import SAME_AS
from recovery.services.tasks.tasks import FOLLOWED_FOR
from tests.support.data.inbound_texting import MAY_STOP, SAME, UNCLEAR, WORDS, Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import CALM, open_on_weekdays, report

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def test_what_a_phone_sent_by_itself_is_kept_as_seen_and_nothing_else(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.act(patient.phone, "Liked “Call 911 now”", ParsedText(written=False), now=now)
    (entry,) = texting.entries()
    assert (entry.patient_id, entry.to_read, entry.no_answer) == (patient.id, False, NoAnswer.NOT_WRITTEN)
    assert (texting.answers(), texting.tasks()) == ([], [])


def test_the_answer_names_the_number_of_its_hour_and_when_a_nurse_reads(
    texting: Texting, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    open_on_weekdays(clinic)
    with clinic.sessions() as session:
        place = session.get_one(ClinicRow, clinic.id)
        in_hours, at_night = place.phone, place.out_of_hours_phone
    for at, phone in ((now, in_hours), (now + 11 * HOUR, at_night)):
        texting.act(patient.phone, "When may I swim?", WORDS, now=at)
        (body,) = (text.body for text in texting.claim(now=at) if text.to == patient.phone)
        assert f"Can't wait? Call {phone}." in body
        assert "A nurse reads it by Tue 5 PM" in body


def test_numbers_that_cannot_be_read_are_asked_for_once_and_then_a_nurse_reads(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.act(patient.phone, "0 0 - 8", UNCLEAR, now=now)
    texting.act(patient.phone, "0 - 8", UNCLEAR, now=now + MINUTE)
    assert texting.templates() == ["repair_scores", "got_text"]
    assert [entry.to_read for entry in texting.entries()] == [True, True], "an 8 nobody repeats is read"
    assert [task.kind for task in texting.tasks()] == [TaskKind.TEXT_TO_READ]


def test_numbers_after_the_course_are_read_by_a_nurse(
    texting: Texting, clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    with clinic.sessions.begin() as session:
        session.execute(update(Treatment).values(performed_at=now - FOLLOWED_FOR - HOUR))
    texting.act(patient.phone, "same", SAME, now=now)
    assert texting.templates() == ["got_text"]


def test_the_same_as_the_last_time_takes_those_scores_and_says_so(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.act(
        patient.phone,
        "3 2 1",
        ParsedText(scores={Symptom.REDNESS: 3, Symptom.SWELLING: 2, Symptom.PEELING: 1}),
        now=now - 20 * HOUR,
    )
    texting.act(patient.phone, "same as yesterday", SAME, now=now)
    assert texting.scores() == [{"redness": 3, "swelling": 2, "peeling": 1}] * 2
    first, second = texting.entries()
    with sessions() as session:
        said = session.scalars(
            select(ReportRevision).where(ReportRevision.report_id == second.report_id)
        ).one()
    assert (said.body[SAME_AS], said.seen_at) == (str(first.report_id), now)
    assert texting.templates() == ["ask_signs_tip", "ask_signs_tip"]


def test_the_same_as_an_answer_in_words_is_an_answer_in_words(
    texting: Texting, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(clinic, patient, at=now - 20 * HOUR, scale=AnswerScale.WORDS)
    texting.act(patient.phone, "same as yesterday", SAME, now=now)
    texting.act(patient.phone, "2 2 0", ParsedText(scores=dict(CALM)), now=now + HOUR)
    with sessions() as session:
        said = session.scalars(select(ReportRevision).order_by(ReportRevision.seen_at)).all()
    assert [one.scale for one in said] == [AnswerScale.WORDS, AnswerScale.WORDS, AnswerScale.NUMBERS]


def test_the_same_as_nothing_is_asked_for_in_numbers(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.act(patient.phone, "same", SAME, now=now)
    assert (texting.templates(), texting.scores()) == (["repair_scores"], [])


def test_an_opt_out_in_doubt_pauses_what_leaves_unasked_until_a_nurse_has_read_it(
    texting: Texting, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=30)
    texting.act(patient.phone, "enough of this", MAY_STOP, now=now)
    texting.act(patient.phone, "really", MAY_STOP, now=now + MINUTE)
    assert texting.templates() == ["texts_paused", "got_text"], "said back once"
    (pause, _) = texting.tasks()
    entry, _ = texting.entries()
    assert (pause.kind, pause.detail) == (TaskKind.MAY_STOP, {"text": str(entry.id)})
    assert pause.due_at == entry.due_at
    leaving = [text.body for text in texting.claim(now=now + MINUTE) if text.to == patient.phone]
    assert len(leaving) == 2
    assert all("nurse reads" in body for body in leaving)
    with sessions() as session:
        assert session.scalars(select(OptOut)).all() == []
        waiting = session.scalars(
            select(Message).where(
                Message.patient_id == patient.id, Message.state == MessageState.PLANNED, Message.due_at <= now
            )
        ).all()
        held = session.scalars(select(Message).where(Message.reason == UnsentReason.PAUSED)).all()
    assert list(waiting) == []
    assert held, "a check-in was due and waits"


def test_safety_texts_leave_during_the_pause(texting: Texting, patient: Patient, now: datetime) -> None:
    texting.act(patient.phone, "enough of this", MAY_STOP, now=now)
    texting.claim(now=now)
    texting.send(patient.phone, "there is pus", now=now + MINUTE)
    texting.review(now=now + MINUTE)
    assert any("A nurse will call you" in text.body for text in texting.claim(now=now + MINUTE))


def test_a_doubtful_opt_out_beside_scores_is_both(texting: Texting, patient: Patient, now: datetime) -> None:
    meaning = ParsedText(scores={Symptom.REDNESS: 1, Symptom.SWELLING: 1, Symptom.PEELING: 0}, may_stop=True)
    texting.act(patient.phone, "1 1 0 last time I answer", meaning, now=now)
    assert len(texting.scores()) == 1
    assert texting.templates() == ["ask_signs_tip", "texts_paused"]
    assert [task.kind for task in texting.tasks()] == [TaskKind.MAY_STOP]


@pytest.mark.parametrize(
    ("signs", "template"),
    [
        (NamedSigns(emergency=frozenset({WarningSign.BREATHING})), "emergency_sign"),
        (
            NamedSigns(
                emergency=frozenset({WarningSign.BREATHING}), doubtful=frozenset({WarningSign.BREATHING})
            ),
            "maybe_emergency",
        ),
    ],
)
def test_doubt_is_told_conditionally_where_no_flag_can_carry_it(
    texting: Texting, clinic: Clinic, now: datetime, signs: NamedSigns, template: str
) -> None:
    first = clinic.add_patient(now=now)
    clinic.add_patient(now=now, phone=first.phone, pin="2718")
    texting.act(first.phone, "my breath", ParsedText(signs=signs, more=True), now=now)
    assert texting.templates() == [template]
    (task,) = texting.tasks()
    assert task.due_at == now + 15 * MINUTE, "the queue takes a doubt as danger"
    sent = texting.claim(now=now)
    assert [text.to for text in sent if "URGENT" in text.body] == ["+12025550192"]
    said = " ".join(text.body for text in sent if text.to == first.phone)
    assert ("Call 911 now for" in said) is (template == "emergency_sign")
    assert ("Can't breathe or talk well? Not sure? Call 911 now." in said) is (template == "maybe_emergency")


def test_a_picture_is_answered_with_the_way_to_send_photos(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.act(patient.phone, "", ParsedText(more=True), now=now, pictures=1)
    texting.act(patient.phone, "look", ParsedText(more=True), now=now + MINUTE, pictures=1)
    assert texting.templates() == ["photos", "got_text", "photos"]
    bodies = [text.body for text in texting.claim(now=now + MINUTE) if text.to == patient.phone]
    assert sum("https://a.example/" in body for body in bodies) == 2
