from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.clinic.clinics import Clinic
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.patients.patients import Patient
from recovery.models.review import review_batch
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_revision, add_treatment

Key = tuple[UUID, UUID]


def _key(row: Treatment) -> Key:
    return row.clinic_id, row.id


def test_treatments_of_several_clinics_are_locked_at_once(
    session: Session,
    sessions: sessionmaker[Session],
    treatment: Treatment,
    foreign_treatment: Treatment,
) -> None:
    keys = [_key(treatment), _key(foreign_treatment)]
    locked = review_batch.treatments_for_update(session, keys)
    assert locked == {keys[0]: treatment, keys[1]: foreign_treatment}
    assert list(locked) == sorted(keys)
    with sessions() as other, pytest.raises(OperationalError, match="could not obtain lock"):
        other.get_one(Treatment, keys[0], with_for_update={"nowait": True})


def test_a_key_is_a_clinic_and_a_row_of_it_together(
    session: Session, treatment: Treatment, foreign_treatment: Treatment
) -> None:
    mixed = [(foreign_treatment.clinic_id, treatment.id)]
    assert review_batch.treatments_for_update(session, mixed) == {}
    assert review_batch.patients(session, [(foreign_treatment.clinic_id, treatment.patient_id)]) == {}
    assert review_batch.treatments_for_update(session, []) == {}


def test_unresolved_flags_are_found_by_their_treatment(
    session: Session, patient: Patient, treatment: Treatment, foreign_treatment: Treatment, now: datetime
) -> None:
    resolved = add_treatment(session, patient, performed_at=now)
    add_flag(session, resolved, due_at=now, state=FlagState.RESOLVED)
    add_flag(session, treatment, due_at=now, state=FlagState.RESOLVED)
    own = add_flag(session, treatment, due_at=now, state=FlagState.CONTACTED)
    foreign = add_flag(session, foreign_treatment, due_at=now)
    keys = [_key(row) for row in (resolved, treatment, foreign_treatment)]
    assert review_batch.flags_for_update(session, keys) == {keys[1]: own, keys[2]: foreign}
    assert review_batch.flags_for_update(session, keys[:1]) == {}


def test_clinics_and_patients_are_read_by_key(
    session: Session, patient: Patient, foreign_treatment: Treatment
) -> None:
    own, foreign = (session.get_one(Clinic, row.clinic_id) for row in (patient, foreign_treatment))
    assert review_batch.clinics(session, [own.id, foreign.id]) == {own.id: own, foreign.id: foreign}
    assert review_batch.clinics(session, [own.id]) == {own.id: own}
    key = patient.clinic_id, patient.id
    assert review_batch.patients(session, [key, (own.id, uuid4())]) == {key: patient}


def test_the_newest_text_of_a_report_is_found_and_no_note(
    session: Session, treatment: Treatment, now: datetime
) -> None:
    texted, noted = (add_revision(session, treatment, seen_at=now).report_id for _ in range(2))

    def write(report_id: UUID, **values: Any) -> InboundText:
        filled: dict[str, Any] = {
            "source": InboundSource.TEXT,
            "carrier_id": f"SM{uuid4()}",
            "body": "4 2 0",
            "meaning": TextMeaning.SCORES,
        }
        entry = InboundText(
            clinic_id=treatment.clinic_id,
            report_id=report_id,
            received_at=now,
            to_read=False,
            **(filled | values),
        )
        session.add(entry)
        session.flush()
        return entry

    write(texted)
    newest = write(texted)
    for report_id in (texted, noted):
        write(report_id, source=InboundSource.NOTE, carrier_id=None, body=None, revision=1)
    keys = [(treatment.clinic_id, report_id) for report_id in (texted, noted)]
    assert review_batch.newest_text_by_report(session, keys) == {keys[0]: newest}


def test_new_ids_are_so_many_and_in_order(session: Session) -> None:
    ids = list(review_batch.new_ids(session, 5))
    assert len(set(ids)) == 5
    assert ids == sorted(ids)
    assert list(review_batch.new_ids(session, 0)) == []
