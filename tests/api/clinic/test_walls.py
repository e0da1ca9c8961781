"""What belongs to another clinic is to every operation as if it did not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import Flask

from recovery.domain.staff import Role
from recovery.domain.triage import Urgency
from tests.support.documented_client import DocumentedClient, Operation, operations
from tests.support.hostile_images import encoded, skin
from tests.support.people import Clinic
from tests.support.texting import Texting

BODIES: dict[str, dict[str, Any]] = {
    "patients_invite": {"via": "desk"},
    "patients_change": {"first_name": "Sam"},
    "staff_change": {"name": "Sam"},
    "treatments_change": {"depth_mm": 1.0, "reason": "A slip of the pen."},
    "treatments_withdraw": {"reason": "Another patient's."},
    "series_agree": {"sessions": 3, "weeks_between": 4},
    "patients_set_band": {"because": "Known to react."},
    "treatments_record": {"device": "pen"},
    "tasks_done": {"comment": "Called."},
    "flags_contact": {"result": "reached"},
    "flags_resolve": {"outcome": "other", "comment": "Fine."},
}
"""Bodies that would be accepted, so that it is the id that is refused."""


def of_something(app: Flask) -> list[Operation]:
    """Every operation of staff that names something of a clinic's in its path."""
    return [
        one
        for one in operations(app)
        if "staff" in one.callers and any(name.endswith("_id") for name in one.parameters)
    ]


def test_no_operation_is_forgotten(app: Flask) -> None:
    assert {one.id for one in of_something(app) if "requestBody" in one.described} == set(BODIES)


def test_ids_of_another_clinic_do_not_exist(
    app: Flask,
    client: DocumentedClient,
    clinic: Clinic,
    other_clinic: Clinic,
    raise_flags: Callable[..., list[UUID]],
    rows: Callable[[], dict[str, int]],
    texting: Texting,
    now: Any,
) -> None:
    stranger = other_clinic.add_patient(now=now)
    texting.send(stranger.phone, "hello", now=now)
    (flag,) = raise_flags(other_clinic, stranger, [(Urgency.SAME_DAY, timedelta(hours=1))])
    theirs = {"patient_id": stranger.id, "treatment_id": stranger.treatment_id, "flag_id": flag}
    report = stranger.report_path()
    sent = {"seen_at": now.isoformat(), "scores": {"redness": 2, "swelling": 1, "peeling": 0}}
    assert client.put(report, json=sent, headers=stranger.headers).status_code == 201
    theirs |= {"report_id": UUID(report.rsplit("/")[-1]), "photo_id": uuid4()}
    photo = f"/api/v1/me/reports/{theirs['report_id']}/photos/{theirs['photo_id']}"
    jpeg = {"Content-Type": "image/jpeg"} | stranger.headers
    assert client.put(photo, data=encoded(skin(16, 16)), headers=jpeg).status_code == 201
    theirs |= {"staff_id": other_clinic.nurse.id}
    theirs |= {"task_id": texting.tasks()[0].id, "entry_id": texting.entries()[0].id}
    caller = clinic.add_nurse(now=now, role=Role.MEDICAL_DIRECTOR)
    before = rows()
    performed = {"performed_at": now.isoformat()}
    for operation in of_something(app):
        body = BODIES.get(operation.id, {}) | (performed if operation.id == "treatments_record" else {})
        answers = []
        for ids in (theirs, dict.fromkeys(theirs, uuid4())):
            path = operation.path
            for name in operation.parameters:
                path = path.replace(f"{{{name}}}", str(ids[name]))
            answer = client.open(path, method=operation.method, headers=caller.headers, json=body)
            answers.append((answer.status_code, answer.data, answer.headers.to_wsgi_list()))
        assert answers[0] == answers[1], operation.id
        assert answers[0][0] == 404, operation.id
    assert rows() == before
    assert client.get("/api/v1/flags", headers=clinic.nurse.headers).json["items"] == []
    for path in (f"flags/{flag}", f"patients/{stranger.id}", f"treatments/{stranger.treatment_id}"):
        own = client.get(f"/api/v1/{path}", headers=other_clinic.nurse.headers)
        assert own.status_code == 200
