"""Gathers, for a batch of due texts, the facts that decide whether each may be sent, and counts what each
patient and clinic has had."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.clinic.answering_number import number_answered_at
from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.core.language import Language
from recovery.domain.messaging import send_eligibility
from recovery.domain.messaging.catalogue import Catalogue
from recovery.domain.messaging.send_eligibility import NotSendable, Recipient, SendFacts
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.models.messaging import sent_counts, text_leases
from recovery.models.messaging.text_leases import DueText, RecipientFacts, SendingClinic
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents, UnreadableContent

REPLY_WITHIN = timedelta(minutes=15)
"""How soon after what the patient wrote a text still is its answer, and may leave in quiet hours."""


UNREADABLE_AGAIN = timedelta(minutes=5)
"""How soon a text is looked at again whose clinic's signed content cannot be read."""


class SendBatch:
    """The due texts of one lease and what has gone out today; counts them as they are leased.

    Each person is locked for the transaction, so that of two workers only one counts and adds at a time;
    texts to people whom another worker has locked are left for the next claim. A clinic's own count is
    not locked: several workers may pass its budget by what they claim at the same moment.
    """

    def __init__(self, session: Session, *, content: Content, now: datetime) -> None:
        self._session = session
        self._now = now
        self._zones: dict[str, ZoneInfo | None] = {}
        self._people: dict[UUID, tuple[RecipientFacts, Counter[str]]] = {}
        self._clinics: dict[UUID, tuple[SendingClinic, date]] = {}
        self._by_clinics: Counter[UUID] = Counter()
        self._claimed: Counter[tuple[UUID, date]] = Counter()
        self._newest = content
        self._contents = RunningContents(session, newest=content)
        self._answered: dict[UUID, str] = {}

    def load(self, found: Sequence[DueText]) -> list[DueText]:
        """The texts whose recipients this transaction locked, after reading what decides about them."""
        locked = [due for due in found if due.ours]
        self._read_people(locked)
        self._read_clinics(locked)
        return locked

    def check(self, due: DueText) -> None:
        """Raises NotSendable where the text does not go out now, CatalogueError for an unknown wording,
        HoursError for an unknown time zone.
        """
        content = self.content_of(due)
        refused = send_eligibility.check_send(
            self._facts(due, content), schedule=content.schedule, now=self._now
        )
        if refused is not None:
            raise refused

    def count(self, due: DueText) -> None:
        """A text was claimed."""
        self._by_clinics[due.clinic_id] += 1
        self._claimed[due.clinic_id, self._clinics[due.clinic_id][1]] += 1
        if due.patient_id is not None:
            self._people[due.patient_id][1][due.template] += 1

    def save_counts(self, worker_id: UUID) -> None:
        """Write down what was counted: the last statement before the commit."""
        claimed = {(clinic_id, day, worker_id): texts for (clinic_id, day), texts in self._claimed.items()}
        sent_counts.add_counts(self._session, claimed)

    def clinic_of(self, due: DueText) -> SendingClinic:
        """Whose text it is."""
        return self._clinics[due.clinic_id][0]

    def phone_of(self, due: DueText) -> str:
        """The number of its clinic that somebody answers now, as the text leaves."""
        if due.clinic_id not in self._answered:
            self._answered[due.clinic_id] = number_answered_at(self.clinic_of(due), self._now)
        return self._answered[due.clinic_id]

    def content_of(self, due: DueText) -> Content:
        """What its clinic runs on. Raises NotSendable while that cannot be read; texts to staff leave."""
        if due.patient_id is None:
            running = self._contents.of_or_shipped(due.clinic_id)
            # What the staff is told of may be newer than the last signature.
            known = due.template in running.catalogue_for(Language.ENGLISH).texts
            return running if known else self._newest
        try:
            return self._contents.of(due.clinic_id)
        except UnreadableContent:
            if due.useful_until <= self._now:
                raise NotSendable(MessageState.EXPIRED, UnsentReason.TOO_LATE) from None
            # In words that nobody signed it does not reach a patient.
            again_at = self._now + UNREADABLE_AGAIN
            raise NotSendable(MessageState.PLANNED, UnsentReason.UNREADABLE, again_at=again_at) from None

    def catalogue_for(self, due: DueText) -> Catalogue:
        """The clinic's texts in the patient's language, in English to staff."""
        language = Language.ENGLISH if due.language is None else Language(due.language)
        return self.content_of(due).catalogue_for(language)

    def _read_people(self, held: Sequence[DueText]) -> None:
        wanted = {
            due.patient_id: (due.clinic_id, due.patient_id, self._day_began(due.time_zone or ""))
            for due in held
            if due.patient_id is not None and due.patient_id not in self._people
        }
        for person in text_leases.read_recipients(self._session, wanted.values()):
            self._people[person.patient_id] = person, Counter(person.had)

    def _read_clinics(self, held: Sequence[DueText]) -> None:
        wanted = {due.clinic_id for due in held} - self._clinics.keys()
        # Local days are at most a day apart from ours.
        since = self._now.date() - timedelta(days=1)
        for clinic in text_leases.read_clinics(self._session, wanted, since=since):
            day = local_day(clinic.time_zone, self._now)
            self._clinics[clinic.id] = clinic, day
            self._by_clinics[clinic.id] = clinic.sent[day]
            self._contents.add(clinic)

    def _facts(self, due: DueText, content: Content) -> SendFacts:
        clinic, day = self._clinics[due.clinic_id]
        return SendFacts(
            kind=content.catalogue_for(Language.ENGLISH).text(due.template).kind,
            template=due.template,
            useful_until=due.useful_until,
            stopped=clinic.texts_stopped_at is not None,
            practised=_practised(due, clinic),
            clinic_today=self._by_clinics[clinic.id],
            budget=daily_budget(clinic, content),
            next_day_starts_at=self._tomorrow(clinic.time_zone, day),
            recipient=self._recipient(due, content),
            is_reply=_replies(due, now=self._now),
        )

    def _recipient(self, due: DueText, content: Content) -> Recipient | None:
        if due.patient_id is None or due.time_zone is None:
            return None
        person, today = self._people[due.patient_id]
        return Recipient(
            zone=self._zone(due.time_zone) or opening_hours.zone_named(due.time_zone),
            consents=frozenset(map(ConsentKind, person.consents)),
            opted_out=person.opted_out,
            paused=person.paused,
            flag_open=person.flag_open,
            unsolicited_today=_unasked(today, content),
            identical_today=today[due.template],
        )

    def _zone(self, name: str) -> ZoneInfo | None:
        """None for a zone nobody knows: it must not stop the claim of the others."""
        if name not in self._zones:
            self._zones[name] = zone_or_none(name)
        return self._zones[name]

    def _day_began(self, time_zone: str) -> datetime:
        zone = self._zone(time_zone)
        if zone is None:
            # Its own texts are refused later.
            return self._now - timedelta(days=1)
        return opening_hours.local_to_utc(self._now.astimezone(zone).date(), at=time(), zone=zone)

    def _tomorrow(self, time_zone: str, today: date) -> datetime:
        zone = self._zone(time_zone)
        if zone is None:
            return self._now + timedelta(days=1)
        return opening_hours.local_to_utc(today + timedelta(days=1), at=time(), zone=zone)


def subtract_counts(session: Session, texts: Sequence[tuple[UUID, UUID, datetime]]) -> None:
    """These were counted when they were claimed (clinic, worker, when), and certainly never left."""
    if not texts:
        return
    zones = clinics.time_zones(session, {clinic_id for clinic_id, _, _ in texts})
    days = Counter(
        (clinic_id, local_day(zones[clinic_id], at), worker_id) for clinic_id, worker_id, at in texts
    )
    sent_counts.add_counts(session, {day: -times for day, times in days.items()})


def _practised(due: DueText, clinic: SendingClinic) -> UnsentReason | None:
    if due.proved or due.staff_phone:
        return None
    if clinic.mode == ClinicMode.TRAINING:
        return UnsentReason.TRAINING
    return UnsentReason.FOR_PRACTICE if due.training else None


def _unasked(today: Mapping[str, int], content: Content) -> int:
    known = content.catalogue_for(Language.ENGLISH).texts
    return sum(
        times
        for template, times in today.items()
        if template in known and known[template].kind in send_eligibility.OF_OUR_OWN_ACCORD
    )


def _replies(due: DueText, *, now: datetime) -> bool:
    return due.replies_to_at is not None and now - due.replies_to_at <= REPLY_WITHIN


def daily_budget(clinic: Clinic | SendingClinic, content: Content) -> int:
    """How many texts a clinic may send of its own accord in a day."""
    return clinic.texts_per_day or content.schedule.limits.clinic_budget_per_day


def zone_or_none(name: str) -> ZoneInfo | None:
    """The zone of this name, None where nobody knows it."""
    try:
        return opening_hours.zone_named(name)
    except HoursError:
        return None


def local_day(time_zone: str, at: datetime) -> date:
    """The date under which a clinic's texts of this moment are counted; in UTC where its zone is unknown."""
    zone = zone_or_none(time_zone)
    return (at if zone is None else at.astimezone(zone)).date()
