"""Staff end texts, a consent or a whole follow-up in one step, and nothing brings texts back by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.domain.inbound.text_meaning import ParsedText
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind, EndReason
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.core.audit import AuditEntry
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.patients.patients import PatientSession
from recovery.models.tasks.tasks import TaskKind
from recovery.services.access.authentication import StaffCaller
from recovery.services.changes import ended_follow_up, patient_changes
from recovery.services.changes.ended_follow_up import Ending
from recovery.services.core import audit
from recovery.services.messaging import text_planning
from recovery.services.patients.enrolment import GivenConsent
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import raise_flag

HOUR = timedelta(hours=1)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """With all the texts that are planned after a treatment."""
    return clinic.add_patient(now=now, hours_ago=1)


def end(
    clinic: Clinic, patient: Patient, ending: Ending, because: EndReason = EndReason.ASKED, *, now: datetime
) -> None:
    caller = StaffCaller(clinic_id=clinic.id, staff_id=clinic.nurse.id, name="", role=Role.NURSE)
    with clinic.sessions.begin() as session:
        ended_follow_up.end(
            session,
            caller=caller,
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            ending=ending,
            because=because,
            comment="on the phone",
            content=clinic.content,
            now=now,
        )


def planned(sessions: sessionmaker[Session], patient: Patient) -> list[str]:
    with sessions() as session:
        rows = select(Message.step).where(
            Message.patient_id == patient.id, Message.state == MessageState.PLANNED
        )
        return list(session.scalars(rows))


def plan_again(clinic: Clinic, patient: Patient, *, now: datetime) -> None:
    with clinic.sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        text_planning.plan_texts(session, patient=row, content=clinic.content, now=now)


@pytest.mark.parametrize("ending", list(Ending))
@pytest.mark.parametrize("because", list(EndReason))
def test_each_ending_is_audited_with_its_reason_and_holds_twice(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime,
    ending: Ending, because: EndReason,
) -> None:  # fmt: skip
    for _ in range(2):
        end(clinic, patient, ending, because, now=now)
    with sessions() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "patient.end")).all()
    ended = Ending.FOLLOW_UP if because is EndReason.DIED else ending
    assert [entry.detail for entry in noted] == [
        {"ended": ended.value, "because": because.value, "comment": "on the phone"}
    ] * 2
    assert {entry.actor_id for entry in noted} == {clinic.nurse.id}


@pytest.mark.parametrize("ending", [Ending.TEXTS, Ending.RECOVERY_TEXTS, Ending.FOLLOW_UP])
def test_planned_texts_do_not_leave_are_not_planned_anew_and_somebody_calls(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], texting: Texting, now: datetime,
    ending: Ending,
) -> None:  # fmt: skip
    assert planned(sessions, patient)
    end(clinic, patient, ending, now=now)
    assert planned(sessions, patient) == []
    plan_again(clinic, patient, now=now + HOUR)
    assert planned(sessions, patient) == []
    assert [(task.kind, task.treatment_id) for task in texting.tasks()] == [
        (TaskKind.OPTED_OUT, patient.treatment_id)
    ]


def test_session_reminders_end_alone(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], texting: Texting, now: datetime
) -> None:
    before = planned(sessions, patient)
    end(clinic, patient, Ending.SESSION_REMINDERS, now=now)
    assert (planned(sessions, patient), texting.tasks()) == (before, [])


def test_all_texts_end_for_everybody_on_the_number_in_this_clinic_only(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    beside = clinic.add_patient(now=now, hours_ago=1, phone=patient.phone, pin="2718")
    elsewhere = other_clinic.add_patient(now=now, hours_ago=1, phone=patient.phone)
    end(clinic, patient, Ending.TEXTS, now=now)
    assert planned(sessions, beside) == []
    assert planned(sessions, elsewhere)
    with sessions() as session:
        assert [(row.clinic_id, row.how) for row in session.scalars(select(OptOut))] == [(clinic.id, "staff")]


def test_a_wrong_number_is_texted_no_more_whatever_ended(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    end(clinic, patient, Ending.FOLLOW_UP, EndReason.WRONG_NUMBER, now=now)
    with sessions() as session:
        assert session.scalars(select(OptOut)).one().phone == patient.phone


def test_an_open_flag_becomes_a_call_by_its_time_but_not_after_a_death(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    flag_id = raise_flag(clinic, patient, at=now)
    end(clinic, patient, Ending.FOLLOW_UP, now=now)
    (call,) = texting.tasks()
    assert (call.detail, call.done_at) == ({"flag": str(flag_id)}, None)
    end(clinic, patient, Ending.FOLLOW_UP, EndReason.DIED, now=now + HOUR)
    (call,) = texting.tasks()
    assert (call.done_at, call.done_by, call.comment) == (now + HOUR, clinic.nurse.id, "died")


def test_the_end_of_a_follow_up_signs_the_phone_out_and_a_new_consent_begins_it_again(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    end(clinic, patient, Ending.FOLLOW_UP, EndReason.OTHER, now=now)
    with sessions() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        assert (row.ended_at, row.ended_because) == (now, EndReason.OTHER)
        assert patients.active_consents(session, row) == frozenset()
        open_until = session.scalars(select(PatientSession.expires_at)).all()
        assert all(moment <= now for moment in open_until)
        cancelled = select(Message.reason).where(Message.state == MessageState.CANCELLED)
        assert UnsentReason.ENDED in session.scalars(cancelled).all()
    consent = GivenConsent(kind=ConsentKind.RECOVERY_TEXTS, wording="I agree.", given_at=now)
    with sessions.begin() as session:
        patient_changes.update_patient(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=session.get_one(PatientRow, (clinic.id, patient.id)),
            changes={},
            consents=[consent],
            content=clinic.content,
            actor=audit.OPERATOR,
            now=now + HOUR,
        )
    assert planned(sessions, patient)
    with sessions() as session:
        assert session.get_one(PatientRow, (clinic.id, patient.id)).ended_at is None


@pytest.mark.parametrize("ending", list(Ending))
def test_a_death_ends_the_whole_follow_up_and_nobody_elses_texts(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], texting: Texting, now: datetime,
    ending: Ending,
) -> None:  # fmt: skip
    beside = clinic.add_patient(now=now, hours_ago=1, phone=patient.phone, pin="2718")
    end(clinic, patient, ending, EndReason.DIED, now=now)
    with sessions() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        assert (row.ended_at, row.ended_because) == (now, EndReason.DIED)
    assert planned(sessions, patient) == []
    assert planned(sessions, beside)
    assert [task for task in texting.tasks() if task.done_at is None] == []


def test_a_stop_from_the_number_of_somebody_who_died_calls_only_the_living(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    beside = clinic.add_patient(now=now, hours_ago=1, phone=patient.phone, pin="2718")
    end(clinic, patient, Ending.FOLLOW_UP, EndReason.DIED, now=now)
    texting.send(patient.phone, "STOP", now=now + HOUR)
    assert [(task.kind, task.patient_id) for task in texting.tasks()] == [(TaskKind.OPTED_OUT, beside.id)]


@pytest.mark.parametrize(("ending", "decided"), [(Ending.TEXTS, True), (Ending.SESSION_REMINDERS, False)])
def test_a_pause_ends_with_the_texts(
    clinic: Clinic, patient: Patient, texting: Texting, now: datetime, ending: Ending, decided: bool
) -> None:
    texting.act(patient.phone, "enough of this", ParsedText(may_stop=True, more=True), now=now)
    end(clinic, patient, ending, now=now + HOUR)
    (pause,) = (task for task in texting.tasks() if task.kind is TaskKind.MAY_STOP)
    (entry,) = texting.entries()
    decision = (now + HOUR, clinic.nurse.id) if decided else (None, None)
    assert (pause.done_at, pause.done_by) == (entry.read_at, entry.read_by) == decision
