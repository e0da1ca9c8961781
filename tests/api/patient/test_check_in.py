from __future__ import annotations

import bisect
import random
from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import MAX_SCORE, REQUIRED, Area, Level, Symptom, WarningSign
from recovery.domain.core.language import Language
from recovery.domain.patients.contact import AnswersBy
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.services.content.content import Content
from tests.support.access.documented_client import DocumentedClient
from tests.support.data.people import Clinic, Patient
from tests.support.data.texts import zone_at_noon
from tests.support.data.treatments import treat_again


def fetched(client: DocumentedClient, patient: Patient, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    path = f"/api/v1/me/treatments/{patient.treatment_id}/check-in"
    return client.get(path, headers=patient.headers | named)


def put(client: DocumentedClient, patient: Patient, **said: Any) -> dict[str, Any]:
    answer = client.put(patient.report_path(), json=said, headers=patient.headers)
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.get_json()
    return found


def test_everything_a_report_can_say_is_asked_once(client: DocumentedClient, patient: Patient) -> None:
    asked = fetched(client, patient).json
    assert [item["symptom"] for item in asked["items"]] == list(Symptom)
    assert [item["symptom"] for item in asked["items"] if item["required"]] == list(REQUIRED)
    meant = [sign for box in asked["warning_signs"] for sign in (box["sign"], *box["covers"])]
    assert sorted([*meant, WarningSign.SELF_HARM]) == sorted(WarningSign)
    assert {one["level"] for one in asked["advice"]} == set(Level)
    told = [score for band in asked["bands"] for score in range(band["least"], band["most"] + 1)]
    assert told == list(range(MAX_SCORE + 1))
    assert len(asked["bands"]) == 5
    assert asked["items"][0]["label"] == (
        "Redness or change from your usual color (redder, darker or purple)"
    )


def test_signs_carry_the_urgency_of_the_treatment_s_protocol(
    client: DocumentedClient, patient: Patient, content: Content
) -> None:
    asked = fetched(client, patient).json
    urgency = {one["sign"]: one["urgency"] for one in asked["warning_signs"]}
    assert urgency["breathing"] == "emergency"
    assert urgency["pus"] == "same_day"
    assert urgency["lines"] == "next_business_day"
    assert asked["together"] == [
        {"signs": signs, "urgency": "emergency"}
        for signs in (
            ["fever", "spreading_heat"],
            ["chills", "spreading_heat"],
            ["eye_area_infection", "fever"],
            ["fever", "pus"],
            ["fever", "pain_rising"],
        )
    ]
    assert asked["protocol_version"] in content.protocols
    assert asked["approved_on"] is None


@pytest.mark.parametrize("language", list(Language))
def test_the_emergency_screen_needs_no_network(
    client: DocumentedClient, clinic: Clinic, now: datetime, language: Language, content: Content
) -> None:
    asked = fetched(client, clinic.add_patient(now=now, language=language)).json
    assert asked["language"] == language
    urgent = asked["emergency"]
    assert urgent["number"] in urgent["call"]
    assert urgent["then_number"] in urgent["then_call"]
    assert urgent["text"] == content.words[language].advice[Level.EMERGENCY]
    assert asked["clinic"]["phone"] == urgent["then_number"]
    assert asked["clinic"]["weekly_hours"]["mon"] == [["00:00", "24:00"]]
    assert not any("{" in said for said in urgent.values())


def test_what_is_kept_is_asked_for_again_without_being_sent_again(
    client: DocumentedClient, patient: Patient, now: datetime
) -> None:
    first = fetched(client, patient)
    kept = fetched(client, patient, If_None_Match=first.headers["ETag"])
    assert (kept.status_code, kept.data) == (304, b"")
    put(client, patient, seen_at=now.isoformat(), scores={"redness": 2, "swelling": 1, "peeling": 0})
    changed = fetched(client, patient, If_None_Match=first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.json["version"] == first.json["version"]
    assert changed.json["ask_again"]["last"]["scores"] == {"redness": 2, "swelling": 1, "peeling": 0}
    assert changed.json["ask_again"]["last"]["answers"] == "numbers"


def test_the_version_changes_with_what_is_asked(
    client: DocumentedClient, patient: Patient, sessions: sessionmaker[Session]
) -> None:
    before = fetched(client, patient).json["version"]
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(emergency_number="999"))
    assert fetched(client, patient).json["version"] != before


@pytest.mark.parametrize(
    ("answers_by", "days"),
    [
        (AnswersBy.LINK, [1, 2, 3, 4, 5, 7, 14, 28, 56]),
        (AnswersBy.TEXT, [1, 2, 3, 4, 5, 6, 7, 14, 28, 56]),
    ],
)
def test_check_ins_lie_in_the_patient_s_day(
    client: DocumentedClient, clinic: Clinic, now: datetime, answers_by: AnswersBy, days: list[int]
) -> None:
    patient = clinic.add_patient(
        now=now, hours_ago=30, answers_by=answers_by, time_zone="America/Los_Angeles"
    )
    before = fetched(client, patient).json["check_ins"]
    assert [one["day"] for one in before] == days
    assert not any(one["done"] for one in before)
    put(client, patient, seen_at=now.isoformat(), scores={"redness": 2, "swelling": 1, "peeling": 0})
    after = fetched(client, patient).json["check_ins"]
    assert [one["day"] for one in after if one["done"]] == [1]
    for one in after:
        opens, closes = (datetime.fromisoformat(one[name]) for name in ("opens_at", "closes_at"))
        assert timedelta(0) < closes - opens <= timedelta(hours=11)


def test_a_client_asks_again_by_the_same_rule(
    client: DocumentedClient, clinic: Clinic, now: datetime
) -> None:
    dice = random.Random(7)
    asked = Counter[str]()
    for _ in range(5):
        patient = clinic.add_patient(now=now, hours_ago=dice.uniform(100, 200))
        for hours in sorted(dice.uniform(2, 99) for _ in range(8)):
            seen = patient.performed_at + timedelta(hours=hours)
            answers, steps = dice.choice((("numbers", (0, 1, 2, 3, 5, 8, 10)), ("words", (0, 2, 4, 6, 9))))
            scores = {symptom: dice.choice(steps) for symptom in Symptom}
            rule = fetched(client, patient).json["ask_again"]
            said = {"scores": scores, "answers": answers}
            mine = doubtful(rule, said, seen=seen, performed_at=patient.performed_at)
            theirs = put(client, patient, seen_at=seen.isoformat(), **said)["ask_again"]
            assert mine == theirs
            asked[answers] += len(theirs)
    assert min(asked["numbers"], asked["words"]) > 10


def doubtful(
    rule: dict[str, Any], said: dict[str, Any], *, seen: datetime, performed_at: datetime
) -> list[str]:
    """The rule as its description in the document says it, for a client that has only the definition."""
    hours = (seen - performed_at).total_seconds() / 3600
    bounds = {
        one["symptom"]: (one, *between(one["bounds"], hours, rule["widen"])) for one in rule["symptoms"]
    }
    last = rule["last"]
    recent = last and hours_between(last["seen_at"], seen) <= rule["within_hours"]
    ranges = {one["score"]: one for one in rule["answers"]}

    def meant(report: dict[str, Any], name: str) -> tuple[float, float]:
        """The least and the middle of what a score stands for."""
        score = report["scores"][name]
        if report["answers"] == "numbers":
            return score, score
        return ranges[score]["least"], (ranges[score]["least"] + ranges[score]["most"]) / 2

    told = {name: meant(said, name) for name in bounds}
    high = {name for name, (one, _, top) in bounds.items() if one["rising"] and told[name][0] > top}
    found = []
    for name, (one, p90, top) in bounds.items():
        least, score = told[name]
        before = meant(last, name)[1] if recent and name in last["scores"] else None
        if before is not None and abs(score - before) <= rule["same"]:
            continue
        far = one["margin"] is not None and least >= max(top + one["margin"], rule["least"])
        rose = before is not None and one["rising"] and score - before >= rule["jump"]
        rose = rose and least >= rule["least"] and least > p90
        fell = before is not None and before - score >= rule["drop"]
        if (far or rose or fell) and len(high - {name}) < rule["agreeing"]:
            found.append(name)
    return found


def hours_between(earlier: str, later: datetime) -> float:
    return (later - datetime.fromisoformat(earlier)).total_seconds() / 3600


def between(bounds: list[dict[str, float]], hours: float, widen: float) -> tuple[float, float]:
    knots = [one["hours"] for one in bounds]
    place = min(max(bisect.bisect_right(knots, hours) - 1, 0), len(knots) - 2)
    low, high = bounds[place], bounds[place + 1]
    share = min(max((hours - low["hours"]) / (high["hours"] - low["hours"]), 0.0), 1.0)
    p90, top = (low[name] + share * (high[name] - low[name]) for name in ("p90", "p97_5"))
    return p90 * widen, top * widen


def test_somebody_else_s_treatment_does_not_exist(
    client: DocumentedClient, patient: Patient, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    bodies = set()
    for treatment_id in (
        clinic.add_patient(now=now).treatment_id, other_clinic.add_patient(now=now).treatment_id, uuid4()
    ):  # fmt: skip
        for what in ("check-in", "recovery"):
            answer = client.get(f"/api/v1/me/treatments/{treatment_id}/{what}", headers=patient.headers)
            assert answer.status_code == 404
            bodies.add(answer.data)
    assert len(bodies) == 1


def test_which_number_of_the_screen_comes_first_is_said_with_the_report(
    client: DocumentedClient, patient: Patient, content: Content, now: datetime
) -> None:
    def answered(*signs: str) -> Any:
        scores = {"redness": 3, "swelling": 2, "peeling": 0}
        said = put(client, patient, seen_at=now.isoformat(), scores=scores, warning_signs=list(signs))
        return said["assessment"]

    assert answered("fainting")["help"] == "emergency"
    assert answered("pus")["help"] is None
    alone = answered("self_harm")
    assert (alone["level"], alone["help"]) == ("emergency", "crisis")
    assert alone["advice"] == content.words[Language.ENGLISH].advice_self_harm
    assert answered("self_harm", "chest_pain")["help"] == "emergency"
    screen = fetched(client, patient).json["emergency"]
    assert (screen["crisis_number"], screen["crisis_call"]) == ("988", "Call 988")


def test_where_is_asked_of_several_areas_alone_in_the_patients_language(
    client: DocumentedClient, clinic: Clinic, now: datetime
) -> None:
    one = clinic.add_patient(now=now - timedelta(days=40), hours_ago=0, language=Language.SPANISH)
    assert fetched(client, one).json["where"] is None
    two = treat_again(clinic, one, at=now - timedelta(days=2), areas=(Area.NECK, Area.EYE_AREA))
    assert fetched(client, two).json["where"] == {
        "label": "¿Dónde es más fuerte?",
        "hint": "Puede dejarlo vacío.",
        "from_score": 3,
        "areas": [
            {"area": "neck", "label": "Cuello"},
            {"area": "eye_area", "label": "Contorno de los ojos"},
        ],
    }


def test_the_newest_check_in_asks_for_the_marks_of_what_it_took_over(
    client: DocumentedClient, clinic: Clinic, now: datetime
) -> None:
    zone = zone_at_noon(now)
    first = clinic.add_patient(now=now - timedelta(days=14), hours_ago=0, time_zone=zone)
    alone = fetched(client, first).json
    assert (alone["taken_over_at"], alone["also_asked"]) == (None, [])
    assert [one["day"] for one in alone["check_ins"]] == [1, 2, 3, 4, 5, 7, 14, 28, 56]
    second = treat_again(clinic, first, at=now - timedelta(days=2))
    earlier, newest = fetched(client, first).json, fetched(client, second).json
    assert earlier["taken_over_at"] == second.performed_at.isoformat()
    assert ([one["day"] for one in earlier["check_ins"]], earlier["also_asked"]) == ([1, 2, 3, 4, 5, 7], [])
    assert newest["taken_over_at"] is None
    assert [(one["treatment_id"], one["day"], one["done"], one["signs"]) for one in newest["also_asked"]] == [
        (str(first.treatment_id), day, False, ["patches", "bumps", "lines"]) for day in (14, 28)
    ]
    assert newest["version"] == fetched(client, second).json["version"]
    scores = {"redness": 2, "swelling": 1, "peeling": 0}
    put(client, second, seen_at=(now - timedelta(minutes=1)).isoformat(), scores=scores)
    assert [one["done"] for one in fetched(client, second).json["also_asked"]] == [True, False]


def test_a_treatment_of_the_same_visit_asks_for_itself(
    client: DocumentedClient, clinic: Clinic, now: datetime
) -> None:
    first = clinic.add_patient(now=now, hours_ago=40)
    second = treat_again(clinic, first, at=first.performed_at + timedelta(hours=1), now=now)
    assert (fetched(client, first).json["taken_over_at"], fetched(client, second).json["also_asked"]) == (
        None,
        [],
    )
