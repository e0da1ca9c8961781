"""What a signature would change is told wording by wording and bound by bound, as patients get it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.content.content_changes import PartChanges
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.services.content import (
    avoidance,
    content_differences,
    content_signing,
    knowledge_pages,
    protocols,
    wordings,
)
from recovery.services.core import audit
from tests.support.access.signing import sign
from tests.support.data.people import Clinic

OWN = "{clinic}: We rang you. Please call {phone}. Ref {ref}"


def changes(session: Session, clinic: Clinic, *, now: datetime) -> Sequence[PartChanges] | None:
    row = session.get_one(ClinicRow, clinic.id)
    what = content_signing.content_to_sign(session, clinic=row, content=clinic.content, now=now)
    return content_differences.list_changes(session, clinic=row, what=what, content=clinic.content, now=now)


def test_before_the_first_signature_there_is_nothing_to_hold_it_against_and_after_it_nothing_differs(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as session:
        assert changes(session, clinic, now=now) is None
    sign(clinic, now=now)
    with sessions() as session:
        assert changes(session, clinic, now=now) == []


def test_own_words_pages_and_hours_stand_beside_what_patients_get_now(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    sign(clinic, now=now)
    shipped = clinic.content.catalogue_for(Language.ENGLISH).text("tried_to_call").template
    page = clinic.content.pages_for(Language.FRENCH)[KnowledgeTopic.AFTERCARE]
    sun = next(rule.hours for rule in clinic.content.avoidance if rule.what is AvoidItem.SUN)
    with sessions.begin() as session:
        wordings.save(
            session, clinic_id=clinic.id, language=Language.ENGLISH, key="tried_to_call", template=OWN,
            content=clinic.content, actor=audit.OPERATOR, now=now,
        )  # fmt: skip
        knowledge_pages.save_page(
            session, clinic_id=clinic.id, language=Language.FRENCH, topic=KnowledgeTopic.AFTERCARE,
            source=page.source.replace(page.title, "Nos soins", 1), content=clinic.content,
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
        avoidance.save(
            session, clinic_id=clinic.id, what=AvoidItem.SUN, hours=99, content=clinic.content,
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
    with sessions() as session:
        found = changes(session, clinic, now=now)
    assert found is not None
    told = {
        part.name: [(change.place, change.before, change.after) for change in part.changes] for part in found
    }
    assert told == {
        "page fr aftercare": [("paragraph 1", f"# {page.title}", "# Nos soins")],
        "texts en": [("texts · tried_to_call · template", shipped, OWN)],
        "what to avoid": [("sun · hours", str(sun), "99")],
    }


def test_a_new_version_is_held_bound_by_bound_against_the_one_in_force(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    sign(clinic, now=now)
    newest = max(clinic.content.protocols)
    text = clinic.content.protocol_sources[newest].replace(newest, "own-1", 1)
    head, curves = text.split("\n[curves]\n")
    first = next(line for line in curves.split("\n") if line.startswith("first_hours"))
    own = f"{head}\n[curves]\n{curves.replace(first, 'first_hours = 5', 1)}"
    with sessions.begin() as session:
        protocols.save_draft(
            session, clinic_id=clinic.id, text=own,
            content=clinic.content, actor=audit.OPERATOR, now=now,
        )  # fmt: skip
        protocols.publish(
            session, clinic=session.get_one(ClinicRow, clinic.id), version="own-1", effective_from=now,
            reason="agreed", content=clinic.content, actor=audit.OPERATOR, now=now,
        )  # fmt: skip
    with sessions() as session:
        found = changes(session, clinic, now=now + timedelta(seconds=1))
    assert found is not None
    told = {part.name: {change.place: change.after for change in part.changes} for part in found}
    assert told == {
        "course": {"own-1": f"from {now.isoformat()}"},
        content_differences.IN_FORCE: {"version": "own-1", "curves · first_hours": "5"},
    }
