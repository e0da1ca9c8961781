"""What a batch of assessments is about, of whatever clinics: treatments, flags, patients and texts read or
locked, a statement a table."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.orm import Session

from recovery.models.clinic.clinics import Clinic
from recovery.models.flags.flags import UNRESOLVED, Flag
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.patients.patients import Patient
from recovery.models.treatments.treatments import Treatment

Key = tuple[UUID, UUID]
"""A clinic, and a row of it."""


def treatments_for_update(session: Session, keys: Collection[Key]) -> dict[Key, Treatment]:
    """These treatments, locked in the order in which everyone locks several."""
    query = (
        select(Treatment)
        .where(tuple_(Treatment.clinic_id, Treatment.id).in_(keys))
        .order_by(Treatment.clinic_id, Treatment.id)
        # FOR NO KEY UPDATE: inserting a referring row must not wait, or two workers deadlock on the flag.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {(treatment.clinic_id, treatment.id): treatment for treatment in session.scalars(query)}


def flags_for_update(session: Session, keys: Collection[Key]) -> dict[Key, Flag]:
    """The unresolved flags of these treatments, locked, by (clinic, treatment)."""
    query = (
        select(Flag)
        .where(tuple_(Flag.clinic_id, Flag.treatment_id).in_(keys), text(UNRESOLVED))
        .order_by(Flag.clinic_id, Flag.treatment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {(flag.clinic_id, flag.treatment_id): flag for flag in session.scalars(query)}


def clinics(session: Session, ids: Collection[UUID]) -> dict[UUID, Clinic]:
    """These clinics."""
    query = select(Clinic).where(Clinic.id.in_(ids))
    return {clinic.id: clinic for clinic in session.scalars(query)}


def patients(session: Session, keys: Collection[Key]) -> dict[Key, Patient]:
    """These patients."""
    query = select(Patient).where(tuple_(Patient.clinic_id, Patient.id).in_(keys))
    return {(patient.clinic_id, patient.id): patient for patient in session.scalars(query)}


def newest_text_by_report(session: Session, keys: Collection[Key]) -> dict[Key, InboundText]:
    """The newest text of which each of these reports was made, by (clinic, report); the app's have none."""
    query = select(InboundText).where(
        tuple_(InboundText.clinic_id, InboundText.report_id).in_(keys),
        InboundText.source == InboundSource.TEXT,
    )
    newest: dict[Key, InboundText] = {}
    for entry in session.scalars(query.order_by(InboundText.id)):
        if entry.report_id is not None:
            newest[entry.clinic_id, entry.report_id] = entry
    return newest


def new_ids(session: Session, count: int) -> Iterator[UUID]:
    """Ids for new rows, in order, so that many can be written at once and refer to each other."""
    return iter(session.scalars(select(func.uuidv7()).select_from(func.generate_series(1, count))).all())
