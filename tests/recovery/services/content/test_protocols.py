"""A changed course: drafted, replayed over what was reported, published within the alert budget."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical import protocol
from recovery.domain.clinical.protocol import ProtocolError
from recovery.domain.clinical.symptoms import Device, Level, Observation, Symptom, TreatmentFacts, WarningSign
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.content.protocols import ProtocolVersion
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.content.protocols import FlaggedTreatments, ReplayComparison, ReplayGroup
from recovery.services.core import audit
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Patient

SHIPPED = "standard-2026-12"
CALM = {"redness": 2, "swelling": 1, "peeling": 0}


@pytest.fixture
def now() -> datetime:
    """This moment: the application, which reads its own clock, takes the reports."""
    return datetime.now(UTC)


@pytest.fixture
def own_text(content: Content) -> str:
    """The shipped course under a name of the clinic's own."""
    return own(content, "own-1")


def own(content: Content, version: str) -> str:
    return content.protocol_sources[SHIPPED].replace(f'"{SHIPPED}"', f'"{version}"', 1)


def draft(session: Session, clinic: Clinic, text: str, *, now: datetime) -> ProtocolVersion:
    return protocols.save_draft(
        session,
        clinic_id=clinic.id,
        text=text,
        content=clinic.content,
        actor=audit.staff(clinic.nurse.id),
        now=now,
    )


def publish(
    session: Session, row: ClinicRow, content: Content, *, now: datetime, reason: str | None
) -> ProtocolVersion:
    return protocols.publish(
        session,
        clinic=row,
        version="own-1",
        effective_from=now,
        reason=reason,
        content=content,
        actor=audit.OPERATOR,
        now=now,
    )


def report(
    client: FlaskClient,
    patient: Patient,
    *,
    now: datetime,
    scores: Mapping[str, int] = CALM,
    signs: tuple[str, ...] = (),
) -> None:
    body = {
        "seen_at": (now - timedelta(minutes=1)).isoformat(),
        "scores": scores,
        "warning_signs": signs,
        "confirmed": ["redness", "swelling"],
    }
    put = client.put(patient.report_path(), json=body, headers=patient.headers)
    assert put.status_code == 201, put.json


def test_publishing_above_the_alert_budget_needs_a_reason(
    client: FlaskClient,
    clinic: Clinic,
    sessions: sessionmaker[Session],
    content: Content,
    own_text: str,
    now: datetime,
) -> None:
    for _ in range(4):
        patient = clinic.add_patient(now=now, hours_ago=50)
        body = {
            "seen_at": (now - timedelta(minutes=1)).isoformat(),
            "scores": {"redness": 7, "swelling": 6, "peeling": 2, "pain": 6},
            "confirmed": ["redness", "swelling", "pain"],
        }
        put = client.put(patient.report_path(uuid4()), json=body, headers=patient.headers)
        assert put.status_code == 201
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        protocols.save_draft(
            session, clinic_id=clinic.id, text=own_text, content=content, actor=audit.OPERATOR, now=now
        )
        with pytest.raises(protocols.AboveAlertBudget) as refused:
            publish(session, row, content, now=now, reason=None)
        assert refused.value.comparison.figures()["all"]["draft"]["any_per_100"] == 100.0
        kept = publish(session, row, content, now=now, reason="strong peels, agreed with the director")
        assert kept.figures is not None
        assert kept.figures["all"]["treatments"] == 4
        with pytest.raises(protocols.AlreadyPublished):
            publish(session, row, content, now=now, reason="again")
        with pytest.raises(protocols.VersionTaken):
            protocols.save_draft(
                session, clinic_id=clinic.id, text=own_text, content=content, actor=audit.OPERATOR, now=now
            )


def test_a_draft_has_the_answers_that_everybody_is_asked_with(
    clinic: Clinic, sessions: sessionmaker[Session], own_text: str, now: datetime
) -> None:
    others = own_text.replace("most = 7", "most = 6", 1).replace("least = 8", "least = 7", 1)
    with sessions.begin() as session:
        with pytest.raises(protocol.ProtocolError, match=r"^line \d+: answers: must be the five "):
            draft(session, clinic, others, now=now)
        assert draft(session, clinic, own_text, now=now).version == "own-1"


def test_a_published_protocol_holds_for_treatments_from_its_day_on(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, own_text: str, now: datetime
) -> None:
    before = clinic.add_patient(now=now, hours_ago=30)
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        protocols.save_draft(
            session, clinic_id=clinic.id, text=own_text, content=content, actor=audit.OPERATOR, now=now
        )
        publish(session, row, content, now=now, reason=None)
    after = clinic.add_patient(now=now + timedelta(hours=1), hours_ago=0)
    with sessions() as session:
        held = [session.get_one(Treatment, (clinic.id, one.treatment_id)).protocol for one in (before, after)]
    assert held == [SHIPPED, "own-1"]


def test_a_version_is_drafted_once_and_never_under_a_shipped_name(
    clinic: Clinic,
    other_clinic: Clinic,
    content: Content,
    sessions: sessionmaker[Session],
    own_text: str,
    now: datetime,
) -> None:
    with sessions() as session:
        kept = draft(session, clinic, own_text, now=now)
        assert (kept.version, kept.body, kept.created_by) == ("own-1", own_text, clinic.nurse.id)
        assert (kept.published_at, kept.effective_from) == (None, None)
        for text in (own_text, content.protocol_sources[SHIPPED]):
            with pytest.raises(protocols.VersionTaken):
                draft(session, clinic, text, now=now)
        with pytest.raises(ProtocolError, match="line"):
            draft(session, clinic, own_text.replace("[", "[[", 1), now=now)
        (entry,) = audit_trail.entries(session, clinic.id, "protocol.draft")
        assert entry.detail == {"version": "own-1"}
        assert draft(session, other_clinic, own_text, now=now).clinic_id == other_clinic.id


def test_a_draft_changes_until_it_is_published_or_a_treatment_is_held_to_it(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], own_text: str, now: datetime
) -> None:
    other = own_text.replace('title = "Standard course', 'title = "Our course', 1)

    def change(session: Session, text: str, version: str = "own-1") -> ProtocolVersion:
        return protocols.change_draft(
            session, clinic_id=clinic.id, version=version, text=text, content=content,
            actor=audit.staff(clinic.nurse.id), now=now,
        )  # fmt: skip

    with sessions.begin() as session:
        draft(session, clinic, own_text, now=now)
        changed = change(session, other)
        assert (changed.body, changed.title[:10]) == (other, "Our course")
        (entry,) = audit_trail.entries(session, clinic.id, "protocol.change_draft")
        assert entry.detail == {"version": "own-1"}
        with pytest.raises(ProtocolError, match="line"):
            change(session, other.replace("[", "[[", 1))
        with pytest.raises(protocols.VersionTaken):
            change(session, own(content, "own-2"))
        for unknown in ("own-2", SHIPPED):
            with pytest.raises(protocols.UnknownVersion):
                change(session, other, unknown)
    patient = clinic.add_patient(now=now)
    with sessions() as session:
        session.get_one(Treatment, (clinic.id, patient.treatment_id)).protocol = "own-1"
        session.flush()
        with pytest.raises(protocols.HeldDraft):
            change(session, own_text)
    with sessions() as session:
        publish(session, session.get_one(ClinicRow, clinic.id), content, now=now, reason="tried")
        with pytest.raises(protocols.AlreadyPublished):
            change(session, own_text)


def test_the_database_itself_keeps_a_published_text(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], own_text: str, now: datetime
) -> None:
    with sessions() as session:
        kept = draft(session, clinic, own_text, now=now)
        kept.body = f"{own_text}# more"
        session.flush()
        publish(session, session.get_one(ClinicRow, clinic.id), content, now=now, reason="tried")
        kept.body = own_text
        with pytest.raises(DBAPIError, match="does not change"):
            session.flush()


def test_the_text_of_a_version_is_what_ships_or_the_clinic_s_own(
    clinic: Clinic, content: Content, sessions: sessionmaker[Session], own_text: str, now: datetime
) -> None:
    with sessions() as session:
        draft(session, clinic, own_text, now=now)
        for version, text in (("own-1", own_text), (SHIPPED, content.protocol_sources[SHIPPED])):
            assert protocols.text_of(session, clinic_id=clinic.id, version=version, content=content) == text
        with pytest.raises(UnknownProtocol):
            protocols.text_of(session, clinic_id=clinic.id, version="own-2", content=content)


def test_a_version_is_the_clinic_s_own_or_a_shipped_one(
    clinic: Clinic,
    other_clinic: Clinic,
    content: Content,
    sessions: sessionmaker[Session],
    own_text: str,
    now: datetime,
) -> None:
    with sessions() as session:
        draft(session, clinic, own_text, now=now)
        found = protocols.get_protocol(session, clinic_id=clinic.id, version="own-1", content=content)
        assert found == protocol.parse(own_text)
        shipped = protocols.get_protocol(session, clinic_id=clinic.id, version=SHIPPED, content=content)
        assert shipped is content.protocols[SHIPPED]
        for clinic_id, version in ((other_clinic.id, "own-1"), (clinic.id, "own-2")):
            with pytest.raises(UnknownProtocol):
                protocols.get_protocol(session, clinic_id=clinic_id, version=version, content=content)
        with pytest.raises(protocols.UnknownVersion):
            protocols.replay_draft(session, clinic_id=other_clinic.id, version="own-1", content=content)


def test_what_ships_is_never_replaced_by_a_text_of_its_name(content: Content, own_text: str) -> None:
    assert protocols.parse_version(own_text, version=SHIPPED, content=content) is content.protocols[SHIPPED]
    assert protocols.parse_version(own_text, version="own-1", content=content).version == "own-1"
    with pytest.raises(UnknownProtocol):
        protocols.parse_version(None, version="own-1", content=content)


def test_publishing_names_a_draft_that_is_there_and_a_moment_to_come(
    clinic: Clinic,
    other_clinic: Clinic,
    content: Content,
    sessions: sessionmaker[Session],
    own_text: str,
    now: datetime,
) -> None:
    with sessions() as session:
        draft(session, clinic, own_text, now=now)
        row, elsewhere = (session.get_one(ClinicRow, each.id) for each in (clinic, other_clinic))
        with pytest.raises(protocols.UnknownVersion):
            publish(session, elsewhere, content, now=now, reason=None)
        with pytest.raises(protocols.EffectiveInThePast):
            protocols.publish(
                session,
                clinic=row,
                version="own-1",
                effective_from=now - timedelta(seconds=1),
                reason="late",
                content=content,
                actor=audit.OPERATOR,
                now=now,
            )
        assert protocols.current_version(session, clinic=row, at=now, content=content) == SHIPPED
        kept = publish(session, row, content, now=now, reason=None)
        assert (kept.published_at, kept.effective_from, kept.reason) == (now, now, None)
        assert (
            protocols.current_version(session, clinic=row, at=now - timedelta(seconds=1), content=content)
            == SHIPPED
        )
        assert protocols.current_version(session, clinic=row, at=now, content=content) == "own-1"
        assert protocols.current_version(session, clinic=elsewhere, at=now, content=content) == SHIPPED
        assert len(audit_trail.entries(session, clinic.id, "protocol.publish")) == 1


def test_the_clinic_s_own_alert_budget_comes_before_the_shipped_one(
    client: FlaskClient,
    clinic: Clinic,
    content: Content,
    sessions: sessionmaker[Session],
    own_text: str,
    now: datetime,
) -> None:
    for sign in ((), ("lines",)):
        report(client, clinic.add_patient(now=now, hours_ago=50), now=now, signs=sign)
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        draft(session, clinic, own_text, now=now)
        row.flags_per_100 = 49.0
        with pytest.raises(protocols.AboveAlertBudget) as refused:
            publish(session, row, content, now=now, reason="")
        assert refused.value.budget == 49.0
        row.flags_per_100 = 50.0
        assert publish(session, row, content, now=now, reason=None).figures == (
            refused.value.comparison.figures()
        )


def test_a_replay_holds_every_course_against_both_and_counts_by_skin(
    client: FlaskClient,
    clinic: Clinic,
    other_clinic: Clinic,
    content: Content,
    sessions: sessionmaker[Session],
    own_text: str,
    now: datetime,
) -> None:
    for skin_type, sign in ((1, "pus"), (3, "lines"), (4, "lines")):
        patient = clinic.add_patient(now=now, hours_ago=50, skin_type=skin_type)
        report(client, patient, now=now, signs=(sign,))
    clinic.add_patient(now=now, hours_ago=50, skin_type=6)
    report(client, other_clinic.add_patient(now=now, hours_ago=50), now=now, signs=("pus",))
    # Under this draft pus waits for the next business day, and lines do not wait at all.
    turned = own_text.replace('"pus", ', "").replace('"breakout", "lines"]', '"breakout", "pus"]')
    turned = turned.replace("emergency = [\n", 'emergency = [\n    "lines",\n')
    with sessions() as session:
        compared = protocols.compare(
            session, clinic_id=clinic.id, candidate=protocol.parse(turned), content=content
        )
    light = ReplayGroup(
        treatments=2,
        current=FlaggedTreatments(any=2, same_day=1),
        draft=FlaggedTreatments(any=2, same_day=1),
    )
    dark = ReplayGroup(
        treatments=2,
        current=FlaggedTreatments(any=1, same_day=0),
        draft=FlaggedTreatments(any=1, same_day=1),
    )
    assert compared.version == "own-1"
    assert compared.by_skin_type == {"I-III": light, "IV-VI": dark, "unknown": ReplayGroup()}
    assert compared.all.draft == FlaggedTreatments(any=3, same_day=2)
    assert compared.figures()["all"] == {
        "treatments": 4,
        "current": {"any_per_100": 75.0, "same_day_per_100": 25.0},
        "draft": {"any_per_100": 75.0, "same_day_per_100": 50.0},
    }


def test_figures_of_no_treatments_are_nothing_and_not_a_fault() -> None:
    nothing = {"any_per_100": 0.0, "same_day_per_100": 0.0}
    compared = ReplayComparison(version="x", all=ReplayGroup(), by_skin_type={"unknown": ReplayGroup()})
    empty: dict[str, Any] = {"treatments": 0, "current": nothing, "draft": nothing}
    assert compared.figures() == {"all": empty, "unknown": empty}


@pytest.mark.parametrize(
    ("level", "flagged"),
    [(Level.EXPECTED, (0, 0)), (Level.WATCH, (1, 0)), (Level.ABNORMAL, (1, 1)), (Level.EMERGENCY, (1, 1))],
)
def test_a_treatment_counts_by_its_worst_level(level: Level, flagged: tuple[int, int]) -> None:
    group = ReplayGroup().with_course(level, Level.EXPECTED)
    assert (group.current.any, group.current.same_day) == flagged
    assert (group.treatments, group.draft) == (1, FlaggedTreatments())


def test_the_worst_report_of_a_course_is_its_level_wherever_it_stands(content: Content) -> None:
    facts = TreatmentFacts(device=Device.PEN, depth_mm=1.0, skin_type=3)
    scores = {Symptom.REDNESS: 1, Symptom.SWELLING: 0, Symptom.PEELING: 0}
    calm = [Observation(hours=hours, scores=scores) for hours in (20.0, 80.0)]
    bad = Observation(hours=50.0, scores=scores, warning_signs=frozenset({WarningSign.PUS}))
    held_to = content.protocols[SHIPPED]
    assert protocols.worst_level([], facts=facts, held_to=held_to) is Level.EXPECTED
    assert protocols.worst_level(calm, facts=facts, held_to=held_to) is Level.EXPECTED
    assert protocols.worst_level([calm[0], bad, calm[1]], facts=facts, held_to=held_to) is Level.ABNORMAL
