"""What nobody flagged is kept with the treatment, and taken back where it was entered in error."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import COMPLICATIONS, FlagOutcome
from recovery.models.flags import complications as rows
from recovery.models.flags.complications import Complication
from recovery.services.flags import complications
from recovery.services.flags.complications import (
    ImpossibleBeginning,
    NewComplication,
    NotAComplication,
    UnknownComplication,
)
from recovery.services.treatments.treatments import UnknownTreatment
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import staff_caller


def record(
    session: Session,
    clinic: Clinic,
    treatment_id: UUID,
    *,
    now: datetime,
    outcome: FlagOutcome = FlagOutcome.SCAR,
    began_on: date | None = None,
) -> Complication:
    new = NewComplication(outcome=outcome, began_on=began_on or now.date(), comment="Seen at a visit.")
    return complications.record(
        session, caller=staff_caller(clinic), treatment_id=treatment_id, new=new, now=now
    )


@pytest.mark.parametrize("outcome", FlagOutcome)
def test_a_complication_is_more_than_healing(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime, outcome: FlagOutcome
) -> None:
    with sessions.begin() as session:
        if outcome not in COMPLICATIONS:
            with pytest.raises(NotAComplication):
                record(session, clinic, patient.treatment_id, now=now, outcome=outcome)
            return
        kept = record(session, clinic, patient.treatment_id, now=now, outcome=outcome)
        session.refresh(kept)
        assert (kept.outcome, kept.began_on, kept.comment) == (outcome, now.date(), "Seen at a visit.")
        assert (kept.recorded_at, kept.recorded_by, kept.withdrawn_at) == (now, clinic.nurse.id, None)
        (entry,) = audit_trail.entries(session, clinic.id, "complication.record")
        assert (entry.subject_id, entry.detail) == (patient.treatment_id, {}), "nothing of anybody's health"


@pytest.mark.parametrize(
    ("days", "possible"),
    [(-1, False), (0, True), (1, True), (2, False)],
    ids=["before", "day 0", "now", "ahead"],
)
def test_it_begins_between_the_treatment_and_today(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, days: int, possible: bool
) -> None:
    treated = clinic.add_patient(now=now, hours_ago=24)
    began_on = treated.performed_at.date() + timedelta(days=days)
    with sessions.begin() as session:
        if possible:
            record(session, clinic, treated.treatment_id, now=now, began_on=began_on)
        else:
            with pytest.raises(ImpossibleBeginning):
                record(session, clinic, treated.treatment_id, now=now, began_on=began_on)


def test_what_was_entered_in_error_is_taken_back_once_and_stays(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        kept = record(session, clinic, patient.treatment_id, now=now)
        other = record(session, clinic, patient.treatment_id, now=now, outcome=FlagOutcome.BURN)
        for caller, complication_id in (
            (staff_caller(other_clinic), kept.id),
            (staff_caller(clinic), uuid4()),
        ):
            with pytest.raises(UnknownComplication):
                complications.withdraw(session, caller=caller, complication_id=complication_id, now=now)
        complications.withdraw(session, caller=staff_caller(clinic), complication_id=kept.id, now=now)
        with pytest.raises(UnknownComplication):
            complications.withdraw(session, caller=staff_caller(clinic), complication_id=kept.id, now=now)
        found = rows.by_treatment(session, clinic.id, [patient.treatment_id])
        assert found == {patient.treatment_id: [other]}
        assert (kept.withdrawn_at, kept.withdrawn_by) == (now, clinic.nurse.id)


def test_a_treatment_of_another_clinic_is_as_unknown_as_none(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        for of, treatment_id in ((other_clinic, patient.treatment_id), (clinic, uuid4())):
            with pytest.raises(UnknownTreatment):
                record(session, of, treatment_id, now=now)
