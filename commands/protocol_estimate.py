"""`protocol estimate`: a clinic's reports studied, its own curves learnt and judged against shipped ones,
kept as a draft."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from commands import calibration_text
from commands.shipped_content import shipped
from config import content_files
from estimation import estimate_settings
from estimation.estimate_settings import CurveSettings, SafetySettings
from evaluation.own_course import draft_safety
from evaluation.own_course.draft_safety import Found
from recovery.domain.clinical import protocol as parsing
from recovery.domain.clinical.calibration.band_calibration import calibrate
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Level
from recovery.domain.flags.followed_course import CourseEnd, FollowedCourse
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.content import protocols as stored
from recovery.services.clinic.clinics import UnknownClinic
from recovery.services.content import protocols, running_content
from recovery.services.content.content import Content
from recovery.services.content.protocols import ReplayComparison
from recovery.services.core import audit
from recovery.services.read_models import band_calibration

if TYPE_CHECKING:
    from estimation.own_curves import OwnCurves

LIBRARY = "scipy"


class LibraryMissing(LookupError):
    """Learning curves needs scipy: python -m pip install --require-hashes -r requirements-estimate.txt"""


class NotDrafted(ValueError):
    """No draft was kept, and why."""


@dataclass(frozen=True, kw_only=True)
class Study:
    """What the clinic's reports say: the draft's text, its replay against the alert `budget`, and how many
    known complications it would have `missed`. Nothing is kept yet."""

    clinic_id: UUID
    content: Content
    base: str
    draft: str
    safety: SafetySettings
    replay: ReplayComparison
    budget: float
    missed: int

    @property
    def base_text(self) -> str:
        """The shipped protocol as TOML."""
        return self.content.protocol_sources[self.base]


def study(session: Session, given: Namespace, *, say: Callable[[str], None], now: datetime) -> Study:
    """Read the clinic's reports, say how they lie, and learn its curves from them. Raises LibraryMissing,
    UnknownClinic, VersionTaken, NotDrafted."""
    if find_spec(LIBRARY) is None:
        raise LibraryMissing
    clinic = clinics.get(session, UUID(given.clinic))
    if clinic is None:
        raise UnknownClinic
    content, version = shipped(), given.version or f"own-{now:%Y-%m}"
    if version in content.protocols or stored.get(session, clinic.id, version):
        raise protocols.VersionTaken
    base, settings = max(content.protocols), estimate_settings.parse(content_files.read_estimate())
    followed = band_calibration.list_followed_courses(session, clinic=clinic, now=now)
    courses = [each.course for each in followed]
    before = calibrate(courses, protocol=content.protocols[base])
    say(calibration_text.first(before))
    own = _learn(followed, content.protocols[base], settings.curves, say=say)
    draft = _draft(content.protocol_sources[base], version=version, own=own, now=now)
    candidate = parsing.parse(draft)
    say(calibration_text.table_of(before, calibrate(courses, protocol=candidate)))
    return Study(
        clinic_id=clinic.id,
        content=content,
        base=base,
        draft=draft,
        safety=settings.safety,
        replay=protocols.compare(session, clinic_id=clinic.id, candidate=candidate, content=content),
        budget=clinic.flags_per_100 or content.response_times.flags_per_100,
        missed=_missed(session, followed, clinic=clinic, candidate=candidate, content=content),
    )


def _learn(
    followed: Sequence[FollowedCourse],
    base: Protocol,
    settings: CurveSettings,
    *,
    say: Callable[[str], None],
) -> OwnCurves:
    # Here, not above: every other command runs without the library.
    from estimation import own_curves

    own = own_curves.learn(followed, shipped=base, settings=settings)
    left_out = {reason.value: count for reason, count in own.left_out.items()}
    say(calibration_text.learnt(courses=own.courses, reports=own.reports, left_out=left_out))
    if not own.rows:
        raise NotDrafted(f"No draft: of no curve are {settings.least_courses} courses known to have healed.")
    return own


def _draft(shipped_text: str, *, version: str, own: OwnCurves, now: datetime) -> str:
    from estimation import draft_text

    return draft_text.write(shipped_text, version=version, own=own, on=now.date())


def judge(found: Study, *, processes: int, say: Callable[[str], None]) -> None:
    """Say what the draft would flag, and miss; takes minutes. Raises NotDrafted where that is too much."""
    say(_replay_text(found))
    complications = draft_safety.compare(
        shipped=found.base_text,
        draft=found.draft,
        curves=draft_safety.changed_curves(shipped=found.base_text, draft=found.draft),
        courses=found.safety.courses,
        seed=found.safety.seed,
        processes=processes,
    )
    say("Simulated complications that are flagged:\n\n" + draft_safety.table_of(complications))
    reasons = [*_lost(complications, found.safety)]
    if found.missed:
        reasons.append(f"{found.missed} known complications of the clinic would no longer be flagged")
    if reasons:
        raise NotDrafted(f"No draft: {'; '.join(reasons)}.")


def keep(session: Session, found: Study, *, now: datetime) -> str:
    """Keep the draft; nobody is judged by it until it is published."""
    kept = protocols.save_draft(
        session,
        clinic_id=found.clinic_id,
        text=found.draft,
        content=found.content,
        actor=audit.OPERATOR,
        now=now,
    )
    return (
        f"Kept as the draft {kept.version}. A medical director publishes it in the console, or nobody does."
    )


def _replay_text(found: Study) -> str:
    lines = ["Stored treatments judged again, flags per 100 treatments:", ""]
    for name, figures in found.replay.figures().items():
        current, draft = figures["current"], figures["draft"]
        lines.append(
            f"{name}: {figures['treatments']} treatments, any flag {current['any_per_100']} now and "
            f"{draft['any_per_100']} by the draft, same day {current['same_day_per_100']} and "
            f"{draft['same_day_per_100']}"
        )
    flags = found.replay.all.per_100(found.replay.all.draft.any)
    place = "above" if flags > found.budget else "within"
    return "\n".join(
        [*lines, f"The draft is {place} the alert budget of {found.budget:g} per 100 treatments."]
    )


def _missed(
    session: Session,
    followed: Sequence[FollowedCourse],
    *,
    clinic: Clinic,
    candidate: Protocol,
    content: Content,
) -> int:
    """How many known complications were flagged by their reports and would not be by the draft."""
    missed = 0
    running = running_content.of_clinic(session, clinic, newest=content)
    for one in followed:
        if one.end is CourseEnd.COMPLICATION:
            held_to = protocols.get_protocol(
                session, clinic_id=clinic.id, version=one.protocol, content=running
            )
            missed += _is_flagged(one, held_to) and not _is_flagged(one, candidate)
    return missed


def _is_flagged(one: FollowedCourse, protocol: Protocol) -> bool:
    worst = protocols.worst_level(one.course.reports, facts=one.course.facts, held_to=protocol)
    return worst is not Level.EXPECTED


def _lost(complications: Sequence[Found], safety: SafetySettings) -> Iterator[str]:
    for each in complications:
        points = safety.same_day_points if each.same_day else safety.points
        if each.lost > points:
            kind = each.kind.value.replace("_", " ")
            soon = " for the same day" if each.same_day else ""
            lost = f"{each.lost:.1f} points less of {kind}{soon}"
            yield f"after {each.curve} it flags {lost} (at most {points:g})"
