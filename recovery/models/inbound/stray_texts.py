"""Texts that are no clinic's, kept for whoever runs the installation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, SmallInteger, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.text_meaning import TextMeaning
from recovery.models.core.base import Base, enum_column


class StrayText(Base):
    """A text from a number that no clinic knows, where there are several clinics: kept for the operator.

    No clinic may read it, because it may be from a patient of any other. `seen_to_at` is when the operator
    gave it to a clinic, or saw to it otherwise.
    """

    __tablename__ = "stray_text"
    __table_args__ = (
        Index(
            "ix_stray_text_danger",
            "received_at",
            postgresql_where=text("seen_to_at IS NULL AND urgency <> 'next_business_day'"),
        ),
    )

    carrier_id: Mapped[str] = mapped_column(primary_key=True)
    phone: Mapped[str]
    body: Mapped[str]
    pictures: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    received_at: Mapped[datetime]
    meaning: Mapped[TextMeaning] = mapped_column(enum_column(TextMeaning, "meaning"))
    urgency: Mapped[Urgency] = mapped_column(
        enum_column(Urgency, "urgency"), server_default=Urgency.NEXT_BUSINESS_DAY.value
    )
    seen_to_at: Mapped[datetime | None]


def list_strays(session: Session, *, since: datetime, limit: int) -> Sequence[StrayText]:
    """Texts that are no clinic's, newest first."""
    wanted = select(StrayText).where(StrayText.received_at >= since)
    return session.scalars(wanted.order_by(StrayText.received_at.desc()).limit(limit)).all()


def list_stray_dangers(session: Session, *, since: datetime, limit: int) -> Sequence[str]:
    """The carrier's ids of texts of nobody's that may name danger, and that nobody has seen to, the oldest
    first."""
    wanted = select(StrayText.carrier_id).where(
        StrayText.received_at >= since,
        StrayText.seen_to_at.is_(None),
        text("stray_text.urgency <> 'next_business_day'"),
    )
    return session.scalars(wanted.order_by(StrayText.received_at).limit(limit)).all()


def get_for_update(session: Session, carrier_id: str) -> StrayText | None:
    """The text under this id of the carrier's, locked."""
    return session.get(StrayText, carrier_id, with_for_update=True, populate_existing=True)
