"""A clinic's own hours come before the shipped ones, thing by thing, until it takes them back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.treatments.avoidance_rules import MOST_HOURS, AvoidItem
from recovery.services.content import avoidance
from recovery.services.content.avoidance import Avoidance
from recovery.services.content.content import Content
from recovery.services.content.own_content import OWN_HOURS
from recovery.services.core import audit
from tests.support.data import audit_trail
from tests.support.data.people import Clinic


def save(session: Session, clinic: Clinic, what: AvoidItem, hours: int | None, *, now: datetime) -> Avoidance:
    return avoidance.save(
        session,
        clinic_id=clinic.id,
        what=what,
        hours=hours,
        content=clinic.content,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


def hours_of(session: Session, clinic_id: UUID, content: Content) -> dict[AvoidItem, int]:
    listed = avoidance.list_avoidance(session, clinic_id, content=content)
    return {entry.rule.what: entry.rule.hours for entry in listed}


def test_every_thing_is_listed_in_our_order_with_what_is_shipped(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        listed = avoidance.list_avoidance(session, clinic.id, content=content)
    assert [entry.rule.what for entry in listed] == list(AvoidItem)
    assert all(entry.rule == entry.shipped and entry.saved_at is None for entry in listed)


@pytest.mark.parametrize("hours", [0, 1, MOST_HOURS])
def test_a_clinic_s_own_hours_hold_for_it_alone_and_for_one_thing_alone(
    clinic: Clinic, other_clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime,
    hours: int,
) -> None:  # fmt: skip
    with sessions() as session:
        shipped = hours_of(session, clinic.id, content)
        saved = save(session, clinic, AvoidItem.SUN, hours, now=now)
        assert (saved.rule.hours, saved.rule.source, saved.saved_at) == (hours, OWN_HOURS, now)
        assert saved.shipped.hours == shipped[AvoidItem.SUN]
        assert hours_of(session, clinic.id, content) == shipped | {AvoidItem.SUN: hours}
        assert hours_of(session, other_clinic.id, content) == shipped
        listed = avoidance.list_avoidance(session, clinic.id, content=content)
        assert next(entry for entry in listed if entry.rule.what is AvoidItem.SUN) == saved


def test_taken_back_the_shipped_hours_stand_again(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        shipped = avoidance.list_avoidance(session, clinic.id, content=content)
        for hours in (12, 13):
            save(session, clinic, AvoidItem.MAKEUP, hours, now=now)
        saved = save(session, clinic, AvoidItem.MAKEUP, None, now=now)
        assert (saved.rule, saved.saved_at) == (saved.shipped, None)
        assert avoidance.list_avoidance(session, clinic.id, content=content) == shipped
        entries = audit_trail.entries(session, clinic.id, "avoidance.save")
        assert [entry.detail for entry in entries] == [
            {"what": "makeup", "hours": hours} for hours in ("12", "13", "as shipped")
        ]
        assert {entry.actor_id for entry in entries} == {clinic.nurse.id}


@pytest.mark.parametrize("hours", [-1, MOST_HOURS + 1])
def test_no_hours_are_kept_that_no_aftercare_asks_for(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, hours: int
) -> None:
    with sessions() as session, pytest.raises(IntegrityError):
        save(session, clinic, AvoidItem.SUN, hours, now=now)
