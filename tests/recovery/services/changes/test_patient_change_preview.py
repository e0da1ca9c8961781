"""Before a change is kept, what it would end is told, and nothing happens yet."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.core.language import Language
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging import messages, opt_outs
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.changes import patient_change_preview
from recovery.services.changes.patient_change_preview import ChangePreview, PhoneChange
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.core.phone_numbers import NotAPhoneNumber
from recovery.services.patients import enrolment
from tests.support.data.people import Clinic, Patient

NEW = "+12025550811"


def preview(
    session: Session, clinic: Clinic, patient: Patient, changes: PatientChanges, *, now: datetime
) -> ChangePreview:
    return patient_change_preview.preview_change(
        session,
        clinic=session.get_one(ClinicRow, clinic.id),
        patient=session.get_one(PatientRow, (clinic.id, patient.id)),
        changes=changes,
        now=now,
    )


def test_another_number_ends_consents_devices_and_links(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    clinic.add_patient(now=now, phone=NEW)
    other_clinic.add_patient(now=now, phone=NEW)
    with sessions() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        for at in (now, now, now - enrolment.INVITATION_LIVES):
            enrolment.invite(session, patient=row, now=at)
        opt_outs.insert_opt_out(session, clinic_id=other_clinic.id, phone=NEW, how="text", now=now)
        changes: PatientChanges = {"phone": "+1 (202) 555-0811"}
        told = preview(session, clinic, patient, changes, now=now).number
        # The invitation the patient signed in with is spent, and one is past its hours.
        assert told == PhoneChange(
            phone=NEW,
            landline=False,
            consents=frozenset({ConsentKind.RECOVERY_TEXTS}),
            devices=1,
            links=2,
            others=1,
            opted_out=False,
        )
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=NEW, how="text", now=now)
        again = preview(session, clinic, patient, changes, now=now).number
        assert again is not None
        assert again.opted_out
        assert row.phone == patient.phone


@pytest.mark.parametrize(
    ("changes", "name", "value"),
    [
        ({"time_zone": "Europe/Paris"}, "time_zone", "Europe/Paris"),
        ({"language": Language.FRENCH}, "language", Language.FRENCH),
        ({"answers_by": AnswersBy.TEXT}, "answers_by", AnswersBy.TEXT),
    ],
)
def test_what_would_change_is_named_alone(
    clinic: Clinic,
    patient: Patient,
    sessions: sessionmaker[Session],
    now: datetime,
    changes: PatientChanges,
    name: str,
    value: object,
) -> None:
    with sessions() as session:
        follows = preview(session, clinic, patient, changes, now=now)
        told = {part: getattr(follows, part) for part in ("number", "time_zone", "language", "answers_by")}
        assert {part: said for part, said in told.items() if said is not None} == {name: value}
        assert follows


def test_what_stays_as_it_is_follows_from_nothing(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    spaced = f"{patient.phone[:2]} {patient.phone[2:5]} {patient.phone[5:8]} {patient.phone[8:]}"
    same: PatientChanges = {
        "phone": spaced,
        "time_zone": "UTC",
        "language": Language.ENGLISH,
        "answers_by": AnswersBy.LINK,
        "first_name": "Another",
    }
    unchanged: tuple[PatientChanges, ...] = ({}, same, {"time_zone": None})
    with sessions() as session:
        for changes in unchanged:
            follows = preview(session, clinic, patient, changes, now=now)
            assert not follows
            assert follows == ChangePreview(
                number=None, time_zone=None, language=None, answers_by=None, texts=0
            )


def test_no_zone_means_the_clinic_s(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> None:
    traveller = clinic.add_patient(now=now, time_zone="Asia/Tokyo")
    with sessions() as session:
        assert preview(session, clinic, traveller, {"time_zone": None}, now=now).time_zone == "UTC"


def test_texts_that_have_not_left_are_counted(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    followed = clinic.add_patient(now=now, hours_ago=1)
    with sessions() as session:
        waiting = preview(session, clinic, followed, {}, now=now).texts
        assert waiting == messages.count_planned(session, clinic.id, followed.id) > 5


def test_what_cannot_be_used_is_refused(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        with pytest.raises(NotAPhoneNumber):
            preview(session, clinic, patient, {"phone": "12"}, now=now)
        with pytest.raises(HoursError):
            preview(session, clinic, patient, {"time_zone": "Mars/Olympus"}, now=now)


def test_a_link_still_opens_until_its_last_moment(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        issued = enrolment.invite(session, patient=row, now=now)
        session.flush()
        links = []
        for at in (issued.expires_at - timedelta(seconds=1), issued.expires_at):
            number = preview(session, clinic, patient, {"phone": NEW}, now=at).number
            assert number is not None
            links.append(number.links)
        assert links == [1, 0]
