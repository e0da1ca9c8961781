from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.models.messaging import opt_outs
from tests.support.data.people import Clinic

PHONE, OTHER_PHONE = "+12025550111", "+12025550112"


def test_the_first_date_of_an_opt_out_stands(session: Session, clinic: Clinic, now: datetime) -> None:
    for how, moment in (("text", now), ("carrier", now + timedelta(days=1))):
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=PHONE, how=how, now=moment)
    kept = opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=PHONE)
    assert kept is not None
    assert (kept.since, kept.how) == (now, "text")


def test_an_opt_out_is_one_number_s_at_one_clinic(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=PHONE, how="text", now=now)
    assert opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=OTHER_PHONE) is None
    assert opt_outs.get_opt_out(session, clinic_id=other_clinic.id, phone=PHONE) is None
    opt_outs.insert_opt_out(session, clinic_id=other_clinic.id, phone=OTHER_PHONE, how="text", now=now)
    both = opt_outs.opted_out_numbers(session, {PHONE, OTHER_PHONE})
    assert both == {(clinic.id, PHONE), (other_clinic.id, OTHER_PHONE)}
    assert opt_outs.opted_out_numbers(session, [PHONE]) == {(clinic.id, PHONE)}
    assert opt_outs.opted_out_numbers(session, []) == frozenset()


def test_opt_outs_of_a_number_end_at_one_clinic_or_at_all(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    for clinic_id in (clinic.id, other_clinic.id):
        for phone in (PHONE, OTHER_PHONE):
            opt_outs.insert_opt_out(session, clinic_id=clinic_id, phone=phone, how="text", now=now)
    assert opt_outs.end_opt_outs(session, phone=PHONE, clinic_id=clinic.id) == [clinic.id]
    assert opt_outs.end_opt_outs(session, phone=PHONE, clinic_id=clinic.id) == []
    assert opt_outs.opted_out_numbers(session, [PHONE]) == {(other_clinic.id, PHONE)}
    assert set(opt_outs.end_opt_outs(session, phone=OTHER_PHONE)) == {clinic.id, other_clinic.id}
    assert opt_outs.opted_out_numbers(session, [PHONE, OTHER_PHONE]) == {(other_clinic.id, PHONE)}
