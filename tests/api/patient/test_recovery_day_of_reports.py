"""Every report on its right day, whatever the device's clock says and wherever the patient goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient

from tests.support.data.people import Clinic, Patient
from tests.support.long_runs import sized

TABLE = Path(__file__).with_name("right_days.txt")
NO_CLOCK = None
"""The device does not say what its clock shows."""

SKEWS = (
    NO_CLOCK,
    timedelta(0),
    timedelta(seconds=40),
    timedelta(seconds=-40),
    timedelta(minutes=4),
    timedelta(minutes=-4),
    timedelta(minutes=6),
    timedelta(minutes=-6),
    timedelta(hours=1),
    timedelta(hours=-1),
    timedelta(hours=5, minutes=30),
    timedelta(hours=-5, minutes=-30),
    timedelta(hours=12),
    timedelta(hours=-12),
    timedelta(days=1),
    timedelta(days=-1),
    timedelta(hours=47),
    timedelta(hours=-47),
    timedelta(days=3),
    timedelta(days=-3),
)
"""How far the device's clock is ahead of the world's."""
EACH_JOURNEY = sized(5, long=1)
"""One in so many of the clocks, others for the next journey; the long form has all of them on each."""


@dataclass(frozen=True, kw_only=True)
class Journey:
    """One treatment and the moments at which the signs were seen, each with the day written beside it."""

    name: str
    performed_at: datetime
    seen: list[tuple[datetime, int]]


def journeys() -> Iterator[Journey]:
    """The table as it is written."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    journey: Journey | None = None
    for line in lines:
        if line.startswith("  "):
            assert journey is not None
            seen, day = line.split()
            journey.seen.append((datetime.fromisoformat(seen), int(day)))
        else:
            if journey is not None:
                yield journey
            name, performed = line.split(" | ")
            journey = Journey(name=name, performed_at=datetime.fromisoformat(performed), seen=[])
    assert journey is not None
    yield journey


def days(
    client: FlaskClient, patient: Patient, journey: Journey, skew: timedelta | None
) -> Iterator[tuple[datetime, int]]:
    """What the product says of every moment, sent by a device whose clock is so far ahead."""
    for seen, _ in journey.seen:
        headers = dict(patient.headers)
        if skew is not None:
            headers["Afterglow-Sent-At"] = (datetime.now(UTC) + skew).isoformat()
        body = {
            "seen_at": (seen + (skew or timedelta(0))).isoformat(),
            "scores": {"redness": 1, "swelling": 1, "peeling": 0},
        }
        answer = client.put(patient.report_path(uuid4()), json=body, headers=headers)
        assert answer.status_code == 201, (journey.name, seen, skew, answer.text)
        yield seen, answer.get_json()["day"]


def test_reports_are_on_the_day_that_was_written_down(app: Flask, clinic: Clinic, now: datetime) -> None:
    client = app.test_client()
    cases, wrong = 0, []
    for number, journey in enumerate(journeys()):
        for skew in SKEWS[number % EACH_JOURNEY :: EACH_JOURNEY]:
            hours_ago = (now - journey.performed_at) / timedelta(hours=1)
            patient = clinic.add_patient(now=now, hours_ago=hours_ago)
            for (seen, expected), (_, day) in zip(
                journey.seen, days(client, patient, journey, skew), strict=True
            ):
                cases += 1
                if day != expected:
                    wrong.append((journey.name, seen.isoformat(), str(skew), expected, day))
    assert wrong == []
    assert cases >= 2000 // EACH_JOURNEY
