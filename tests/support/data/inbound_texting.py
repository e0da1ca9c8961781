"""Texts from patients' phones for tests, taken through the use case as the carrier would bring them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.inbound.text_meaning import ParsedText, TextMeaning
from recovery.models.inbound import phone_locks
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging.messages import Message
from recovery.models.reports.reports import ReportRevision
from recovery.models.tasks.tasks import Task
from recovery.services.content.content import Content
from recovery.services.inbound import inbound_texts
from recovery.services.messaging import outbox
from recovery.services.messaging.outbox import RenderContext
from recovery.services.review import report_review
from recovery.sms.gateway_interface import CarrierKeyword, InboundMessage, OutgoingText

_NUMBERS = count(1)
_WORKER = uuid4()
_Row = TypeVar("_Row")

UNCLEAR = ParsedText(unclear_scores=True)
SAME = ParsedText(same_scores=True)
MAY_STOP = ParsedText(may_stop=True, more=True)
WORDS = ParsedText(more=True)


def sid() -> str:
    """A carrier's id that no other text has."""
    return f"SM{next(_NUMBERS):032x}"


@dataclass(frozen=True, kw_only=True)
class Texting:
    """Sends texts, lets the worker's part happen, and shows what came of it."""

    sessions: sessionmaker[Session]
    content: Content

    def send(
        self,
        phone: str,
        body: str,
        *,
        now: datetime,
        carrier_id: str | None = None,
        pictures: int = 0,
        taken_as: CarrierKeyword | None = None,
    ) -> TextMeaning | None:
        """One text, committed."""
        text = InboundMessage(
            carrier_id=carrier_id or sid(), sender=phone, body=body, pictures=pictures, keyword=taken_as
        )
        with self.sessions.begin() as session:
            return inbound_texts.handle_text(session, text=text, content=self.content, now=now)

    def act(
        self,
        phone: str,
        body: str,
        meaning: ParsedText,
        *,
        now: datetime,
        carrier_id: str | None = None,
        pictures: int = 0,
        taken_as: CarrierKeyword | None = None,
    ) -> None:
        """One text that was read as this, committed."""
        text = InboundMessage(
            carrier_id=carrier_id or sid(), sender=phone, body=body, pictures=pictures, keyword=taken_as
        )
        with self.sessions.begin() as session:
            phone_locks.lock_number(session, phone)
            inbound_texts.act_on(session, text=text, meaning=meaning, content=self.content, now=now)

    def review(self, *, now: datetime) -> int:
        """The worker's review of everything that waits."""
        with self.sessions.begin() as session:
            return report_review.review_due(session, content=self.content, now=now, limit=100)

    def claim(self, *, now: datetime) -> list[OutgoingText]:
        """Everything that may leave now, as the worker takes it in hand."""
        wording = RenderContext(content=self.content, links_at="https://a.example")
        with self.sessions.begin() as session:
            return outbox.lease_due_texts(session, wording=wording, worker_id=_WORKER, now=now, limit=1000)

    def answers(self) -> list[Message]:
        """The planned answers, oldest first."""
        return self._all(select(Message).where(Message.replies_to_at.is_not(None)).order_by(Message.id))

    def templates(self) -> list[str]:
        """The wordings of the answers, oldest first."""
        return [answer.template for answer in self.answers()]

    def revisions(self) -> list[ReportRevision]:
        """What was reported, and each correction of it, oldest first."""
        return self._all(select(ReportRevision).order_by(ReportRevision.received_at, ReportRevision.revision))

    def scores(self) -> list[dict[str, int]]:
        """The scores that were reported, oldest first."""
        return [dict(said.scores) for said in self.revisions()]

    def tasks(self) -> list[Task]:
        """Every task, oldest first."""
        return self._all(select(Task).order_by(Task.id))

    def entries(self) -> list[InboundText]:
        """Everything written that was kept, oldest first."""
        return self._all(select(InboundText).order_by(InboundText.id))

    def _all(self, statement: Select[_Row]) -> list[_Row]:
        with self.sessions() as session:
            return list(session.scalars(statement))
