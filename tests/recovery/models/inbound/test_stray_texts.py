"""Texts of nobody's: those that may name danger are known until somebody has seen to them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.inbound import stray_texts
from recovery.models.inbound.stray_texts import StrayText

HOUR = timedelta(hours=1)


@pytest.fixture
def strays(session: Session, now: datetime) -> None:
    for number, urgency in enumerate(Urgency):
        session.add(
            StrayText(
                carrier_id=f"SM{number}", phone="+12025559997", body="words",
                received_at=now + number * HOUR, meaning=TextMeaning.OTHER, urgency=urgency,
            )
        )  # fmt: skip
    session.flush()


@pytest.mark.usefixtures("strays")
def test_danger_is_listed_until_somebody_has_seen_to_it(session: Session, now: datetime) -> None:
    assert stray_texts.list_stray_dangers(session, since=now, limit=10) == ["SM0", "SM1"]
    assert stray_texts.list_stray_dangers(session, since=now + HOUR, limit=10) == ["SM1"]
    seen = stray_texts.get_for_update(session, "SM0")
    assert seen is not None
    seen.seen_to_at = now
    session.flush()
    assert stray_texts.list_stray_dangers(session, since=now, limit=10) == ["SM1"]
    assert stray_texts.get_for_update(session, "SM9") is None


@pytest.mark.usefixtures("strays")
def test_each_list_has_an_end(session: Session, now: datetime) -> None:
    assert stray_texts.list_stray_dangers(session, since=now, limit=1) == ["SM0"], "the oldest first"
    assert len(stray_texts.list_strays(session, since=now, limit=2)) == 2


@pytest.mark.usefixtures("strays")
def test_all_are_listed_newest_first(session: Session, now: datetime) -> None:
    assert [one.carrier_id for one in stray_texts.list_strays(session, since=now, limit=10)] == [
        "SM2",
        "SM1",
        "SM0",
    ]
