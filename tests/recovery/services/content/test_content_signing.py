"""A signature covers what it was put under, and no more once a word of it changed."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.content import course_plan
from recovery.domain.content.course_plan import CoursePlan, CourseStep
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import Staff
from recovery.services.access.second_factor import WrongTotpCode
from recovery.services.content import (
    avoidance,
    content_signing,
    knowledge_pages,
    protocols,
    running_content,
    wordings,
)
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.content.content_signing import ChangedSinceRead
from recovery.services.core import audit
from tests.support.access.signing import sign_in
from tests.support.data import audit_trail
from tests.support.data.people import Clinic

Change = Callable[[Session, Clinic, datetime], None]


def signed(session: Session, clinic: Clinic, *, now: datetime, code: str | None) -> str:
    """Sign what there is with this code; the digest."""
    row, member = session.get_one(ClinicRow, clinic.id), session.get_one(Staff, (clinic.id, clinic.nurse.id))
    read = content_signing.content_to_sign(session, clinic=row, content=clinic.content, now=now).digest
    content_signing.sign(
        session, clinic=row, member=member, read=read, code=code, content=clinic.content, now=now
    )
    return read


def sign(session: Session, clinic: Clinic, *, now: datetime) -> str:
    """Sign what there is; the digest."""
    return sign_in(session, clinic, now=now).hex()


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
    course = course_plan.dump(CoursePlan(steps=(CourseStep(version=row.protocol, since=None),)))
    curve = {f"protocol {row.protocol}": content.protocol_sources[row.protocol], "course": course}
    assert dict(shown.parts) == {**content.sources, **curve}
    weights = hashlib.sha256(content.sources["weights of the reader"].encode()).hexdigest()
    assert dict(shown.texts) == {**shown.parts, "weights of the reader": weights}
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
                session, clinic=row, member=session.get_one(Staff, (clinic.id, clinic.nurse.id)), read=before,
                code=clinic.nurse.code(now=now), content=clinic.content, now=now,
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


def test_what_takes_effect_later_is_signed_before(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    tomorrow = now + timedelta(days=1)
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        sign(session, clinic, now=now)
        own_protocol(session, clinic, tomorrow)
        session.flush()
        assert not holds(session, clinic, now=now)
        running = running_content.of_clinic(session, row, newest=clinic.content)
        later = tomorrow + timedelta(days=1)
        assert protocols.current_version(session, clinic=row, at=later, content=running) == row.protocol
        sign(session, clinic, now=now)
        shown = content_signing.content_to_sign(session, clinic=row, content=clinic.content, now=now)
        assert (shown.protocol, "protocol own-1" in shown.parts) == (row.protocol, True)
        running = running_content.of_clinic(session, row, newest=clinic.content)
        for moment, version in ((tomorrow - timedelta(seconds=1), row.protocol), (tomorrow, "own-1")):
            assert holds(session, clinic, now=moment)
            found = protocols.current_version(session, clinic=row, at=moment, content=running)
            assert found == version


@pytest.mark.parametrize("code", [None, "", "000000"])
def test_without_the_second_factor_nothing_is_signed(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, code: str | None
) -> None:
    with sessions() as session, pytest.raises(WrongTotpCode):
        signed(session, clinic, now=now, code=code)


def test_a_code_signs_once(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> None:
    with sessions() as session:
        signed(session, clinic, now=now, code=clinic.nurse.code(now=now))
        with pytest.raises(WrongTotpCode):
            signed(session, clinic, now=now, code=clinic.nurse.code(now=now))


def test_a_curve_that_is_not_there_cannot_be_signed(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        session.get_one(ClinicRow, clinic.id).protocol = "gone-1"
        with pytest.raises(UnknownProtocol):
            sign(session, clinic, now=now)
