"""What decides whether due texts may go out, brought together for a whole claim in a few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain import hours, sendable
from recovery.domain.catalogue import Kind
from recovery.domain.hours import HoursError
from recovery.domain.people import Language
from recovery.domain.sendable import Facts, Recipient
from recovery.models import claims, messages
from recovery.models.claims import Due
from recovery.models.clinics import Clinic, Mode
from recovery.models.messages import Message
from recovery.services.content import Content

REPLY_WITHIN = timedelta(minutes=15)
"""How soon after what the patient wrote a text still is its answer, and may leave in quiet hours."""

Person = tuple[UUID, UUID]
"""Clinic and patient."""


@dataclass(frozen=True, kw_only=True)
class Today:
    """The due texts of one claim, with what has gone out today; counts on as they are claimed.

    Each person is locked for the transaction, so that of two workers only one counts and adds at a time;
    texts to people whom another worker has locked are left for the next claim. A clinic's own count is
    not locked: several workers may pass its budget by what they claim at the same moment.
    """

    due: Sequence[Due]
    content: Content
    to_people: dict[Person, Counter[str]] = field(default_factory=dict)
    by_clinics: Counter[UUID] = field(default_factory=Counter)

    @classmethod
    def of(cls, session: Session, found: Sequence[Due], *, content: Content, now: datetime) -> Today:
        """Lock the people among the due texts, then read what they and their clinics have had today."""
        wanted = [due.patient.id for due in found if due.patient is not None]
        ours = claims.lock_people(session, wanted) if wanted else set()
        held = [due for due in found if due.patient is None or due.patient.id in ours]
        # An opt-out locks its people too: what it committed is seen now, what it will commit has to wait.
        ended = messages.ended(session, {due.patient.phone for due in held if due.patient is not None})
        held = [
            replace(due, opted_out=due.patient is not None and (due.clinic.id, due.patient.phone) in ended)
            for due in held
        ]
        people = {
            (due.clinic.id, due.patient.id): _day_began(due.patient.time_zone, now=now)
            for due in held
            if due.patient is not None
        }
        clinics = {due.clinic.id: _day_began(due.clinic.time_zone, now=now) for due in held}
        # Read after the locks are had: only then does nobody else add to it.
        to_people = claims.handed_over_to(session, people)
        return cls(
            due=held,
            content=content,
            to_people={person: Counter(to_people.get(person, {})) for person in people},
            by_clinics=Counter(claims.handed_over_by(session, clinics)),
        )

    def require(self, due: Due, *, now: datetime) -> None:
        """Raises NotSendable where the text does not go out now, CatalogueError for an unknown wording,
        HoursError for an unknown time zone.
        """
        refused = sendable.judge(self._facts(due, now=now), schedule=self.content.schedule, now=now)
        if refused is not None:
            raise refused

    def count(self, due: Due) -> None:
        """A text was claimed."""
        self.by_clinics[due.clinic.id] += 1
        if due.patient is not None:
            self.to_people[due.clinic.id, due.patient.id][due.message.template] += 1

    def _facts(self, due: Due, *, now: datetime) -> Facts:
        clinic, message = due.clinic, due.message
        return Facts(
            kind=self._kind(message.template),
            template=message.template,
            useful_until=message.useful_until,
            stopped=clinic.texts_stopped_at is not None,
            training=clinic.mode is Mode.TRAINING,
            clinic_today=self.by_clinics[clinic.id],
            budget=budget(clinic, self.content),
            tomorrow=_day_began(clinic.time_zone, now=now, days=1),
            recipient=self._recipient(due),
            replies=_replies(message, now=now),
        )

    def _recipient(self, due: Due) -> Recipient | None:
        if due.patient is None:
            return None
        today = self.to_people[due.clinic.id, due.patient.id]
        return Recipient(
            zone=hours.zone_named(due.patient.time_zone),
            consents=due.consents,
            opted_out=due.opted_out,
            flag_open=due.flag_open,
            unasked_today=self._unasked(today),
            identical_today=today[due.message.template],
        )

    def _unasked(self, today: Mapping[str, int]) -> int:
        known = self.content.catalogue_for(Language.ENGLISH).texts
        return sum(
            times
            for template, times in today.items()
            if template in known and known[template].kind in sendable.OF_OUR_OWN_ACCORD
        )

    def _kind(self, template: str) -> Kind:
        return self.content.catalogue_for(Language.ENGLISH).text(template).kind


def _replies(message: Message, *, now: datetime) -> bool:
    return message.replies_to_at is not None and now - message.replies_to_at <= REPLY_WITHIN


def budget(clinic: Clinic, content: Content) -> int:
    """How many texts a clinic may send of its own accord in a day."""
    return clinic.texts_per_day or content.schedule.limits.clinic_budget_per_day


def _day_began(time_zone: str, *, now: datetime, days: int = 0) -> datetime:
    """When the local day of `now` began, or one some days later begins."""
    try:
        zone = hours.zone_named(time_zone)
    except HoursError:
        # One unreadable zone must not stop the claim of the others; its own texts are refused later.
        return now - timedelta(days=1) + timedelta(days=days)
    return hours.local_to_utc(now.astimezone(zone).date() + timedelta(days=days), time(), zone)
