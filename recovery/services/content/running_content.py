"""The content that a clinic runs on, by which patients are judged and what they read: from here alone.

A live clinic runs on what its medical director signed last, whatever shipped or was changed since; before the
first signature on what ships, and on nothing of its own. A clinic in training runs on the newest of both.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol as Shape
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.content import course_plan
from recovery.domain.content.course_plan import CoursePlan, CourseStep
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.core import signed_content
from recovery.services.content import content_parts, own_content
from recovery.services.content.content import Content, parse_content

MOST_KEPT = 64
"""So many bundles stay understood in a process; what they share (the weights, above all) is there once."""


class UnreadableContent(Exception):
    """What a clinic's director signed is not there, or this program cannot read it."""


class RunningClinic(Shape):
    """What has to be known of a clinic to say what it runs on."""

    @property
    def id(self) -> UUID:
        """Whose content it is."""

    @property
    def mode(self) -> str:
        """A `ClinicMode`."""

    @property
    def protocol(self) -> str:
        """The version of the expected course that it began with."""

    @property
    def running_content(self) -> bytes | None:
        """The digest of what was signed last."""


class _Kept:
    """Bundles as they were understood, by digest: they never change. The one used longest ago goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._by_digest: OrderedDict[bytes, Content] = OrderedDict()
        self._one_at_a_time = threading.Lock()

    def get(self, digest: bytes) -> Content | None:
        with self._one_at_a_time:
            if digest in self._by_digest:
                self._by_digest.move_to_end(digest)
            return self._by_digest.get(digest)

    def keep(self, digest: bytes, content: Content) -> Content:
        with self._one_at_a_time:
            self._by_digest[digest] = content
            while len(self._by_digest) > self._most:
                self._by_digest.popitem(last=False)
        return content


_kept = _Kept(MOST_KEPT)


def of_clinic(session: Session, clinic: RunningClinic, *, newest: Content) -> Content:
    """What this clinic runs on; `newest` is what ships. Raises UnreadableContent."""
    known = known_of(mode=clinic.mode, protocol=clinic.protocol, digest=clinic.running_content, newest=newest)
    if known is not None:
        return known
    if clinic.running_content is None or clinic.mode == ClinicMode.TRAINING:
        return own_content.read_own(session, clinic.id).over(newest)
    return _kept.keep(clinic.running_content, _read(session, clinic.running_content, newest=newest))


def known_of(*, mode: str, protocol: str, digest: bytes | None, newest: Content) -> Content | None:
    """What a live clinic runs on where that can be said without asking the database; else None."""
    if mode == ClinicMode.TRAINING:
        return None
    if digest is not None:
        return _kept.get(digest)
    return replace(newest, course=CoursePlan(steps=(CourseStep(version=protocol, since=None),)))


class RunningContents:
    """What the clinics of a batch run on, each asked for once."""

    def __init__(self, session: Session, *, newest: Content) -> None:
        self._session = session
        self._newest = newest
        self._known: dict[UUID, Content | UnreadableContent] = {}

    def of(self, clinic_id: UUID) -> Content:
        """What the clinic under this id runs on. Raises UnreadableContent."""
        if clinic_id not in self._known:
            self.add(clinics.get_one(self._session, clinic_id))
        found = self._known[clinic_id]
        if isinstance(found, UnreadableContent):
            raise found
        return found

    def of_or_shipped(self, clinic_id: UUID) -> Content:
        """The same; what ships where it cannot be read. For what must not be lost or wait: a patient's text
        that has come, the flag of a report that was judged, and word to the staff."""
        try:
            return self.of(clinic_id)
        except UnreadableContent:
            return self._newest

    def add(self, clinic: RunningClinic) -> None:
        """A clinic that was read already, so that it is not read again."""
        try:
            self._known[clinic.id] = of_clinic(self._session, clinic, newest=self._newest)
        except UnreadableContent as error:
            self._known[clinic.id] = error


def understand(parts: Mapping[str, str], *, newest: Content) -> Content:
    """A bundle's texts by name, understood; the rules for a clinic's own words are the newest.

    Raises UnreadableContent.
    """
    try:
        content = parse_content(
            **content_parts.to_files(parts), wording_rules_of_all="", wording_rules={}, older=True
        )
        own = own_content.of_parts(parts)
        course = course_plan.parse(parts[content_parts.COURSE])
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableContent(str(error)) from error
    return replace(own.over(content), wording_rules=newest.wording_rules, course=course)


def read_parts(session: Session, digest: bytes, *, newest: Content) -> Mapping[str, str]:
    """The texts of a bundle by name. Raises UnreadableContent.

    Those that still ship are taken from memory: only what differs is read.
    """
    listed = signed_content.list_parts(session, digest)
    if listed is None:
        raise UnreadableContent(f"no bundle {digest.hex()}")
    shipped = {
        content_parts.digest_of(text): text
        for text in (*newest.sources.values(), *newest.protocol_sources.values())
    }
    texts = shipped | dict(signed_content.read_texts(session, set(listed.values()) - shipped.keys()))
    try:
        return {name: texts[part] for name, part in listed.items()}
    except KeyError as error:
        raise UnreadableContent(f"a part of bundle {digest.hex()} is missing") from error


def _read(session: Session, digest: bytes, *, newest: Content) -> Content:
    return understand(read_parts(session, digest, newest=newest), newest=newest)
