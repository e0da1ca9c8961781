"""The clinic's own words on their way out."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.models.content.wordings import ClinicWording
from recovery.models.core.audit import AuditEntry
from recovery.services.content import wordings
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from tests.support.data.people import Clinic, Patient

Plan = Callable[..., UUID]
OWN = "{clinic}: We rang you. Please call {phone}. Ref {ref}"


def save(clinic: Clinic, session: Session, *, template: str, now: datetime) -> None:
    wordings.save(
        session,
        clinic_id=clinic.id,
        language=Language.ENGLISH,
        key="tried_to_call",
        template=template,
        content=clinic.content,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


def leaving(sessions: sessionmaker[Session], *, wording: RenderContext, now: datetime) -> str:
    """The body of the only text that is due."""
    with sessions.begin() as session:
        (only,) = outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=now, limit=10)
    return only.body


def test_the_next_claim_sends_the_clinic_s_words(
    clinic: Clinic,
    patient: Patient,
    plan: Plan,
    sessions: sessionmaker[Session],
    wording: RenderContext,
    now: datetime,
) -> None:
    with sessions.begin() as session:
        save(clinic, session, template=OWN, now=now)
    plan("tried_to_call", to=patient, step="own")
    assert leaving(sessions, wording=wording, now=now).startswith("Test Clinic: We rang you. Please call +1")
    with sessions.begin() as session:
        wordings.reset(
            session,
            clinic_id=clinic.id,
            language=Language.ENGLISH,
            key="tried_to_call",
            content=clinic.content,
            actor=audit.staff(clinic.nurse.id),
            now=now,
        )
    plan("tried_to_call", to=patient, step="ours")
    assert leaving(sessions, wording=wording, now=now).startswith("Test Clinic: We tried to call you")


def test_stored_words_that_no_longer_fit_never_hold_a_text_back(
    clinic: Clinic,
    patient: Patient,
    plan: Plan,
    sessions: sessionmaker[Session],
    wording: RenderContext,
    now: datetime,
) -> None:
    with sessions.begin() as session:
        save(clinic, session, template=OWN, now=now)
        session.execute(update(ClinicWording).values(template="{clinic}: {a_place_of_old} {phone}"))
    plan("tried_to_call", to=patient)
    assert leaving(sessions, wording=wording, now=now).startswith("Test Clinic: We tried to call you")


def test_a_claim_reads_own_words_once_for_all_its_texts_and_never_for_none(
    patient: Patient,
    plan: Plan,
    sessions: sessionmaker[Session],
    wording: RenderContext,
    now: datetime,
) -> None:
    read: list[str] = []

    def note(state: ORMExecuteState) -> None:
        read.extend(
            "wordings" for mapper in state.all_mappers if mapper.class_ is ClinicWording and state.is_select
        )

    for step in ("first", "second", "third"):
        plan("tried_to_call", to=patient, step=step)
    with sessions.begin() as session:
        event.listen(session, "do_orm_execute", note)
        claimed = outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=now, limit=50)
        assert len(claimed) == 3
        assert read == ["wordings"]
    with sessions.begin() as session:
        event.listen(session, "do_orm_execute", note)
        assert outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=now, limit=50) == []
    assert read == ["wordings"]


def test_languages_without_a_catalogue_are_sent_in_the_clinic_s_english(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    with sessions.begin() as session:
        save(clinic, session, template=OWN, now=now)
        english = {Language.ENGLISH: content.catalogues[Language.ENGLISH]}
        english_only = dataclasses.replace(content, catalogues=english)
        found = wordings.catalogue_of(session, clinic.id, language=Language.FRENCH, content=english_only)
        assert found.text("tried_to_call").template == OWN
        french = wordings.catalogue_of(session, clinic.id, language=Language.FRENCH, content=content)
        assert french == content.catalogues[Language.FRENCH]


def test_who_changed_words_is_written_down_once(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    reset = functools.partial(
        wordings.reset, clinic_id=clinic.id, language=Language.ENGLISH, key="tried_to_call"
    )
    actor = audit.staff(clinic.nurse.id)
    with sessions.begin() as session:
        save(clinic, session, template=OWN, now=now)
        for _ in range(2):
            reset(session, content=content, actor=actor, now=now)
        with pytest.raises(wordings.FaultyWording) as refused:
            save(clinic, session, template="{clinic}: Hello.", now=now)
    assert len(refused.value.faults) == 2
    with sessions() as session:
        entries = session.query(AuditEntry).filter_by(subject_kind="wording").all()
    assert [entry.action for entry in entries] == ["wording.save", "wording.reset"]
    assert all(entry.actor_id == clinic.nurse.id for entry in entries)
    assert all(entry.detail == {"language": "en", "key": "tried_to_call"} for entry in entries)
