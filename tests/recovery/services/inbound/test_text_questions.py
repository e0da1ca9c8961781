"""Text patients are asked for signs once their numbers are there, and nothing is as expected before."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.contact import AnswersBy
from recovery.models.core.audit import AuditEntry
from recovery.models.flags.flags import Flag
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.reports.reports import Report, ReportRevision, StoredAssessment
from recovery.models.tasks.tasks import TaskKind
from recovery.services.inbound.text_questions import OPEN_FOR
from recovery.services.tasks import task_work
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import staff_caller
from tests.support.data.treatments import treat_again

MINUTE = timedelta(minutes=1)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    return clinic.add_patient(now=now, hours_ago=48, answers_by=AnswersBy.TEXT)


def denied(sessions: sessionmaker[Session]) -> list[datetime | None]:
    with sessions() as session:
        return list(session.scalars(select(Report.signs_denied_at).order_by(Report.created_at)))


def assessments(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(StoredAssessment)) or 0


def signs_of_reports(sessions: sessionmaker[Session]) -> list[list[str]]:
    with sessions() as session:
        return list(
            session.scalars(select(ReportRevision.warning_signs).order_by(ReportRevision.received_at))
        )


def test_low_numbers_are_as_expected_only_once_the_signs_are_denied(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 1", now=now)
    assert (texting.templates(), denied(sessions)) == (["ask_signs_tip"], [None])
    (asked,) = [text.body for text in texting.claim(now=now) if "Got your day 2 numbers" in text.body]
    signs = texting.content.words_for(Language.ENGLISH).signs
    assert signs.by_text in asked
    assert "SOME or NONE" in asked
    before = assessments(sessions)
    texting.send(patient.phone, "NONE", now=now + MINUTE)
    assert texting.templates()[1:] == ["as_expected"]
    assert denied(sessions) == [now + MINUTE]
    assert assessments(sessions) == before, "the report stands as it was judged"
    (said,) = [text.body for text in texting.claim(now=now + MINUTE) if text.to == patient.phone]
    assert "Day 2: color, swelling and pain numbers as expected" in said
    assert "eeling" not in said, "no rule looks at peeling"
    assert texting.tasks() == []
    with sessions() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "report.signs_denied")).one()
        assert noted.subject_id == session.scalars(select(Report.id)).one()


@pytest.mark.parametrize(
    ("language", "word"),
    [
        (Language.ENGLISH, "none"),
        (Language.ENGLISH, "No, thank you"),
        (Language.SPANISH, "NADA"),
        (Language.SPANISH, "ninguno"),
        (Language.FRENCH, "Rien, merci"),
        (Language.FRENCH, "non"),
    ],
)
def test_each_language_has_its_words_for_none(
    texting: Texting, clinic: Clinic, patient: Patient, now: datetime, language: Language, word: str
) -> None:
    with clinic.sessions.begin() as session:
        session.execute(update(PatientRow).where(PatientRow.id == patient.id).values(language=language))
    texting.send(patient.phone, "2 1 0 1", now=now)
    texting.send(patient.phone, word, now=now + MINUTE)
    assert texting.templates() == ["ask_signs_tip", "as_expected"]


def test_numbers_that_bring_their_answer_are_not_asked_for_it(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 1 none", now=now)
    assert (texting.templates(), denied(sessions)) == (["as_expected"], [now])
    with sessions() as session:
        said = session.scalars(select(ReportRevision)).one()
    assert (said.scores["pain"], said.note) == (1, None)


def test_a_correction_keeps_what_was_answered(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 1", now=now)
    texting.send(patient.phone, "NONE", now=now + MINUTE)
    texting.send(patient.phone, "1 1 0 1", now=now + 5 * MINUTE)
    assert texting.templates() == ["ask_signs_tip", "as_expected", "as_expected"]
    assert denied(sessions) == [now + MINUTE]


def test_a_later_look_in_the_mirror_is_asked_about_anew(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 1 none", now=now)
    texting.send(patient.phone, "1 1 0 1", now=now + timedelta(hours=3))
    assert texting.templates() == ["as_expected", "ask_signs_tip"]
    assert denied(sessions) == [now, None]


def test_nothing_is_as_expected_on_the_day_of_the_treatment(
    texting: Texting, clinic: Clinic, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=4, answers_by=AnswersBy.TEXT)
    texting.send(patient.phone, "2 1 0 1", now=now)
    texting.send(patient.phone, "NONE", now=now + MINUTE)
    assert texting.templates() == ["ask_signs_tip", "got_scores"]


@pytest.mark.parametrize(
    ("body", "answer"),
    [("9 1 0 1", "asked_again"), ("8 7 0 6", "got_scores"), ("2 1 0 1 NURSE", "got_scores")],
)
def test_what_is_in_question_gets_no_tip_and_is_never_as_expected(
    texting: Texting, patient: Patient, now: datetime, body: str, answer: str
) -> None:
    texting.send(patient.phone, body, now=now)
    texting.send(patient.phone, "NONE", now=now + MINUTE)
    assert texting.templates() == ["ask_signs", answer]


def test_nothing_is_as_expected_while_a_flag_of_the_treatment_is_open(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.send(patient.phone, "there is pus", now=now)
    texting.send(patient.phone, "2 1 0 1", now=now + MINUTE)
    texting.send(patient.phone, "NONE", now=now + 2 * MINUTE)
    texting.review(now=now + 3 * MINUTE)
    texting.send(patient.phone, "1 1 0 1 none", now=now + timedelta(hours=2))
    assert texting.templates() == ["ask_signs", "got_scores", "flag_same_day", "got_scores"]


def test_nothing_is_as_expected_while_words_of_the_patient_are_unread(
    texting: Texting, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    texting.send(patient.phone, "when can I wear makeup?", now=now)
    texting.send(patient.phone, "2 1 0 1", now=now + MINUTE)
    texting.send(patient.phone, "none", now=now + 2 * MINUTE)
    assert texting.templates() == ["got_text", "ask_signs_tip", "got_scores"]
    with clinic.sessions.begin() as session:
        task_work.mark_read(
            session, caller=staff_caller(clinic), entry_id=texting.entries()[0].id, now=now + 3 * MINUTE
        )
    texting.send(patient.phone, "2 1 0 1 none", now=now + 4 * MINUTE)
    assert texting.templates()[3:] == ["as_expected"]


def test_numbers_that_could_not_be_read_are_in_question_no_more_once_they_can(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.send(patient.phone, "2 1", now=now)
    texting.send(patient.phone, "2 1 0 1 none", now=now + MINUTE)
    assert texting.templates() == ["repair_scores", "as_expected"]


def test_scores_without_all_that_the_wording_names_are_not_as_expected(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0", now=now)
    texting.send(patient.phone, "none", now=now + MINUTE)
    assert texting.templates() == ["ask_signs_tip", "got_scores"]


def test_words_beside_numbers_wait_for_a_nurse_and_the_signs_are_asked_for_all_the_same(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 1 when may I swim?", now=now)
    texting.send(patient.phone, "none", now=now + MINUTE)
    assert texting.templates() == ["ask_signs_tip", "got_text", "got_scores"]


def test_a_sign_is_brought_to_a_nurse_the_same_day_and_asked_which(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 1", now=now)
    texting.send(patient.phone, "SIGN", now=now + MINUTE)
    assert texting.templates()[1:] == ["which_sign"]
    assert signs_of_reports(sessions) == [[], ["worried"]]
    texting.review(now=now + MINUTE)
    with sessions() as session:
        assert session.scalars(select(Flag.urgency)).one() is Urgency.SAME_DAY
    texting.send(patient.phone, "there is pus", now=now + 5 * MINUTE)
    texting.review(now=now + 5 * MINUTE)
    with sessions() as session:
        findings = [one for kept in session.scalars(select(StoredAssessment)) for one in kept.findings]
    assert "pus" in {finding["sign"] for finding in findings}
    assert denied(sessions)[0] is None


@pytest.mark.parametrize("word", ["Sí", "oui", "Yep, thanks"])
def test_a_bare_yes_is_the_word_for_a_sign_only_while_the_question_is_open(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime, word: str
) -> None:
    texting.send(patient.phone, word, now=now)
    assert (texting.templates(), signs_of_reports(sessions)) == (["got_text"], [])
    texting.send(patient.phone, "2 1 0 1", now=now + MINUTE)
    texting.send(patient.phone, word, now=now + 2 * MINUTE)
    assert texting.templates()[2:] == ["which_sign"]
    assert signs_of_reports(sessions) == [[], ["worried"]]


@pytest.mark.parametrize("word", ["some", "Signo", "SIGNE", "signs"])
def test_each_language_has_its_word_for_a_sign(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime, word: str
) -> None:
    texting.send(patient.phone, f"2 1 0 1 {word}", now=now)
    assert (texting.templates(), signs_of_reports(sessions)) == (["which_sign"], [["worried"]])


def test_nobody_is_reminded_of_the_question_and_an_old_one_is_over(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 1", now=now)
    with sessions() as session:
        planned = session.scalars(select(Message.step).where(Message.step.startswith("remind"))).all()
    assert planned == []
    later = now + OPEN_FOR + MINUTE
    texting.send(patient.phone, "NONE", now=later)
    assert (texting.templates()[1:], denied(sessions)) == (["got_text"], [None])
    assert [task.kind for task in texting.tasks()] == [TaskKind.TEXT_TO_READ]


def test_none_to_nothing_that_was_asked_is_read_by_a_nurse(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.send(patient.phone, "none", now=now)
    assert texting.templates() == ["got_text"]
    assert [task.kind for task in texting.tasks()] == [TaskKind.TEXT_TO_READ]


def test_a_number_without_texts_is_not_answered_and_nothing_is_noted(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 1", now=now)
    texting.send(patient.phone, "STOP", now=now + MINUTE)
    texting.send(patient.phone, "none", now=now + 2 * MINUTE)
    with sessions() as session:
        last = session.scalars(select(InboundText).order_by(InboundText.id.desc()).limit(1)).one()
    assert (last.no_answer, denied(sessions)) == (NoAnswer.OPTED_OUT, [None])


@pytest.fixture
def late(clinic: Clinic, texting: Texting, now: datetime) -> Patient:
    """A patient of two weeks ago, whose late check-in has just left."""
    patient = clinic.add_patient(now=now - timedelta(days=14), hours_ago=2, answers_by=AnswersBy.TEXT)
    asked = [text.body for text in texting.claim(now=now) if text.to == patient.phone]
    assert len(asked) == 1
    assert "Day 14. Any dark or light patches" in asked[0]
    return patient


def test_none_closes_the_question_of_a_late_day(
    texting: Texting, late: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(late.phone, "NONE", now=now + MINUTE)
    assert (texting.templates(), denied(sessions)) == (["marks_none"], [now + MINUTE])
    with sessions() as session:
        said = session.scalars(select(ReportRevision)).one()
    assert (said.scores, said.warning_signs, said.note) == ({}, [], None)
    assert texting.tasks() == []
    (body,) = [text.body for text in texting.claim(now=now + MINUTE) if text.to == late.phone]
    assert "noted for day 14" in body


def test_the_question_of_a_late_day_is_over_as_any_other(
    texting: Texting, late: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    later = now + OPEN_FOR + MINUTE
    texting.send(late.phone, "NONE", now=later)
    texting.send(late.phone, "yes", now=later + MINUTE)
    assert (texting.templates(), signs_of_reports(sessions)) == (["got_text", "got_text"], [])
    assert [task.kind for task in texting.tasks()] == [TaskKind.TEXT_TO_READ]


def test_patches_in_words_are_a_finding_for_the_next_working_day(
    texting: Texting, late: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(late.phone, "dark patches on my cheek", now=now + MINUTE)
    texting.review(now=now + MINUTE)
    with sessions() as session:
        assert session.scalars(select(Flag.urgency)).one() is Urgency.NEXT_BUSINESS_DAY
        (assessed,) = session.scalars(select(StoredAssessment))
        assert [finding["sign"] for finding in assessed.findings] == ["patches"]


def test_a_call_is_asked_for_and_marked_for_the_nurse(
    texting: Texting, clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(patient.phone, "CALL please", now=now)
    texting.send(patient.phone, "call", now=now + timedelta(hours=1))
    texting.review(now=now + timedelta(hours=1))
    with sessions() as session:
        assert session.get_one(PatientRow, (clinic.id, patient.id)).prefers_calls_since == now
        assert session.scalars(select(Flag.urgency)).one() is Urgency.SAME_DAY
    assert signs_of_reports(sessions) == [["worried"]] * 2


@pytest.mark.parametrize("scores", ["1 3 0 0", "3 0 0 0"], ids=["one in question", "none in question"])
@pytest.mark.parametrize("time_zone", ["UTC", "America/Denver"])
def test_what_is_asked_about_once_more_is_told_with_its_time_and_nothing_is_as_expected(
    texting: Texting, clinic: Clinic, time_zone: str, scores: str
) -> None:
    zone = ZoneInfo(time_zone)
    treated = datetime(2026, 11, 16, 10, tzinfo=zone)
    patient = clinic.add_patient(now=treated, hours_ago=0, answers_by=AnswersBy.TEXT, time_zone=time_zone)
    at = treated + timedelta(days=5)
    texting.send(patient.phone, scores, now=at)
    texting.send(patient.phone, "NONE", now=at + MINUTE)
    assert texting.templates() == ["ask_signs", "asked_again"]
    (said,) = [
        text.body for text in texting.claim(now=at + MINUTE)
        if text.to == patient.phone and "once more" in text.body
    ]  # fmt: skip
    assert "We ask once more: Sun 9 AM." in said
    texting.review(now=at + 2 * MINUTE)
    asked = (treated + timedelta(days=6)).replace(hour=9)
    (again,) = [text.body for text in texting.claim(now=asked) if text.to == patient.phone]
    assert "day 6" in again.lower(), "the plan asks soon enough"
    texting.send(patient.phone, "0 0 0 0", now=asked + MINUTE)
    assert len(texting.scores()) == 2


def test_the_question_beside_the_plan_is_the_one_that_a_text_answers(
    texting: Texting, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    first = clinic.add_patient(now=now, hours_ago=24 * 7, answers_by=AnswersBy.TEXT)
    # Of the same visit: one of a later day would take the first over.
    second = treat_again(clinic, first, at=first.performed_at + timedelta(hours=11))
    with sessions.begin() as session:
        row = Message(
            clinic_id=clinic.id, patient_id=first.id, treatment_id=first.treatment_id, step="again_1",
            template="again_text", details={}, due_at=now, useful_until=now + timedelta(hours=8),
            state=MessageState.SENT, created_at=now, asks_day=7, to_phone=first.phone, claimed_at=now,
        )  # fmt: skip
        session.add(row)
    texting.send(first.phone, "1 0 0 0", now=now + MINUTE)
    with sessions() as session:
        (reported,) = session.scalars(select(Report))
    assert reported.treatment_id == first.treatment_id != second.treatment_id


def test_on_a_day_of_both_the_numbers_are_asked_for_signs_and_for_marks(
    texting: Texting, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    done = now.replace(hour=12) - timedelta(days=14)
    first = clinic.add_patient(now=done, hours_ago=0, answers_by=AnswersBy.TEXT)
    second = treat_again(clinic, first, at=done + timedelta(days=12))
    morning = (done + timedelta(days=14)).replace(hour=9, minute=5)
    sent = [text.body for text in texting.claim(now=morning) if text.to == first.phone]
    assert len([body for body in sent if "Text 0 (none)-10" in body]) == 1
    assert not any("patches" in body for body in sent), "one question"
    texting.send(first.phone, "2 1 0 1", now=morning + MINUTE)
    assert texting.templates() == ["ask_signs_marks"]
    (asked,) = [text.body for text in texting.claim(now=morning + MINUTE) if text.to == first.phone]
    assert "patches, bumps or lines" in asked
    texting.send(first.phone, "NONE", now=morning + 2 * MINUTE)
    assert texting.templates() == ["ask_signs_marks", "as_expected"]
    with sessions() as session:
        assert session.scalars(select(Report.treatment_id)).all() == [second.treatment_id]
    # On the next morning there is nothing of the earlier treatment to ask.
    texting.send(first.phone, "2 1 0 1", now=morning + timedelta(days=1))
    assert texting.templates()[-1] == "ask_signs_tip"
