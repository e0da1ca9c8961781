"""A clinic in training texts only phones that its staff proved, and goes live once nothing is missing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from config.settings import Settings, SmsGateway
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.core.language import Language
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff
from recovery.models.messaging.messages import Message
from recovery.services.training import training_week
from recovery.services.training.training_week import TrainingOptions
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Nurse
from tests.support.data.planned_texts import clear_texts

PHONE = "/api/v1/staff/me/phone"
THEIRS = "+12025550171"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation that texts through a carrier, with short links, and can tell somebody by webhook."""
    return settings.model_copy(
        update={
            "sms_gateway": SmsGateway.TWILIO,
            "link_url": "https://a.example",
            "public_url": "https://a.example",
            "alert_webhook": SecretStr("https://alerts.example/hook"),
        }
    )


@pytest.fixture
def manager(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Nurse:
    """Who sets up a clinic that is still in training."""
    with sessions.begin() as session:
        session.execute(
            update(ClinicRow)
            .where(ClinicRow.id == clinic.id)
            .values(mode=ClinicMode.TRAINING, live_because=None)
        )
    return clinic.add_nurse(now=now, role=Role.MANAGER)


def code_of(texting: Texting, now: datetime) -> str:
    """The code in the one text that may leave."""
    (text,) = texting.claim(now=now)
    assert text.to == THEIRS
    return next(word for word in text.body.replace(".", " ").split() if word.isdigit() and len(word) == 6)


def proved(client: DocumentedClient, staff: Nurse, texting: Texting, now: datetime) -> None:
    assert client.put(PHONE, json={"phone": THEIRS}, headers=staff.headers).get_json()["proved_at"] is None
    code = code_of(texting, now + timedelta(seconds=5))
    answer = client.post(f"{PHONE}/proof", json={"code": code}, headers=staff.headers)
    assert answer.get_json()["proved_at"] is not None


def test_a_clinic_in_training_texts_only_phones_of_its_staff(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, texting: Texting,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    proved(client, manager, texting, now)
    practice = clinic.add_patient(now=now, hours_ago=0.1, phone=THEIRS)
    clinic.add_patient(now=now, hours_ago=0.1)
    left = texting.claim(now=now + timedelta(seconds=10))
    assert {text.to for text in left} == {THEIRS}
    with sessions() as session:
        rows = session.scalars(select(Message).where(Message.state == "cancelled")).all()
    held = [row for row in rows if (row.reason or "").startswith("the clinic is in training")]
    assert {row.patient_id == practice.id for row in held} == {False}


def test_another_clinic_s_proof_is_none_of_ours(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, manager: Nurse, texting: Texting,
    now: datetime,
) -> None:  # fmt: skip
    proved(client, other_clinic.nurse, texting, now)
    clinic.add_patient(now=now, hours_ago=0.1, phone=THEIRS)
    assert texting.claim(now=now + timedelta(seconds=10)) == []


def test_a_clinic_goes_live_once_nothing_is_missing(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, texting: Texting,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    proved(client, manager, texting, now)
    clinic.add_patient(now=now, hours_ago=0.1, phone=THEIRS)
    clear_texts(sessions)
    texting.send(THEIRS, "STOP", now=now)
    refused = client.post("/api/v1/clinic/go-live", headers=manager.headers)
    assert [place["detail"] for place in refused.get_json()["errors"]] == [
        "The medical director has signed curve, rules and wordings as they stand."
    ]
    digest = client.get("/api/v1/protocols/to-sign", headers=director.headers).get_json()["digest"]
    client.post(
        "/api/v1/protocols/sign",
        json={"digest": digest, "code": director.code(now=now)},
        headers=director.headers,
    )
    live = client.post("/api/v1/clinic/go-live", headers=manager.headers)
    assert (live.status_code, live.get_json()["mode"], live.get_json()["ready"]) == (200, "live", True)
    clinic.add_patient(now=now, hours_ago=0.1, phone="+12025550173")
    assert "+12025550173" in {text.to for text in texting.claim(now=now + timedelta(minutes=1))}


def test_who_was_for_practice_stays_so_when_the_clinic_goes_live_until_somebody_says_otherwise(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, texting: Texting,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    made_up = clinic.add_patient(now=now, hours_ago=0.1, phone="+12025550173")
    said = {"first_name": "Real", "phone": "+12025550174", "year_of_birth": 1980, "training": False}
    real = client.post("/api/v1/patients", json=said, headers=manager.headers).get_json()
    assert real["training"] is False
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.LIVE, live_because="a test", live_since=now))
    assert texting.claim(now=now + timedelta(seconds=10)) == []
    with sessions() as session:
        reasons = set(session.scalars(select(Message.reason).where(Message.patient_id == made_up.id)))
    assert reasons >= {UnsentReason.FOR_PRACTICE.value}
    page = f"/api/v1/patients/{made_up.id}"
    assert client.get(page, headers=manager.headers).get_json()["training"] is True
    assert client.post(f"{page}/real", headers=manager.headers).get_json()["training"] is False
    assert client.patch(page, json={"training": True}, headers=manager.headers).status_code == 422
    later = texting.claim(now=now + timedelta(days=1, hours=4))
    assert {text.to for text in later} == {"+12025550173"}


def test_who_is_enrolled_in_a_live_clinic_is_real_unless_for_practice(
    client: DocumentedClient, clinic: Clinic
) -> None:
    said = {"first_name": "Somebody", "phone": "+12025550175", "year_of_birth": 1980}
    for training, kept in ((None, False), (True, True)):
        made = client.post(
            "/api/v1/patients",
            json=said | {"training": training, "pin": "4711" if training else None},
            headers=clinic.nurse.headers,
        )
        assert (made.status_code, made.get_json()["training"]) == (201, kept)


def test_who_lived_a_practice_week_stays_for_practice(
    client: DocumentedClient, clinic: Clinic, manager: Nurse, texting: Texting,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    proved(client, manager, texting, now)
    with sessions.begin() as session:
        week = training_week.start_week(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            member=session.get_one(Staff, (clinic.id, manager.id)),
            choice=TrainingOptions(language=Language.ENGLISH, answers_by=AnswersBy.LINK),
            content=clinic.content,
            now=now,
        )
    answer = client.post(f"/api/v1/patients/{week.patient_id}/real", headers=manager.headers)
    assert (answer.status_code, answer.get_json()["type"]) == (409, "urn:afterglow:problem:practice-stays")
