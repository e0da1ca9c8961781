"""How the bands fit: counts of the clinic's own answers, the warning first."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session, sessionmaker

from api.console.content.calibration_page import format_share
from recovery.domain.core.confidence_intervals import Share
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from tests.api.console.conftest import Browser
from tests.support.data.model_rows import add_revision, add_treatment
from tests.support.data.people import Clinic


@pytest.fixture
def red_clinic(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> None:
    """Twenty treatments with one lot whose redness lies far above the band on days 1 and 2."""
    patient = clinic.add_patient(now=now)
    with sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        for _ in range(20):
            performed = now - timedelta(days=9)
            treatment = add_treatment(
                session,
                row,
                performed_at=performed,
                depth_mm=Decimal("1.5"),
                protocol=max(clinic.content.protocols),
                lot="N<7",
            )
            for day in (1, 2):
                seen = performed + timedelta(days=day)
                add_revision(session, treatment, seen_at=seen, scores={"redness": 9, "swelling": 0})


@pytest.mark.usefixtures("red_clinic")
def test_a_redder_clinic_reads_first_to_look_for_a_fault(browser: Browser, content: Content) -> None:
    newest = max(content.protocols)
    page = browser.page(f"/console/course/versions/{newest}/calibration")
    assert (
        "Your patients are redder than expected: first look for a fault of device, depth or product lot."
        in page.said
    )
    assert page.said.index("first look for a fault") < page.said.index("By day")
    assert "100.0 % (83.9 to 100.0)" in page.said
    headings = [heading.text for heading in page.every("h2")]
    assert headings[1:6] == ["By day", "By device", "By depth", "By lot", "By skin type"]
    assert "Lot N<7" in page.said
    assert "Lots are told apart as they are written" in page.said


@pytest.mark.usefixtures("red_clinic")
def test_a_draft_stands_beside_what_ships(
    browser: Browser, clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    newest = max(content.protocols)
    with sessions.begin() as session:
        protocols.save_draft(
            session,
            clinic_id=clinic.id,
            text=content.protocol_sources[newest].replace(newest, "own-1", 1),
            content=content,
            actor=audit.OPERATOR,
            now=now,
        )
    said = browser.page("/console/course/versions/own-1/calibration").said
    assert f"Above p90, {newest}" in said
    assert "Above p97.5, own-1" in said
    (link,) = (
        one
        for one in browser.page("/console/course/versions/own-1").every("a")
        if str(one.attributes.get("href", "")).endswith("/calibration")
    )
    assert link.attributes["href"] == "/console/course/versions/own-1/calibration"


def test_a_clinic_without_reports_is_told_so(browser: Browser, content: Content) -> None:
    page = browser.page(f"/console/course/versions/{max(content.protocols)}/calibration")
    assert "Nobody has reported on these days yet." in page.said
    assert "By day" not in page.said


def test_a_version_nobody_has(browser: Browser) -> None:
    assert browser.get("/console/course/versions/nothing/calibration").status_code == 404


def test_a_share_is_read_with_its_interval() -> None:
    assert format_share(Share(hits=1, total=10)) == "10.0 % (1.8 to 40.4)"
    assert format_share(Share(hits=0, total=0)) == "–"
