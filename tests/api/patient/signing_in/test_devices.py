from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from api import device_names
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Invitation
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access import credentials
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import YEAR_OF_BIRTH, Clinic, Patient

DEVICES, RENEW = "/api/v1/patient/sessions", "/api/v1/patient/invitations"
RIGHT = str(YEAR_OF_BIRTH)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/19.1 Mobile/15E148 Safari/604.1"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    "Mobile Safari/537.36"
)
WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 "
    "Safari/537.36"
)


@pytest.fixture
def sign_in(client: DocumentedClient, invite: Callable[..., str]) -> Callable[[str], dict[str, str]]:
    def send(user_agent: str) -> dict[str, str]:
        opened = client.post(
            DEVICES, json={"invitation": invite(), "secret": RIGHT}, headers={"User-Agent": user_agent}
        )
        assert opened.status_code == 201, opened.text
        return {"Authorization": f"Bearer {opened.get_json()['access_token']}"}

    return send


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (IPHONE, "Safari on iPhone"),
        (ANDROID, "Chrome on Android"),
        (ANDROID.replace("Chrome", "SamsungBrowser/29.0 Chrome"), "Samsung Internet on Android"),
        (ANDROID + " EdgA/142", "Edge on Android"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Firefox/143.0", "Firefox on Mac"),
        (f"{WINDOWS} Edg/142.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} OPR/125.0.0.0", "Opera on Windows"),
        (
            WINDOWS.replace("Windows NT 10.0; Win64; x64", "X11; CrOS x86_64 14541.0.0"),
            "Chrome on Chromebook",
        ),
        (IPHONE.replace("Version/19.1", "CriOS/142.0"), "Chrome on iPhone"),
        (IPHONE.replace("Version/19.1", "FxiOS/143.0"), "Firefox on iPhone"),
        (IPHONE.replace("(iPhone; CPU iPhone OS", "(iPad; CPU OS"), "Safari on iPad"),
        ("Mozilla/5.0 (Android 15; Mobile; rv:143.0) Gecko/143.0 Firefox/143.0", "Firefox on Android"),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
            "Firefox on Linux",
        ),
        ("Afterglow/12 CFNetwork/1600 Darwin/26.0", "App on Apple device"),
        ("okhttp/5.1.0", "App on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "Linux"),
        ("", device_names.UNKNOWN),
        ("<script>alert(1)</script> \x7f", device_names.UNKNOWN),
        ("x" * 100_000 + "iPhone", device_names.UNKNOWN),
    ],
)
def test_devices_are_named_in_words_of_ours(user_agent: str, name: str) -> None:
    assert device_names.device_name(user_agent) == name


@pytest.mark.parametrize("app", ["Afterglow", "Sam Sample's phone", "iPhone", "Chrome", "<b>"])
@pytest.mark.parametrize(
    "header", ["{}/1.0 CFNetwork/1600 Darwin/26.0", "Mozilla/5.0 ({}) {}/1.0", "{}bot/1.0"]
)
def test_no_name_that_a_header_brings_is_kept(header: str, app: str) -> None:
    words = device_names.device_name(header.format(app, app)).split(" on ")
    assert set(words) <= {"App", "Chrome", "Safari", "Apple device", "iPhone", device_names.UNKNOWN}


def test_each_device_is_listed_and_signed_out_on_its_own(
    client: DocumentedClient, patient: Patient, sign_in: Callable[[str], dict[str, str]]
) -> None:
    phone, tablet = sign_in(IPHONE), sign_in(ANDROID)
    listed = client.get(DEVICES, headers=phone).get_json()["items"]
    assert {one["device"] for one in listed} == {
        "Safari on iPhone", "Chrome on Android", device_names.UNKNOWN,
    }  # fmt: skip
    assert [one["device"] for one in listed if one["current"]] == ["Safari on iPhone"]
    (other,) = (one["id"] for one in listed if one["device"] == "Chrome on Android")
    assert client.delete(f"{DEVICES}/{other}", headers=phone).status_code == 204
    assert client.get("/api/v1/me", headers=tablet).status_code == 401
    assert client.get("/api/v1/me", headers=phone).status_code == 200
    assert client.get("/api/v1/me", headers=patient.headers).status_code == 200
    again = client.delete(f"{DEVICES}/{other}", headers=phone)
    unknown = client.delete(f"{DEVICES}/{uuid4()}", headers=phone)
    assert (again.status_code, again.data) == (404, unknown.data)
    assert len(client.get(DEVICES, headers=phone).get_json()["items"]) == 2


def test_the_clinic_signs_a_lost_phone_out(
    client: DocumentedClient, clinic: Clinic, patient: Patient, invite: Callable[..., str]
) -> None:
    unused = invite()
    path = f"/api/v1/patients/{patient.id}/sessions"
    assert client.delete(path, headers=clinic.nurse.headers).status_code == 204
    assert client.get("/api/v1/me", headers=patient.headers).status_code == 401
    closed = client.post(DEVICES, json={"invitation": unused, "secret": RIGHT})
    assert (closed.status_code, closed.get_json()["type"]) == (401, "urn:afterglow:problem:invitation-ended")
    fresh = invite()
    assert client.post(DEVICES, json={"invitation": fresh, "secret": RIGHT}).status_code == 201


def test_a_new_number_signs_every_device_out(
    client: DocumentedClient, clinic: Clinic, patient: Patient
) -> None:
    path = f"/api/v1/patients/{patient.id}"
    moved = client.patch(path, json={"phone": "+12025550778"}, headers=clinic.nurse.headers)
    assert moved.status_code == 200
    assert client.get("/api/v1/me", headers=patient.headers).status_code == 401


def test_a_new_link_for_an_ended_one_goes_to_the_enrolled_number(
    client: DocumentedClient,
    patient: Patient,
    invite: Callable[..., str],
    texting: Texting,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    ended, open_still = invite(at=now - timedelta(days=4)), invite()
    told = {
        (answer.status_code, answer.data, tuple(answer.headers.to_wsgi_list()))
        for answer in (
            client.post(RENEW, json={"invitation": one})
            for one in (ended, open_still, credentials.new_short_token())
        )
    }
    assert len(told) == 1
    sent = [one for one in texting.claim(now=datetime.now().astimezone()) if "Your page" in one.body]
    assert [one.to for one in sent] == [patient.phone]
    link = sent[0].body.split("https://a.example/")[1][:22]
    assert link not in (ended, open_still)
    assert client.post(DEVICES, json={"invitation": link, "secret": RIGHT}).status_code == 201
    answers = [client.post(RENEW, json={"invitation": ended}).status_code for _ in range(3)]
    assert answers == [202, 202, 429]
    with sessions() as session:
        assert len(session.scalars(select(Message).where(Message.template == "invitation")).all()) == 3


def test_on_a_number_of_two_the_second_needs_a_pin_of_their_own(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, patient: Patient
) -> None:
    new = {"first_name": "New", "last_name": "Sample", "phone": patient.phone, "year_of_birth": 1990}

    def enrol(at: Clinic = clinic, **more: str) -> Any:
        return client.post("/api/v1/patients", json=new | more, headers=at.nurse.headers)

    refused = enrol()
    assert (refused.status_code, refused.json["type"]) == (422, "urn:afterglow:problem:pin-required")
    assert refused.json["errors"][0]["pointer"] == "#/pin"
    assert enrol(pin=RIGHT).json["type"] == "urn:afterglow:problem:pin-taken"
    assert enrol(pin="27182").status_code == 201
    assert enrol(pin="27182").json["type"] == "urn:afterglow:problem:pin-taken"
    # Another clinic learns nothing of it.
    assert enrol(other_clinic).status_code == 201


def test_moving_to_a_shared_number_needs_a_pin(
    client: DocumentedClient, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    path = f"/api/v1/patients/{clinic.add_patient(now=now).id}"

    def move(**body: str) -> Any:
        return client.patch(path, json=body, headers=clinic.nurse.headers)

    assert move(phone=patient.phone).json["type"] == "urn:afterglow:problem:pin-required"
    assert move(phone=patient.phone, pin="16180").status_code == 200
    assert move(pin=RIGHT).json["type"] == "urn:afterglow:problem:pin-taken"


@pytest.mark.parametrize("how", ["pin", "year", "desk"])
def test_the_clinic_opens_a_sign_in_that_wrong_secrets_closed(
    client: DocumentedClient, clinic: Clinic, patient: Patient, invite: Callable[..., str],
    sessions: sessionmaker[Session], now: datetime, how: str,
) -> None:  # fmt: skip
    with sessions.begin() as session:
        session.execute(update(PatientRow).values(wrong_secrets=10, wrong_secrets_on=now.date()))
    closed = client.post(DEVICES, json={"invitation": invite(), "secret": RIGHT})
    assert closed.status_code == 429
    path, headers = f"/api/v1/patients/{patient.id}", clinic.nurse.headers
    secret = RIGHT
    if how == "desk":
        client.post(f"{path}/invitations", json={"via": "desk"}, headers=headers)
    else:
        body = {"pin": "271828"} if how == "pin" else {"year_of_birth": 1991}
        secret = str(next(iter(body.values())))
        assert client.patch(path, json=body, headers=headers).status_code == 200
    assert client.post(DEVICES, json={"invitation": invite(), "secret": secret}).status_code == 201
    with sessions() as session:
        assert session.scalars(select(Invitation).where(Invitation.spent_at.is_not(None))).all()


def test_whom_to_call_is_known_before_anybody_has_signed_in(
    client: DocumentedClient, invite: Callable[..., str], now: datetime
) -> None:
    path, known = "/api/v1/patient/reception", {"name": "Test Clinic", "phone": "+12025550190"}
    ended = invite(at=now - timedelta(days=60))
    for body in ({"invitation": invite()}, {"invitation": ended}, {"invitation": "A" * 22}, {}):
        assert client.post(path, json=body).get_json() == {"clinic": known}


@pytest.mark.parametrize(("night_line", "phone"), [("+12025550111", "+12025550111"), ("", "911")])
def test_whom_to_call_while_the_clinic_is_closed_is_who_answers_then(
    client: DocumentedClient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    invite: Callable[..., str],
    night_line: str,
    phone: str,
) -> None:
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        row.weekly_hours, row.out_of_hours_phone = {}, night_line
    for body in ({"invitation": invite()}, {}):
        answer = client.post("/api/v1/patient/reception", json=body).get_json()
        assert answer == {"clinic": {"name": "Test Clinic", "phone": phone}}


@pytest.mark.usefixtures("other_clinic")
def test_of_several_clinics_only_an_invitation_says_which(
    client: DocumentedClient, invite: Callable[..., str]
) -> None:
    path = "/api/v1/patient/reception"
    assert client.post(path, json={"invitation": invite()}).get_json()["clinic"]["name"] == "Test Clinic"
    for body in ({"invitation": "A" * 22}, {}):
        assert client.post(path, json=body).get_json() == {"clinic": None}
