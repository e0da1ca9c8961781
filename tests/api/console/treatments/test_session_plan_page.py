"""A patient's series: planned, agreed upon, and what it waits for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Area, Device
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Consent
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.treatments.session_plans import PatientSessionPlan
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.treatments import treatments
from tests.api.console.conftest import Browser
from tests.support.data.people import Clinic, Patient


@pytest.fixture
def treated(clinic: Clinic, content: Content, sessions: sessionmaker[Session]) -> Callable[..., UUID]:
    """One more session of a patient."""

    def treat(patient: Patient, *, at: datetime, number: int) -> UUID:
        with sessions.begin() as session:
            new = treatments.NewTreatment(
                performed_at=at, device=Device.PEN, depth_mm=Decimal("1.0"), areas=[Area.FACE],
                indication=None, numbing=None, topical=None, session_number=number, protocol=None,
            )  # fmt: skip
            return treatments.record(
                session,
                clinic=session.get_one(ClinicRow, clinic.id),
                patient=session.get_one(PatientRow, (clinic.id, patient.id)),
                new=new,
                content=content,
                actor=audit.OPERATOR,
                now=at,
            ).id

    return treat


def test_a_series_is_planned_and_shows_how_the_skin_heals(
    practitioner: Browser,
    browser: Browser,
    clinic: Clinic,
    now: datetime,
    report: Callable[..., None],
    treated: Callable[..., UUID],
    sessions: sessionmaker[Session],
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=30 * 24)
    path = f"/console/patients/{patient.id}/series"
    empty = browser.page(path)
    assert "None was made yet." in empty.said
    assert "not reported" in empty.said
    calm = {"redness": 1, "swelling": 0, "peeling": 1}
    report(patient, minutes=28 * 24 * 60, scores={"redness": 6, "swelling": 2, "peeling": 0})
    report(patient, minutes=26 * 24 * 60, scores=calm, confirmed=[])
    treated(patient, at=now - timedelta(hours=2), number=2)
    next_on = (now + timedelta(days=35)).date().isoformat()
    plan = {"sessions": "4", "weeks_between": "5", "maintenance_months": "6", "next_session_on": next_on}
    assert browser.post(path, plan).status_code == 403
    answer = practitioner.post(path, plan)
    assert answer.headers["Location"] == f"{path}?done=agreed"
    page = browser.page(path)
    assert "2 sessions done of 4 planned" in page.said
    assert "6 of 10 day 2" in page.said
    assert "day 4" in page.said
    assert len(page.every("svg", class_="panel")) == 2
    assert "2 of 4 sessions done." in browser.page(f"/console/patients/{patient.id}").said
    for field, value in (("sessions", "7"), ("weeks_between", ""), ("next_session_on", "2020-01-01")):
        wrong = practitioner.post(path, {**plan, field: value})
        assert wrong.status_code == 422
        assert f'id="{field}-wrong"' in wrong.text
    with sessions() as session:
        kept = session.scalars(select(PatientSessionPlan)).one()
    assert (kept.sessions, kept.weeks_between, kept.maintenance_months) == (4, 5, 6)


def test_a_session_may_be_agreed_from_the_patients_own_day_on(
    practitioner: Browser, clinic: Clinic, now: datetime
) -> None:
    # Where it is another day than in UTC: yesterday in its morning, tomorrow in its afternoon.
    zone = "Etc/GMT+12" if now.hour < 12 else "Etc/GMT-14"
    patient = clinic.add_patient(now=now, time_zone=zone)
    path = f"/console/patients/{patient.id}/series"
    today = now.astimezone(ZoneInfo(zone)).date()
    assert today != now.date()
    (field,) = practitioner.page(path).every("input", id="next_session_on")
    assert field.attributes["min"] == today.isoformat()
    plan = {"sessions": "3", "weeks_between": "4", "maintenance_months": ""}
    for day, status in ((today - timedelta(days=1), 422), (today, 303)):
        answer = practitioner.post(path, {**plan, "next_session_on": day.isoformat()})
        assert answer.status_code == status


def test_the_next_session_waits_for_a_flag_and_for_a_change_of_pigment(
    practitioner: Browser,
    browser: Browser,
    clinic: Clinic,
    patient: Patient,
    flagged: Callable[..., UUID],
    now: datetime,
    sessions: sessionmaker[Session],
) -> None:
    path = f"/console/patients/{patient.id}/series"
    plan = {"sessions": "3", "weeks_between": "4"}
    plan["next_session_on"] = (now + timedelta(days=30)).date().isoformat()
    with sessions.begin() as session:
        session.execute(update(Consent).values(kind=ConsentKind.SESSION_REMINDERS))

    def reminder() -> MessageState:
        wanted = select(Message.state).where(Message.step == "session_reminder")
        with sessions() as session:
            return session.scalars(wanted).one()

    practitioner.post(path, plan)
    assert reminder() is MessageState.PLANNED
    flag = f"/console/flags/{flagged(patient)}"
    assert "A flag is open: the next session waits until it is closed" in practitioner.page(path).said
    assert "Waits while a flag is open." in practitioner.page(f"/console/patients/{patient.id}").said
    browser.post(f"{flag}/claim")
    browser.post(f"{flag}/resolve", {"outcome": "pigment_change", "comment": "Darker on both cheeks."})
    assert "Look at the skin before you agree on a next session" in practitioner.page(path).said
    assert reminder() is MessageState.EXPIRED
    practitioner.post(path, plan)
    assert "change of pigment" not in practitioner.page(path).said
    assert reminder() is MessageState.PLANNED
