"""The clinic's own words on their way out."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker

from recovery.domain.core.language import Language
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.content.wordings import ClinicWording
from recovery.models.core.audit import AuditEntry
from recovery.models.core.signed_content import ContentBundle, ContentPart
from recovery.services.content import running_content, wordings
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from tests.support.access.signing import sign
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


def test_a_live_clinic_sends_its_own_words_from_its_director_s_signature_on(
    clinic: Clinic,
    patient: Patient,
    plan: Plan,
    sessions: sessionmaker[Session],
    wording: RenderContext,
    now: datetime,
) -> None:
    with sessions.begin() as session:
        save(clinic, session, template=OWN, now=now)
    plan("tried_to_call", to=patient, step="unsigned")
    assert leaving(sessions, wording=wording, now=now).startswith("Test Clinic: We tried to call you")
    sign(clinic, now=now)
    plan("tried_to_call", to=patient, step="signed")
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
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        running = running_content.of_clinic(session, row, newest=clinic.content)
    assert running.catalogue_for(Language.ENGLISH).text("tried_to_call").template == OWN
    sign(clinic, now=now)
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
    sign(clinic, now=now)
    plan("tried_to_call", to=patient)
    assert leaving(sessions, wording=wording, now=now).startswith("Test Clinic: We tried to call you")


def test_a_claim_of_texts_of_a_live_clinic_reads_no_words_from_the_database(
    clinic: Clinic,
    patient: Patient,
    plan: Plan,
    sessions: sessionmaker[Session],
    wording: RenderContext,
    now: datetime,
) -> None:
    read: list[str] = []

    def note(state: ORMExecuteState) -> None:
        read.extend(
            mapper.class_.__name__
            for mapper in state.all_mappers
            if mapper.class_ in (ClinicWording, ContentPart, ContentBundle) and state.is_select
        )

    sign(clinic, now=now)
    with sessions() as session:
        running_content.of_clinic(session, session.get_one(ClinicRow, clinic.id), newest=clinic.content)
    for step in ("first", "second", "third"):
        plan("tried_to_call", to=patient, step=step)
    with sessions.begin() as session:
        event.listen(session, "do_orm_execute", note)
        claimed = outbox.lease_due_texts(session, wording=wording, worker_id=uuid4(), now=now, limit=50)
    assert (len(claimed), read) == (3, [])


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
