from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.operations import alerts
from recovery.models.operations.alerts import Alert, AlertChannel, AlertNotice, IncidentChange, IncidentKind

MINUTE = timedelta(minutes=1)


def _alert(session: Session, *, now: datetime, **values: Any) -> Alert:
    alert = Alert(since=now, **({"trouble": IncidentKind.TEXTS_LATE, "subject": ""} | values))
    session.add(alert)
    session.flush()
    return alert


def _notice(session: Session, alert: Alert, *, next_at: datetime, **values: Any) -> AlertNotice:
    filled: dict[str, Any] = {"news": IncidentChange.RAISED, "channel": AlertChannel.MAIL}
    notice = AlertNotice(alert_id=alert.id, next_at=next_at, **(filled | values))
    session.add(notice)
    session.flush()
    return notice


def test_only_one_looks_over_the_installation_at_a_time(sessions: sessionmaker[Session]) -> None:
    with sessions() as one, sessions() as other:
        assert alerts.try_lock_monitoring(one)
        assert not alerts.try_lock_monitoring(other)
        one.commit()
        assert alerts.try_lock_monitoring(other)


def test_open_incidents_are_those_that_have_not_ended(session: Session, now: datetime) -> None:
    first = _alert(session, now=now)
    _alert(session, now=now, subject="a", ended_at=now)
    second = _alert(session, now=now, subject="b")
    assert alerts.list_open(session) == [first, second]


def test_of_a_kind_and_subject_one_incident_is_under_way(session: Session, now: datetime) -> None:
    _alert(session, now=now, subject="a", ended_at=now)
    _alert(session, now=now, subject="a")
    _alert(session, now=now, subject="a", trouble=IncidentKind.REVIEW_LATE)
    with pytest.raises(IntegrityError, match="uq_alert_under_way"):
        _alert(session, now=now, subject="a")


def test_notices_of_one_incident_are_read_in_order(session: Session, now: datetime) -> None:
    alert, other = _alert(session, now=now), _alert(session, now=now, subject="b")
    notices = [_notice(session, alert, next_at=now - place * MINUTE) for place in range(3)]
    _notice(session, other, next_at=now)
    assert alerts.list_notices(session, alert.id) == notices
    assert alerts.get_notice(session, notices[1].id) is notices[1]


def test_due_notices_are_taken_in_order_and_by_one_sender_each(
    session: Session, sessions: sessionmaker[Session], now: datetime
) -> None:
    alert = _alert(session, now=now)
    third, first, second = (
        _notice(session, alert, next_at=moment).id for moment in (now, now - 2 * MINUTE, now - MINUTE)
    )
    _notice(session, alert, next_at=now + timedelta(microseconds=1))
    _notice(session, alert, next_at=now - 9 * MINUTE, told_at=now)
    _notice(session, alert, next_at=now - 9 * MINUTE, given_up_at=now)
    session.commit()
    with sessions() as one, sessions() as other:
        taken = alerts.list_due_for_update(one, now=now, limit=2)
        assert [notice.id for notice, _ in taken] == [first, second]
        assert {about.id for _, about in taken} == {alert.id}
        rest = alerts.list_due_for_update(other, now=now, limit=9)
        assert [notice.id for notice, _ in rest] == [third]
