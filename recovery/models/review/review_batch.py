"""What a batch of assessments is about, of whatever clinics: read and locked in one statement a table."""

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
    wanted = (
        select(Treatment)
        .where(tuple_(Treatment.clinic_id, Treatment.id).in_(keys))
        .order_by(Treatment.clinic_id, Treatment.id)
        # Not against rows that merely refer to it: whoever adds one may hold the flag that is wanted next.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {(one.clinic_id, one.id): one for one in session.scalars(wanted)}


def flags_for_update(session: Session, keys: Collection[Key]) -> dict[Key, Flag]:
    """The unresolved flags of these treatments, locked, by (clinic, treatment)."""
    wanted = (
        select(Flag)
        .where(tuple_(Flag.clinic_id, Flag.treatment_id).in_(keys), text(UNRESOLVED))
        .order_by(Flag.clinic_id, Flag.treatment_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {(one.clinic_id, one.treatment_id): one for one in session.scalars(wanted)}


def clinics(session: Session, ids: Collection[UUID]) -> dict[UUID, Clinic]:
    """These clinics."""
    return {one.id: one for one in session.scalars(select(Clinic).where(Clinic.id.in_(ids)))}


def patients(session: Session, keys: Collection[Key]) -> dict[Key, Patient]:
    """These patients."""
    wanted = select(Patient).where(tuple_(Patient.clinic_id, Patient.id).in_(keys))
    return {(one.clinic_id, one.id): one for one in session.scalars(wanted)}


def newest_text_by_report(session: Session, keys: Collection[Key]) -> dict[Key, InboundText]:
    """The newest text of which each of these reports was made, by (clinic, report); the app's have none."""
    wanted = select(InboundText).where(
        tuple_(InboundText.clinic_id, InboundText.report_id).in_(keys),
        InboundText.source == InboundSource.TEXT,
    )
    found: dict[Key, InboundText] = {}
    for one in session.scalars(wanted.order_by(InboundText.id)):
        if one.report_id is not None:
            found[one.clinic_id, one.report_id] = one
    return found


def new_ids(session: Session, count: int) -> Iterator[UUID]:
    """Ids for new rows, in order, so that many can be written at once and refer to each other."""
    return iter(session.scalars(select(func.uuidv7()).select_from(func.generate_series(1, count))).all())
