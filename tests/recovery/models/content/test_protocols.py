from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from recovery.models.content import protocols
from recovery.models.content.protocols import ProtocolVersion
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_treatment
from tests.support.data.people import Clinic

DAY = timedelta(days=1)


def _version(session: Session, clinic: Clinic, name: str, *, now: datetime, **values: Any) -> ProtocolVersion:
    filled: dict[str, Any] = {"title": name, "body": "", "created_at": now}
    version = ProtocolVersion(clinic_id=clinic.id, version=name, **(filled | values))
    session.add(version)
    session.flush()
    return version


def test_the_version_that_holds_is_the_one_in_effect_at_the_moment(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    _version(session, clinic, "draft", now=now)
    _version(session, clinic, "later", now=now, published_at=now, effective_from=now + DAY)
    _version(session, clinic, "first", now=now, published_at=now, effective_from=now)
    _version(session, other_clinic, "foreign", now=now, published_at=now, effective_from=now)

    def holds(moment: datetime) -> str | None:
        return protocols.effective_version(session, clinic.id, at=moment)

    just_before = timedelta(microseconds=1)
    assert holds(now - just_before) is None
    assert holds(now) == holds(now + DAY - just_before) == "first"
    assert holds(now + DAY) == "later"


def test_of_two_versions_from_one_moment_the_one_published_last_holds(
    session: Session, clinic: Clinic, now: datetime
) -> None:
    _version(session, clinic, "b", now=now, published_at=now, effective_from=now + DAY)
    _version(session, clinic, "a", now=now, published_at=now + DAY, effective_from=now + DAY)
    assert protocols.effective_version(session, clinic.id, at=now + DAY) == "a"


@pytest.mark.parametrize("half", ["published_at", "effective_from"])
def test_a_version_is_published_and_in_effect_or_neither(
    session: Session, clinic: Clinic, now: datetime, half: str
) -> None:
    with pytest.raises(IntegrityError, match="published_versions_take_effect"):
        _version(session, clinic, "half", now=now, **{half: now})


def test_versions_are_the_clinic_s_own_newest_first(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    old, new = _version(session, clinic, "b", now=now), _version(session, clinic, "a", now=now + DAY)
    foreign = _version(session, other_clinic, "b", now=now + DAY)
    assert protocols.list_versions(session, clinic.id, limit=9) == [new, old]
    assert protocols.list_versions(session, clinic.id, limit=1) == [new]
    for read in (protocols.get, protocols.get_for_update):
        assert read(session, clinic.id, "b") is old
        assert read(session, other_clinic.id, "b") is foreign
        assert read(session, other_clinic.id, "a") is None


def test_recent_treatments_are_those_not_withdrawn_newest_first_with_whose_they_are(
    session: Session, patient: Patient, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    newer = add_treatment(session, patient, performed_at=now)
    older = add_treatment(session, patient, performed_at=now - 9 * DAY)
    add_treatment(session, patient, performed_at=now, withdrawn_at=now)
    recent = protocols.recent_treatments(session, patient.clinic_id, limit=9)
    assert recent == [(newer, patient), (treatment, patient), (older, patient)]
    assert protocols.recent_treatments(session, patient.clinic_id, limit=1) == [(newer, patient)]
