from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients import patients
from recovery.models.patients.patients import Invitation, PatientSession
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.access import authentication, credentials
from recovery.services.patients import enrolment
from tests.support.access.documented_client import DocumentedClient, operations
from tests.support.data.people import YEAR_OF_BIRTH, Clinic, Patient

SIGN_IN = "/api/v1/patient/sessions"
RIGHT = str(YEAR_OF_BIRTH)

type_of = "urn:afterglow:problem:{}".format


@pytest.fixture
def sign_in(client: DocumentedClient) -> Callable[[str, str], Any]:
    return lambda invitation, secret: client.post(SIGN_IN, json={"invitation": invitation, "secret": secret})


def wrong_secrets(sessions: sessionmaker[Session], invitation: str) -> tuple[int, int]:
    with sessions() as session:
        found = patients.get_invitation_for_update(session, credentials.hash_token(invitation))
        assert found is not None
        return found[0].wrong_secrets, found[1].wrong_secrets


def test_an_invitation_is_spent_once(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any], client: DocumentedClient
) -> None:
    invitation = invite()
    opened = sign_in(invitation, RIGHT)
    assert opened.status_code == 201
    assert opened.json["token_type"] == "Bearer"
    signed_in = {"Authorization": f"Bearer {opened.json['access_token']}"}
    assert client.get("/api/v1/me", headers=signed_in).status_code == 200
    again = sign_in(invitation, RIGHT)
    assert (again.status_code, again.json["type"]) == (401, type_of("invitation-ended"))
    assert again.json["clinic"] == {"name": "Test Clinic", "phone": "+12025550190"}


def test_looking_at_an_invitation_never_spends_it(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any], client: DocumentedClient
) -> None:
    invitation = invite()
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        for path in (SIGN_IN, f"/{invitation}"):
            client.open(path, method=method, query_string={"invitation": invitation, "secret": RIGHT})
    assert sign_in(invitation, RIGHT).status_code == 201


def test_a_wrong_secret_counts_although_it_is_refused(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any], sessions: sessionmaker[Session]
) -> None:
    invitation = invite()
    assert sign_in(invitation, "1900").status_code == 401
    assert wrong_secrets(sessions, invitation) == (1, 1)
    assert sign_in(invitation, RIGHT).status_code == 201


def test_an_unknown_invitation_is_told_like_a_wrong_secret(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any]
) -> None:
    wrong = sign_in(invite(), "1900")
    unknown = sign_in(credentials.new_short_token(), RIGHT)
    assert (unknown.status_code, unknown.data) == (wrong.status_code, wrong.data)
    assert unknown.headers.to_wsgi_list() == wrong.headers.to_wsgi_list()


def test_five_wrong_secrets_end_an_invitation(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any]
) -> None:
    invitation = invite()
    for guess in range(1900, 1905):
        assert sign_in(invitation, str(guess)).json["type"] == type_of("sign-in-refused")
    ended = sign_in(invitation, RIGHT)
    assert (ended.status_code, ended.json["type"]) == (401, type_of("invitation-ended"))
    assert sign_in(invite(), RIGHT).status_code == 201


def test_ten_wrong_secrets_a_day_close_the_sign_in_until_tomorrow(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any], sessions: sessionmaker[Session]
) -> None:
    for _ in range(2):
        invitation = invite()
        for guess in range(1900, 1905):
            assert sign_in(invitation, str(guess)).status_code == 401
    fresh = invite()
    closed = sign_in(fresh, RIGHT)
    assert (closed.status_code, closed.json["type"]) == (429, type_of("too-many-secrets"))
    assert 0 < int(closed.headers["Retry-After"]) <= 86_400
    assert wrong_secrets(sessions, fresh) == (0, 10)
    with sessions.begin() as session:
        yesterday = text("CAST(:now AS date) - 1").bindparams(now=datetime.now().astimezone())
        session.execute(update(PatientRow).values(wrong_secrets_on=yesterday))
    assert sign_in(fresh, RIGHT).status_code == 201


def test_twenty_guesses_at_once_are_five(
    app: Flask, invite: Callable[..., str], sessions: sessionmaker[Session]
) -> None:
    invitation, answers = invite(), []
    begin = threading.Barrier(20)

    def guess(secret: int) -> None:
        client = app.test_client()
        begin.wait()
        answers.append(
            client.post(SIGN_IN, json={"invitation": invitation, "secret": str(secret)}).get_json()["type"]
        )

    threads = [threading.Thread(target=guess, args=(1900 + number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(type_of("sign-in-refused")) == 5
    assert answers.count(type_of("invitation-ended")) == 15
    assert wrong_secrets(sessions, invitation) == (5, 5)


def test_a_pin_takes_the_place_of_the_year_of_birth(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any], sessions: sessionmaker[Session]
) -> None:
    with sessions.begin() as session:
        session.execute(update(PatientRow).values(pin_hash=credentials.hash_pin("271828")))
    invitation = invite()
    assert sign_in(invitation, RIGHT).status_code == 401
    assert sign_in(invitation, "271828").status_code == 201


def test_a_secret_is_compared_as_it_is_written(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any]
) -> None:
    for secret in ["01990", "1990.0", "+1990", "199", "٢٬٠١٠", "１９９０", "1990 1990"]:
        assert sign_in(invite(), secret).status_code == 401


def test_an_invitation_lives_three_days(
    invite: Callable[..., str], sign_in: Callable[[str, str], Any], now: datetime
) -> None:
    lives = enrolment.INVITATION_LIVES
    over = sign_in(invite(at=now - lives - timedelta(seconds=1)), RIGHT)
    assert (over.status_code, over.json["type"]) == (401, type_of("invitation-ended"))
    assert sign_in(invite(at=now - lives + timedelta(minutes=1)), RIGHT).status_code == 201


def moved(sessions: sessionmaker[Session], *, seen_ago: timedelta, ends_in: timedelta, now: datetime) -> None:
    with sessions.begin() as session:
        session.execute(update(PatientSession).values(last_seen_at=now - seen_ago, expires_at=now + ends_in))


def test_a_session_in_use_slides_and_an_unused_one_ends(
    client: DocumentedClient, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    moved(sessions, seen_ago=timedelta(days=89), ends_in=timedelta(days=1), now=now)
    assert client.get("/api/v1/me", headers=patient.headers).status_code == 200
    with sessions() as session:
        (row,) = session.query(PatientSession).all()
        assert row.expires_at >= now + authentication.PATIENT_SESSION
    moved(sessions, seen_ago=timedelta(days=90), ends_in=timedelta(0), now=now)
    assert client.get("/api/v1/me", headers=patient.headers).status_code == 401


def test_signing_out_ends_this_device_at_once_and_no_other(
    client: DocumentedClient, patient: Patient, invite: Callable[..., str], sign_in: Callable[[str, str], Any]
) -> None:
    other = {"Authorization": f"Bearer {sign_in(invite(), RIGHT).json['access_token']}"}
    assert client.delete(f"{SIGN_IN}/current", headers=patient.headers).status_code == 204
    for method, path in (("GET", "/api/v1/me"), ("DELETE", f"{SIGN_IN}/current")):
        assert client.open(path, method=method, headers=patient.headers).status_code == 401
    assert client.get("/api/v1/me", headers=other).status_code == 200


def test_a_token_opens_only_the_patient_s_own(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, patient: Patient, now: datetime
) -> None:
    neighbour, stranger = clinic.add_patient(now=now), other_clinic.add_patient(now=now)
    body = {"seen_at": now.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0}}
    for path, send in (("", {}), ("/reports", {}), ("/reports/{}", {"method": "PUT", "json": body})):
        answers = set()
        for treatment in (neighbour.treatment_id, stranger.treatment_id, neighbour.id, clinic.id):
            place = f"/api/v1/me/treatments/{treatment}{path.format(neighbour.id)}"
            answer = client.open(place, headers=patient.headers, **send)
            answers.add((answer.status_code, answer.data))
        assert [status for status, _ in answers] == [404]


def test_the_clinic_in_a_token_is_only_a_hint(
    client: DocumentedClient, clinic: Clinic, other_clinic: Clinic, patient: Patient
) -> None:
    elsewhere = patient.token.replace(clinic.id.hex, other_clinic.id.hex)
    assert elsewhere != patient.token
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {elsewhere}"})
    assert answer.status_code == 401


def test_tokens_of_patients_and_staff_open_nothing_of_the_other(
    app: Flask, client: DocumentedClient, clinic: Clinic, patient: Patient
) -> None:
    wrong = {"patient": clinic.nurse.headers, "staff": patient.headers}
    tried = 0
    for operation in operations(app):
        for caller in operation.callers:
            path = operation.path
            for name in operation.parameters:
                path = path.replace(f"{{{name}}}", str(patient.treatment_id))
            answer = client.open(path, method=operation.method, headers=wrong[caller], json={})
            assert answer.status_code == 401, operation.id
            tried += 1
    assert tried > 10


def test_only_fingerprints_are_stored(
    invite: Callable[..., str], patient: Patient, sessions: sessionmaker[Session]
) -> None:
    invitation = invite()
    with sessions() as session:
        kept = [row.token_hash for row in session.query(Invitation)]
        kept += [row.token_hash for row in session.query(PatientSession)]
    assert credentials.hash_token(invitation) in kept
    assert credentials.hash_token(patient.token) in kept
    assert all(len(one) == 32 for one in kept)
