"""Two people on one form: the second is told what the first has changed, and loses nothing typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pytest

from api.console import edited_form
from api.console.form_reader import Form
from recovery.domain.clinic.staff_roles import Role
from tests.api.console.conftest import BrowserOf
from tests.support.browser.pages import StrictPage
from tests.support.data.people import Clinic, Patient

BEFORE = {"name": "Ada", "phone": "1", "area": "on"}


def _form(typed: Mapping[str, str], *, base: Mapping[str, str] = BEFORE) -> Form:
    return Form({**typed, edited_form.BASE_FIELD: edited_form.base_of(base)})


def test_nothing_is_told_where_nobody_changed_anything() -> None:
    form = _form({**BEFORE, "name": "Bea"})
    assert list(edited_form.take_over(form, kept=BEFORE)) == []
    assert form.raw("name") == "Bea"


def test_what_was_not_touched_becomes_what_the_other_made_of_it() -> None:
    form = _form({"name": "Bea", "phone": "1", "area": "on"})
    (change,) = edited_form.take_over(form, kept={**BEFORE, "phone": "2"})
    assert (change.field, change.before, change.now, change.is_typed_over) == ("phone", "1", "2", False)
    assert (form.raw("name"), form.raw("phone")) == ("Bea", "2")


def test_what_both_changed_stays_as_it_was_typed_and_is_told() -> None:
    form = _form({**BEFORE, "phone": "3"})
    (change,) = edited_form.take_over(form, kept={**BEFORE, "phone": "2"})
    assert change.is_typed_over
    assert form.raw("phone") == "3"


def test_a_box_that_somebody_unticked_is_unticked() -> None:
    form = _form(BEFORE)
    (change,) = edited_form.take_over(form, kept={"name": "Ada", "phone": "1"})
    assert (change.field, change.now, change.is_typed_over) == ("area", "", False)
    assert form.raw("area") == ""


def test_a_browser_s_own_line_ends_are_no_change() -> None:
    form = _form({"name": "a\r\nb"}, base={"name": "a\r\nb"})
    assert list(edited_form.take_over(form, kept={"name": "a\nb"})) == []


@pytest.mark.parametrize("base", ["", "no json", "[]", '{"name": 1}'])
def test_a_form_without_its_base_is_taken_as_it_is(base: str) -> None:
    form = Form({"name": "Bea", edited_form.BASE_FIELD: base})
    assert list(edited_form.take_over(form, kept=BEFORE)) == []


def test_the_second_of_two_people_on_a_page_sees_the_first_s_change_and_saves_both(
    browser_of: BrowserOf, clinic: Clinic, patient: Patient, now: datetime
) -> None:
    path = f"/console/patients/{patient.id}/change"
    first, second = browser_of(clinic.nurse), browser_of(clinic.add_nurse(now=now, role=Role.NURSE))
    sent = dict(_sent(first.page(path)))
    assert first.post(path, {**sent, "last_name": "Married"}).status_code == 303
    answer = second.post(path, {**sent, "first_name": "Patricia"})
    assert answer.status_code == 409
    page = StrictPage(answer.text)
    assert "Last name is now Married , it was Sample" in page.said.replace("Married,", "Married ,")
    again = dict(_sent(page))
    assert (again["first_name"], again["last_name"]) == ("Patricia", "Married")
    assert second.post(path, again).status_code == 303
    assert "Patricia Married" in first.page(f"/console/patients/{patient.id}").said


def _sent(page: StrictPage) -> list[tuple[str, str]]:
    inputs = [
        (str(one.attributes["name"]), str(one.attributes.get("value") or ""))
        for one in page.every("input")
        if one.attributes.get("type") not in ("checkbox", "submit")
    ]
    chosen = {"language": "en", "answers_by": "link", "skin_type": "3", "time_zone": "UTC"}
    return [*(one for one in inputs if one[0] != "csrf"), *chosen.items()]
