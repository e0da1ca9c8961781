from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from api.console import guard
from recovery.domain.clinic.staff_roles import Role
from recovery.models.flags import flags
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.review import report_review
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic, Nurse, Patient

ORIGIN = "http://localhost"
SCORES = {"redness": 10, "swelling": 3, "peeling": 0}


class Browser:
    """A browser in which a nurse is signed in: it sends its cookie, its origin and the form's own field."""

    def __init__(self, client: FlaskClient, token: str | None) -> None:
        self.client = client
        self.token = token
        if token is not None:
            client.set_cookie(guard.COOKIE, token, path="/console")

    def get(self, path: str) -> TestResponse:
        return self.client.get(path)

    def page(self, path: str) -> StrictPage:
        answer = self.get(path)
        assert answer.status_code == 200, answer.status
        return StrictPage(answer.text)

    def post(self, path: str, form: Mapping[str, str | list[str]] | None = None) -> TestResponse:
        sent = {guard.CSRF_FIELD: guard.csrf_token_for(self.token or ""), **(form or {})}
        return self.client.post(path, data=sent, headers={"Origin": ORIGIN})


BrowserOf = Callable[[Nurse | None], Browser]


@pytest.fixture
def browser_of(app: Flask) -> BrowserOf:
    """A browser of its own for each nurse; None for one where nobody is signed in."""
    return lambda nurse: Browser(app.test_client(), None if nurse is None else nurse.token)


@pytest.fixture
def browser(browser_of: BrowserOf, clinic: Clinic) -> Browser:
    """The browser of the clinic's first nurse."""
    return browser_of(clinic.nurse)


@pytest.fixture
def stranger(browser_of: BrowserOf) -> Browser:
    """A browser in which nobody is signed in."""
    return browser_of(None)


@pytest.fixture
def practitioner(browser_of: BrowserOf, clinic: Clinic, now: datetime) -> Browser:
    """The browser of somebody who treats: who consults, plans and corrects."""
    return browser_of(clinic.add_nurse(now=now, role=Role.PRACTITIONER))


@pytest.fixture
def manager(browser_of: BrowserOf, clinic: Clinic, now: datetime) -> Browser:
    """The browser of whoever sets up the clinic and reads its figures."""
    return browser_of(clinic.add_nurse(now=now, role=Role.MANAGER))


@pytest.fixture
def medical_director(clinic: Clinic, now: datetime) -> Nurse:
    """Who signs."""
    return clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)


@pytest.fixture
def director(browser_of: BrowserOf, medical_director: Nurse) -> Browser:
    """The browser of the medical director."""
    return browser_of(medical_director)


@pytest.fixture
def director_code(medical_director: Nurse, now: datetime) -> str:
    """What the medical director's authenticator shows."""
    return medical_director.code(now=now)


@pytest.fixture
def report(client: FlaskClient, now: datetime) -> Callable[..., None]:
    """A report as the patient's app sends it, seen `minutes` ago."""

    def send(patient: Patient, *, minutes: float = 2, **more: object) -> None:
        seen_at = now - timedelta(minutes=minutes)
        body = {"seen_at": seen_at.isoformat(), "scores": SCORES, "confirmed": ["redness"], **more}
        answer = client.put(patient.report_path(uuid4()), json=body, headers=patient.headers)
        assert answer.status_code == 201, answer.json

    return send


@pytest.fixture
def flagged(
    sessions: sessionmaker[Session], content: Content, now: datetime, report: Callable[..., None]
) -> Callable[..., UUID]:
    """The flag that a patient's report leads to once the worker has reviewed it."""

    def make(patient: Patient, **more: object) -> UUID:
        report(patient, **{"warning_signs": ["pus"], **more})
        with sessions.begin() as session:
            report_review.review_due(session, content=content, now=now + timedelta(seconds=1), limit=50)
            (flag, *_) = flags.list_for_treatment(session, _clinic_of(session, patient), patient.treatment_id)
            return flag.id

    return make


def _clinic_of(session: Session, patient: Patient) -> UUID:
    found = session.scalar(select(Treatment.clinic_id).where(Treatment.id == patient.treatment_id))
    assert found is not None
    return found
