"""A live clinic keeps the patients on whom its staff practises apart, in every list and figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from operations import monitor
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.flags.flags import Flag
from recovery.models.messaging.messages import Message
from recovery.services.review import escalation
from tests.api.console.conftest import Browser
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

LISTS = ("/console", "/console/follow-up", "/console/to-read")


@pytest.fixture
def practised(clinic: Clinic, texting: Texting, now: datetime) -> Patient:
    """A practice patient of a live clinic who reported and wrote what a nurse has to see."""
    patient = clinic.add_patient(now=now, training=True)
    texting.send(patient.phone, "10 9 2 9 NURSE", now=now)
    texting.review(now=now)
    texting.send(patient.phone, "When may I swim?", now=now + timedelta(seconds=5))
    return patient


@pytest.fixture
def flags(sessions: sessionmaker[Session], practised: Patient) -> Callable[[], list[Flag]]:
    """The flags there are."""

    def read() -> list[Flag]:
        with sessions() as session:
            return list(session.scalars(select(Flag)))

    assert [flag.treatment_id for flag in read()] == [practised.treatment_id]
    return read


def test_lists_and_figures_of_a_live_clinic_know_real_patients_only(
    browser: Browser, practised: Patient, flags: Callable[[], list[Flag]]
) -> None:
    (flag,) = flags()
    queue = browser.page("/console")
    assert "Nobody is" in queue.said
    for path in LISTS:
        listed = browser.get(path).text
        assert str(practised.id) not in listed
        assert str(flag.id) not in listed
    room = browser.get("/console?room=practice").text
    assert f"/console/flags/{flag.id}" in room
    assert "Nobody here is real" in room
    assert '<span class="tag">practice</span>' in browser.get(f"/console/flags/{flag.id}").text
    assert any(str(practised.id) in browser.get(f"{path}?room=practice").text for path in LISTS[1:])


def test_an_empty_practice_room_says_nothing_of_real_patients(
    browser: Browser, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    texting.send(patient.phone, "10 9 2 9 NURSE", now=now)
    texting.review(now=now)
    assert "One patient needs a nurse" in browser.page("/console").said
    for path in LISTS:
        said = browser.page(f"{path}?room=practice").said
        assert "Nothing abnormal is known" not in said
        assert "Nobody is waiting" not in said
    room = browser.page("/console?room=practice").said
    assert "Nobody waits in the practice room" in room
    assert "Only patients for practice come here" in room


def test_a_clinic_in_training_sees_all_in_one(
    browser: Browser, flags: Callable[[], list[Flag]], sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING))
    (flag,) = flags()
    assert f"/console/flags/{flag.id}" in browser.get("/console").text


def test_the_api_lists_real_patients_unless_it_is_asked_for_the_practice_room(
    client: FlaskClient, clinic: Clinic, practised: Patient, flags: Callable[[], list[Flag]]
) -> None:
    def listed(path: str) -> list[Any]:
        answer = client.get(f"/api/v1/{path}", headers=clinic.nurse.headers).get_json()
        return list(answer["items"])

    (flag,) = flags()
    assert listed("flags") == listed("tasks") == listed("inbox") == []
    assert [one["id"] for one in listed("flags?room=practice")] == [str(flag.id)]
    assert [one["id"] for one in listed("flags?room=all")] == [str(flag.id)]
    assert listed("inbox?room=practice")


def test_nobody_is_called_or_mailed_about_a_practice_patient(
    clinic: Clinic,
    texting: Texting,
    flags: Callable[[], list[Flag]],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    later = now + timedelta(days=3)
    with sessions.begin() as session:
        assert escalation.escalate_due(session, content=clinic.content, now=later, limit=50) == 0
        assert monitor.list_flag_incidents(session, now=later) == []
    assert texting.claim(now=now + timedelta(seconds=10)) == []
    with sessions() as session:
        to_staff = session.scalars(select(Message).where(Message.patient_id.is_(None))).all()
        assert {row.state for row in to_staff} <= {"cancelled"}
    assert flags()[0].escalated is None
