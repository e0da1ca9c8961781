from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.patients.patients import Patient
from tests.api.console.conftest import Browser

NEW = "/console/patients/new"
FORM = {
    "first_name": "Ada",
    "last_name": "Example",
    "phone": "+1 202-555-0811",
    "year_of_birth": "1988",
    "language": "es",
    "answers_by": "link",
    "skin_type": "4",
    "time_zone": "America/Chicago",
    "recovery_texts": "yes",
}


@pytest.fixture
def enrolled(browser: Browser, sessions: sessionmaker[Session]) -> Callable[..., tuple[Patient, str]]:
    """Enrols over the page; the patient and where the answer leads."""

    def enrol(**more: str) -> tuple[Patient, str]:
        answer = browser.post(NEW, {**FORM, **more})
        assert answer.status_code == 303, answer.text
        with sessions() as session:
            return session.scalars(
                select(Patient).order_by(Patient.id.desc()).limit(1)
            ).one(), answer.headers["Location"]

    return enrol
