from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recovery.domain.core.language import Language
from recovery.domain.patients.contact import AnswersBy
from recovery.models.patients.patients import Patient
from tests.support.data.people import Clinic

PHONE = "+12025550111"
Add = Callable[..., Patient]


@pytest.fixture
def add(session: Session, clinic: Clinic, now: datetime) -> Add:
    """One more patient of the clinic, enrolled now where nothing else is said."""

    def added(**values: Any) -> Patient:
        filled: dict[str, Any] = {
            "clinic_id": clinic.id,
            "first_name": "Ada",
            "last_name": "Sample",
            "phone": PHONE,
            "year_of_birth": 1990,
            "language": Language.ENGLISH,
            "time_zone": "UTC",
            "answers_by": AnswersBy.LINK,
            "created_at": now,
        }
        patient = Patient(**(filled | values))
        session.add(patient)
        session.flush()
        return patient

    return added
