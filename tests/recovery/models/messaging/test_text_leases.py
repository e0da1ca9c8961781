from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.clinic.clinics import Clinic
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.models.messaging import opt_outs, sent_counts, stopped_texts, text_leases
from recovery.models.messaging.messages import Message
from recovery.models.messaging.text_leases import (
    NEVER_LEFT,
    LeasedText,
    NewInvitation,
    RecipientFacts,
    UnsentText,
)
from recovery.models.patients import patients
from recovery.models.patients.patients import Invitation, Patient
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_text, add_treatment
from tests.support.data.people import Clinic as ClinicPeople

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)


def _due_ids(session: Session, *, now: datetime, limit: int = 9, leave: tuple[UUID, ...] = ()) -> list[UUID]:
    return [row.id for row in text_leases.lock_due(session, now=now, limit=limit, leave=leave)]


def test_due_texts_are_locked_earliest_first_and_never_for_two_workers(
    session: Session, sessions: sessionmaker[Session], clinic: ClinicPeople, now: datetime
) -> None:
    third, first, second = (
        add_text(session, clinic.id, due_at=due_at).id for due_at in (now, now - 2 * HOUR, now - HOUR)
    )
    left = add_text(session, clinic.id, due_at=now - 9 * HOUR).id
    add_text(session, clinic.id, due_at=now + INSTANT)
    add_text(session, clinic.id, due_at=now - HOUR, state=MessageState.CANCELLED)
    session.commit()
    with sessions() as one, sessions() as other:
        assert _due_ids(one, now=now, limit=2, leave=(left,)) == [first, second]
        assert _due_ids(other, now=now) == [left, third]


def test_a_stopped_clinic_s_texts_stay_while_they_are_of_use(
    session: Session, clinic: ClinicPeople, other_clinic: ClinicPeople, now: datetime
) -> None:
    of_use = add_text(session, clinic.id, due_at=now - HOUR, useful_until=now + INSTANT).id
    useless = add_text(session, clinic.id, due_at=now - HOUR, useful_until=now).id
    elsewhere = add_text(session, other_clinic.id, due_at=now).id
    stopped = session.get_one(Clinic, clinic.id)
    stopped.texts_stopped_at = now
    session.flush()
    assert _due_ids(session, now=now) == [useless, elsewhere]
    stopped.texts_stopped_at = None
    session.flush()
    assert set(_due_ids(session, now=now)) == {of_use, useless, elsewhere}


def test_of_two_workers_one_has_the_patient_and_the_other_knows_it(
    session: Session, sessions: sessionmaker[Session], treatment: Treatment, now: datetime
) -> None:
    for hours in (1, 2):
        add_text(session, treatment.clinic_id, due_at=now - hours * HOUR, treatment=treatment)
    to_staff = add_text(session, treatment.clinic_id, due_at=now).id
    session.commit()
    with sessions() as one, sessions() as other:
        assert [row.ours for row in text_leases.lock_due(one, now=now, limit=1)] == [True]
        rest = {row.id: row.ours for row in text_leases.lock_due(other, now=now, limit=9)}
        assert len(rest) == 2
        assert rest.pop(to_staff)
        assert list(rest.values()) == [False]
        one.rollback()
        other.rollback()
        text_leases.lock_patient(one, treatment.patient_id)
        assert [row.ours for row in text_leases.lock_due(other, now=now, limit=1)] == [False]


def test_a_due_text_comes_with_what_is_needed_to_send_it(
    session: Session, clinic: ClinicPeople, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    session.add(StaffPhone(clinic_id=clinic.id, staff_id=clinic.nurse.id, phone="+12025550171"))
    to_patient = add_text(
        session, clinic.id, due_at=now - HOUR, treatment=treatment, details={"day": 1}, replies_to_at=now
    )
    to_nurse = add_text(session, clinic.id, due_at=now, staff_id=clinic.nurse.id)
    first, second = text_leases.lock_due(session, now=now, limit=9)
    for name in ("clinic_id", "id", "patient_id", "template", "details", "useful_until", "replies_to_at"):
        assert getattr(first, name) == getattr(to_patient, name), name
    assert (first.phone, first.language, first.time_zone) == (patient.phone, "en", "UTC")
    assert (first.staff_phone, first.proved, first.ours) == (None, False, True)
    assert (second.id, second.phone, second.staff_phone) == (to_nurse.id, None, "+12025550171")


@pytest.mark.parametrize("proved", [True, False])
def test_a_patient_s_number_may_be_proved_to_be_staff_s(
    session: Session,
    clinic: ClinicPeople,
    patient: Patient,
    treatment: Treatment,
    now: datetime,
    proved: bool,
) -> None:
    session.add(
        StaffPhone(
            clinic_id=clinic.id,
            staff_id=clinic.nurse.id,
            phone=patient.phone,
            proved_at=now if proved else None,
        )
    )
    add_text(session, clinic.id, due_at=now, treatment=treatment)
    (row,) = text_leases.lock_due(session, now=now, limit=9)
    assert row.proved is proved


Facts = Callable[[], RecipientFacts]


@pytest.fixture
def facts(session: Session, patient: Patient, now: datetime) -> Facts:
    """What decides about texts to the patient, whose day began an hour ago."""

    def read() -> RecipientFacts:
        session.flush()
        (one,) = text_leases.read_recipients(session, [(patient.clinic_id, patient.id, now - HOUR)])
        return one

    return read


def test_a_recipient_is_read_with_consents_opt_out_and_flag(
    session: Session,
    facts: Facts,
    patient: Patient,
    treatment: Treatment,
    foreign_treatment: Treatment,
    now: datetime,
) -> None:
    opt_outs.insert_opt_out(
        session, clinic_id=foreign_treatment.clinic_id, phone=patient.phone, how="text", now=now
    )
    add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED)
    add_flag(session, foreign_treatment, due_at=now)
    before = facts()
    assert (before.clinic_id, before.patient_id) == (patient.clinic_id, patient.id)
    assert (before.consents, before.opted_out, before.flag_open) == (["recovery_texts"], False, False)
    patients.withdraw_consents(session, patient, now=now)
    opt_outs.insert_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone, how="text", now=now)
    add_flag(session, add_treatment(session, patient, performed_at=now), due_at=now)
    after = facts()
    assert (after.consents, after.opted_out, after.flag_open) == ([], True, True)
    assert text_leases.read_recipients(session, []) == []


def test_a_recipient_had_what_was_claimed_in_their_day_and_may_have_left(
    session: Session, facts: Facts, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    left = [state for state in MessageState if state not in NEVER_LEFT]
    for row in (treatment, foreign_treatment):
        for state in MessageState:
            add_text(
                session, row.clinic_id, due_at=now, treatment=row, state=state, claimed_at=now - HOUR,
                template=f"{state} of {row.clinic_id}",
            )  # fmt: skip
    add_text(
        session, treatment.clinic_id, due_at=now, treatment=treatment, state=MessageState.SENT,
        claimed_at=now - HOUR - INSTANT, template="of the day before",
    )  # fmt: skip
    assert sorted(facts().had) == sorted(f"{state} of {treatment.clinic_id}" for state in left)


def test_a_clinic_is_read_with_what_all_workers_sent_on_its_newest_days(
    session: Session, clinic: ClinicPeople, other_clinic: ClinicPeople
) -> None:
    today = date(2026, 11, 23)
    yesterday = today - DAY
    workers = uuid4(), uuid4()
    sent = {
        (clinic.id, today, workers[0]): 5,
        (clinic.id, today, workers[1]): -2,
        (clinic.id, yesterday, workers[0]): 4,
        (clinic.id, yesterday - DAY, workers[0]): 9,
    }
    sent_counts.add_counts(session, sent)
    asked = [clinic.id, other_clinic.id]
    read = {row.id: row for row in text_leases.read_clinics(session, asked, since=yesterday)}
    assert read.keys() == set(asked)
    assert read[clinic.id].sent == {today: 3, yesterday: 4}
    assert read[other_clinic.id].sent == {}
    own = session.get_one(Clinic, clinic.id)
    fields: list[Any] = [getattr(own, name) for name in read[clinic.id]._fields[:-1]]
    assert list(read[clinic.id][:-1]) == fields
    assert text_leases.read_clinics(session, [], since=today) == []


def test_leased_texts_are_in_the_worker_s_hands_in_the_words_they_leave_in(
    session: Session, clinic: ClinicPeople, now: datetime
) -> None:
    before: dict[str, Any] = {"reason": "busy", "attempts": 2, "look_at": now, "looks": 3}
    first, second, other = (add_text(session, clinic.id, due_at=now, **before) for _ in range(3))
    worker = uuid4()
    leased = [
        LeasedText(row.clinic_id, row.id, f"ref-{place}", f"+{place}", f"body {place}", 1 + place)
        for place, row in enumerate((first, second))
    ]
    text_leases.write_leased(session, [], worker_id=worker, now=now)
    text_leases.write_leased(session, leased, worker_id=worker, now=now + HOUR)
    session.expire_all()
    for place, row in enumerate((first, second)):
        assert (row.reference, row.to_phone, row.body) == (f"ref-{place}", f"+{place}", f"body {place}")
        assert row.segments == 1 + place
        assert (row.state, row.reason, row.attempts) == (MessageState.CLAIMED, None, 3)
        assert (row.worker_id, row.claimed_at, row.look_at, row.looks) == (worker, now + HOUR, None, 0)
    assert (other.state, other.attempts, other.reference) == (MessageState.PLANNED, 2, None)


def test_unsent_texts_get_another_moment_or_an_end(
    session: Session, clinic: ClinicPeople, now: datetime
) -> None:
    later, ended, other = (add_text(session, clinic.id, due_at=now) for _ in range(3))
    text_leases.write_unsent(session, [])
    text_leases.write_unsent(
        session,
        [
            UnsentText(later.clinic_id, later.id, MessageState.PLANNED, "quiet", now + DAY, None),
            UnsentText(ended.clinic_id, ended.id, MessageState.EXPIRED, "too late", None, now),
        ],
    )
    session.expire_all()
    assert (later.state, later.reason, later.due_at, later.settled_at) == (
        MessageState.PLANNED,
        "quiet",
        now + DAY,
        None,
    )
    assert (ended.state, ended.reason, ended.due_at, ended.settled_at) == (
        MessageState.EXPIRED,
        "too late",
        now,
        now,
    )
    assert (other.state, other.reason) == (MessageState.PLANNED, None)


def test_links_in_texts_open_something(session: Session, patient: Patient, now: datetime) -> None:
    text_leases.insert_invitations(session, [])
    new = [NewInvitation(patient.clinic_id, patient.id, place, now, now + DAY) for place in (b"1", b"2")]
    text_leases.insert_invitations(session, new)
    written = session.scalars(select(Invitation).where(Invitation.token_hash.in_([b"1", b"2"]))).all()
    assert {row.token_hash for row in written} == {b"1", b"2"}
    for row in written:
        assert (row.patient_id, row.created_at, row.expires_at) == (patient.id, now, now + DAY)
        assert (row.wrong_secrets, row.spent_at) == (0, None)


def test_claimed_texts_of_stopped_clinics_are_named_to_the_worker_that_has_them(
    session: Session, clinic: ClinicPeople, other_clinic: ClinicPeople, now: datetime
) -> None:
    worker = uuid4()

    def claimed(clinic_id: UUID, reference: str, **values: Any) -> Message:
        filled: dict[str, Any] = {"state": MessageState.CLAIMED, "worker_id": worker}
        return add_text(session, clinic_id, due_at=now, reference=reference, **(filled | values))

    claimed(clinic.id, "held")
    claimed(clinic.id, "another worker's", worker_id=uuid4())
    claimed(clinic.id, "sent", state=MessageState.SENT)
    claimed(other_clinic.id, "not stopped")
    assert stopped_texts.leased_for_stopped_clinics(session, worker, goes_on=()) == set()
    session.get_one(Clinic, clinic.id).texts_stopped_at = now
    session.flush()
    assert stopped_texts.leased_for_stopped_clinics(session, worker, goes_on=()) == {"held"}
    template = session.query(Message).filter_by(reference="held").one().template
    assert stopped_texts.leased_for_stopped_clinics(session, worker, goes_on=[template]) == set()
