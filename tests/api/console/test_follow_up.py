"""Follow-up tasks on the queue's page."""

from __future__ import annotations

import re
from datetime import datetime

from flask.testing import FlaskClient

from tests.support.people import Clinic
from tests.support.texting import Texting

ORIGIN = {"Origin": "http://localhost"}


def test_a_task_is_shown_with_its_words_and_done_by_a_button(
    client: FlaskClient, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    texting.send(patient.phone, "When can I use <b>makeup</b>?", now=now)
    texting.send("+12025559997", "who is this", now=now)
    client.set_cookie("afterglow_session", clinic.nurse.token, path="/console")
    page = client.get("/console").text
    assert "When can I use &lt;b&gt;makeup&lt;/b&gt;?" in page
    assert "who is this" in page
    actions = re.findall(r'action="(/console/tasks/[^"]+)"', page)
    (csrf,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    assert len(actions) == 2
    assert client.post(actions[0], data={"csrf": "wrong"}, headers=ORIGIN).status_code == 403
    for action in actions:
        assert client.post(action, data={"csrf": csrf}, headers=ORIGIN).status_code == 303
    assert all(task.done_by == clinic.nurse.id for task in texting.tasks())
    assert all(entry.read_by == clinic.nurse.id for entry in texting.entries())
    assert "Follow-up" not in client.get("/console").text


def test_another_clinics_task_is_not_found(
    client: FlaskClient, clinic: Clinic, other_clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.send(other_clinic.add_patient(now=now).phone, "hello", now=now)
    texting.send(clinic.add_patient(now=now).phone, "hello", now=now)
    foreign = next(task for task in texting.tasks() if task.clinic_id == other_clinic.id)
    client.set_cookie("afterglow_session", clinic.nurse.token, path="/console")
    page = client.get("/console").text
    (csrf,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    assert str(foreign.id) not in page
    answer = client.post(f"/console/tasks/{foreign.id}/done", data={"csrf": csrf}, headers=ORIGIN)
    assert answer.status_code == 404
    assert texting.tasks()[0].done_at is None
