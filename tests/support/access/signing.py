"""A medical director's signature, as most tests need it: under whatever there is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import Staff
from recovery.services.content import content_signing
from recovery.services.content.content import Content
from tests.support.data.people import Clinic


def sign(clinic: Clinic, *, now: datetime, content: Content | None = None) -> bytes:
    """Sign all that there is, as the clinic's first member of staff; the digest.

    `content` is what ships, where it is not what the clinic was made with.
    """
    with clinic.sessions.begin() as session:
        return sign_in(session, clinic, now=now, content=content)


def sign_in(session: Session, clinic: Clinic, *, now: datetime, content: Content | None = None) -> bytes:
    """The same within a transaction of the test's."""
    shipped = content or clinic.content
    row = session.get_one(ClinicRow, clinic.id)
    member = session.get_one(Staff, (clinic.id, clinic.nurse.id))
    # A code is good once, and tests sign more often than a phone shows another.
    member.totp_used_step = None
    session.flush()
    read = content_signing.content_to_sign(session, clinic=row, content=shipped, now=now).digest
    signed = content_signing.sign(
        session, clinic=row, member=member, read=read, code=clinic.nurse.code(now=now), content=shipped,
        now=now,
    )  # fmt: skip
    return signed.digest
