from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.messaging import opt_outs
from recovery.models.messaging.messages import REACHED_NOBODY, Message
from recovery.models.patients.patients import Patient, PatientSession
from recovery.models.reports.reports import AssessmentCause, Report
from recovery.models.review import silence_checks
from recovery.models.review.silence_checks import SilenceCheck
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import (
    add_assessment,
    add_flag,
    add_inbound,
    add_revision,
    add_text,
    add_treatment,
)

HOUR = timedelta(hours=1)
Ask = Callable[..., Message]
Look = Callable[[], SilenceCheck]


@pytest.fixture
def ask(session: Session, treatment: Treatment, now: datetime) -> Ask:
    """A check-in that was sent; about the third day and to be looked at now where nothing else is said."""

    def asked(about: Treatment = treatment, **values: Any) -> Message:
        filled: dict[str, Any] = {"state": MessageState.DELIVERED, "asks_day": 3}
        return add_text(session, about.clinic_id, due_at=now - HOUR, treatment=about, **(filled | values))

    return asked


@pytest.fixture
def look(session: Session, ask: Ask, now: datetime) -> Look:
    """What is known of one check-in that is due."""
    ask(silence_at=now)

    def looked() -> SilenceCheck:
        session.expire_all()
        (check,) = silence_checks.list_due_checks_for_update(session, now=now, limit=9)
        return check

    return looked


def test_nothing_is_known_of_a_patient_who_never_answered(
    look: Look, patient: Patient, treatment: Treatment
) -> None:
    check = look()
    assert (check.treatment, check.patient) == (treatment, patient)
    assert (check.heard_day, check.missed, check.last_level) == (None, 1, None)
    assert (check.opted_out, check.flag_open, check.told) == (False, False, False)


def test_check_ins_are_taken_when_due_and_by_one_worker_each(
    session: Session, sessions: sessionmaker[Session], ask: Ask, now: datetime
) -> None:
    second, first, third = (ask(silence_at=now - hours * HOUR).id for hours in (2, 3, 0))
    ask(silence_at=now + timedelta(microseconds=1))
    ask()
    session.commit()
    with sessions() as one, sessions() as other:
        taken = silence_checks.list_due_checks_for_update(one, now=now, limit=2)
        assert {check.message.id for check in taken} == {first, second}
        rest = silence_checks.list_due_checks_for_update(other, now=now, limit=9)
        assert [check.message.id for check in rest] == [third]


def test_missed_are_the_check_ins_since_the_newest_report_that_reached_the_patient(
    session: Session, look: Look, ask: Ask, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    ask(asks_day=2)
    ask(asks_day=1, state=MessageState.SENT)
    ask(asks_day=4)
    ask(add_treatment(session, patient, performed_at=now), asks_day=1)
    for state in REACHED_NOBODY:
        ask(asks_day=2, state=state)
    assert look().missed == 3
    add_revision(session, treatment, seen_at=treatment.performed_at + 24 * HOUR)
    assert look().missed == 2


@pytest.mark.parametrize(("hours", "day"), [(0, 0), (11.99, 0), (12, 1), (35.99, 1), (36, 2)])
def test_the_day_of_a_report_is_counted_from_the_treatment_in_whole_days(
    session: Session, look: Look, treatment: Treatment, hours: float, day: int
) -> None:
    add_revision(session, treatment, seen_at=treatment.performed_at + hours * HOUR)
    assert look().heard_day == day


@pytest.mark.parametrize(
    ("meaning", "no_answer", "day"),
    [
        (TextMeaning.OTHER, None, 2),
        (TextMeaning.OTHER, NoAnswer.TOO_MANY, 2),
        (TextMeaning.OTHER, NoAnswer.NOT_WRITTEN, 1),
        (TextMeaning.STOP, None, 1),
    ],
)
def test_words_count_as_contact_and_what_a_phone_sends_by_itself_does_not(
    session: Session, look: Look, treatment: Treatment,
    meaning: TextMeaning, no_answer: NoAnswer | None, day: int,
) -> None:  # fmt: skip
    add_revision(session, treatment, seen_at=treatment.performed_at + 24 * HOUR)
    for hours in (-1, 48):
        session.add(
            InboundText(
                clinic_id=treatment.clinic_id,
                source=InboundSource.TEXT,
                carrier_id=f"SM{hours}",
                phone="+12025550100",
                body="im ok thx",
                received_at=treatment.performed_at + hours * HOUR,
                meaning=meaning,
                patient_id=treatment.patient_id,
                to_read=False,
                no_answer=no_answer,
            )
        )
    session.flush()
    assert look().heard_day == day


def test_a_report_counts_as_its_newest_revision_says(
    session: Session, look: Look, treatment: Treatment
) -> None:
    first = add_revision(session, treatment, seen_at=treatment.performed_at + 48 * HOUR)
    report = session.get_one(Report, (first.clinic_id, first.report_id))
    add_revision(session, treatment, seen_at=treatment.performed_at + 24 * HOUR, report=report)
    assert look().heard_day == 1


def test_the_last_level_is_the_newest_judgement_of_what_was_seen_last(
    session: Session, look: Look, treatment: Treatment, now: datetime
) -> None:
    later = add_revision(session, treatment, seen_at=now)
    earlier = add_revision(session, treatment, seen_at=now - HOUR)
    add_assessment(session, treatment, later, at=now, level=Level.WATCH)
    add_assessment(session, treatment, later, at=now, level=Level.ABNORMAL)
    add_assessment(session, treatment, earlier, at=now, level=Level.EMERGENCY)
    add_assessment(session, treatment, None, at=now, level=Level.EXPECTED)
    assert look().last_level is Level.ABNORMAL
    assert look().last_held == []


def test_an_opt_out_is_of_the_patient_s_number_at_their_clinic(
    session: Session, look: Look, patient: Patient, foreign_treatment: Treatment, now: datetime
) -> None:
    for clinic_id, phone in ((foreign_treatment.clinic_id, patient.phone), (patient.clinic_id, "+1")):
        opt_outs.insert_opt_out(session, clinic_id=clinic_id, phone=phone, how="text", now=now)
    assert not look().opted_out
    opt_outs.insert_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone, how="text", now=now)
    assert look().opted_out


@pytest.mark.parametrize(("seen", "opened"), [(timedelta(0), True), (timedelta(seconds=-1), False)])
def test_a_page_counts_as_opened_from_when_the_check_in_was_due(
    session: Session, look: Look, patient: Patient, seen: timedelta, opened: bool
) -> None:
    due_at = look().message.due_at
    for device in session.query(PatientSession):
        device.last_seen_at = due_at + seen
    session.flush()
    assert look().opened is opened


def test_a_flag_is_open_while_the_treatment_s_own_is_unresolved(
    session: Session, look: Look, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED)
    add_flag(session, add_treatment(session, patient, performed_at=now), due_at=now)
    assert not look().flag_open
    add_flag(session, treatment, due_at=now, state=FlagState.CONTACTED)
    assert look().flag_open


def test_a_silence_is_told_until_a_report_of_that_day_or_later(
    session: Session, look: Look, treatment: Treatment, now: datetime
) -> None:
    revision = add_revision(session, treatment, seen_at=treatment.performed_at + 24 * HOUR)
    add_assessment(session, treatment, revision, at=now, day=3)
    add_assessment(session, treatment, None, at=now, day=1)
    assert not look().told
    add_assessment(session, treatment, None, at=now, day=2, cause=AssessmentCause.SILENCE)
    assert look().told
    add_revision(session, treatment, seen_at=treatment.performed_at + 48 * HOUR)
    assert not look().told


def test_treatments_looked_at_are_gathered_by_clinic(
    session: Session, ask: Ask, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    for row in (treatment, foreign_treatment):
        ask(row, silence_at=now)
    looks = silence_checks.list_due_checks_for_update(session, now=now, limit=9)
    assert silence_checks.treatments_of(looks) == {
        treatment.clinic_id: [treatment.id],
        foreign_treatment.clinic_id: [foreign_treatment.id],
    }
    assert silence_checks.treatments_of([]) == {}


def test_who_was_heard_from_since_the_text_left(
    session: Session, ask: Ask, treatment: Treatment, now: datetime
) -> None:
    ask(silence_at=now, claimed_at=now - HOUR)

    def heard_since() -> bool:
        session.expire_all()
        (check,) = silence_checks.list_due_checks_for_update(session, now=now, limit=9)
        return check.heard_since

    assert not heard_since()
    add_revision(session, treatment, seen_at=now - 2 * HOUR)
    assert not heard_since()
    add_revision(session, treatment, seen_at=now - 3 * HOUR, received_at=now)
    assert heard_since(), "it came since, whenever it was seen"


def test_words_since_the_text_left_are_heard(
    session: Session, ask: Ask, treatment: Treatment, now: datetime
) -> None:
    ask(silence_at=now, claimed_at=now - HOUR)
    add_inbound(session, treatment, received_at=now - 2 * HOUR)
    (before,) = silence_checks.list_due_checks_for_update(session, now=now, limit=9)
    add_inbound(session, treatment, received_at=now)
    session.expire_all()
    (after,) = silence_checks.list_due_checks_for_update(session, now=now, limit=9)
    assert (before.heard_since, after.heard_since) == (False, True)
