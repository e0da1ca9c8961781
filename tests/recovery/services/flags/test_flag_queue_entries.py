"""What the queue shows of a flag follows what it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Acid, AnswerScale, Device, Level, Symptom, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.flags.flags import Flag
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.changes import patient_changes, treatment_corrections
from recovery.services.changes.patient_changes import PatientChanges
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.flags import flag_queue_entries
from recovery.services.flags.flag_queue_entries import QueueEntry
from tests.support.data import reporting
from tests.support.data.people import Clinic, Patient

HIGH = {Symptom.REDNESS: 9, Symptom.SWELLING: 3, Symptom.PEELING: 0}
EXPECTED = {Symptom.REDNESS: 2, Symptom.SWELLING: 1, Symptom.PEELING: 0}
Change = Callable[..., None]


@pytest.fixture
def report(clinic: Clinic, now: datetime) -> Callable[..., None]:
    """A report that the worker has reviewed."""

    def send(patient: Patient, scores: dict[Symptom, int], *, minutes: float = 2) -> None:
        reporting.report(
            clinic, patient, at=now - timedelta(minutes=minutes), scores=scores, confirmed=[Symptom.REDNESS]
        )
        reporting.review(clinic, now=now + timedelta(seconds=1))

    return send


@pytest.fixture
def change(clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime) -> Change:
    """Changes what is kept of a patient."""

    def update(patient: Patient, changes: PatientChanges) -> None:
        with sessions.begin() as session:
            patient_changes.update_patient(
                session,
                clinic=session.get_one(ClinicRow, clinic.id),
                patient=session.get_one(PatientRow, (clinic.id, patient.id)),
                changes=changes,
                content=content,
                actor=audit.OPERATOR,
                now=now,
            )

    return update


def _entry(sessions: sessionmaker[Session]) -> QueueEntry:
    with sessions() as session:
        stored = session.scalars(select(Flag.entry)).one()
        assert stored is not None
        return flag_queue_entries.parse_entry(stored)


def test_an_entry_tells_what_the_queue_shows_and_follows_reports(
    clinic: Clinic, report: Callable[..., None], sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    report(patient, HIGH, minutes=60)
    first = _entry(sessions)
    assert (first.patient, first.symptom, first.facts.device) == ("Pat Sample", Symptom.REDNESS, Device.PEN)
    assert first.points == [(49.0, 9)]
    assert first.reason is not None
    assert (first.reason.symptom, first.reason.value) == (Symptom.REDNESS, 9)
    report(patient, EXPECTED)
    assert [score for _, score in _entry(sessions).points] == [9, 2]


def test_an_entry_keeps_how_each_score_was_given_and_older_ones_are_of_numbers(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    words, numbers = AnswerScale.WORDS, AnswerScale.NUMBERS
    reporting.report(clinic, patient, at=now - timedelta(hours=12), scores=EXPECTED, scale=words)
    reporting.report(clinic, patient, WarningSign.PUS, at=now, scores=EXPECTED)
    reporting.review(clinic, now=now)
    assert _entry(sessions).scales == [words, numbers]
    with sessions() as session:
        stored = dict(session.scalars(select(Flag.entry)).one() or {})
    del stored["scales"]
    assert flag_queue_entries.parse_entry(stored).scales == [numbers, numbers]


def test_an_entry_follows_the_patients_name_and_number_and_what_the_treatment_is_said_to_be(
    clinic: Clinic,
    report: Callable[..., None],
    change: Change,
    content: Content,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    report(patient, HIGH)
    change(patient, {"last_name": "Newly"})
    change(patient, {"phone": "+12025550899"})
    entry = _entry(sessions)
    assert (entry.patient, entry.phone) == ("Pat Newly", "+12025550899")
    with sessions.begin() as session:
        treatment_corrections.correct(
            session,
            clinic_id=clinic.id,
            treatment_id=patient.treatment_id,
            changes={"device": Device.RF, "acid": Acid.TCA},
            reason="Wrong device.",
            content=content,
            actor=audit.OPERATOR,
            now=now,
        )
    facts = _entry(sessions).facts
    assert (facts.device, facts.acid) == (Device.RF, Acid.TCA)


def test_an_entry_kept_before_acids_were_recorded_has_none(
    clinic: Clinic, report: Callable[..., None], sessions: sessionmaker[Session], now: datetime
) -> None:
    report(clinic.add_patient(now=now, hours_ago=50), HIGH)
    with sessions() as session:
        stored = session.scalars(select(Flag.entry)).one()
    assert stored is not None
    assert stored["facts"].pop("acid") == "none"
    assert flag_queue_entries.parse_entry(stored).facts.acid is Acid.NONE


def test_the_longest_entry_fits_into_the_index(
    clinic: Clinic,
    report: Callable[..., None],
    change: Change,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=150)
    names = ("\U0001d4d0\U0001d4f7" * 50, "\U0001d4e2\U0001d4ee" * 50)
    change(patient, {"first_name": names[0], "last_name": names[1]})
    for number in range(flag_queue_entries.MOST_POINTS + 3):
        reporting.report(clinic, patient, at=now - timedelta(hours=140 - number * 3), scores=EXPECTED)
    report(patient, HIGH)
    entry = _entry(sessions)
    assert len(entry.points) == flag_queue_entries.MOST_POINTS
    assert entry.points[-1][1] == 9, "the newest are kept"


def test_the_most_urgent_finding_leads_and_the_others_are_counted(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    for hours, sign in ((3, WarningSign.PUS), (2, WarningSign.BREATHING), (1, WarningSign.BUMPS)):
        at = now - timedelta(hours=hours)
        reporting.report(clinic, patient, sign, at=at)
        reporting.review(clinic, now=at)
    entry = _entry(sessions)
    assert entry.reason is not None
    assert (entry.reason.sign, entry.reason.level) == (WarningSign.BREATHING, Level.EMERGENCY)
    assert entry.more == 2
    assert entry.symptom is Symptom.REDNESS, "a sign has no curve of its own"


def test_a_corrected_report_is_told_by_its_last_assessment(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    first = reporting.report(clinic, patient, WarningSign.PUS, at=now)
    reporting.review(clinic, now=now)
    signs = (WarningSign.PUS, WarningSign.BREATHING)
    reporting.report(clinic, patient, *signs, at=now, report_id=first, revision=2)
    reporting.review(clinic, now=now)
    entry = _entry(sessions)
    assert entry.reason is not None
    assert (entry.reason.level, entry.more) == (Level.EMERGENCY, 1)


def test_entries_are_brought_in_line_whatever_clinics_they_are_of(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    for place in (clinic, other_clinic):
        reporting.raise_flag(place, place.add_patient(now=now, hours_ago=50), at=now)
    with sessions.begin() as session:
        stale = session.scalars(select(Flag).with_for_update()).all()
        kept = {flag.id: flag.entry for flag in stale}
        for flag in stale:
            flag.entry = None
        flag_queue_entries.refresh_all(session, stale)
        assert {flag.id: flag.entry for flag in stale} == kept
        assert None not in kept.values()


def test_where_no_flag_is_open_nothing_is_refreshed(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    flag_id = reporting.raise_flag(clinic, patient, at=now)
    with sessions.begin() as session:
        session.execute(update(Flag).values(state=FlagState.RESOLVED, entry=None))
    with sessions.begin() as session:
        flag_queue_entries.refresh(session, clinic_id=clinic.id, treatment_id=patient.treatment_id)
        flag_queue_entries.refresh_patient(session, session.get_one(PatientRow, (clinic.id, patient.id)))
    with sessions() as session:
        assert session.get_one(Flag, (clinic.id, flag_id)).entry is None
