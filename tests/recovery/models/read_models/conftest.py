from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from recovery.models.read_models.clinic_figures import TreatmentFilter
from recovery.models.treatments.treatments import Treatment


@pytest.fixture
def which(treatment: Treatment, now: datetime) -> TreatmentFilter:
    """The treatments of the last ten days; the fixture's is one of them."""
    return TreatmentFilter(clinic_id=treatment.clinic_id, start=now - timedelta(days=10), end=now, now=now)
