"""Which number a report puts first: while an emergency is open, and no longer."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.flags.flags import Flag
from recovery.services.content.content import Content
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import report, review


@pytest.mark.parametrize(
    ("sign", "first"), [(WarningSign.FAINTING, "emergency"), (WarningSign.SELF_HARM, "crisis")]
)
def test_no_number_comes_first_once_a_nurse_has_closed_it(
    client: DocumentedClient,
    clinic: Clinic,
    patient: Patient,
    content: Content,
    sessions: sessionmaker[Session],
    now: datetime,
    sign: WarningSign,
    first: str,
) -> None:
    report(clinic, patient, sign, at=now)
    review(clinic, now=now)
    path, words = f"/api/v1/me/treatments/{patient.treatment_id}/reports", content.words[Language.ENGLISH]
    for state, shown in ((FlagState.OPEN, first), (FlagState.CLAIMED, first), (FlagState.RESOLVED, None)):
        with sessions.begin() as session:
            session.execute(update(Flag).values(state=state))
        (listed,) = client.get(path, headers=patient.headers).get_json()["items"]
        assert listed["assessment"]["help"] == shown
        assert (listed["assessment"]["advice"] == words.of_report["closed"]) is (shown is None)
