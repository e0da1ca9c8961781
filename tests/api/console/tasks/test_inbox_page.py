"""What there is to read: shown oldest first, and marked as read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tests.api.console.conftest import Browser
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic

TO_READ = "/console/to-read"


def test_many_are_read_at_once_and_their_task_is_done(
    browser: Browser, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    for number in range(3):
        texting.send(patient.phone, f"question {number}", now=now + timedelta(seconds=number))
    boxes = [str(box.attributes["value"]) for box in browser.page(TO_READ).every("input", name="entry")]
    assert len(boxes) == 3
    answer = browser.post(TO_READ, {"entry": boxes[:2]})
    assert answer.headers["Location"] == f"{TO_READ}?done=read"
    assert "Marked as read. " in browser.page(answer.headers["Location"]).said
    assert [one.read_by for one in texting.entries()] == [clinic.nurse.id, clinic.nurse.id, None]
    assert texting.tasks()[0].done_at is None
    browser.post(TO_READ, {"entry": [boxes[0], "nonsense", boxes[2]]})
    assert texting.tasks()[0].done_by == clinic.nurse.id
    assert "All read" in browser.page(TO_READ).said


def test_a_message_beside_an_open_flag_leads_to_it(
    browser: Browser, clinic: Clinic, texting: Texting, flagged: Callable[..., UUID], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    flag_id = flagged(patient)
    texting.send(patient.phone, "thank you", now=now)
    links = [link.attributes["href"] for link in browser.page(TO_READ).every("a")]
    assert f"/console/flags/{flag_id}" in links


def test_a_message_says_whose_it_is_on_which_day_and_how_it_came(
    browser: Browser, clinic: Clinic, texting: Texting, report: Callable[..., None], now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=50)
    calm = {"redness": 1, "swelling": 0, "peeling": 1}
    report(patient, scores=calm, confirmed=[], note="All is well.")
    texting.review(now=now + timedelta(seconds=1))
    # The report is kept when it came, a while after `now` on a busy machine.
    texting.send(patient.phone, "A picture for you", now=now + timedelta(minutes=5), pictures=2)
    page = browser.page(TO_READ)
    said = [row.text for row in page.rows()]
    assert len(said) == 2
    assert all("Pat Sample" in row and "day 2" in row for row in said)
    assert "All is well." in said[0]
    assert "Note with a report" in said[0]
    assert "A picture for you" in said[1]
    assert "Text, day 2" in said[1]
    assert "2 pictures" in said[1]
    assert "picture" not in said[0]
    assert f"/console/patients/{patient.id}" in [link.attributes["href"] for link in page.every("a")]


def test_what_nobody_sent_is_passed_over(
    browser: Browser, clinic: Clinic, texting: Texting, now: datetime
) -> None:
    texting.send(clinic.add_patient(now=now).phone, "question", now=now)
    (entry,) = texting.entries()
    for sent in (["nonsense"], [str(uuid4())], []):
        assert browser.post(TO_READ, {"entry": sent}).headers["Location"] == f"{TO_READ}?done=read"
    assert texting.entries()[0].read_at is None
    browser.post(TO_READ, {"entry": [str(uuid4()), "nonsense", str(entry.id)]})
    assert texting.entries()[0].read_by == clinic.nurse.id
