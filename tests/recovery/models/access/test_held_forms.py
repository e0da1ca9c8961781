from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from recovery.models.access import held_forms
from tests.support.data.people import Clinic


def test_the_last_form_of_each_is_held_until_it_is_let_go(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    for one in (clinic, other_clinic):
        for address in ("/first", "/last"):
            held_forms.hold(session, one.id, one.nurse.id, address=address, fields={"note": address}, now=now)
    held = held_forms.get_held(session, clinic.id, clinic.nurse.id)
    assert held is not None
    assert (held.address, held.fields) == ("/last", {"note": "/last"})
    held_forms.let_go(session, clinic.id, clinic.nurse.id)
    assert held_forms.get_held(session, clinic.id, clinic.nurse.id) is None
    assert held_forms.get_held(session, other_clinic.id, other_clinic.nurse.id) is not None
