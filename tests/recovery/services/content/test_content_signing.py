"""A signature covers what it was put under, and no more once a word of it changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.services.content import avoidance, content_signing, knowledge_pages, protocols, wordings
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.content.content_signing import ChangedSinceRead
from recovery.services.core import audit
from recovery.services.core.audit import Actor
from tests.support.data import audit_trail
from tests.support.data.people import Clinic

Change = Callable[[Session, Clinic, datetime], None]


def sign(session: Session, clinic: Clinic, *, now: datetime, actor: Actor | None = None) -> str:
    """Sign what holds; its digest."""
    row = session.get_one(ClinicRow, clinic.id)
    read = content_signing.content_to_sign(session, clinic=row, content=clinic.content, now=now).digest
    content_signing.sign(
        session, clinic=row, read=read, content=clinic.content, now=now,
        actor=actor or audit.staff(clinic.nurse.id),
    )  # fmt: skip
    return read


def holds(session: Session, clinic: Clinic, *, now: datetime, content: Content | None = None) -> bool:
    row = session.get_one(ClinicRow, clinic.id)
    return content_signing.get_status(session, clinic=row, content=content or clinic.content, now=now).holds


def own_hours(session: Session, clinic: Clinic, now: datetime) -> None:
    avoidance.save(
        session, clinic_id=clinic.id, what=AvoidItem.SUN, hours=99, content=clinic.content,
        actor=audit.OPERATOR, now=now,
    )  # fmt: skip


def own_page(session: Session, clinic: Clinic, now: datetime) -> None:
    knowledge_pages.save_page(
        session, clinic_id=clinic.id, language=Language.FRENCH, topic=KnowledgeTopic.AFTERCARE,
        source="# Nos soins\n\nSans frotter.", content=clinic.content, actor=audit.OPERATOR, now=now,
    )  # fmt: skip


def own_words(session: Session, clinic: Clinic, now: datetime) -> None:
    wordings.save(
        session, clinic_id=clinic.id, language=Language.ENGLISH, key="tried_to_call",
        template="{clinic}: We rang you. Please call {phone}. Ref {ref}", content=clinic.content,
        actor=audit.OPERATOR, now=now,
    )  # fmt: skip


def own_protocol(session: Session, clinic: Clinic, now: datetime) -> None:
    version = max(clinic.content.protocols)
    text = clinic.content.protocol_sources[version].replace(version, "own-1", 1)
    protocols.save_draft(
        session, clinic_id=clinic.id, text=text, content=clinic.content, actor=audit.OPERATOR, now=now
    )
    protocols.publish(
        session, clinic=session.get_one(ClinicRow, clinic.id), version="own-1", effective_from=now,
        reason=None, content=clinic.content, actor=audit.OPERATOR, now=now,
    )  # fmt: skip


def test_nothing_is_signed_at_first_and_then_it_holds_for_the_clinic_that_signed(
    clinic: Clinic, other_clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        before = content_signing.get_status(session, clinic=row, content=clinic.content, now=now)
        assert (before.signature, before.holds) == (None, False)
        digest = sign(session, clinic, now=now)
        status = content_signing.get_status(session, clinic=row, content=clinic.content, now=now)
        assert status.signature is not None
        assert (status.holds, status.signature.digest.hex()) == (True, digest)
        assert (status.signature.signed_by, status.signature.signed_at) == (clinic.nurse.id, now)
        assert not holds(session, other_clinic, now=now)
        (entry,) = audit_trail.entries(session, clinic.id, "content.sign")
        assert entry.detail == {"digest": digest, "protocol": row.protocol}
        assert entry.subject_id == status.signature.id


def test_everything_shipped_and_the_curve_in_force_are_what_is_signed(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        shown = content_signing.content_to_sign(session, clinic=row, content=content, now=now)
    curve = {f"protocol {row.protocol}": content.protocol_sources[row.protocol]}
    assert dict(shown.texts) == {**content.sources, **curve}
    assert shown.protocol == row.protocol


@pytest.mark.parametrize("change", [own_hours, own_page, own_words, own_protocol])
def test_whatever_the_clinic_changes_of_its_own_is_to_be_signed_anew(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, change: Change
) -> None:
    with sessions() as session:
        before = sign(session, clinic, now=now)
        row = session.get_one(ClinicRow, clinic.id)
        change(session, clinic, now)
        session.flush()
        assert not holds(session, clinic, now=now)
        with pytest.raises(ChangedSinceRead):
            content_signing.sign(
                session, clinic=row, read=before, content=clinic.content, now=now,
                actor=audit.staff(clinic.nurse.id),
            )  # fmt: skip
        assert sign(session, clinic, now=now + timedelta(seconds=1)) != before
        assert holds(session, clinic, now=now + timedelta(seconds=1))


def test_a_shipped_word_that_changed_unsigns(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        sign(session, clinic, now=now)
        for name in content.sources:
            changed = dataclasses.replace(content, sources={**content.sources, name: "other words"})
            assert not holds(session, clinic, now=now, content=changed), name
        assert holds(session, clinic, now=now)


def test_what_takes_effect_later_unsigns_later(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    tomorrow = now + timedelta(days=1)
    with sessions() as session:
        own_protocol(session, clinic, tomorrow)
        session.flush()
        sign(session, clinic, now=now)
        assert holds(session, clinic, now=tomorrow - timedelta(seconds=1))
        assert not holds(session, clinic, now=tomorrow)


def test_only_a_person_signs(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions() as session, pytest.raises(ChangedSinceRead):
        sign(session, clinic, now=now, actor=audit.OPERATOR)


def test_a_curve_that_is_not_there_cannot_be_signed(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        session.get_one(ClinicRow, clinic.id).protocol = "gone-1"
        with pytest.raises(UnknownProtocol):
            sign(session, clinic, now=now)
