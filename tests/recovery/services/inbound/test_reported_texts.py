"""Scores and signs by text: reports like any other, and what is said back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import Level
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.flags.flags import Flag
from recovery.models.inbound.inbound_texts import InboundSource
from recovery.models.reports import reports
from recovery.models.reports.reports import StoredAssessment
from recovery.models.tasks.tasks import TaskKind
from recovery.services.access.authentication import StaffCaller
from recovery.services.tasks import task_work
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient


def test_scores_become_a_report_and_are_answered_without_being_repeated(
    texting: Texting, followed: Patient, now: datetime
) -> None:
    assert texting.send(followed.phone, "3 2 0 1", now=now) is TextMeaning.SCORES
    (said,) = texting.revisions()
    assert said.scores == {"redness": 3, "swelling": 2, "peeling": 0, "pain": 1}
    assert (said.seen_at, said.note) == (now, None)
    (answer,) = texting.answers()
    assert (answer.template, answer.details, answer.treatment_id) == (
        "ask_signs_tip",
        {"day": "1", "tip": texting.content.care_for(Language.ENGLISH).tips[1].in_a_text},
        followed.treatment_id,
    )
    body = next(text.body for text in texting.claim(now=now) if "Got your" in text.body)
    assert "hot tubs" in body
    assert "3 2 0 1" not in body
    assert texting.tasks() == []


def test_three_numbers_leave_pain_missing_and_named_scores_the_rest(
    texting: Texting, followed: Patient, now: datetime
) -> None:
    texting.send(followed.phone, "3,2,0", now=now)
    texting.send(followed.phone, "swelling 2 redness 1", now=now + timedelta(hours=2))
    assert [said.scores for said in texting.revisions()] == [
        {"redness": 3, "swelling": 2, "peeling": 0},
        {"redness": 1, "swelling": 2},
    ]


def test_scores_texted_again_soon_are_a_correction_later_ones_a_new_report(
    texting: Texting, followed: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(followed.phone, "9 2 0 1 NURSE", now=now)
    texting.send(followed.phone, "0 2 0 1", now=now + timedelta(minutes=5))
    texting.send(followed.phone, "0 1 0 1", now=now + timedelta(hours=2))
    first, corrected, later = texting.revisions()
    assert (corrected.report_id, corrected.revision, corrected.scores["redness"]) == (first.report_id, 2, 0)
    assert corrected.warning_signs == ["worried"]
    assert later.report_id != first.report_id
    # The nine was asked about: it is never flagged once it was corrected.
    texting.review(now=now + timedelta(hours=3))
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
    texting: Texting, followed: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(followed.phone, "1 1 0 0 NURSE", now=now)
    assert texting.revisions()[0].warning_signs == ["worried"]
    assert texting.review(now=now) == 1
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.SAME_DAY


def test_emergency_words_are_answered_in_quiet_hours_and_flagged(
    texting: Texting, followed: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    night = now + timedelta(hours=11)
    assert texting.send(followed.phone, "my lips are swollen", now=night) is TextMeaning.EMERGENCY
    assert [answer.template for answer in texting.answers()] == ["emergency_sign"]
    texting.review(now=night)
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.EMERGENCY
    bodies = [text.body for text in texting.claim(now=night) if text.to == followed.phone]
    assert len(bodies) == 1
    assert "Call 911 now" in bodies[0]
    assert texting.revisions()[0].note == "my lips are swollen"


def test_answer_leaves_at_once_at_night_and_not_hours_later(
    texting: Texting, followed: Patient, now: datetime
) -> None:
    night = now + timedelta(hours=11)
    texting.send(followed.phone, "1 1 0 0", now=night)
    assert [text.to for text in texting.claim(now=night + timedelta(hours=1))] == []
    texting.send(followed.phone, "1 1 0 0", now=night + timedelta(hours=1))
    assert [text.to for text in texting.claim(now=night + timedelta(hours=1))] == [followed.phone]


@pytest.mark.parametrize("body", ["there is pus", "there is pus on my cheek"])
def test_warning_words_are_a_same_day_flag_to_be_read_first(
    texting: Texting, followed: Patient, sessions: sessionmaker[Session], now: datetime, body: str
) -> None:
    texting.send(followed.phone, body, now=now)
    texting.review(now=now)
    with sessions() as session:
        assert session.scalars(select(Flag)).one().urgency is Urgency.SAME_DAY
        (assessed,) = session.scalars(select(StoredAssessment))
        assert [(one["sign"], one["said"]) for one in assessed.findings] == [("pus", "named")]
    assert texting.tasks() == []
    assert texting.revisions()[0].note == body


def test_danger_after_a_stop_is_a_call_within_minutes_and_no_text(
    texting: Texting, followed: Patient, now: datetime
) -> None:
    texting.send(followed.phone, "STOP", now=now)
    texting.claim(now=now)
    later = now + timedelta(hours=30)
    texting.send(followed.phone, "there is pus", now=later)
    texting.review(now=later)
    (entry,) = (entry for entry in texting.entries() if entry.received_at == later)
    assert (entry.answer, entry.no_answer) == (None, NoAnswer.OPTED_OUT)
    (call,) = texting.tasks()
    assert (call.kind, call.due_at) == (TaskKind.OPTED_OUT, later + timedelta(minutes=15))
    assert {text.to for text in texting.claim(now=later)} == {"+12025550192"}


def test_a_remark_beside_scores_waits_to_be_read_and_reading_it_closes_the_task(
    texting: Texting, clinic: Clinic, followed: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    texting.send(followed.phone, "1 1 0 0 when may I swim?", now=now)
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
        shown = task_work.mark_read(session, caller=caller, entry_id=note.id, now=now)
        assert shown.body == "1 1 0 0 when may I swim?"
    assert texting.tasks()[0].done_by == clinic.nurse.id


def test_a_text_in_words_does_not_part_two_high_reports(
    texting: Texting, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=72)
    texting.send(patient.phone, "4 1 0 0", now=now)
    texting.send(patient.phone, "no pus", now=now + timedelta(hours=12))
    texting.send(patient.phone, "4 1 0 0", now=now + timedelta(hours=24))
    with sessions() as session:
        newest = reports.latest_assessments(session, clinic.id, patient.treatment_id)
        rules = {finding["rule"] for one in newest.values() for finding in one.findings}
    assert "persistence" in rules
