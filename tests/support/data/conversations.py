"""Generated conversations: a patient of one or two treatments, or two on one phone, texts for some days.

What the patient writes is told with what it means, so that a conversation tries what texts set off and are
answered with, whatever the words are read as.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import delete, select

from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.inbound.text_meaning import NamedSigns, ParsedText
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.contact import AnswersBy
from recovery.models.messaging.messages import Message
from recovery.services.review import silence
from recovery.sms.gateway_interface import CarrierKeyword
from tests.support.data.inbound_texting import Texting, sid
from tests.support.data.people import Clinic, Patient
from tests.support.data.treatments import treat_again

MINUTE = timedelta(minutes=1)
LONGEST_LOOP = 40
BREATHING, PUS = frozenset({WarningSign.BREATHING}), frozenset({WarningSign.PUS})
SCORES = {Symptom.REDNESS: 3, Symptom.SWELLING: 2, Symptom.PEELING: 0, Symptom.PAIN: 1}


@dataclass(frozen=True, kw_only=True)
class Utterance:
    """Something a patient texts, and how often in comparison with the others."""

    body: str
    meaning: ParsedText
    weight: int = 4
    pictures: int = 0
    keyword: CarrierKeyword | None = None


UTTERANCES: Sequence[Utterance] = (
    Utterance(body="3 2 0 1", meaning=ParsedText(scores=SCORES), weight=16),
    Utterance(body="3 2 0 1 may I swim?", meaning=ParsedText(scores=SCORES, more=True)),
    Utterance(body="same as yesterday", meaning=ParsedText(same_scores=True)),
    Utterance(body="0 0 - 8", meaning=ParsedText(unclear_scores=True), weight=6),
    Utterance(body="im ok thx", meaning=ParsedText(), weight=6),
    Utterance(body="when can I wear makeup?", meaning=ParsedText(more=True), weight=8),
    Utterance(body="3 2 0 1 none", meaning=ParsedText(scores=SCORES, no_signs=True), weight=2),
    Utterance(body="NONE", meaning=ParsedText(no_signs=True), weight=6),
    Utterance(body="SOME", meaning=ParsedText(nurse=True, some_signs=True), weight=2),
    Utterance(body="NURSE", meaning=ParsedText(nurse=True)),
    Utterance(body="CALL", meaning=ParsedText(nurse=True, prefers_calls=True), weight=2),
    Utterance(body="I can't breathe", meaning=ParsedText(signs=NamedSigns(emergency=BREATHING), more=True)),
    Utterance(body="there is pus", meaning=ParsedText(signs=NamedSigns(warning=PUS), more=True)),
    Utterance(
        body="3 2 0 1 there is pus",
        meaning=ParsedText(scores=SCORES, signs=NamedSigns(warning=PUS), more=True),
    ),
    Utterance(body="Liked “Day 2 check-in”", meaning=ParsedText(written=False)),
    Utterance(body="enough of this", meaning=ParsedText(may_stop=True, more=True), weight=2),
    Utterance(body="no more texts please", meaning=ParsedText(stop=True), weight=1),
    Utterance(body="STOP", meaning=ParsedText(stop=True), weight=2, keyword=CarrierKeyword.STOP),
    Utterance(
        body="stop texting, there is pus",
        meaning=ParsedText(stop=True, signs=NamedSigns(warning=PUS), more=True),
        weight=1,
    ),
    Utterance(body="START", meaning=ParsedText(start=True), weight=2),
    Utterance(body="YES", meaning=ParsedText(start=True), weight=1, keyword=CarrierKeyword.START),
    Utterance(body="HELP", meaning=ParsedText(help=True), weight=2),
    Utterance(body="HELP", meaning=ParsedText(help=True), weight=1, keyword=CarrierKeyword.HELP),
    Utterance(body="", meaning=ParsedText(more=True), pictures=1, weight=2),
    Utterance(body="look at this", meaning=ParsedText(more=True), pictures=2, weight=2),
)
OUT_OF_OFFICE = Utterance(body="I am away until Monday", meaning=ParsedText(more=True))
"""An automatic answer that is not known as one: it answers whatever it gets."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was texted, and when."""

    carrier_id: str
    at: datetime
    utterance: Utterance


@dataclass(kw_only=True)
class Conversation:
    """What went back and forth, in its order. `courses` are the treatments, the first one first."""

    phone: str
    courses: list[Patient]
    shared: bool
    written: list[Written] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)


def hold(seed: int, *, texting: Texting, clinic: Clinic, start: datetime) -> Conversation:
    """One conversation from its seed, until the worker has nothing more to do in it."""
    return _Talk(Random(seed), texting=texting, clinic=clinic, start=start).run()


class _Talk:
    def __init__(self, rng: Random, *, texting: Texting, clinic: Clinic, start: datetime) -> None:
        self._rng, self._texting, self._clinic, self._start = rng, texting, clinic, start
        first = clinic.add_patient(
            now=start, hours_ago=0, answers_by=AnswersBy.TEXT if rng.random() < 0.8 else AnswersBy.LINK
        )
        self._talk = Conversation(phone=first.phone, courses=[first], shared=rng.random() < 0.1)
        if self._talk.shared:
            clinic.add_patient(now=start, hours_ago=0, phone=first.phone, pin="2718")
        self._again_on = rng.choice((None, None, 1, 2, 3))

    def run(self) -> Conversation:
        for day in range(1, self._rng.randint(2, 5)):
            self._day(self._start + timedelta(days=day), day)
        self._forget()
        return self._talk

    def _day(self, noon: datetime, day: int) -> None:
        moments = sorted(self._rng.sample(range(9 * 60 + 5, 21 * 60), self._rng.randint(0, 5)))
        self._leave(noon.replace(hour=9, minute=0))
        for minutes in moments:
            at = noon.replace(hour=0, minute=0) + minutes * MINUTE
            if minutes > 15 * 60 + 5:
                self._silence(noon.replace(hour=15, minute=5))
            self._say(self._pick(), at)
            if self._rng.random() < 0.05:
                self._loop(at + MINUTE)
        if self._again_on == day and not self._talk.shared:
            at = noon.replace(hour=21, minute=30) - timedelta(hours=self._rng.randint(0, 8))
            again = treat_again(self._clinic, self._talk.courses[0], at=max(at, self._now() + MINUTE))
            self._talk.courses.append(again)
        self._leave(noon.replace(hour=21, minute=45))

    def _now(self) -> datetime:
        """The last moment at which something happened."""
        happened = [one.at for one in self._talk.written] + [
            text.claimed_at for text in self._talk.left if text.claimed_at is not None
        ]
        return max(happened, default=self._start)

    def _pick(self) -> Utterance:
        return self._rng.choices(UTTERANCES, [one.weight for one in UTTERANCES])[0]

    def _say(self, utterance: Utterance, at: datetime) -> int:
        """It is written, the worker reviews what it set off, and what is due leaves; how much."""
        at = max(at, self._now() + MINUTE)
        carrier_id = sid()
        self._texting.act(
            self._talk.phone,
            utterance.body,
            utterance.meaning,
            now=at,
            carrier_id=carrier_id,
            pictures=utterance.pictures,
            taken_as=utterance.keyword,
        )
        self._talk.written.append(Written(carrier_id=carrier_id, at=at, utterance=utterance))
        self._texting.review(now=at)
        return self._leave(at)

    def _loop(self, at: datetime) -> None:
        """A machine answers each of ours, until we are silent."""
        for _ in range(LONGEST_LOOP):
            at += MINUTE
            if not self._say(OUT_OF_OFFICE, at):
                return
        raise AssertionError("two machines talk for ever")

    def _silence(self, at: datetime) -> None:
        with self._texting.sessions.begin() as session:
            silence.check_silences(session, content=self._texting.content, now=at, limit=100)

    def _leave(self, at: datetime) -> int:
        at = max(at, self._now())
        leased = [text.reference for text in self._texting.claim(now=at) if text.to == self._talk.phone]
        with self._texting.sessions.begin() as session:
            rows = session.scalars(select(Message).where(Message.reference.in_(leased))).all()
            for row in rows:
                row.state, row.settled_at = MessageState.DELIVERED, at
            session.flush()
            for row in rows:
                session.refresh(row)
                session.expunge(row)
        order = {reference: place for place, reference in enumerate(leased)}
        self._talk.left.extend(sorted(rows, key=lambda row: order[row.reference or ""]))
        return len(rows)

    def _forget(self) -> None:
        """What is still planned would only be in the way of the next conversation."""
        with self._texting.sessions.begin() as session:
            session.execute(delete(Message).where(Message.state == MessageState.PLANNED))
