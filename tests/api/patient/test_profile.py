from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.contact import AnswersBy
from recovery.models.messaging import opt_outs
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent
from recovery.models.tasks.tasks import TaskKind
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

ME = "/api/v1/me"
type_of = "urn:afterglow:problem:{}".format


@pytest.fixture
def change(client: DocumentedClient) -> Callable[..., Any]:
    return lambda patient, **body: client.patch(ME, json=body, headers=patient.headers)


def steps(sessions: sessionmaker[Session], patient: Patient, *, state: MessageState) -> dict[str, str | None]:
    with sessions() as session:
        rows = session.scalars(
            select(Message).where(Message.patient_id == patient.id, Message.state == state)
        ).all()
        return {row.step: row.reason for row in rows if row.treatment_id is not None}


def test_language_zone_and_way_of_answering(
    change: Callable[..., Any], client: DocumentedClient, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    body = {"language": "fr", "time_zone": "Europe/Paris", "answers_by": "text"}
    changed = change(patient, **body)
    assert changed.status_code == 200
    assert {name: changed.json[name] for name in body} == body
    assert client.get(ME, headers=patient.headers).json == changed.json
    with sessions() as session:
        planned = session.scalars(select(Message).where(Message.step == "day3_text")).one()
    assert planned.state is MessageState.PLANNED
    assert planned.due_at.astimezone(ZoneInfo("Europe/Paris")).hour == 9
    assert "day3_link" in steps(sessions, patient, state=MessageState.CANCELLED)
    assert change(patient, time_zone=None).json["time_zone"] == "UTC"


def test_the_two_consents_are_given_and_ended_apart(
    change: Callable[..., Any], patient: Patient, sessions: sessionmaker[Session], texting: Texting
) -> None:
    assert steps(sessions, patient, state=MessageState.PLANNED)
    ended = change(patient, texts={"recovery_texts": False})
    assert ended.json["texts"] == {"recovery_texts": False, "session_reminders": False, "stopped": False}
    assert steps(sessions, patient, state=MessageState.PLANNED) == {}
    assert UnsentReason.NO_CONSENT in steps(sessions, patient, state=MessageState.CANCELLED).values()
    assert [task.kind for task in texting.tasks()] == [TaskKind.OPTED_OUT]
    refused = change(patient, texts={"session_reminders": True})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/texts/wording")
    words = "Yes, remind me when the next visit is due."
    given = change(patient, texts={"session_reminders": True, "wording": words})
    assert given.json["texts"] == {"recovery_texts": False, "session_reminders": True, "stopped": False}
    again = change(patient, texts={"recovery_texts": True, "wording": "Text me about my skin."})
    assert again.json["texts"]["recovery_texts"] is True
    assert steps(sessions, patient, state=MessageState.PLANNED)
    with sessions() as session:
        kept = session.scalars(select(Consent).order_by(Consent.given_at)).all()
    assert [(one.kind.value, one.wording, one.withdrawn_at is None) for one in kept] == [
        ("recovery_texts", "I agree.", False),
        ("session_reminders", words, True),
        ("recovery_texts", "Text me about my skin.", True),
    ]


def test_a_consent_that_stands_is_not_given_twice(
    change: Callable[..., Any], patient: Patient, sessions: sessionmaker[Session]
) -> None:
    assert change(patient, texts={"recovery_texts": True}).status_code == 200
    with sessions() as session:
        assert len(session.scalars(select(Consent)).all()) == 1


def test_after_stop_only_the_patient_opts_in_again(
    change: Callable[..., Any],
    client: DocumentedClient,
    patient: Patient,
    clinic: Clinic,
    texting: Texting,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    texting.send(patient.phone, "STOP", now=now)
    assert client.get(ME, headers=patient.headers).get_json()["texts"]["stopped"] is True
    assert steps(sessions, patient, state=MessageState.PLANNED) == {}
    path = f"/api/v1/patients/{patient.id}"
    consent = {"kind": "recovery_texts", "wording": "They said yes.", "given_at": now.isoformat()}
    client.patch(path, json={"consents": [consent]}, headers=clinic.nurse.headers)
    assert client.get(ME, headers=patient.headers).get_json()["texts"]["stopped"] is True
    assert change(patient, texts={"stopped": True}).json["texts"]["stopped"] is True
    assert change(patient, texts={"stopped": False}).json["texts"]["stopped"] is False
    assert steps(sessions, patient, state=MessageState.PLANNED)


def test_one_of_several_on_a_number_does_not_opt_the_others_in(
    change: Callable[..., Any], patient: Patient, clinic: Clinic, other_clinic: Clinic, texting: Texting,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    elsewhere = other_clinic.add_patient(now=now, phone=patient.phone)
    texting.send(patient.phone, "STOP", now=now)
    assert change(patient, texts={"stopped": False}).status_code == 200
    with sessions() as session:
        assert opt_outs.get_opt_out(session, clinic_id=other_clinic.id, phone=patient.phone) is not None
    housemate = clinic.add_patient(now=now, phone=elsewhere.phone, pin="31415")
    texting.send(patient.phone, "STOP", now=now)
    for someone in (patient, housemate):
        refused = change(someone, texts={"stopped": False}, language="es")
        assert (refused.status_code, refused.json["type"]) == (409, type_of("shared-number"))
        assert change(someone).json["language"] == "en"


def test_leaving_ends_texts_and_sessions_and_keeps_what_was_said(
    client: DocumentedClient, patient: Patient, clinic: Clinic, texting: Texting,
    sessions: sessionmaker[Session], now: datetime,
) -> None:  # fmt: skip
    other = clinic.add_patient(now=now, answers_by=AnswersBy.TEXT)
    assert client.post(f"{ME}/leave", headers=patient.headers).status_code == 204
    assert client.get(ME, headers=patient.headers).status_code == 401
    assert steps(sessions, patient, state=MessageState.PLANNED) == {}
    assert UnsentReason.LEFT in steps(sessions, patient, state=MessageState.CANCELLED).values()
    assert steps(sessions, other, state=MessageState.PLANNED)
    (task,) = texting.tasks()
    assert (task.kind, task.patient_id) == (TaskKind.OPTED_OUT, patient.id)
    kept = client.get(f"/api/v1/treatments/{patient.treatment_id}", headers=clinic.nurse.headers)
    assert kept.status_code == 200
