"""The places at the top of every page: whose they are, which one a page belongs to, how many wait there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from api.console import navigation
from api.console.navigation import NavigationLink, PlaceCount
from recovery.domain.clinic.staff_roles import Role
from recovery.models.flags.flags import Flag
from recovery.models.tasks.tasks import TaskKind
from recovery.services.access.authentication import StaffCaller
from recovery.services.tasks import tasks
from recovery.services.tasks.tasks import TaskSubject
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient

OUTSIDE = {
    "account_page", "change_password", "end_session", "end_other_sessions", "second_factor_page",
    "new_second_factor", "confirm_second_factor", "new_recovery_codes", "sign_in", "sign_in_form", "sign_out",
    "join", "join_form", "enter", "enter_form", "static", "nowhere", "photo", "figures_table",
    "figure_rows_table", "audit_table", "record_file",
}  # fmt: skip
"""Pages of nobody's place: one's own, those before signing in, and what is no page."""

LEADS_ON = {
    "home_with_slash", "form_address", "person_address", "withdraw_address", "task_done_address", "task_done",
    "task_form_address", "undo_reading", "undo_reading_address", "mark_read", "show_code", "sign_patient_out",
    "judge_sooner", "told_form_address", "withdraw_complication", "others_address",
    "take_as_real",
}  # fmt: skip
"""What answers with the way to a page."""

Links = Callable[..., dict[str, NavigationLink]]


@pytest.fixture
def links(app: Flask, clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Links:
    """The links by their labels, as the clinic's nurse sees them or somebody of another role."""

    def look(
        *, role: Role = Role.NURSE, endpoint: str | None = None, of: Clinic = clinic
    ) -> dict[str, NavigationLink]:
        caller = StaffCaller(clinic_id=of.id, staff_id=of.nurse.id, name="Nurse", role=role)
        with app.test_request_context(), sessions() as session:
            return {
                link.label: link
                for link in navigation.list_links(session, caller, endpoint=endpoint, now=now)
            }

    return look


def test_every_page_belongs_to_one_place_or_to_none(app: Flask) -> None:
    pages = {
        rule.endpoint.removeprefix("console.")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.")
    }
    placed = [
        endpoint.removeprefix("console.")
        for place in navigation.PLACES
        for endpoint in (place.endpoint, *place.pages)
    ]
    assert len(placed) == len(set(placed)), "a page stands in two places"
    assert set(placed) == pages - OUTSIDE - LEADS_ON


def test_figures_stand_only_where_their_reader_may_go(links: Links) -> None:
    usual = ["Queue", "Follow-up", "To read", "Patients", "Clinic"]
    for role in (Role.NURSE, Role.PRACTITIONER):
        assert list(links(role=role)) == usual
    for role in (Role.MANAGER, Role.MEDICAL_DIRECTOR):
        assert list(links(role=role)) == [*usual[:4], "Figures", "Clinic"]


@pytest.mark.parametrize(
    ("endpoint", "here"),
    [
        ("console.home", ["Queue"]),
        ("console.resolve", ["Queue"]),
        ("console.desk", ["Patients"]),
        ("console.version_page", ["Clinic"]),
        ("console.account_page", []),
        (None, []),
    ],
)
def test_one_place_is_marked_as_the_one_of_the_page(
    endpoint: str | None, here: list[str], links: Links
) -> None:
    assert [label for label, link in links(endpoint=endpoint).items() if link.here] == here


def test_what_waits_is_counted_for_its_clinic_and_late_once_past_its_time(
    links: Links,
    clinic: Clinic,
    other_clinic: Clinic,
    patient: Patient,
    flagged: Callable[..., UUID],
    texting: Texting,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    flagged(patient)
    texting.send(patient.phone, "When can I use makeup?", now=now)
    silent = clinic.add_patient(now=now, hours_ago=70)
    about = TaskSubject(clinic_id=clinic.id, patient_id=silent.id, treatment_id=silent.treatment_id)
    with sessions.begin() as session:
        tasks.open_task(session, about, kind=TaskKind.SILENCE, due_at=now + timedelta(hours=3), now=now)
        session.execute(update(Flag).values(due_at=now + timedelta(hours=1)))
    waiting = {label: link.count for label, link in links().items()}
    assert waiting == {
        "Queue": PlaceCount(1, False),
        "Follow-up": PlaceCount(1, False),
        "To read": PlaceCount(1, False),
        "Patients": None,
        "Clinic": None,
    }
    with sessions.begin() as session:
        session.execute(update(Flag).values(due_at=now - timedelta(minutes=1)))
    assert links()["Queue"].count == PlaceCount(1, True)
    assert links()["Follow-up"].count == PlaceCount(1, False)
    elsewhere = links(of=other_clinic)
    assert [elsewhere[label].count for label in ("Queue", "Follow-up", "To read")] == [
        PlaceCount(0, False)
    ] * 3


def test_the_queue_is_counted_once_a_request(
    app: Flask,
    clinic: Clinic,
    patient: Patient,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    caller = StaffCaller(clinic_id=clinic.id, staff_id=clinic.nurse.id, name="Nurse", role=Role.NURSE)
    with app.test_request_context(), sessions() as session:
        before = navigation.queue_totals(session, caller, now)
        flagged(patient)
        assert navigation.queue_totals(session, caller, now) is before
    with app.test_request_context(), sessions() as session:
        assert navigation.queue_totals(session, caller, now).unresolved == before.unresolved + 1
