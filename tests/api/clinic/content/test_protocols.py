from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.staff_roles import Role
from recovery.models.content.signatures import ContentSignature
from recovery.services.content import running_content
from recovery.services.content.content import Content
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse, Patient

PROTOCOLS = "/api/v1/protocols"


@pytest.fixture
def director(clinic: Clinic, now: datetime) -> Nurse:
    """Someone who signs and publishes."""
    return clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)


@pytest.fixture
def own_text(content: Content) -> str:
    """The newest shipped protocol under a name of the clinic's own."""
    newest = max(content.protocols)
    return content.protocol_sources[newest].replace(newest, "own-1", 1)


def test_a_draft_is_replayed_and_published(
    client: DocumentedClient, clinic: Clinic, director: Nurse, own_text: str, patient: Patient, now: datetime
) -> None:
    made = client.post(PROTOCOLS, json={"text": own_text}, headers=director.headers)
    assert (made.status_code, made.get_json()["version"], made.get_json()["published_at"]) == (
        201,
        "own-1",
        None,
    )
    replayed = client.post(f"{PROTOCOLS}/own-1/replay", headers=clinic.nurse.headers).get_json()
    assert replayed["figures"]["all"]["treatments"] == 1
    later = (now + timedelta(days=1)).isoformat()
    published = client.post(
        f"{PROTOCOLS}/own-1/publish", json={"effective_from": later}, headers=director.headers
    )
    assert published.status_code == 200
    assert published.get_json()["figures"] == replayed["figures"]
    versions = client.get(PROTOCOLS, headers=clinic.nurse.headers).get_json()["items"]
    assert [one["version"] for one in versions if one["in_force"]] == [max(clinic.content.protocols)]
    again = client.post(f"{PROTOCOLS}/own-1/publish", json={}, headers=director.headers)
    assert (again.status_code, again.get_json()["type"]) == (409, "urn:afterglow:problem:already-published")


def test_a_draft_that_cannot_be_read_names_its_line(
    client: DocumentedClient, director: Nurse, own_text: str
) -> None:
    broken = own_text.replace("[", "[[", 1)
    answer = client.post(PROTOCOLS, json={"text": broken}, headers=director.headers)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "#/text"
    assert "line" in answer.get_json()["errors"][0]["detail"]


def test_a_draft_with_answers_that_nobody_is_asked_with_is_refused(
    client: DocumentedClient, director: Nurse, own_text: str
) -> None:
    others = own_text.replace("most = 7", "most = 6", 1).replace("least = 8", "least = 7", 1)
    answer = client.post(PROTOCOLS, json={"text": others}, headers=director.headers)
    (error,) = answer.get_json()["errors"]
    assert (answer.status_code, error["pointer"]) == (422, "#/text")
    assert "must be the five that patients are asked with" in error["detail"]


def test_a_version_is_named_once(client: DocumentedClient, director: Nurse, own_text: str) -> None:
    answers = [client.post(PROTOCOLS, json={"text": own_text}, headers=director.headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]


def test_the_director_signs_what_was_read_and_any_change_takes_it_off(
    client: DocumentedClient, clinic: Clinic, director: Nurse, sessions: sessionmaker[Session], now: datetime
) -> None:
    read = client.get(f"{PROTOCOLS}/to-sign", headers=director.headers).get_json()
    assert (read["signed"], read["signed_by"]) == (False, None)
    assert f"protocol {max(clinic.content.protocols)}" in read["texts"]
    sign = {"digest": read["digest"], "code": director.code(now=now)}
    without = client.post(f"{PROTOCOLS}/sign", json=sign | {"code": "000000"}, headers=director.headers)
    assert (without.status_code, without.get_json()["errors"][0]["pointer"]) == (422, "#/code")
    signed = client.post(f"{PROTOCOLS}/sign", json=sign, headers=director.headers)
    assert (signed.get_json()["signed"], signed.get_json()["signed_by"]) == (True, str(director.id))
    words = {"template": "{clinic}: We rang you. Please call {phone}. Ref {ref}"}
    path = "/api/v1/clinic/wordings/en/tried_to_call"
    assert client.put(path, json=words, headers=director.headers).status_code == 200
    after = client.get(f"{PROTOCOLS}/to-sign", headers=director.headers).get_json()
    assert after["signed"] is False
    assert after["texts"]["own wording en tried_to_call"] == words["template"]
    stale = client.post(f"{PROTOCOLS}/sign", json=sign, headers=director.headers)
    assert (stale.status_code, stale.get_json()["type"]) == (409, "urn:afterglow:problem:changed-since-read")
    hours = client.put("/api/v1/clinic/avoid/sun", json={"hours": 400}, headers=director.headers)
    assert hours.status_code == 200
    both = client.get(f"{PROTOCOLS}/to-sign", headers=director.headers).get_json()
    assert both["texts"]["own hours to avoid sun"] == "400"
    client.put("/api/v1/clinic/avoid/sun", json={"hours": None}, headers=director.headers)
    assert client.delete(path, headers=director.headers).status_code == 204
    assert client.get(f"{PROTOCOLS}/to-sign", headers=director.headers).get_json()["signed"] is True
    with sessions() as session:
        kept = session.scalars(select(ContentSignature)).one()
        assert kept.bundle is not None
        texts = running_content.read_parts(session, kept.bundle, newest=clinic.content)
    weights = "weights of the reader"
    assert {**texts, weights: hashlib.sha256(texts[weights].encode()).hexdigest()} == read["texts"]


def test_a_signature_is_the_clinic_s_own(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, director: Nurse, now: datetime
) -> None:
    read = client.get(f"{PROTOCOLS}/to-sign", headers=director.headers).get_json()
    sign = {"digest": read["digest"], "code": director.code(now=now)}
    assert client.post(f"{PROTOCOLS}/sign", json=sign, headers=director.headers).status_code == 200
    theirs = client.get(f"{PROTOCOLS}/to-sign", headers=other_clinic.nurse.headers).get_json()
    assert theirs["signed"] is False


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRACTITIONER, Role.MANAGER])
def test_only_the_director_signs_and_publishes_and_who_changes_words_drafts(
    client: DocumentedClient, clinic: Clinic, now: datetime, own_text: str, role: Role
) -> None:
    staff = clinic.add_nurse(now=now, role=role)
    digest = client.get(f"{PROTOCOLS}/to-sign", headers=staff.headers).get_json()["digest"]
    answers = (
        client.post(PROTOCOLS, json={"text": own_text}, headers=staff.headers),
        client.post(f"{PROTOCOLS}/own-1/publish", json={}, headers=staff.headers),
        client.post(
            f"{PROTOCOLS}/sign", json={"digest": digest, "code": staff.code(now=now)}, headers=staff.headers
        ),
    )
    drafted = 201 if role is Role.MANAGER else 403
    assert [answer.status_code for answer in answers] == [drafted, 403, 403]
