"""A text at the moment it is taken, as a value: what was written and means, how urgent, by when somebody has
to look, its entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from recovery.domain.clinical.symptoms import AnswerScale
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.text_meaning import ParsedText
from recovery.domain.review import urgency as urgencies
from recovery.models.clinic.clinics import Clinic
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.inbound.text_replies import InboundReference
from recovery.sms.gateway_interface import InboundMessage

PICTURE = "[picture]"


@dataclass(frozen=True, kw_only=True)
class TakenText:
    """A text with what it means, and the moment it is taken.

    `silenced`: the number had asked for no more texts before this one, and does not take it back now.
    `paused`: texts to it wait already, until a nurse has read whether they are wanted. `same_as` is the
    report whose scores the patient says still hold, `scale` how those were given.
    """

    text: InboundMessage
    meaning: ParsedText
    content: Content
    now: datetime
    silenced: bool = False
    paused: bool = False
    same_as: UUID | None = None
    scale: AnswerScale = AnswerScale.NUMBERS

    @property
    def heard(self) -> InboundReference:
        """What an answer refers to."""
        return InboundReference(carrier_id=self.text.carrier_id, at=self.now)

    @property
    def body(self) -> str:
        """The words, with a mark for each picture."""
        return " ".join([*filter(None, (self.text.body,)), *[PICTURE] * self.text.pictures])

    @property
    def urgent(self) -> bool:
        """Whether it wants a nurse sooner than words do that are read in their turn."""
        return bool(self.meaning.signs) or self.meaning.nurse

    @property
    def danger(self) -> bool:
        """Whether it names a sign that may not wait for the next working day."""
        return bool(self.meaning.signs.emergency | self.meaning.signs.warning)

    @property
    def of_skin(self) -> bool:
        """Whether it tells of the skin as it is now: in scores, or by a sign that may not wait."""
        meaning = self.meaning
        return bool(meaning.scores) or meaning.same_scores or meaning.unclear_scores or self.danger

    @property
    def certain_emergency(self) -> bool:
        """Whether its words name an emergency sign beyond doubt."""
        return bool(self.meaning.signs.emergency - self.meaning.signs.doubtful)

    @property
    def ends_texts(self) -> bool:
        """Whether no text may follow this one, but for the confirmation of an opt-out."""
        return self.meaning.stop or self.silenced

    @property
    def urgency(self) -> Urgency:
        """How soon a nurse should look, going by the words alone."""
        return urgencies.of_words(
            self.meaning.signs, asks_for_nurse=self.meaning.nurse, may_be_texted=not self.ends_texts
        )

    def due_at(self, clinic: Clinic, urgency: Urgency | None = None) -> datetime:
        """By when a nurse of this clinic should have looked."""
        return urgencies.wait_from(
            self.now,
            urgency=self.urgency if urgency is None else urgency,
            hours=opening_hours_of(clinic),
            times=self.content.response_times,
        ).due_at

    def entry(self, clinic_id: UUID, *, to_read: bool) -> InboundText:
        """What the clinic keeps of it."""
        return InboundText(
            clinic_id=clinic_id,
            source=InboundSource.TEXT,
            carrier_id=self.text.carrier_id,
            phone=self.text.sender,
            body=self.body,
            pictures=self.text.pictures,
            received_at=self.now,
            meaning=self.meaning.kind,
            to_read=to_read,
        )
