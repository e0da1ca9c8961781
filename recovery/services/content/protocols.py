"""Changing the expected course safely: the version in force, drafts, a replay over what was reported,
publishing within the budget."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical import assessment, protocol
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Level, Observation, TreatmentFacts
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.content import protocols
from recovery.models.content.protocols import ProtocolVersion
from recovery.models.reports import reports
from recovery.models.treatments import treatments
from recovery.services.content import running_content
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.core import audit
from recovery.services.core.audit import Actor

MOST_TREATMENTS = 2000
"""A replay looks at the newest ones; more would keep a person waiting for no better a figure."""


class VersionTaken(ValueError):
    """A protocol of this version exists already; a new figure needs a new version."""


class UnknownVersion(UnknownProtocol):
    """The clinic has no version of this name to work on."""


class AlreadyPublished(ValueError):
    """A published version does not change."""


class HeldDraft(ValueError):
    """Treatments are held to this draft, as in training: its text stays."""


class EffectiveInThePast(ValueError):
    """A version takes effect now or later: treatments keep what they were held to."""


class AboveAlertBudget(Exception):
    """The draft would flag more than the clinic's alert budget; publishing it needs a reason.

    `comparison` is the replay, `budget` in flags per 100 treatments.
    """

    def __init__(self, comparison: ReplayComparison, budget: float) -> None:
        super().__init__()
        self.comparison = comparison
        self.budget = budget


@dataclass(frozen=True, kw_only=True)
class FlaggedTreatments:
    """How many of some treatments had any flag, and one for the same day, under one protocol."""

    any: int = 0
    same_day: int = 0

    def with_level(self, level: Level) -> FlaggedTreatments:
        """One more treatment, by the worst level in it."""
        return FlaggedTreatments(
            any=self.any + (level.rank >= Level.WATCH.rank),
            same_day=self.same_day + (level.rank >= Level.ABNORMAL.rank),
        )


@dataclass(frozen=True, kw_only=True)
class ReplayGroup:
    """One group of treatments under the protocols they were held to, and under the draft."""

    treatments: int = 0
    current: FlaggedTreatments = field(default_factory=FlaggedTreatments)
    draft: FlaggedTreatments = field(default_factory=FlaggedTreatments)

    def with_course(self, current: Level, draft: Level) -> ReplayGroup:
        """One more treatment."""
        return ReplayGroup(
            treatments=self.treatments + 1,
            current=self.current.with_level(current),
            draft=self.draft.with_level(draft),
        )

    def per_100(self, flags: int) -> float:
        """Flags per 100 treatments, 0 where there are none."""
        return 100 * flags / self.treatments if self.treatments else 0.0


@dataclass(frozen=True, kw_only=True)
class ReplayComparison:
    """What a draft would have flagged beside what was flagged, over all and by skin type."""

    version: str
    all: ReplayGroup
    by_skin_type: dict[str, ReplayGroup]

    def figures(self) -> dict[str, Any]:
        """The comparison as plain data, flags per 100 treatments."""
        groups = {"all": self.all} | self.by_skin_type
        return {
            name: {
                "treatments": group.treatments,
                "current": _per_100(group, group.current),
                "draft": _per_100(group, group.draft),
            }
            for name, group in groups.items()
        }


def get_protocol(session: Session, *, clinic_id: UUID, version: str, content: Content) -> Protocol:
    """The protocol of this version: the content's, else the clinic's own. Raises UnknownProtocol.

    A treatment keeps the version it was held to at first, and that was signed or in training.
    """
    if version in content.protocols:
        return content.protocols[version]
    own = protocols.get(session, clinic_id, version)
    return parse_version(None if own is None else own.body, version=version, content=content)


def parse_version(own: str | None, *, version: str, content: Content) -> Protocol:
    """The protocol of this version: one that ships, else what the clinic's `own` of that name says.

    Raises UnknownProtocol where there is neither.
    """
    if version in content.protocols:
        return content.protocols[version]
    if own is None:
        raise UnknownProtocol(version)
    return _parsed(own)


def current_version(session: Session, *, clinic: Clinic, at: datetime, content: Content) -> str:
    """The version that a treatment of this moment is held to, by the content that the clinic runs on.

    What was published holds in a live clinic once it is signed.
    """
    if content.course is not None:
        return content.course.version_at(at)
    return protocols.effective_version(session, clinic.id, at=at) or clinic.protocol


def choose_version(
    session: Session, *, clinic: Clinic, wanted: str | None, at: datetime, content: Content
) -> str:
    """The version for a new treatment: the one that is wanted, else the one in force. Raises UnknownProtocol.

    In a live clinic it has to be one that is or was in force.
    """
    if wanted is None:
        return current_version(session, clinic=clinic, at=at, content=content)
    if content.course is not None and wanted not in {step.version for step in content.course.steps}:
        raise UnknownProtocol(wanted)
    return wanted


def save_draft(
    session: Session, *, clinic_id: UUID, text: str, content: Content, actor: Actor, now: datetime
) -> ProtocolVersion:
    """Keep a draft. Raises ProtocolError naming the line, VersionTaken.

    Its five answers are those of the check-in: everybody is asked the same.
    """
    parsed = protocol.parse(text, asked=content.answers)
    if parsed.version in content.protocols or protocols.get(session, clinic_id, parsed.version):
        raise VersionTaken
    kept = ProtocolVersion(
        clinic_id=clinic_id,
        version=parsed.version,
        title=parsed.title,
        body=text,
        created_at=now,
        created_by=actor.id,
    )
    session.add(kept)
    session.flush()
    _note(session, kept, actor=actor, action="protocol.draft", now=now)
    return kept


def is_open_draft(session: Session, kept: ProtocolVersion) -> bool:
    """Whether the text of a version may still change: nobody published it and no treatment is held to it."""
    return kept.published_at is None and not protocols.is_held_to(session, kept.clinic_id, kept.version)


def change_draft(
    session: Session,
    *,
    clinic_id: UUID,
    version: str,
    text: str,
    content: Content,
    actor: Actor,
    now: datetime,
) -> ProtocolVersion:
    """Put another text in the place of a draft's. Raises as `save_draft`, UnknownVersion, AlreadyPublished,
    HeldDraft; VersionTaken where the text names another version."""
    kept = protocols.get_for_update(session, clinic_id, version)
    if kept is None:
        raise UnknownVersion(version)
    if kept.published_at is not None:
        raise AlreadyPublished
    if not is_open_draft(session, kept):
        raise HeldDraft
    parsed = protocol.parse(text, asked=content.answers)
    if parsed.version != version:
        raise VersionTaken
    kept.title, kept.body = parsed.title, text
    session.flush()
    _note(session, kept, actor=actor, action="protocol.change_draft", now=now)
    return kept


def text_of(session: Session, *, clinic_id: UUID, version: str, content: Content) -> str:
    """The text of a version: the content's, else the clinic's own. Raises UnknownProtocol."""
    if version in content.protocol_sources:
        return content.protocol_sources[version]
    own = protocols.get(session, clinic_id, version)
    if own is None:
        raise UnknownProtocol(version)
    return own.body


def replay_draft(session: Session, *, clinic_id: UUID, version: str, content: Content) -> ReplayComparison:
    """Judge the clinic's newest treatments again by one of its drafts, or by what ships.

    Raises UnknownVersion.
    """
    try:
        candidate = get_protocol(session, clinic_id=clinic_id, version=version, content=content)
    except UnknownProtocol:
        raise UnknownVersion(version) from None
    return compare(session, clinic_id=clinic_id, candidate=candidate, content=content)


def compare(session: Session, *, clinic_id: UUID, candidate: Protocol, content: Content) -> ReplayComparison:
    """Judge the clinic's newest treatments again by another protocol. Nothing is stored.

    `content` is what ships; they were judged by what the clinic runs on.
    """
    running = running_content.of_clinic(session, clinics.get_one(session, clinic_id), newest=content)
    everyone, by_skin = (
        ReplayGroup(),
        {"I-III": ReplayGroup(), "IV-VI": ReplayGroup(), "unknown": ReplayGroup()},
    )
    recent = protocols.recent_treatments(session, clinic_id, limit=MOST_TREATMENTS)
    courses = reports.current_revisions_by_treatment(
        session, clinic_id, [treatment.id for treatment, _ in recent]
    )
    taken_over = treatments.taken_over_times(session, clinic_id, [treatment.id for treatment, _ in recent])
    for treatment, patient in recent:
        facts = treatment.facts(skin_type=patient.skin_type, taken_over=taken_over[treatment.id])
        seen = [row.observation(performed_at=treatment.performed_at) for row in courses[treatment.id]]
        held_to = get_protocol(session, clinic_id=clinic_id, version=treatment.protocol, content=running)
        levels = (
            worst_level(seen, facts=facts, held_to=held_to),
            worst_level(seen, facts=facts, held_to=candidate),
        )
        everyone = everyone.with_course(*levels)
        group = _skin_group(patient.skin_type)
        by_skin[group] = by_skin[group].with_course(*levels)
    return ReplayComparison(version=candidate.version, all=everyone, by_skin_type=by_skin)


def publish(
    session: Session,
    *,
    clinic: Clinic,
    version: str,
    effective_from: datetime,
    reason: str | None,
    content: Content,
    actor: Actor,
    now: datetime,
) -> ProtocolVersion:
    """Let a draft take effect. The replay it was decided on and the reason are kept.

    Raises UnknownVersion, AlreadyPublished, EffectiveInThePast, AboveAlertBudget without a reason.
    """
    kept = protocols.get_for_update(session, clinic.id, version)
    if kept is None:
        raise UnknownVersion(version)
    if kept.published_at is not None:
        raise AlreadyPublished
    if effective_from < now:
        raise EffectiveInThePast
    comparison = replay_draft(session, clinic_id=clinic.id, version=version, content=content)
    budget = clinic.flags_per_100 or content.response_times.flags_per_100
    if comparison.all.per_100(comparison.all.draft.any) > budget and not reason:
        raise AboveAlertBudget(comparison, budget)
    kept.published_at, kept.published_by = now, actor.id
    kept.effective_from, kept.reason = effective_from, reason
    kept.figures = comparison.figures()
    _note(session, kept, actor=actor, action="protocol.publish", now=now)
    session.flush()
    return kept


def worst_level(seen: Sequence[Observation], *, facts: TreatmentFacts, held_to: Protocol) -> Level:
    """The most urgent level a course reached, each report judged on those before it."""
    levels = [judged.level for judged in assessment.assess_all(seen, treatment=facts, protocol=held_to)]
    return max(levels, key=lambda level: level.rank, default=Level.EXPECTED)


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> Protocol:
    return protocol.parse(text, older=True)


def _skin_group(skin_type: int | None) -> str:
    if skin_type is None:
        return "unknown"
    return "I-III" if skin_type <= 3 else "IV-VI"


def _per_100(group: ReplayGroup, flags: FlaggedTreatments) -> dict[str, float]:
    return {
        "any_per_100": round(group.per_100(flags.any), 1),
        "same_day_per_100": round(group.per_100(flags.same_day), 1),
    }


def _note(session: Session, kept: ProtocolVersion, *, actor: Actor, action: str, now: datetime) -> None:
    audit.record(
        session,
        clinic_id=kept.clinic_id,
        actor=actor,
        action=action,
        subject=("protocol", None),
        now=now,
        detail={"version": kept.version},
    )
