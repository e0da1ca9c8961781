"""What the console's pages show of a flag that no report of the app led to."""

from __future__ import annotations

from datetime import datetime

from recovery.domain.clinical.findings import AssessmentRule, Finding, to_dict
from recovery.domain.clinical.symptoms import Level
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic, Patient


def test_pages_show_a_flag_from_words(
    client: DocumentedClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    texting.send(patient.phone, "there is pus on my cheek", now=now)
    texting.review(now=now)
    headers = clinic.nurse.headers
    (flag,) = client.get("/api/v1/flags", headers=headers).get_json()["items"]
    assert flag["findings"][0]["text"].startswith("read first: ")
    client.set_cookie("afterglow_session", clinic.nurse.token, path="/console")
    page = client.get(f"/console/flags/{flag['id']}")
    assert page.status_code == 200
    assert "there is pus on my cheek" in page.text
    assert client.get("/console").status_code == 200
    reports = client.get(f"/api/v1/me/treatments/{patient.treatment_id}/reports", headers=patient.headers)
    assert (reports.status_code, reports.get_json()["items"][0]["scores"]) == (200, {})


def test_pages_show_a_flag_from_silence(
    client: DocumentedClient, clinic: Clinic, patient: Patient, texting: Texting, now: datetime
) -> None:
    found = Finding(rule=AssessmentRule.SILENCE, level=Level.ABNORMAL, day=1)
    with clinic.sessions.begin() as session:
        session.add(
            StoredAssessment(
                clinic_id=clinic.id,
                treatment_id=patient.treatment_id,
                cause=AssessmentCause.SILENCE,
                level=found.level,
                day=1,
                findings=[to_dict(found)],
                ask_again=[],
                protocol=max(clinic.content.protocols),
                created_at=now,
                review_after=now,
            )
        )
    client.set_cookie("afterglow_session", clinic.nurse.token, path="/console")
    assert "check-in without an answer" in client.get("/console").text
    assert texting.review(now=now) == 1
    (flag,) = client.get("/api/v1/flags", headers=clinic.nurse.headers).get_json()["items"]
    assert (flag["findings"][0]["rule"], flag["findings"][0]["report_id"]) == ("silence", None)
    assert "check-in without an answer" in client.get("/console").text
    assert client.get(f"/console/flags/{flag['id']}").status_code == 200
