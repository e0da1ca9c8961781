"""What one text from a phone sets off."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from commands import stray_texts
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import Level
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.flags.flags import Flag
from recovery.models.inbound.inbound_texts import InboundSource, StrayText
from recovery.models.messaging import messages
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.reports import reports
from recovery.models.reports.reports import ReportRevision, StoredAssessment
from recovery.models.tasks.tasks import TaskKind
from recovery.services.access.authentication import StaffCaller
from recovery.services.tasks import tasks
from recovery.sms.gateway_interface import CarrierKeyword
from tests.support.data.inbound_texting import Texting, sid
from tests.support.data.people import Clinic, Patient


@pytest.fixture
def noon(now: datetime) -> datetime:
    """A moment outside quiet hours."""
    return now.replace(hour=12, minute=0)


@pytest.fixture
def patient(clinic: Clinic, noon: datetime) -> Patient:
    return clinic.add_patient(now=noon, hours_ago=30)


def _revisions(sessions: sessionmaker[Session]) -> list[ReportRevision]:
    with sessions() as session:
        return list(
            session.scalars(
                select(ReportRevision).order_by(ReportRevision.received_at, ReportRevision.revision)
            )
        )


def _levels(sessions: sessionmaker[Session]) -> list[Level]:
    with sessions() as session:
        return list(session.scalars(select(StoredAssessment.level).order_by(StoredAssessment.id)))


def test_scores_become_a_report_and_are_answered_without_being_repeated(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    assert texting.send(patient.phone, "3 2 0 1", now=noon) is TextMeaning.SCORES
    (said,) = _revisions(sessions)
    assert said.scores == {"redness": 3, "swelling": 2, "peeling": 0, "pain": 1}
    assert (said.seen_at, said.note) == (noon, None)
    (answer,) = texting.answers()
    assert (answer.template, answer.details, answer.treatment_id) == (
        "got_scores",
        {"day": "1"},
        patient.treatment_id,
    )
    body = next(text.body for text in texting.claim(now=noon) if "Got your" in text.body)
    assert "3 2 0 1" not in body
    assert texting.tasks() == []


def test_three_numbers_leave_pain_missing_and_named_scores_the_rest(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "3,2,0", now=noon)
    texting.send(patient.phone, "swelling 2 redness 1", now=noon + timedelta(hours=2))
    assert [said.scores for said in _revisions(sessions)] == [
        {"redness": 3, "swelling": 2, "peeling": 0},
        {"redness": 1, "swelling": 2},
    ]


def test_the_same_text_twice_happens_once(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    carrier_id = sid()
    assert texting.send(patient.phone, "3 2 0 1", now=noon, carrier_id=carrier_id) is TextMeaning.SCORES
    assert texting.send(patient.phone, "3 2 0 1", now=noon, carrier_id=carrier_id) is None
    assert (len(_revisions(sessions)), len(texting.entries()), len(texting.answers())) == (1, 1, 1)


def test_scores_texted_again_soon_are_a_correction_later_ones_a_new_report(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "9 2 0 1 NURSE", now=noon)
    texting.send(patient.phone, "0 2 0 1", now=noon + timedelta(minutes=5))
    texting.send(patient.phone, "0 1 0 1", now=noon + timedelta(hours=2))
    first, corrected, later = _revisions(sessions)
    assert (corrected.report_id, corrected.revision, corrected.scores["redness"]) == (first.report_id, 2, 0)
    assert corrected.warning_signs == ["worried"]
    assert later.report_id != first.report_id
    # The nine was asked about: it is never flagged once it was corrected.
    texting.review(now=noon + timedelta(hours=3))
    with sessions() as session:
        (flag,) = session.scalars(select(Flag))
        assert flag.urgency is Urgency.SAME_DAY
        raised = session.scalars(
            select(StoredAssessment).where(StoredAssessment.level == Level.ABNORMAL)
        ).all()
        assert {finding["rule"] for one in raised if one.revision != 1 for finding in one.findings} == {
            "warning_sign"
        }


def test_nurse_beside_scores_is_worry_and_a_same_day_flag(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "1 1 0 0 NURSE", now=noon)
    assert _revisions(sessions)[0].warning_signs == ["worried"]
    assert texting.review(now=noon) == 1
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.SAME_DAY


def test_emergency_words_are_answered_in_quiet_hours_and_flagged(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    night = noon + timedelta(hours=11)
    assert texting.send(patient.phone, "my lips are swollen", now=night) is TextMeaning.EMERGENCY
    assert [answer.template for answer in texting.answers()] == ["emergency"]
    texting.review(now=night)
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.EMERGENCY
    bodies = [text.body for text in texting.claim(now=night) if text.to == patient.phone]
    assert len(bodies) == 1
    assert "Call 911 now" in bodies[0]
    assert _revisions(sessions)[0].note == "my lips are swollen"


def test_answer_leaves_at_once_at_night_and_not_hours_later(
    texting: Texting, patient: Patient, noon: datetime
) -> None:
    night = noon + timedelta(hours=11)
    texting.send(patient.phone, "1 1 0 0", now=night)
    assert [text.to for text in texting.claim(now=night + timedelta(hours=1))] == []
    texting.send(patient.phone, "1 1 0 0", now=night + timedelta(hours=1))
    assert [text.to for text in texting.claim(now=night + timedelta(hours=1))] == [patient.phone]


@pytest.mark.parametrize(
    ("body", "said"), [("there is pus", "named"), ("no pus", "denied"), ("1 1 0 0 no pus", "denied")]
)
def test_warning_words_are_a_same_day_flag_to_be_read_first(
    texting: Texting,
    patient: Patient,
    sessions: sessionmaker[Session],
    noon: datetime,
    body: str,
    said: str,
) -> None:
    texting.send(patient.phone, body, now=noon)
    texting.review(now=noon)
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.SAME_DAY
        (assessed,) = session.scalars(select(StoredAssessment))
        assert [(one["sign"], one["said"]) for one in assessed.findings] == [("pus", said)]
    assert texting.tasks() == []
    assert _revisions(sessions)[0].note == body


def test_other_words_are_a_task_and_one_answer_a_day(
    texting: Texting, patient: Patient, noon: datetime
) -> None:
    for minute, body in enumerate(["When can I use makeup?", "And a hat?", "thanks"]):
        assert texting.send(patient.phone, body, now=noon + timedelta(minutes=minute)) is TextMeaning.OTHER
    (task,) = texting.tasks()
    assert (task.kind, task.patient_id, task.done_at) == (TaskKind.TEXT_TO_READ, patient.id, None)
    assert [answer.template for answer in texting.answers()] == ["got_text"]
    assert [entry.to_read for entry in texting.entries()] == [True, True, True]
    texting.send(patient.phone, "hello again", now=noon + timedelta(days=1))
    assert [answer.template for answer in texting.answers()] == ["got_text", "got_text"]


def test_a_picture_without_words_is_kept_to_be_read(
    texting: Texting, patient: Patient, noon: datetime
) -> None:
    texting.send(patient.phone, "", now=noon, pictures=2)
    (entry,) = texting.entries()
    assert (entry.body, entry.to_read) == ("[picture] [picture]", True)


def test_stop_holds_for_everyone_on_the_number_in_every_clinic(
    texting: Texting,
    clinic: Clinic,
    other_clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    noon: datetime,
) -> None:
    second = other_clinic.add_patient(now=noon, phone=patient.phone)
    assert texting.send(patient.phone, "ya no me manden mensajes", now=noon) is TextMeaning.STOP
    with sessions() as session:
        assert {row.clinic_id for row in session.scalars(select(OptOut))} == {clinic.id, other_clinic.id}
        waiting = session.scalars(select(Message).where(Message.state == MessageState.PLANNED)).all()
        assert list(waiting) == []
    assert texting.answers() == []
    assert {task.treatment_id for task in texting.tasks() if task.kind is TaskKind.OPTED_OUT} == {
        patient.treatment_id,
        second.treatment_id,
    }


def test_stop_turns_an_open_flag_into_a_task_for_the_phone(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "there is pus", now=noon)
    texting.review(now=noon)
    texting.send(patient.phone, "STOP", now=noon + timedelta(minutes=1))
    with sessions() as session:
        flag = session.scalars(select(Flag)).one()
    (task,) = texting.tasks()
    assert (task.kind, task.due_at, task.detail) == (TaskKind.OPTED_OUT, flag.due_at, {"flag": str(flag.id)})


def test_stop_with_an_emergency_is_both(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "Stop texting me, I can't breathe", now=noon)
    texting.review(now=noon)
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.EMERGENCY
        assert session.scalars(select(OptOut)).one().phone == patient.phone
    assert [text.to for text in texting.claim(now=noon)] == ["+12025550192"]


def test_only_start_from_the_number_brings_texts_back_and_those_still_to_come(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    with sessions() as session:
        before = {
            one.step
            for one in messages.list_for_treatment(session, *_key(session, patient))
            if one.state == "planned"
        }
    texting.send(patient.phone, "STOP", now=noon)
    texting.send(patient.phone, "START", now=noon + timedelta(minutes=1))
    with sessions() as session:
        rows = messages.list_for_treatment(session, *_key(session, patient))
        assert session.scalars(select(OptOut)).all() == []
    assert {
        one.step for one in rows if one.state == "planned" and one.asks_day is not None and one.due_at > noon
    } == {step for step in before if any(one.step == step and one.due_at > noon for one in rows)}
    assert not [
        one
        for one in rows
        if one.reason == UnsentReason.OPTED_OUT and one.due_at > noon + timedelta(minutes=1)
    ]
    assert [answer.template for answer in texting.answers()] == ["start_ack"]


def test_help_is_answered_unless_the_carrier_did(texting: Texting, patient: Patient, noon: datetime) -> None:
    texting.send(patient.phone, "HELP", now=noon)
    assert [answer.template for answer in texting.answers()] == ["help"]
    texting.send(patient.phone, "HELP", now=noon, taken_as=CarrierKeyword.HELP)
    assert [answer.template for answer in texting.answers()] == ["help"]
    assert texting.tasks() == []


def test_the_carriers_stop_counts_whatever_the_words_are(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "quittez", now=noon, taken_as=CarrierKeyword.STOP)
    with sessions() as session:
        assert session.scalars(select(OptOut)).one().how == "text"


def test_a_shared_number_goes_to_the_list_and_into_nobodys_record(
    texting: Texting, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    clinic.add_patient(now=noon, phone=patient.phone, pin="2718")
    texting.send(patient.phone, "3 2 0 1", now=noon)
    assert _revisions(sessions) == []
    (task,) = texting.tasks()
    (entry,) = texting.entries()
    assert (task.kind, task.patient_id, task.detail) == (
        TaskKind.UNMATCHED_TEXT,
        None,
        {"text": str(entry.id)},
    )
    assert [answer.template for answer in texting.answers()] == ["got_text"]


def test_an_emergency_from_a_shared_number_calls_every_clinic_it_may_be_for(
    texting: Texting, other_clinic: Clinic, patient: Patient, noon: datetime
) -> None:
    other_clinic.add_patient(now=noon, phone=patient.phone)
    texting.send(patient.phone, "I can't breathe", now=noon)
    assert len({entry.clinic_id for entry in texting.entries()}) == 2
    assert [answer.template for answer in texting.answers()] == ["emergency"]
    sent = [text for text in texting.claim(now=noon) if "URGENT" in text.body]
    assert len(sent) == 2


def test_an_unknown_number_is_on_the_list_of_the_only_clinic(
    texting: Texting, clinic: Clinic, noon: datetime
) -> None:
    texting.send("+12025559999", "hello", now=noon)
    (entry,) = texting.entries()
    assert (entry.clinic_id, entry.patient_id, entry.to_read) == (clinic.id, None, True)
    assert [task.kind for task in texting.tasks()] == [TaskKind.UNMATCHED_TEXT]


def test_an_unknown_number_among_several_clinics_is_kept_for_the_operator(
    texting: Texting, clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], noon: datetime
) -> None:
    carrier_id = sid()
    texting.send("+12025559999", "hello", now=noon, carrier_id=carrier_id)
    assert texting.send("+12025559999", "hello", now=noon, carrier_id=carrier_id) is None
    assert (texting.entries(), texting.tasks()) == ([], [])
    with sessions() as session:
        assert session.scalars(select(StrayText)).one().body == "hello"
        (listed,) = stray_texts.list_stray_texts(session, since=noon)["texts"]
        assert (listed["from"], listed["meaning"]) == ("+12025559999", "other")
        assert stray_texts.list_stray_texts(session, since=noon + timedelta(seconds=1)) == {"texts": []}


def test_one_wording_answers_at_most_three_times_in_half_an_hour(
    texting: Texting, patient: Patient, noon: datetime
) -> None:
    for minute in range(5):
        texting.send(
            patient.phone, "Out of office. In an emergency: eye clinic", now=noon + timedelta(minutes=minute)
        )
    assert [answer.template for answer in texting.answers()] == ["emergency"] * 3
    assert len(texting.entries()) == 5


def test_a_remark_beside_scores_waits_to_be_read_and_reading_it_closes_the_task(
    texting: Texting, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], noon: datetime
) -> None:
    texting.send(patient.phone, "1 1 0 0 my chin itches a bit", now=noon)
    text, note = sorted(texting.entries(), key=lambda entry: entry.source, reverse=True)
    assert (text.source, text.to_read, note.source, note.to_read) == (
        InboundSource.TEXT,
        False,
        InboundSource.NOTE,
        True,
    )
    assert [task.kind for task in texting.tasks()] == [TaskKind.NOTE_TO_READ]
    caller = StaffCaller(clinic_id=clinic.id, staff_id=clinic.nurse.id, name="", role=Role.NURSE)
    with sessions.begin() as session:
        shown = tasks.mark_read(session, caller=caller, entry_id=note.id, now=noon)
        assert shown.body == "1 1 0 0 my chin itches a bit"
    assert texting.tasks()[0].done_by == clinic.nurse.id


def test_a_text_in_words_does_not_part_two_high_reports(
    texting: Texting, clinic: Clinic, sessions: sessionmaker[Session], noon: datetime
) -> None:
    patient = clinic.add_patient(now=noon, hours_ago=72)
    texting.send(patient.phone, "4 1 0 0", now=noon)
    texting.send(patient.phone, "no pus", now=noon + timedelta(hours=12))
    texting.send(patient.phone, "4 1 0 0", now=noon + timedelta(hours=24))
    with sessions() as session:
        newest = reports.latest_assessments(session, clinic.id, patient.treatment_id)
        rules = {finding["rule"] for one in newest.values() for finding in one.findings}
    assert "persistence" in rules


def _key(session: Session, patient: Patient) -> tuple[UUID, UUID]:
    row = session.scalars(select(Message).where(Message.patient_id == patient.id).limit(1)).one()
    return row.clinic_id, patient.treatment_id
