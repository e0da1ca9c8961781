from __future__ import annotations

from datetime import datetime

import pytest

from tests.support.data.people import Clinic, Patient


@pytest.fixture
def followed(clinic: Clinic, now: datetime) -> Patient:
    """A patient with all the texts that are planned after a treatment of the day before."""
    return clinic.add_patient(now=now, hours_ago=30)
