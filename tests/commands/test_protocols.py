"""Protocols from the command line: files checked, courses replayed, publishing within the budget."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.content.protocols import ProtocolVersion
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content
from recovery.services.core import audit
from tests.support.data.people import Clinic

PROJECT = Path(__file__).resolve().parents[2]
SHIPPED = PROJECT / "config" / "protocols" / "standard-2026-11.toml"
COURSE = {
    "course": "x1",
    "treatment": {"device": "pen", "depth_mm": 1.5, "areas": ["face"], "skin_type": 3, "session_number": 1},
    "reports": [
        {"hours": 26.5, "scores": {"redness": 3, "swelling": 2, "peeling": 1}, "warning_signs": []},
        {"hours": 50, "scores": {"redness": 2, "swelling": 1, "peeling": 2}, "warning_signs": ["pus"]},
    ],
}


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )


def test_check_names_the_version_or_the_line(tmp_path: Path) -> None:
    good = manage("protocol", "check", str(SHIPPED))
    assert (good.returncode, good.stdout.split(":")[0]) == (0, "standard-2026-11")
    lines = SHIPPED.read_text().splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("title"))
    lines[place] = "title = 7"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("\n".join(lines))
    bad = manage("protocol", "check", str(wrong))
    assert bad.returncode == 1
    assert f"line {place + 1}" in bad.stderr


def test_replay_answers_a_line_for_a_line_without_a_database(tmp_path: Path) -> None:
    courses, out = tmp_path / "courses.ndjson", tmp_path / "out.ndjson"
    courses.write_text("\n".join(json.dumps(COURSE | {"course": f"x{number}"}) for number in range(3)))
    done = manage("protocol", "replay", "--courses", str(courses), "--out", str(out))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["course"] for one in found] == ["x0", "x1", "x2"]
    assert found[0]["reports"] == [
        {"level": "expected", "rules": [], "ask_again": []},
        {"level": "abnormal", "rules": ["warning_sign"], "ask_again": []},
    ]


@pytest.mark.parametrize("bad", ["{", '{"course": "x"}', "[]", b"\xff\xfe"])
def test_replay_of_a_bad_line_leaves_no_file(tmp_path: Path, bad: str | bytes) -> None:
    courses, out = tmp_path / "courses.ndjson", tmp_path / "out.ndjson"
    line = bad if isinstance(bad, bytes) else bad.encode()
    courses.write_bytes(json.dumps(COURSE).encode() + b"\n" + line + b"\n")
    done = manage("protocol", "replay", "--courses", str(courses), "--out", str(out))
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert list(tmp_path.iterdir()) == [courses]


def test_publishing_above_the_alert_budget_needs_a_reason(
    client: FlaskClient, clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    for _ in range(4):
        patient = clinic.add_patient(now=now, hours_ago=50)
        body = {
            "seen_at": (now - timedelta(minutes=1)).isoformat(),
            "scores": {"redness": 7, "swelling": 6, "peeling": 2, "pain": 6},
            "confirmed": ["redness", "swelling", "pain"],
        }
        put = client.put(patient.report_path(uuid4()), json=body, headers=patient.headers)
        assert put.status_code == 201
    draft = SHIPPED.read_text().replace('"standard-2026-11"', '"own-1"', 1)
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        protocols.save_draft(
            session, clinic_id=clinic.id, text=draft, content=content, actor=audit.OPERATOR, now=now
        )
        with pytest.raises(protocols.AboveAlertBudget) as refused:
            publish(session, row, content, now=now, reason=None)
        assert refused.value.comparison.figures()["all"]["draft"]["any_per_100"] == 100.0
        kept = publish(session, row, content, now=now, reason="strong peels, agreed with the director")
        assert kept.figures is not None
        assert kept.figures["all"]["treatments"] == 4
        with pytest.raises(protocols.AlreadyPublished):
            publish(session, row, content, now=now, reason="again")
        with pytest.raises(protocols.VersionTaken):
            protocols.save_draft(
                session, clinic_id=clinic.id, text=draft, content=content, actor=audit.OPERATOR, now=now
            )


def test_a_published_protocol_holds_for_treatments_from_its_day_on(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    before = clinic.add_patient(now=now, hours_ago=30)
    draft = SHIPPED.read_text().replace('"standard-2026-11"', '"own-1"', 1)
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        protocols.save_draft(
            session, clinic_id=clinic.id, text=draft, content=content, actor=audit.OPERATOR, now=now
        )
        publish(session, row, content, now=now, reason=None)
    after = clinic.add_patient(now=now + timedelta(hours=1), hours_ago=0)
    with sessions() as session:
        held = [session.get_one(Treatment, (clinic.id, one.treatment_id)).protocol for one in (before, after)]
    assert held == ["standard-2026-11", "own-1"]


def publish(
    session: Session, row: ClinicRow, content: Content, *, now: datetime, reason: str | None
) -> ProtocolVersion:
    return protocols.publish(
        session,
        clinic=row,
        version="own-1",
        effective_from=now,
        reason=reason,
        content=content,
        actor=audit.OPERATOR,
        now=now,
    )
