from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Area
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.domain.inbound.text_meaning import ParsedText
from recovery.models.core.audit import AuditEntry
from recovery.models.flags import flags
from recovery.models.flags.flags import EventKind, Flag
from recovery.models.messaging import opt_outs
from recovery.models.reports.reports import ReportRevision, StoredAssessment
from tests.api.console.conftest import Browser, BrowserOf
from tests.support.browser.pages import StrictPage
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic
from tests.support.data.treatments import treat_again

HOSTILE = 'Hot <script>alert(1)</script> & "tight" ]]> </section>\nsecond line'


def _reads(sessions: sessionmaker[Session], flag_id: UUID) -> int:
    with sessions() as session:
        return session.scalars(
            select(func.count()).where(AuditEntry.action == "flag.read", AuditEntry.subject_id == flag_id)
        ).one()


def test_the_page_shows_who_why_and_the_course(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    report: Callable[..., None],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=30, skin_type=4)
    report(patient, minutes=6 * 60, scores={"redness": 5, "swelling": 2, "peeling": 0})
    flag_id = flagged(patient, note="It feels hot.")
    page = browser.page(f"/console/flags/{flag_id}")
    assert [heading.text for heading in page.every("h1")] == ["Pat Sample"]
    (call,) = page.every("a", class_="button is-call")
    assert call.attributes["href"] == f"tel:{patient.phone}"
    for told in (
        "born 1990",
        "Fitzpatrick IV",
        "Pus, or yellow or green fluid on day 1",
        "rule: warning sign",
        "protocol standard-2026-12",
        "Redness 10 on day 1; expected at most",
        "value 10, bound",
        "It feels hot.",
        "Flag opened automatically",
        "Care on the day",
        "A nurse will call soon",
        "Due in 1 h",
    ):
        assert told in page.said
    names = [title.text for title in page.every("title")]
    assert names[1:] == [
        "Redness",
        "Swelling",
        "Peeling",
        "Pain",
        "Warning signs, texts and calls",
        "pus, or yellow or green fluid",
    ]
    rows = [row.text.split() for row in page.every("tr")]
    assert any(row[1:5] == ["1", "no", "finding", "5"] or "finding" in row for row in rows)


def test_an_answer_in_words_is_shown_as_the_word_and_its_range(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    scores = {"redness": 9, "swelling": 9, "peeling": 0}
    patient = clinic.add_patient(now=now, hours_ago=54)
    flag_id = flagged(
        patient, scores=scores, answers="words", confirmed=["redness", "swelling"], warning_signs=[]
    )
    page = browser.page(f"/console/flags/{flag_id}")
    for told in (
        "Redness 8-10 on day 2; expected at most",
        "value 8-10, bound",
        "very strong (8-10)",
        "no peeling (0)",
        "8-10 of 10 on day 2",
    ):
        assert told in page.said
    assert "Redness 9 on day 2" not in page.said


def test_the_page_tells_of_treatments_at_once_and_of_the_area_that_is_strongest(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    first = clinic.add_patient(now=now, hours_ago=10 * 24)
    of_first = flagged(first)
    second = treat_again(clinic, first, at=now - timedelta(hours=2), areas=(Area.FACE, Area.NECK))
    assert "Treated again on" in browser.page(f"/console/flags/{of_first}").said
    of_second = flagged(second)
    with sessions.begin() as session:
        session.execute(update(ReportRevision).values(strongest=Area.NECK))
    page = browser.page(f"/console/flags/{of_second}").said
    assert "is still followed too: its marks are asked about with this one's" in page
    assert "strongest: neck" in page


def test_the_page_tells_which_curve_stands_in_for_a_depth_that_nobody_recorded(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    unknown = flagged(clinic.add_patient(now=now, depth_mm=None))
    told = "depth not recorded: held against pen or roller, 1.0-1.5 mm, face"
    assert told in browser.page(f"/console/flags/{unknown}").said
    known = flagged(clinic.add_patient(now=now))
    assert "depth not recorded" not in browser.page(f"/console/flags/{known}").said


def test_the_page_runs_nothing_and_styles_nothing_inline(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now), note=HOSTILE)
    queue, page = browser.page("/console"), browser.page(f"/console/flags/{flag_id}")
    for one in (queue, page):
        (script,) = one.every("script")
        assert script.text == ""
        assert str(script.attributes["src"]).startswith("/console/static/console.js?v=")
        assert one.every("style") == []
        for element in one.elements:
            assert not [name for name in element.attributes if name == "style" or name.startswith("on")]
    (note,) = page.every("blockquote")
    assert HOSTILE in note.text
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids))
    for element in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            assert set((element.attributes.get(name) or "").split()) <= set(ids)


def test_every_reading_is_written_down(
    browser: Browser,
    browser_of: BrowserOf,
    clinic: Clinic,
    other_clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    assert _reads(sessions, flag_id) == 0
    browser.page(f"/console/flags/{flag_id}")
    assert _reads(sessions, flag_id) == 1
    assert browser.post(f"/console/flags/{flag_id}/resolve", {"outcome": "irritation"}).status_code == 422
    assert _reads(sessions, flag_id) == 2
    assert browser_of(other_clinic.nurse).get(f"/console/flags/{flag_id}").status_code == 404
    assert _reads(sessions, flag_id) == 2


def test_another_clinics_flag_is_like_one_that_does_not_exist(
    browser_of: BrowserOf,
    clinic: Clinic,
    other_clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    other = browser_of(other_clinic.nurse)
    nobodys = other.get("/console/flags/0198c1c2-0000-7000-8000-000000000000")
    theirs = other.get(f"/console/flags/{flag_id}")
    alike = [re.sub(r'nonce="[^"]+"', "", answer.text) for answer in (theirs, nobodys)]
    assert alike[0] == alike[1]
    for step in ("claim", "release", "contact", "resolve"):
        form = {"result": "reached", "outcome": "other", "comment": "x"}
        assert other.post(f"/console/flags/{flag_id}/{step}", form).status_code == 404
    with sessions() as session:
        assert session.get_one(Flag, (clinic.id, flag_id)).state is FlagState.OPEN


def test_a_flag_is_claimed_called_about_and_closed(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    path = f"/console/flags/{flag_id}"

    def actions() -> set[str]:
        forms = browser.page(path).every("form")
        return {str(form.attributes["action"]).rpartition("/")[2] for form in forms}

    assert actions() == {"sign-out", "claim", "note"}
    answer = browser.post(f"{path}/claim")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}?done=claimed")
    assert "You hold this flag now." in browser.page(f"{path}?done=claimed").said
    assert actions() == {"sign-out", "contact", "resolve", "release", "text", "note", "undo"}
    browser.post(f"{path}/contact", {"result": "no_answer", "note": "Rang twice.\r\nBusy."})
    browser.post(f"{path}/contact", {"result": "reached", "note": ""})
    page = browser.page(path)
    assert "No answer" in page.said
    assert "Rang twice. Busy." in page.said
    assert "Patient reached" in page.said
    answer = browser.post(
        f"{path}/resolve", {"outcome": "infection_suspected", "comment": " Swab taken.\r\nSeen at noon. "}
    )
    assert answer.headers["Location"] == f"/console?done=resolved&flag={flag_id}"
    queue = browser.page(answer.headers["Location"])
    assert "Closed and kept with its outcome. See it again" in queue.said
    assert "Nobody is in the queue" in queue.said
    assert actions() == {"sign-out", "reopen", "note", "undo"}
    assert "Infection suspected" in browser.page(path).said
    with sessions() as session:
        row = session.get_one(Flag, (clinic.id, flag_id))
        assert (row.state, row.outcome) == (FlagState.RESOLVED, FlagOutcome.INFECTION_SUSPECTED)
        assert row.comment == "Swab taken.\nSeen at noon."
        kinds = [one.kind for one in flags.list_events(session, clinic.id, flag_id)]
        assert kinds == [
            EventKind.OPENED,
            EventKind.CLAIMED,
            EventKind.CONTACT,
            EventKind.CONTACT,
            EventKind.RESOLVED,
        ]


def test_a_claim_that_comes_second_shows_who_was_first(
    browser: Browser, browser_of: BrowserOf, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    path = f"/console/flags/{flag_id}"
    browser.post(f"{path}/claim")
    second = browser_of(clinic.add_nurse(now=now))
    for step in ("claim", "release", "contact", "resolve"):
        form = {"result": "reached", "outcome": "other", "comment": "x"}
        answer = second.post(f"{path}/{step}", form)
        assert answer.status_code == 409
        page = StrictPage(answer.text)
        (why,) = page.every("p", role="alert")
        assert f"Nurse {clinic.nurse.email} holds this flag since " in why.text
        ways = [str(form.attributes["action"]).rpartition("/")[2] for form in page.every("form")]
        assert ways == ["sign-out", "note"]


def test_what_was_released_can_be_claimed_by_anyone(
    browser: Browser, browser_of: BrowserOf, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    path = f"/console/flags/{flag_id}"
    browser.post(f"{path}/claim")
    assert browser.post(f"{path}/release").headers["Location"] == f"{path}?done=released"
    second = browser_of(clinic.add_nurse(now=now))
    assert second.post(f"{path}/claim").status_code == 303


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ({"outcome": "irritation", "comment": "  \r\n "}, "Write a comment before closing"),
        ({"outcome": "irritation"}, "Write a comment before closing"),
        ({"outcome": "nonsense", "comment": "Called her."}, "Choose what it turned out to be"),
        ({"comment": "Called her."}, "Choose what it turned out to be"),
        ({"outcome": "irritation", "comment": "a\x00b"}, "no control characters"),
        ({"outcome": "irritation", "comment": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_a_flag_is_not_closed_without_outcome_and_comment_and_what_was_typed_stays(
    form: dict[str, str],
    asked: str,
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    browser.post(f"/console/flags/{flag_id}/claim")
    answer = browser.post(f"/console/flags/{flag_id}/resolve", form)
    assert answer.status_code == 422
    page = StrictPage(answer.text.replace("\x00", ""))
    (why,) = page.every("p", role="alert")
    assert asked in why.text
    if form.get("comment") == "Called her.":
        assert [area.text for area in page.every("textarea", id="comment")] == ["Called her."]
    with sessions() as session:
        assert session.get_one(Flag, (clinic.id, flag_id)).state is FlagState.CLAIMED


def test_moves_that_the_table_does_not_have_are_refused(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    path = f"/console/flags/{flag_id}"
    early = browser.post(f"{path}/resolve", {"outcome": "other", "comment": "x"})
    assert early.status_code == 409
    assert "Claim it first" in early.text
    assert browser.post(f"{path}/contact", {"result": "perhaps"}).status_code == 422
    browser.post(f"{path}/claim")
    browser.post(f"{path}/resolve", {"outcome": "other", "comment": "x"})
    closed = browser.post(f"{path}/claim")
    assert closed.status_code == 409
    assert "closed already" in closed.text


def test_a_forms_address_opened_as_a_page_leads_to_the_flag(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    answer = browser.get(f"/console/flags/{flag_id}/claim")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/console/flags/{flag_id}")


def test_only_known_words_are_said_about_the_step_before(
    browser: Browser, clinic: Clinic, flagged: Callable[..., UUID], now: datetime
) -> None:
    flag_id = flagged(clinic.add_patient(now=now))
    assert "infected" not in browser.get(f"/console/flags/{flag_id}?done=infected").text


def test_a_patient_who_wants_no_texts_is_to_be_called(
    browser: Browser,
    clinic: Clinic,
    flagged: Callable[..., UUID],
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now)
    flag_id = flagged(patient)
    with sessions.begin() as session:
        opt_outs.insert_opt_out(
            session, clinic_id=clinic.id, phone=patient.phone, how="text", now=now - timedelta(days=1)
        )
    assert "Wants no more texts since" in browser.page(f"/console/flags/{flag_id}").said


def test_who_would_rather_be_called_and_how_numbers_came_by_text_show(
    browser: Browser, clinic: Clinic, texting: Texting, sessions: sessionmaker[Session], now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    texting.send(patient.phone, "3 2 0 1 none", now=now)
    texting.act(patient.phone, "same", ParsedText(same_scores=True), now=now + timedelta(hours=1))
    texting.send(patient.phone, "CALL", now=now + timedelta(hours=1))
    texting.review(now=now + timedelta(hours=1))
    with sessions() as session:
        flag_id = session.scalars(select(Flag.id)).one()
    said = browser.page(f"/console/flags/{flag_id}").said
    assert "Would rather be called than read texts" in said
    assert said.count("same as the time before") == 1
    assert said.count("none, said so by text") == 1
    assert "Would rather be called than read texts" in browser.page(f"/console/patients/{patient.id}").said


def test_a_correction_made_after_the_flag_is_pointed_out(
    browser: Browser,
    clinic: Clinic,
    client: FlaskClient,
    flagged: Callable[..., UUID],
    now: datetime,
    sessions: sessionmaker[Session],
) -> None:
    patient = clinic.add_patient(now=now)
    flag_id = flagged(patient)
    with sessions() as session:
        (stored,) = session.execute(select(flags.FlagAssessment)).scalars()
        report_id = session.get_one(StoredAssessment, (clinic.id, stored.assessment_id)).report_id
    body = {
        "seen_at": (now - timedelta(minutes=2)).isoformat(),
        "scores": {"redness": 3, "swelling": 2, "peeling": 0},
        "revision": 2,
    }
    assert client.put(patient.report_path(report_id), json=body, headers=patient.headers).status_code == 200
    said = browser.page(f"/console/flags/{flag_id}").said
    assert "the patient has changed this report since" in said
    assert "corrected" in said
