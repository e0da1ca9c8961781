"""What a signature would change: what a clinic runs on beside what there is to sign, place by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.content import content_changes, course_plan
from recovery.domain.content.content_changes import BETWEEN, PartChanges, Places
from recovery.models.clinic.clinics import Clinic
from recovery.services.content import content_parts, own_content, running_content
from recovery.services.content.content import Content
from recovery.services.content.content_signing import ContentToSign
from recovery.services.content.running_content import UnreadableContent

IN_FORCE = "the expected course in force"
"""The version for today's treatments, by whatever name: bound by bound beside the one before it."""

_TOLD_OTHERWISE = (content_parts.WEIGHTS, content_parts.COURSE)


def list_changes(
    session: Session, *, clinic: Clinic, what: ContentToSign, content: Content, now: datetime
) -> Sequence[PartChanges] | None:
    """Every wording and bound that differs; None where nothing was signed that it could be held against.

    A clinic's own words stand in the place of the shipped ones, as patients get them.
    """
    if clinic.running_content is None:
        return None
    try:
        running = _as_read(
            running_content.read_parts(session, clinic.running_content, newest=content), now=now
        )
    except (UnreadableContent, KeyError, ValueError):
        # Then everything is to be read anew.
        return None
    return content_changes.compare(running, _as_read(what.parts, now=now))


def _as_read(parts: Mapping[str, str], *, now: datetime) -> Mapping[str, Places]:
    """The parts by their places, a clinic's own in place of what they stand for."""
    plan = course_plan.parse(parts[content_parts.COURSE])
    own = own_content.of_parts(parts)
    read = {
        name: dict(content_changes.places_of(text))
        for name, text in parts.items()
        if not name.startswith((content_parts.PROTOCOL, *own_content.PREFIXES))
        and name not in _TOLD_OTHERWISE
    }
    weights = parts[content_parts.WEIGHTS]
    read[content_parts.WEIGHTS] = {"SHA-256": content_parts.digest_of(weights).hex()}
    read[content_parts.COURSE] = {
        step.version: "from the beginning" if step.since is None else f"from {step.since.isoformat()}"
        for step in plan.steps
    }
    in_force = parts[f"{content_parts.PROTOCOL}{plan.version_at(now)}"]
    read[IN_FORCE] = dict(content_changes.places_of(in_force))
    for (language, key), template in own.wordings.items():
        read[f"texts {language}"][BETWEEN.join(("texts", key, "template"))] = template
    for (language, topic), page in own.pages.items():
        read[f"page {language} {topic}"] = dict(content_changes.places_of(page))
    for what, hours in own.hours.items():
        read[content_parts.AVOIDED][BETWEEN.join((what, "hours"))] = str(hours)
    return read
