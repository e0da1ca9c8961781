"""What the record says first: the last session, the one before, open and closed flags."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.services.read_models.record import record_view
from recovery.services.read_models.record.record_model import RecordFlag, RecordView
from tests.support.data.people import Clinic
from tests.support.data.reporting import staff_caller
from tests.support.record.record_scene import make_record


@pytest.fixture
def record(clinic: Clinic, now: datetime) -> RecordView:
    """Three sessions, the second withdrawn."""
    scene = make_record(clinic, now=now)
    with clinic.sessions() as session:
        return record_view.read_record_view(
            session,
            caller=staff_caller(clinic),
            patient_id=scene.patient.id,
            content=clinic.content,
            now=now,
        )


def _changed(flag: RecordFlag, **values: Any) -> RecordFlag:
    return replace(flag, details=replace(flag.details, **values))


def test_of_no_session_there_is_no_last_and_none_before(record: RecordView) -> None:
    third, second, first = record.sessions
    for sessions, last, before in (
        ([], None, None),
        ([first], first, None),
        ([second, first], first, None),
        ([third, second, first], third, first),
        ([third, replace(first, reports=[])], third, None),
    ):
        shown = replace(record, sessions=sessions)
        assert (shown.last, shown.last_healed) == (last, before)


def test_closed_flags_stand_by_when_they_were_closed(record: RecordView, now: datetime) -> None:
    (closed,) = record.closed_flags
    hour = timedelta(hours=1)
    earlier, later = (_changed(closed, resolved_at=now - hours * hour) for hours in (3, 1))
    reopened = _changed(closed, state=FlagState.OPEN)
    shown = replace(record, flags=[earlier, reopened, later])
    assert shown.closed_flags == [later, earlier]
    assert shown.open_flags == [reopened]
