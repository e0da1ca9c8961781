"""What is dangerous goes back at once, and only to what was signed before."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import Level, Symptom
from recovery.domain.core.language import Language
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.content import protocols as versions
from recovery.models.content import withdrawals
from recovery.models.content.withdrawals import ContentWithdrawal
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.services.changes import content_withdrawal, signed_follow_up
from recovery.services.changes.content_withdrawal import NotSignedBefore, UnknownPart
from recovery.services.content import content_signing, protocols, running_content, wordings
from recovery.services.content.content import Content
from recovery.services.core import audit
from tests.support.access.signing import sign
from tests.support.data import audit_trail
from tests.support.data.people import Clinic
from tests.support.data.reporting import report

KEY = "tried_to_call"
PART = f"own wording en {KEY}"
FIRST = "{clinic}: We rang you. Please call {phone}. Ref {ref}"
SECOND = "{clinic}: You can wait. Or call {phone}. Ref {ref}"


def save(clinic: Clinic, template: str, *, now: datetime) -> None:
    with clinic.sessions.begin() as session:
        wordings.save(
            session, clinic_id=clinic.id, language=Language.ENGLISH, key=KEY, template=template,
            content=clinic.content, actor=audit.OPERATOR, now=now,
        )  # fmt: skip


def runs(session: Session, clinic: Clinic) -> Content:
    row = session.get_one(ClinicRow, clinic.id)
    return running_content.of_clinic(session, row, newest=clinic.content)


def words(session: Session, clinic: Clinic) -> str:
    return runs(session, clinic).catalogue_for(Language.ENGLISH).text(KEY).template


def forms(session: Session, clinic: Clinic, part: str = PART) -> list[str | None]:
    row = session.get_one(ClinicRow, clinic.id)
    return list(content_withdrawal.list_forms(session, clinic=row, part=part, content=clinic.content))


def withdraw(session: Session, clinic: Clinic, *, to: str | None, now: datetime) -> ContentWithdrawal:
    return content_withdrawal.withdraw_text(
        session, clinic=session.get_one(ClinicRow, clinic.id), part=PART, to=to, because="It calms too much.",
        content=clinic.content, actor=audit.staff(clinic.nurse.id), now=now,
    )  # fmt: skip


def test_a_wording_goes_back_to_the_signed_one_before_it_without_a_signature(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], now: datetime
) -> None:
    for template, at in ((FIRST, now), (SECOND, now + timedelta(seconds=1))):
        save(clinic, template, now=at)
        sign(clinic, now=at)
    save(clinic, "{clinic}: Unsigned. Call {phone}. Ref {ref}", now=now)
    shipped = content.catalogue_for(Language.ENGLISH).text(KEY).template
    at = now + timedelta(seconds=2)
    with sessions() as session:
        assert words(session, clinic) == SECOND
        assert forms(session, clinic) == [None, FIRST]
        for never in ("{clinic}: Unsigned. Call {phone}. Ref {ref}", SECOND, "All is well."):
            with pytest.raises(NotSignedBefore):
                withdraw(session, clinic, to=never, now=at)
        kept = withdraw(session, clinic, to=FIRST, now=at)
        assert words(session, clinic) == FIRST
        row = session.get_one(ClinicRow, clinic.id)
        assert (kept.before != kept.after, kept.after) == (True, row.running_content)
        assert forms(session, clinic) == [None], "what was taken back is no form to go back to"
        with pytest.raises(NotSignedBefore):
            withdraw(session, clinic, to=SECOND, now=at)
        # What waited to be signed went back with it.
        assert content_signing.get_status(session, clinic=row, content=content, now=at).holds
        withdraw(session, clinic, to=None, now=at + timedelta(seconds=1))
        assert words(session, clinic) == shipped
        assert forms(session, clinic) == []
        entries = audit_trail.entries(session, clinic.id, "content.withdraw")
        assert [entry.detail for entry in entries] == 2 * [{"part": PART, "because": "It calms too much."}]
        newest = withdrawals.list_newest(session, clinic.id, limit=9)
        assert [row.part for row in newest] == [PART, PART]
        assert newest[0].withdrawn_at > newest[1].withdrawn_at
        since = withdrawals.list_since(session, since=at + timedelta(seconds=1), limit=9)
        assert list(since) == [newest[0]]


def test_what_was_taken_back_and_signed_anew_is_a_form_again(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    for second, template in enumerate((FIRST, SECOND, FIRST, SECOND)):
        save(clinic, template, now=now)
        sign(clinic, now=now + timedelta(seconds=10 * second))
        if second == 0:
            with sessions.begin() as session:
                withdraw(session, clinic, to=None, now=now + timedelta(seconds=1))
        if second == 1:
            with sessions() as session:
                assert forms(session, clinic) == [None]
    with sessions() as session:
        assert forms(session, clinic) == [None, FIRST]


def test_words_that_shipped_and_were_signed_come_back_where_a_newer_signature_took_them(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    sign(clinic, now=now)
    with sessions() as session:
        assert forms(session, clinic) == []
        assert forms(session, clinic, "own page en aftercare") == []
        for part in ("texts en", "course", f"protocol {max(clinic.content.protocols)}"):
            with pytest.raises(UnknownPart):
                forms(session, clinic, part)
    save(clinic, SECOND, now=now)
    sign(clinic, now=now + timedelta(seconds=1))
    with sessions() as session:
        assert forms(session, clinic) == [None]


def test_a_clinic_that_does_not_run_on_what_was_signed_has_nothing_to_take_back(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    save(clinic, FIRST, now=now)
    with sessions() as session:
        assert forms(session, clinic) == []
    sign(clinic, now=now)
    with sessions.begin() as session:
        assert forms(session, clinic) == [None]
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING))
        session.expire_all()
        assert forms(session, clinic) == []
        with pytest.raises(NotSignedBefore):
            withdraw(session, clinic, to=None, now=now)


def publish(clinic: Clinic, *, now: datetime) -> None:
    """A version of the clinic's own by which no redness is high, and nothing else differs."""
    newest = max(clinic.content.protocols)
    text = clinic.content.protocol_sources[newest].replace(newest, "own-1", 1)
    calm = calm_redness(text)
    assert calm != text
    with clinic.sessions.begin() as session:
        protocols.save_draft(
            session, clinic_id=clinic.id, text=calm, content=clinic.content, actor=audit.OPERATOR, now=now
        )
        protocols.publish(
            session, clinic=session.get_one(ClinicRow, clinic.id), version="own-1", effective_from=now,
            reason="agreed", content=clinic.content, actor=audit.OPERATOR, now=now,
        )  # fmt: skip


def calm_redness(text: str) -> str:
    """The protocol with bands for redness that nothing lies above."""
    lines, within = [], False
    for line in text.split("\n"):
        if line.startswith("["):
            within = line.rstrip().endswith(".redness]") and line.startswith("[curves.")
        if within and line.split(" ")[0] in ("p90", "p97_5"):
            line = f"{line.split(' ')[0]} = [{', '.join(['10'] * 10)}]"
        lines.append(line)
    return "\n".join(lines)


def test_a_version_goes_back_and_its_treatments_are_held_to_the_stricter_of_both(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    sign(clinic, now=now)
    publish(clinic, now=now)
    sign(clinic, now=now)
    with sessions() as session:
        signed = dataclasses.replace(clinic, content=runs(session, clinic))
    at = now + timedelta(hours=73)
    patient = signed.add_patient(now=at, hours_ago=72)
    scores = {Symptom.REDNESS: 9, Symptom.SWELLING: 0, Symptom.PEELING: 0}
    report(signed, patient, at=at, scores=scores, confirmed=[Symptom.REDNESS])
    with sessions() as session:
        (before,) = session.scalars(select(StoredAssessment))
        assert (before.protocol, before.level) == ("own-1", Level.EXPECTED)
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        content_withdrawal.withdraw_version(
            session, clinic=row, version="own-1", because="It misses.", content=clinic.content,
            actor=audit.staff(clinic.nurse.id), now=at,
        )  # fmt: skip
        running = runs(session, clinic)
        assert protocols.current_version(session, clinic=row, at=at, content=running) == row.protocol
        beside = running.beside("own-1")
        assert beside is not None
        assert beside.version == row.protocol
        assert running.beside(row.protocol) is None
        # What would be signed next is no other.
        assert content_signing.get_status(session, clinic=row, content=clinic.content, now=at).holds
        kept = versions.get(session, clinic.id, "own-1")
        assert kept is not None
        assert (kept.withdrawn_at, kept.beside) == (at, row.protocol)
        with pytest.raises(UnknownPart):
            content_withdrawal.withdraw_version(
                session, clinic=row, version="own-1", because="again", content=clinic.content,
                actor=audit.OPERATOR, now=at,
            )  # fmt: skip
    with sessions.begin() as session:
        assert session.scalars(select(StoredAssessment.id)).all() == [before.id], "that is the worker's"
        failed: list[UUID] = []
        while signed_follow_up.follow_next(
            session,
            content=clinic.content,
            leave=[],
            now=at,
            on_failure=lambda key, error: failed.append(key),
        ):
            assert failed == []
    with sessions() as session:
        again = session.scalars(
            select(StoredAssessment).where(StoredAssessment.cause == AssessmentCause.FACTS_CORRECTED)
        ).one()
        assert again.level.rank > before.level.rank
        assert again.protocol == max(clinic.content.protocols)


def test_a_published_version_that_nobody_has_signed_never_comes(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    sign(clinic, now=now)
    publish(clinic, now=now)
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        ran = row.running_content
        kept = content_withdrawal.withdraw_version(
            session, clinic=row, version="own-1", because="No.", content=clinic.content,
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
        assert (kept.before, kept.after, row.running_content) == (None, None, ran)
        shown = content_signing.content_to_sign(session, clinic=row, content=clinic.content, now=now)
        assert shown.protocol == row.protocol
        for never in ("own-2", row.protocol):
            with pytest.raises(UnknownPart):
                content_withdrawal.withdraw_version(
                    session, clinic=row, version=never, because="No.", content=clinic.content,
                    actor=audit.OPERATOR, now=now,
                )  # fmt: skip
