"""What nobody signed reaches no patient of a live clinic: by text, on a page, in a judgement or an alert."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.app_state import KEY, AppState
from config import content_files
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.core.language import Language
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.core.signed_content import ContentBundle
from recovery.models.reports.reports import StoredAssessment
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import content_signing, running_content
from recovery.services.content.content import Content, parse_content
from tests.support.access.signing import sign
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Nurse, Patient
from tests.support.older_content import without_sign

API = "/api/v1"


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    """Who may change words and may not sign them."""
    return clinic.add_nurse(now=now, role=Role.MANAGER)


@pytest.fixture
def director(clinic: Clinic, now: datetime) -> Nurse:
    """Who may sign."""
    return clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)


@pytest.fixture
def newer() -> Content:
    """What the next release ships: other words for texts, pages, signs and advice."""
    files: dict[str, Any] = dataclasses.asdict(content_files.read_content_files())
    changed: dict[str, Any] = {}
    for name, key, before in (
        ("catalogues", "en", "We tried to call you"),
        ("findings", "en", "You told us about {sign}."),
        ("signs", "en", "fainting or nearly fainting"),
        ("page_words", "en", "Your skin is recovering."),
    ):
        text = files[name][key]
        assert before in text
        changed[name] = files[name] | {key: text.replace(before, f"NEXT {before}")}
    pages = {language: dict(by_topic) for language, by_topic in files["pages"].items()}
    pages["en"] = {topic: text.replace("# ", "# NEXT ", 1) for topic, text in pages["en"].items()}
    return parse_content(**files | changed | {"pages": pages})


def put(client: FlaskClient, patient: Patient, *, now: datetime, **more: Any) -> dict[str, Any]:
    """A report as the app sends it, and its answer."""
    body = {"seen_at": now.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0}, **more}
    answer = client.put(patient.report_path(uuid4()), json=body, headers=patient.headers)
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.get_json()
    return found


def read_all(client: FlaskClient, patient: Patient) -> str:
    """Everything that a patient's app shows."""
    treatment = f"{API}/me/treatments/{patient.treatment_id}"
    paths = (f"{API}/knowledge", f"{API}/me/words", f"{treatment}/tips", f"{treatment}/check-in", treatment)
    answers = [client.get(path, headers=patient.headers) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    return "\n".join(answer.text for answer in answers)


def calm_everything(client: FlaskClient, manager: Nurse) -> int:
    """Let a manager say "All fine." in every text, page and hour that the rules for words let pass."""
    listed = client.get(f"{API}/clinic/wordings", headers=manager.headers).get_json()["items"]
    taken = 0
    for text in listed:
        words = {"template": text["template"].replace("{clinic}:", "{clinic}: All fine.", 1)}
        path = f"{API}/clinic/wordings/{text['language']}/{text['key']}"
        taken += client.put(path, json=words, headers=manager.headers).status_code == 200
    page = {"text": "# Our care\n\nAll fine. You are healed."}
    for topic in ("aftercare", "when-to-call"):
        answer = client.put(f"{API}/clinic/pages/en/{topic}", json=page, headers=manager.headers)
        assert answer.status_code == 200
    assert (
        client.put(f"{API}/clinic/avoid/sun", json={"hours": 0}, headers=manager.headers).status_code == 200
    )
    return taken


@pytest.mark.parametrize("answers_by", AnswersBy)
def test_a_manager_s_own_words_reach_nobody_until_the_director_signs_them(
    client: FlaskClient, clinic: Clinic, manager: Nurse, director: Nurse, texting: Texting, now: datetime,
    answers_by: AnswersBy,
) -> None:  # fmt: skip
    sign(clinic, now=now)
    assert calm_everything(client, manager) > 40
    patient = clinic.add_patient(now=now, hours_ago=0.1, answers_by=answers_by)
    shown = read_all(client, patient)
    assert "All fine" not in shown
    flagged = put(client, patient, now=now, warning_signs=["pus"])
    assert flagged["assessment"]["level"] == "abnormal"
    assert "All fine" not in str(flagged)
    texting.send(patient.phone, "Is this normal?", now=now)
    texting.review(now=now + timedelta(seconds=2))
    left = texting.claim(now=now + timedelta(seconds=3))
    # What greets the patient, what is said to the flag or the text, and the alert to the staff.
    assert {text.to == patient.phone for text in left} == {True, False}
    assert len(left) >= 3
    assert [text.body for text in left if "All fine" in text.body] == []
    sign_as(client, director, now=now)
    assert "All fine" in read_all(client, patient)
    texting.send(patient.phone, "And this?", now=now + timedelta(minutes=5))
    after = texting.claim(now=now + timedelta(minutes=5, seconds=1))
    assert any("All fine" in text.body for text in after)


def sign_as(client: FlaskClient, director: Nurse, *, now: datetime) -> None:
    """Sign over the API, second factor and all."""
    read = client.get(f"{API}/protocols/to-sign", headers=director.headers).get_json()
    body = {"digest": read["digest"], "code": director.code(now=now)}
    signed = client.post(f"{API}/protocols/sign", json=body, headers=director.headers)
    assert signed.status_code == 200, signed.json


def test_an_unsigned_protocol_judges_nobody_and_cannot_be_named(
    client: FlaskClient, clinic: Clinic, director: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    sign(clinic, now=now)
    newest = max(clinic.content.protocols)
    text = clinic.content.protocol_sources[newest].replace(newest, "own-1", 1)
    assert client.post(f"{API}/protocols", json={"text": text}, headers=director.headers).status_code == 201
    published = client.post(f"{API}/protocols/own-1/publish", json={}, headers=director.headers)
    assert (published.status_code, published.get_json()["in_force"]) == (200, False)
    patient = clinic.add_patient(now=now, hours_ago=30)
    done: dict[str, Any] = {
        "performed_at": (now - timedelta(hours=2)).isoformat(), "device": "pen", "depth_mm": 1.0,
        "areas": ["face"], "session_number": 2,
    }  # fmt: skip
    path = f"{API}/patients/{patient.id}/treatments"
    named = client.post(path, json=done | {"protocol": "own-1"}, headers=clinic.nurse.headers)
    assert named.status_code in (404, 422), named.json
    made = client.post(path, json=done, headers=clinic.nurse.headers)
    assert (made.status_code, made.get_json()["protocol"]) == (201, newest)
    sign_as(client, director, now=now)
    later = {"performed_at": (now + timedelta(minutes=2)).isoformat(), "session_number": 3}
    after = client.post(path, json=done | later, headers=clinic.nurse.headers)
    assert (after.status_code, after.get_json()["protocol"]) == (201, "own-1")
    assert {row["version"] for row in versions(client, director) if row["in_force"]} == {"own-1"}
    with sessions() as session:
        held = {row.protocol for row in session.scalars(select(Treatment))}
    assert held == {newest, "own-1"}


def versions(client: FlaskClient, director: Nurse) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(f"{API}/protocols", headers=director.headers).get_json()["items"]
    return items


def with_content(app: Flask, content: Content) -> FlaskClient:
    """The application as the next release: it ships something else."""
    before = app.extensions[KEY]
    assert isinstance(before, AppState)
    app.extensions[KEY] = dataclasses.replace(before, newest=content)
    return app.test_client()


def test_a_release_changes_nothing_for_a_live_clinic_until_its_director_signs(
    app: Flask, clinic: Clinic, other_clinic: Clinic, director: Nurse, newer: Content,
    sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch, now: datetime,
) -> None:  # fmt: skip
    sign(clinic, now=now)
    patient, elsewhere = clinic.add_patient(now=now), other_clinic.add_patient(now=now)
    monkeypatch.setitem(app.extensions, KEY, app.extensions[KEY])
    client = with_content(app, newer)
    assert "NEXT" not in read_all(client, patient)
    assert "NEXT" in read_all(client, elsewhere), "nobody has signed anything there"
    answer = put(client, patient, now=now, warning_signs=["fainting"])
    assert "NEXT" not in str(answer)
    texting = Texting(sessions=sessions, content=newer)
    texting.review(now=now + timedelta(seconds=1))
    assert all("NEXT" not in text.body for text in texting.claim(now=now + timedelta(seconds=2)))
    changed = client.get(f"{API}/protocols/to-sign", headers=director.headers).get_json()["changes"]
    assert {change["part"] for change in changed} > {
        "texts en", "findings en", "signs en", "words of the page en",
    }  # fmt: skip
    (wording,) = [change for change in changed if change["place"] == "texts · tried_to_call · template"]
    assert wording["after"] == wording["before"].replace("We tried", "NEXT We tried")
    sign_as(client, director, now=now)
    assert "NEXT" in read_all(client, patient)


def test_a_sign_without_signed_words_is_an_emergency_in_general_words(
    app: Flask, clinic: Clinic, sessions: sessionmaker[Session], monkeypatch: pytest.MonkeyPatch,
    now: datetime,
) -> None:  # fmt: skip
    """What was signed before a sign had a name, under the program that knows it."""
    new = WarningSign.NUMBING_REACTION
    sign(clinic, now=now)
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        assert row.running_content is not None
        parts = dict(running_content.read_parts(session, row.running_content, newest=clinic.content))
        older = without_sign(parts, new)
        assert older != parts
        content_signing.run(session, clinic=row, parts=older, content=clinic.content)
    client = app.test_client()
    patient = clinic.add_patient(now=now)
    asked = client.get(f"{API}/me/treatments/{patient.treatment_id}/check-in", headers=patient.headers)
    assert new.value not in asked.text
    texting = Texting(sessions=sessions, content=clinic.content)
    texting.claim(now=now)  # The check-in of this day, at the hours at which it leaves.
    answer = put(client, patient, now=now, warning_signs=[new.value])
    assert answer["assessment"]["level"] == "emergency"
    assert answer["assessment"]["help"] == "emergency"
    assert "a warning sign" in answer["assessment"]["findings"][0]["text"]
    texting.review(now=now + timedelta(seconds=1))
    to_patient = [text for text in texting.claim(now=now + timedelta(seconds=2)) if text.to == patient.phone]
    [word] = [text.body for text in to_patient]
    _, general = clinic.content.catalogue_for(Language.ENGLISH).text("emergency").template.split("}", 1)
    assert general.split("{")[0].strip(": ") in word
    assert "911" in word
    with sessions() as session:
        assert session.scalars(select(StoredAssessment)).one().level.value == "emergency"


def test_what_this_program_cannot_read_reaches_nobody_and_is_signed_anew(
    app: Flask, clinic: Clinic, director: Nurse, texting: Texting, sessions: sessionmaker[Session],
    now: datetime,
) -> None:  # fmt: skip
    client, patient = app.test_client(), clinic.add_patient(now=now, hours_ago=0.1)
    strange = b"\1" * 32
    with sessions.begin() as session:
        session.add(ContentBundle(digest=strange, parts={}))
        session.flush()
        session.get_one(ClinicRow, clinic.id).running_content = strange
    assert client.get(f"{API}/knowledge", headers=patient.headers).status_code == 503
    body = {"seen_at": now.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0}}
    assert client.put(patient.report_path(), json=body, headers=patient.headers).status_code == 503
    # What a patient writes is never lost, and word to the staff leaves.
    texting.send(patient.phone, "I can't breathe", now=now)
    left = texting.claim(now=now + timedelta(seconds=1))
    assert patient.phone not in {text.to for text in left}
    texting.review(now=now + timedelta(seconds=2))
    queue = client.get(f"{API}/flags", headers=clinic.nurse.headers)
    assert queue.status_code == 200
    assert [flag["urgency"] for flag in queue.get_json()["items"]] == ["emergency"]
    read = client.get(f"{API}/protocols/to-sign", headers=director.headers).get_json()
    assert (read["signed"], read["changes"]) == (False, None)
    sign_as(client, director, now=now)
    assert client.get(f"{API}/knowledge", headers=patient.headers).status_code == 200
    assert client.put(patient.report_path(), json=body, headers=patient.headers).status_code == 201
    again = texting.claim(now=now + timedelta(minutes=6))
    assert patient.phone in {text.to for text in again}
