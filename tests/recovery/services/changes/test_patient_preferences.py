"""What a patient decides for themselves holds at once, and for nobody else on their number."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging import messages, opt_outs
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.services.access import authentication
from recovery.services.changes import patient_preferences
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.changes.patient_preferences import (
    SharedNumber,
    TextPermissions,
    TextPreferences,
    WordingRequired,
)
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Patient

RECOVERY, REMINDERS = ConsentKind.RECOVERY_TEXTS, ConsentKind.SESSION_REMINDERS
NOTHING_SAID = TextPreferences()


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """With all the texts that are planned after a treatment."""
    return clinic.add_patient(now=now, hours_ago=1)


def row_of(session: Session, clinic: Clinic, patient: Patient) -> PatientRow:
    return session.get_one(PatientRow, (clinic.id, patient.id))


def update(
    session: Session,
    clinic: Clinic,
    patient: Patient,
    wishes: TextPreferences = NOTHING_SAID,
    *,
    now: datetime,
    changes: PatientChanges | None = None,
) -> TextPermissions:
    row = patient_preferences.update_preferences(
        session,
        clinic=session.get_one(ClinicRow, clinic.id),
        patient=row_of(session, clinic, patient),
        changes=changes or {},
        wishes=wishes,
        content=clinic.content,
        now=now,
    )
    return patient_preferences.get_permissions(session, row)


def stop(session: Session, clinic: Clinic, phone: str, *, now: datetime) -> None:
    opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=phone, how="text", now=now)


def stopped(session: Session, clinic: Clinic, phone: str) -> bool:
    session.expire_all()
    return opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=phone) is not None


def waiting(session: Session, patient: Patient) -> int:
    (clinic_id,) = session.scalars(select(PatientRow.clinic_id).where(PatientRow.id == patient.id))
    return messages.count_planned(session, clinic_id, patient.id)


def call_tasks(session: Session) -> list[tuple[TaskKind, object]]:
    rows = session.scalars(select(Task).order_by(Task.id))
    return [(task.kind, task.patient_id) for task in rows]


def test_the_two_wishes_are_told_apart() -> None:
    wishes = TextPreferences(recovery_texts=True, session_reminders=False)
    assert (wishes.of(RECOVERY), wishes.of(REMINDERS)) == (True, False)
    assert [NOTHING_SAID.of(kind) for kind in ConsentKind] == [None, None]


def test_without_a_wish_about_texts_they_stay_as_they_are(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        before = waiting(session, patient)
        changes: PatientChanges = {"language": Language.SPANISH}
        permitted = update(session, clinic, patient, now=now, changes=changes)
        assert permitted == TextPermissions(recovery_texts=True, session_reminders=False, stopped=False)
        assert row_of(session, clinic, patient).language is Language.SPANISH
        assert waiting(session, patient) == before > 0
        (entry,) = audit_trail.entries(session, clinic.id, "patient.change")
        assert entry.actor_id == patient.id


def test_a_consent_is_kept_with_its_words_or_not_at_all(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        wish = TextPreferences(recovery_texts=True, session_reminders=True)
        with pytest.raises(WordingRequired):
            update(session, clinic, patient, wish, now=now, changes={"language": Language.SPANISH})
        assert row_of(session, clinic, patient).language is Language.ENGLISH
        permitted = update(
            session, clinic, patient, TextPreferences(session_reminders=True, wording="Remind me."), now=now
        )
        assert permitted.session_reminders
        kept = patients.list_consents(session, row_of(session, clinic, patient), limit=10)
        assert {(consent.kind, consent.wording, consent.given_at) for consent in kept} == {
            (RECOVERY, "I agree.", patient.performed_at),
            (REMINDERS, "Remind me.", now),
        }
        update(session, clinic, patient, TextPreferences(recovery_texts=True), now=now)
        assert len(patients.list_consents(session, row_of(session, clinic, patient), limit=10)) == 2


def test_without_recovery_texts_nothing_more_leaves_and_a_nurse_calls(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        permitted = update(session, clinic, patient, TextPreferences(recovery_texts=False), now=now)
        assert permitted == TextPermissions(recovery_texts=False, session_reminders=False, stopped=False)
        own = messages.list_for_treatment(session, clinic.id, patient.treatment_id)
        assert MessageState.PLANNED not in {text.state for text in own}
        assert call_tasks(session) == [(TaskKind.OPTED_OUT, patient.id)]
        (entry,) = audit_trail.entries(session, clinic.id, "patient.withdraw_consent")
        assert entry.detail == {"ended": "recovery_texts"}
        update(session, clinic, patient, TextPreferences(recovery_texts=False), now=now)
        assert len(audit_trail.entries(session, clinic.id, "patient.withdraw_consent")) == 1


def test_without_reminders_alone_nobody_has_to_call(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        update(session, clinic, patient, TextPreferences(session_reminders=True, wording="Yes."), now=now)
        before = waiting(session, patient)
        permitted = update(session, clinic, patient, TextPreferences(session_reminders=False), now=now)
        assert (permitted.recovery_texts, permitted.session_reminders) == (True, False)
        assert (waiting(session, patient), call_tasks(session)) == (before, [])


def test_after_stop_the_only_one_on_a_number_has_texts_again_in_that_clinic(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    other_clinic.add_patient(now=now, phone=patient.phone)
    with sessions() as session:
        for owner in (clinic, other_clinic):
            stop(session, owner, patient.phone, now=now)
        row = row_of(session, clinic, patient)
        assert patient_preferences.get_permissions(session, row).stopped
        assert update(session, clinic, patient, now=now).stopped, "nothing was wished for"
        messages.cancel_planned(
            session, clinic_id=clinic.id, patient_id=patient.id, reason=UnsentReason.OPTED_OUT, now=now
        )
        assert not update(session, clinic, patient, TextPreferences(again=True), now=now).stopped
        assert waiting(session, patient) > 0
        assert (stopped(session, clinic, patient.phone), stopped(session, other_clinic, patient.phone)) == (
            False,
            True,
        )
        update(session, clinic, patient, TextPreferences(again=True), now=now)
        assert len(audit_trail.entries(session, clinic.id, "patient.opt_in")) == 1


def test_one_of_several_on_a_number_does_not_decide_for_the_others(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    housemate = clinic.add_patient(now=now, phone=patient.phone, pin="4711")
    with sessions() as session:
        stop(session, clinic, patient.phone, now=now)
        for someone in (patient, housemate):
            wish, changes = TextPreferences(again=True), PatientChanges(language=Language.FRENCH)
            with pytest.raises(SharedNumber):
                update(session, clinic, someone, wish, now=now, changes=changes)
            assert row_of(session, clinic, someone).language is Language.ENGLISH
        assert stopped(session, clinic, patient.phone)


def test_whoever_leaves_is_texted_no_more_and_signed_out_and_a_nurse_calls(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    other = clinic.add_patient(now=now, hours_ago=1)
    with sessions() as session:
        before = waiting(session, other)
        patient_preferences.leave(session, patient=row_of(session, clinic, patient), now=now)
        session.flush()
        session.expire_all()
        assert patients.active_consents(session, row_of(session, clinic, patient)) == frozenset()
        assert (waiting(session, patient), waiting(session, other)) == (0, before)
        own = messages.list_for_treatment(session, clinic.id, patient.treatment_id)
        assert UnsentReason.LEFT in {text.reason for text in own}
        with pytest.raises(authentication.NotSignedIn):
            authentication.patient_caller(session, bearer=patient.token, now=now)
        assert authentication.patient_caller(session, bearer=other.token, now=now)
        assert call_tasks(session) == [(TaskKind.OPTED_OUT, patient.id)]
        (entry,) = audit_trail.entries(session, clinic.id, "patient.leave")
        assert (entry.actor_id, entry.detail) == (patient.id, {})


def test_nobody_calls_someone_whose_recovery_is_over(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    healed = clinic.add_patient(now=now, hours_ago=70 * 24)
    with sessions() as session:
        patient_preferences.leave(session, patient=row_of(session, clinic, healed), now=now)
        assert call_tasks(session) == []
