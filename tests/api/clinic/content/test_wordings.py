from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest
from flask import Flask

from api.app_state import KEY
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.core.language import Language
from recovery.services.access import credentials
from recovery.services.content.wordings import SAMPLE_ENDING
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Nurse

WORDINGS = "/api/v1/clinic/wordings"
OWN = "{clinic}: We rang you. Please call {phone}. Ref {ref}"
FAULTY = "{clinic}: Your peel looks fine, {first_name}. Ref {ref}"


@pytest.fixture
def manager(clinic: Clinic, now: datetime) -> Nurse:
    """Someone who may change the clinic's words."""
    return clinic.add_nurse(now=now, role=Role.MANAGER)


def sent(client: DocumentedClient, staff: Nurse, language: str, key: str) -> dict[str, object]:
    """One text as the clinic sends it."""
    items = client.get(WORDINGS, headers=staff.headers).get_json()["items"]
    (found,) = (one for one in items if (one["language"], one["key"]) == (language, key))
    return dict(found)


def test_every_text_is_listed_in_every_language(client: DocumentedClient, clinic: Clinic) -> None:
    answer = client.get(WORDINGS, headers=clinic.nurse.headers)
    assert answer.get_json()["next"] is None
    listed = [(one["language"], one["key"]) for one in answer.get_json()["items"]]
    assert listed == [
        (language.value, key)
        for language, texts in sorted(clinic.content.catalogues.items())
        for key in texts.keys
    ]
    tried = sent(client, clinic.nurse, "en", "tried_to_call")
    assert tried["template"] == tried["shipped"]
    assert tried["required"] == ["clinic", "phone", "ref"]
    assert tried["possible"] == ["clinic", "danger", "emergency", "phone", "ref"]
    assert (tried["kind"], tried["saved_at"]) == ("safety", None)


def test_words_of_one_s_own_are_kept_and_taken_back(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, manager: Nurse
) -> None:
    path = f"{WORDINGS}/en/tried_to_call"
    saved = client.put(path, json={"template": OWN}, headers=manager.headers)
    assert (saved.status_code, saved.get_json()["template"]) == (200, OWN)
    again = client.put(path, json={"template": OWN.replace("rang", "called")}, headers=manager.headers)
    own = sent(client, clinic.nurse, "en", "tried_to_call")
    assert own == again.json
    assert own["template"] == OWN.replace("rang", "called")
    assert own["shipped"] != own["template"]
    assert own["saved_at"] is not None
    assert sent(client, other_clinic.nurse, "en", "tried_to_call")["saved_at"] is None
    assert sent(client, clinic.nurse, "es", "tried_to_call")["saved_at"] is None
    for _ in range(2):
        assert client.delete(path, headers=manager.headers).status_code == 204
    assert sent(client, clinic.nurse, "en", "tried_to_call")["saved_at"] is None


def test_faulty_words_are_refused_with_every_reason(client: DocumentedClient, manager: Nurse) -> None:
    path = f"{WORDINGS}/en/tried_to_call"
    answer = client.put(path, json={"template": FAULTY}, headers=manager.headers)
    assert answer.status_code == 422
    assert answer.get_json()["type"] == "urn:afterglow:problem:faulty-wording"
    assert answer.get_json()["errors"] == [
        {"pointer": "#/template", "detail": "this text has no value for {first_name}"},
        {"pointer": "#/template", "detail": "{phone} is missing"},
        {"pointer": "#/template", "detail": "texts do not say 'peel': others see the phone"},
    ]
    assert sent(client, manager, "en", "tried_to_call")["saved_at"] is None


@pytest.mark.parametrize("role", [Role.NURSE, Role.PRACTITIONER])
def test_who_may_look_may_not_write(
    client: DocumentedClient, clinic: Clinic, now: datetime, role: Role
) -> None:
    staff, path = clinic.add_nurse(now=now, role=role), f"{WORDINGS}/en/tried_to_call"
    answers = (
        client.put(path, json={"template": OWN}, headers=staff.headers),
        client.delete(path, headers=staff.headers),
    )
    assert [answer.status_code for answer in answers] == [403, 403]
    shown = client.post(f"{path}/preview", json={"template": OWN}, headers=staff.headers)
    assert shown.status_code == 200


def test_the_medical_director_writes_too(client: DocumentedClient, clinic: Clinic, now: datetime) -> None:
    director = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    answer = client.put(f"{WORDINGS}/en/tried_to_call", json={"template": OWN}, headers=director.headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("place", ["en/no_such_text", "de/tried_to_call", "EN/tried_to_call"])
def test_texts_that_do_not_exist(client: DocumentedClient, manager: Nurse, place: str) -> None:
    path = f"{WORDINGS}/{place}"
    answers = (
        client.put(path, json={"template": OWN}, headers=manager.headers),
        client.delete(path, headers=manager.headers),
        client.post(f"{path}/preview", json={"template": OWN}, headers=manager.headers),
    )
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_preview_shows_the_body_and_what_it_takes(client: DocumentedClient, manager: Nurse) -> None:
    path = f"{WORDINGS}/en/tried_to_call/preview"
    shown = client.post(path, json={"template": OWN}, headers=manager.headers).get_json()
    body = "Test Clinic: We rang you. Please call +12025550190. Ref 7K3QXM"
    assert shown["body"] == body
    assert shown["body_takes"] == {"encoding": "gsm7", "units": len(body), "segments": 1}
    # Nine more for the longest clinic's name, five for the longest phone number.
    assert shown["takes"] == {"encoding": "gsm7", "units": len(body) + 9 + 5, "segments": 1}
    assert shown["grade"] <= 6
    assert shown["faults"] == []
    assert sent(client, manager, "en", "tried_to_call")["saved_at"] is None


def test_a_preview_shows_the_link_as_it_is_sent(
    client: DocumentedClient, app: Flask, manager: Nurse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = f"{WORDINGS}/en/day1_link/preview", "{clinic}: Day 1: {link} Questions? {phone}"
    before = app.extensions[KEY]
    counted = {}
    for links_at in ("https://a.example", "https://follow-up.a-clinic-of-a-long-name.example"):
        settings = before.settings.model_copy(update={"link_url": f"{links_at}/"})
        monkeypatch.setitem(app.extensions, KEY, dataclasses.replace(before, settings=settings))
        shown = client.post(path, json={"template": words}, headers=manager.headers).get_json()
        link = f"{links_at}/{SAMPLE_ENDING}"
        assert shown["body"] == f"Test Clinic: Day 1: {link} Questions? +12025550190"
        assert shown["body_takes"] == {"encoding": "gsm7", "units": len(shown["body"]), "segments": 1}
        counted[links_at] = shown["takes"]["units"]
        assert counted[links_at] == len(shown["body"]) + 9 + 5
        assert shown["faults"] == []
    assert len(set(counted.values())) == 2


def test_the_sample_is_as_long_as_what_ends_a_real_link() -> None:
    assert len(SAMPLE_ENDING) == len(credentials.new_invitation(Language.ENGLISH)) == 22


def test_a_preview_of_faulty_words_says_what_is_wrong(client: DocumentedClient, manager: Nurse) -> None:
    path = f"{WORDINGS}/es/tried_to_call/preview"
    faulty = client.post(path, json={"template": FAULTY}, headers=manager.headers).get_json()
    assert {fault["rule"] for fault in faulty["faults"]} == {"unknown_place", "missing_place"}
    assert (faulty["body"], faulty["takes"]) == (None, None)
    accented = "{clinic}: Llámenos al {phone}. #{ref}"
    spanish = client.post(path, json={"template": accented}, headers=manager.headers).get_json()
    assert spanish["body_takes"]["encoding"] == "ucs2"
    assert (spanish["grade"], spanish["faults"]) == (None, [])
