from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from recovery.domain.clinical.assessment import BandOverride
from recovery.domain.clinical.symptoms import Level
from recovery.domain.patients.consent import ConsentKind
from recovery.models.patients import patients
from recovery.models.patients.patients import Consent, Invitation, Patient, PatientSession
from tests.support.data.people import Clinic

DAY = timedelta(days=1)
PHONE = "+12025550111"
Add = Callable[..., Patient]


def test_an_override_is_one_only_with_a_reason(add: Add) -> None:
    assert add(band_level=1.5, at_least=Level.WATCH).override() is None
    known = add(band_level=1.5, band_duration=2.0, at_least=Level.WATCH, band_because="Reacts strongly.")
    assert known.override() == BandOverride(level=1.5, duration=2.0, at_least=Level.WATCH)


def test_a_number_finds_patients_of_every_clinic_in_the_order_of_locks(
    session: Session, other_clinic: Clinic, add: Add
) -> None:
    everyone = [add(), add(), add(clinic_id=other_clinic.id)]
    add(phone="+12025550122")
    in_order = sorted(everyone, key=lambda row: (row.clinic_id, row.id))
    assert patients.find_by_phone(session, PHONE) == in_order
    assert patients.find_by_phone_for_update(session, PHONE, only=None) == in_order
    assert patients.find_by_phone_for_update(session, PHONE, only=everyone[1].id) == [everyone[1]]
    assert patients.find_by_phone_for_update(session, "+12025550199", only=everyone[1].id) == []


def test_a_name_finds_who_was_enrolled_first(session: Session, add: Add, now: datetime) -> None:
    add()
    first = add(created_at=now - DAY)
    add(created_at=now - 2 * DAY, first_name="Ben")
    assert patients.find_by_name(session, "Ada", "Sample") is first
    assert patients.find_by_name(session, "Sample", "Ada") is None


def test_a_patient_is_their_clinic_s_alone(
    session: Session, clinic: Clinic, other_clinic: Clinic, add: Add
) -> None:
    ada = add()
    assert patients.get(session, clinic.id, ada.id) is ada
    assert patients.get_one(session, clinic.id, ada.id) is ada
    assert patients.get(session, other_clinic.id, ada.id) is None


def test_a_withdrawn_consent_stands_no_longer_and_is_kept(session: Session, add: Add, now: datetime) -> None:
    ada, ben = add(), add(first_name="Ben")
    kinds = [ConsentKind.RECOVERY_TEXTS, ConsentKind.SESSION_REMINDERS]
    for days, kind in enumerate(kinds):
        for patient in (ada, ben):
            session.add(
                Consent(
                    clinic_id=patient.clinic_id,
                    patient_id=patient.id,
                    kind=kind,
                    wording="I agree.",
                    given_at=now + days * DAY,
                )
            )
    session.flush()
    assert patients.active_consents(session, ada) == set(kinds)
    patients.withdraw_consents(session, ada, kinds=[ConsentKind.RECOVERY_TEXTS], now=now + 2 * DAY)
    patients.withdraw_consents(session, ada, kinds=[ConsentKind.RECOVERY_TEXTS], now=now + 3 * DAY)
    session.expire_all()
    assert patients.active_consents(session, ada) == {ConsentKind.SESSION_REMINDERS}
    assert not patients.has_consent(session, ada, ConsentKind.RECOVERY_TEXTS)
    assert patients.has_consent(session, ada, ConsentKind.SESSION_REMINDERS)
    listed = [(row.kind, row.withdrawn_at) for row in patients.list_consents(session, ada, limit=9)]
    assert listed == [(kinds[1], None), (kinds[0], now + 2 * DAY)]
    assert len(patients.list_consents(session, ada, limit=1)) == 1
    patients.withdraw_consents(session, ada, now=now)
    assert patients.active_consents(session, ada) == frozenset()
    assert patients.active_consents(session, ben) == set(kinds)


def _sign_in(session: Session, patient: Patient, place: bytes, *, now: datetime, days: int) -> None:
    session.add(
        PatientSession(
            clinic_id=patient.clinic_id,
            token_hash=place,
            patient_id=patient.id,
            created_at=now,
            last_seen_at=now + days * DAY,
            expires_at=now + days * DAY,
        )
    )
    session.flush()


def _invite(session: Session, patient: Patient, place: bytes, *, now: datetime, **values: Any) -> None:
    filled: dict[str, Any] = {"created_at": now, "expires_at": now + DAY}
    session.add(
        Invitation(clinic_id=patient.clinic_id, patient_id=patient.id, token_hash=place, **(filled | values))
    )
    session.flush()


def test_devices_signed_in_are_listed_and_ended_one_by_one(session: Session, add: Add, now: datetime) -> None:
    ada, ben = add(), add(first_name="Ben")
    for place, patient, days in ((b"1", ada, 1), (b"2", ada, 2), (b"3", ada, 0), (b"4", ben, 1)):
        _sign_in(session, patient, place, now=now, days=days)

    def listed(moment: datetime) -> list[bytes]:
        rows = patients.list_sessions(session, ada.clinic_id, ada.id, now=moment, limit=9)
        return [row.token_hash for row in rows]

    assert listed(now) == [b"2", b"1"]
    assert listed(now + DAY) == [b"2"]
    first = patients.get_session(session, ada.clinic_id, b"1")
    assert first is not None
    owner, device = (ada.clinic_id, ada.id), first.id
    assert not patients.end_device(session, ada.clinic_id, ben.id, device_id=first.id, now=now)
    assert patients.end_device(session, *owner, device_id=device, now=now)
    assert not patients.end_device(session, *owner, device_id=device, now=now)
    assert listed(now) == [b"2"]
    patients.end_session(session, ada.clinic_id, b"2", now=now)
    assert listed(now) == []
    assert patients.get_session(session, ada.clinic_id, b"9") is None


def test_ways_in_are_counted_while_open_and_all_ended_together(
    session: Session, add: Add, now: datetime
) -> None:
    ada, ben = add(), add(first_name="Ben")
    for patient, place in ((ada, b"1"), (ben, b"2")):
        _sign_in(session, patient, place, now=now, days=1)
        _invite(session, patient, place, now=now)
    _sign_in(session, ada, b"3", now=now, days=0)
    _invite(session, ada, b"4", now=now, expires_at=now)
    _invite(session, ada, b"5", now=now, spent_at=now)
    assert patients.count_access(session, ada, now=now) == (1, 1)
    patients.end_access(session, ada, now=now)
    assert patients.count_access(session, ada, now=now) == (0, 0)
    assert patients.count_access(session, ben, now=now) == (1, 1)


def test_an_invitation_is_found_with_its_patient(session: Session, add: Add, now: datetime) -> None:
    ada = add()
    _invite(session, ada, b"1", now=now)
    for read in (patients.get_invitation, patients.get_invitation_for_update):
        found = read(session, b"1")
        assert found is not None
        assert (found[0].token_hash, found[1]) == (b"1", ada)
        assert read(session, b"2") is None
