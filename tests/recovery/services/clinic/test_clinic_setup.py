"""A clinic's hours, numbers and limits are changed only as far as they can be used, and it goes live once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinic.clinic_readiness import ReadinessFacts, ReadinessNeed
from recovery.domain.clinic.opening_hours import WEEKDAYS
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode, Staff
from recovery.models.clinic.staff_phones import StaffPhone
from recovery.services.clinic import clinic_setup
from recovery.services.clinic.clinic_setup import ClinicChanges, NotReady, WrongSetting
from recovery.services.core import audit
from tests.support.access.signing import sign_in
from tests.support.data import audit_trail
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic

READY = ReadinessFacts(
    has_opening_hours=True,
    own_numbers=True,
    second_factors=2,
    signed=True,
    real_carrier=True,
    alerts_leave=True,
    links_fit=True,
    links_told="Links in texts have 40 characters: a check-in with its link takes 1 segment at the most, "
    "and the texts of a course 12.",
    test_text_delivered=True,
    stop_understood=True,
)


def row_of(session: Session, clinic: Clinic) -> ClinicRow:
    return session.get_one(ClinicRow, clinic.id)


def update(session: Session, clinic: Clinic, changes: ClinicChanges, *, now: datetime) -> ClinicRow:
    return clinic_setup.update_clinic(
        session,
        clinic=row_of(session, clinic),
        changes=changes,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


def facts(session: Session, clinic: Clinic, *, now: datetime, **more: Any) -> ReadinessFacts:
    asked: dict[str, Any] = {"real_carrier": False, "alerts_leave": False, "link_length": 30} | more
    return clinic_setup.read_readiness(
        session, clinic=row_of(session, clinic), content=clinic.content, now=now, **asked
    )


def go_live(session: Session, clinic: Clinic, known: ReadinessFacts, *, now: datetime) -> ClinicRow:
    return clinic_setup.go_live(
        session, clinic=row_of(session, clinic), facts=known, actor=audit.OPERATOR, now=now
    )


def in_training(session: Session, clinic: Clinic) -> None:
    row = row_of(session, clinic)
    row.mode, row.live_since, row.live_because = ClinicMode.TRAINING, None, None
    session.flush()


def test_what_is_new_is_kept_and_named_in_the_audit_trail(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    changes: ClinicChanges = {
        "name": "North Skin Clinic",
        "text_name": "Test Clinic",
        "phone": "+1 202 555 0177",
        "time_zone": "America/New_York",
        "weekly_hours": {"mon": [["09:00", "12:00"], ["13:00", "17:30"]]},
        "holidays": {"2026-12-25": "Christmas"},
        "texts_per_day": 250,
        "flags_per_100": 7.5,
    }
    with sessions() as session:
        row = update(session, clinic, changes, now=now)
        session.refresh(row)
        kept = {name: getattr(row, name) for name in changes}
        assert kept == changes | {"phone": "+12025550177"}
        assert row_of(session, other_clinic).name == "Other Clinic"
        (entry,) = audit_trail.entries(session, clinic.id, "clinic.change")
        assert entry.detail == {
            "changed": "flags_per_100, holidays, name, phone, texts_per_day, time_zone, weekly_hours"
        }
        update(session, clinic, changes, now=now)
        assert len(audit_trail.entries(session, clinic.id, "clinic.change")) == 1, "nothing was new"


@pytest.mark.parametrize(
    ("wrong", "named", "why"),
    [
        ({"weekly_hours": {"mon": [["17:00", "09:00"]]}}, "weekly_hours", "mon"),
        ({"weekly_hours": {"funday": []}}, "weekly_hours", "funday"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "IANA"),
        ({"time_zone": "Etc/GMT-3"}, "time_zone", "no place"),
        ({"holidays": {"25 December": "Christmas"}}, "holidays", "25 December"),
        ({"phone": "12"}, "phone", "too short"),
        ({"on_call_phone": "12"}, "on_call_phone", "too short"),
        ({"out_of_hours_phone": "12"}, "out_of_hours_phone", "too short"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_of_it_is_kept(
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
    wrong: ClinicChanges,
    named: str,
    why: str,
) -> None:
    with sessions() as session:
        with pytest.raises(WrongSetting, match=why) as refused:
            update(session, clinic, {"name": "Never kept", **wrong}, now=now)
        assert list(refused.value.wrong) == [named]
        session.flush()
        session.refresh(row_of(session, clinic))
        assert row_of(session, clinic).name == "Test Clinic"
        assert audit_trail.entries(session, clinic.id, "clinic.change") == []


def test_all_that_is_wrong_is_told_at_once(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    wrong: ClinicChanges = {"phone": "12", "time_zone": "GMT+3", "weekly_hours": {"funday": []}}
    with sessions() as session:
        with pytest.raises(WrongSetting) as refused:
            update(session, clinic, wrong, now=now)
        assert set(refused.value.wrong) == {"phone", "time_zone", "weekly_hours"}


def test_a_new_zone_is_held_against_the_hours_that_stay(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        row = update(session, clinic, {"time_zone": "Asia/Tokyo"}, now=now)
        assert (row.time_zone, set(row.weekly_hours)) == ("Asia/Tokyo", set(WEEKDAYS))


def test_readiness_is_read_from_what_is_there(
    clinic: Clinic, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        before = facts(session, clinic, now=now)
        assert before == ReadinessFacts(
            has_opening_hours=True,
            own_numbers=True,
            second_factors=1,
            signed=False,
            real_carrier=False,
            alerts_leave=False,
            links_fit=True,
            links_told=READY.links_told.replace("40", "30"),
            test_text_delivered=False,
            stop_understood=False,
        )
    practice = clinic.add_patient(now=now)
    clinic.add_nurse(now=now)
    texting.send(practice.phone, "STOP", now=now)
    with sessions() as session:
        assert facts(session, clinic, now=now) == dataclasses.replace(before, second_factors=2), (
            "no proof yet"
        )
        phone = StaffPhone(clinic_id=clinic.id, staff_id=clinic.nurse.id, phone=practice.phone, proved_at=now)
        session.add(phone)
        session.flush()
        sign_in(session, clinic, now=now)
        told = facts(session, clinic, now=now, real_carrier=True, alerts_leave=True, link_length=40)
        assert told == READY


def closed(row: ClinicRow) -> None:
    row.weekly_hours = {}


def on_call_at_the_desk(row: ClinicRow) -> None:
    row.on_call_phone = row.phone


def at_night_at_the_desk(row: ClinicRow) -> None:
    row.out_of_hours_phone = row.phone


@pytest.mark.parametrize(
    ("change", "lacks"),
    [
        (closed, "has_opening_hours"),
        (on_call_at_the_desk, "own_numbers"),
        (at_night_at_the_desk, "own_numbers"),
    ],
)
def test_hours_and_numbers_count_only_where_they_help(
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
    change: Callable[[ClinicRow], None],
    lacks: str,
) -> None:
    with sessions() as session:
        before = facts(session, clinic, now=now)
        change(row_of(session, clinic))
        missing: dict[str, Any] = {lacks: False}
        assert facts(session, clinic, now=now) == dataclasses.replace(before, **missing)


def test_somebody_who_left_proves_nothing(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        session.get_one(Staff, (clinic.id, clinic.nurse.id)).disabled_at = now
        assert facts(session, clinic, now=now).second_factors == 0


def test_a_clinic_that_lacks_nothing_goes_live_once(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        in_training(session, clinic)
        lacking = dataclasses.replace(READY, signed=False, second_factors=1)
        with pytest.raises(NotReady) as refused:
            go_live(session, clinic, lacking, now=now)
        assert [check.need for check in refused.value.missing] == [
            ReadinessNeed.PEOPLE,
            ReadinessNeed.SIGNATURE,
        ]
        assert row_of(session, clinic).mode is ClinicMode.TRAINING
        row = go_live(session, clinic, READY, now=now)
        assert (row.mode, row.live_since) == (ClinicMode.LIVE, now)
        assert go_live(session, clinic, lacking, now=now) is row, "it is live already"
        assert row.live_since == now
        assert len(audit_trail.entries(session, clinic.id, "clinic.go_live")) == 1
