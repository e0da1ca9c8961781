"""The texts of one patient, both ways; and the words of all texts, tried, kept and taken back."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from api.console.messaging import texts_page
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.messaging.messages import Message
from tests.api.console.conftest import Browser
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient


def test_what_was_sent_and_what_came_back_stands_in_order(
    browser: Browser,
    patient: Patient,
    texting: Texting,
    sessions: sessionmaker[Session],
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texting.send(patient.phone, "<b>Is this ok?</b>", now=now)
    with sessions.begin() as session:
        first = session.scalars(select(Message).order_by(Message.due_at).limit(1)).one()
        first.state, first.reason = MessageState.UNDELIVERED, "30003"
    path = f"/console/patients/{patient.id}/texts"
    page = browser.page(path)
    assert "<b>Is this ok?</b>" in page.said
    assert "not delivered" in page.said
    assert "30003" in page.said
    assert "Planned on" in page.said
    moments = [str(one.attributes["datetime"]) for one in page.every("time")][:-1]
    assert moments == sorted(moments, reverse=True)
    monkeypatch.setattr(texts_page, "ROWS", 2)
    found: list[str] = []
    more: str | None = path
    while more:
        page = browser.page(more)
        found += [str(one.attributes["datetime"]) for one in page.every("time")][:-1]
        more = next((link.attributes["href"] for link in page.every("a", rel="next")), None)
    assert found == moments


def test_another_clinics_texts_are_nobodys(browser: Browser, other_clinic: Clinic, now: datetime) -> None:
    foreign = other_clinic.add_patient(now=now)
    assert browser.get(f"/console/patients/{foreign.id}/texts").status_code == 404
