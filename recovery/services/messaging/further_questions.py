"""One more question beside the plan, where an answer, or none, leaves something open: rows of the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.clinical import asking, symptoms, thresholds
from recovery.domain.clinical.asking import OpenMatter
from recovery.domain.messaging import text_lifecycle, text_schedule
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.models.flags import flags
from recovery.models.messaging import again_texts, messages, opt_outs
from recovery.models.messaging.messages import AGAIN_STEP, REACHED_NOBODY, Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports.reports import ReportRevision
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content


@dataclass(frozen=True, kw_only=True)
class NextCheckIn:
    """When a patient is asked next, `beside` the plan or by it; `soon` if a finding may wait for that."""

    at: datetime
    useful_until: datetime
    beside: bool
    soon: bool


@dataclass(frozen=True, kw_only=True)
class CourseQuestions:
    """What a patient was asked after one treatment, will be, and may be beside the plan, at one moment."""

    session: Session
    patient: Patient
    treatment: Treatment
    rule: thresholds.Asking | None
    content: Content
    now: datetime

    def find_next(self, *, since: datetime, about: OpenMatter | None) -> NextCheckIn | None:
        """What follows an answer of the moment `since`; None where nobody will ask any more."""
        rows = self._rows()
        for row in rows:
            at = row.claimed_at or row.due_at
            if _beside(row) and at > since and _stands(row):
                return NextCheckIn(at=at, useful_until=row.useful_until, beside=True, soon=True)
        return self._next(rows, since=since, about=about)

    def ask_after(self, said: ReportRevision, *, about: OpenMatter | None) -> None:
        """Plan what follows the report that was seen last. A question that left since it came waits for its
        own answer."""
        left = [
            row.claimed_at
            for row in self._rows()
            if row.claimed_at is not None and _stands(row) and not self._answered_early(row, said.seen_at)
        ]
        if max(left, default=said.received_at) <= said.received_at:
            self.ask_next(since=said.seen_at, about=about)

    def ask_next(self, *, since: datetime, about: OpenMatter | None) -> None:
        """Plan the one more question that follows `since`, or take back one that does not follow any more.

        Its step is the next that has not left, so that two workers at once plan one.
        """
        rows = self._rows()
        following = self._next(rows, since=since, about=about)
        if following is None or not following.beside:
            key = self.treatment.clinic_id, self.treatment.id
            again_texts.cancel_waiting(self.session, [key], reason=UnsentReason.NOTHING_OPEN, now=self.now)
            return
        step = f"{AGAIN_STEP}{self._asked_more(rows) + 1}"
        standing = next((row for row in rows if row.step == step), None)
        if standing is None:
            messages.insert_planned(self.session, self._planned(step, following))
        elif (standing.state, standing.due_at) != (MessageState.PLANNED, following.at):
            again_texts.replan(self.session, self._planned(step, following))

    def _rows(self) -> Sequence[Message]:
        return again_texts.list_check_ins(self.session, self.treatment.clinic_id, self.treatment.id)

    def _next(
        self, rows: Sequence[Message], *, since: datetime, about: OpenMatter | None
    ) -> NextCheckIn | None:
        planned = {
            self._hours(row.claimed_at or row.due_at): row
            for row in rows
            if _stands(row) and not _beside(row) and not self._answered_early(row, since)
        }
        rule = self.rule if self._may_ask_more() else None
        start = self._hours(since)
        following = asking.next_question(
            since=start, plan=list(planned), about=about, asked_more=self._asked_more(rows), rule=rule
        )
        if following is None or self.rule is None:
            return None
        if following.about is not None:
            return self._beside(following, slack=timedelta(hours=self.rule.slack_hours))
        row = planned[following.from_hours]
        soon = following.from_hours <= start + self.rule.most_hours + self.rule.slack_hours
        return NextCheckIn(at=row.due_at, useful_until=row.useful_until, beside=False, soon=soon)

    def _beside(self, following: asking.NextQuestion, *, slack: timedelta) -> NextCheckIn | None:
        ends = self._moment(following.until_hours)
        placed = text_schedule.place_again(
            self.content.schedule,
            from_at=max(self._moment(following.from_hours), self.now),
            latest=ends + slack,
            open_until=ends,
            open_for=self.content.silence.unanswered_after,
            zone=opening_hours.zone_named(self.patient.time_zone),
        )
        if placed is None:
            return None
        return NextCheckIn(at=placed.due_at, useful_until=placed.useful_until, beside=True, soon=True)

    def _may_ask_more(self) -> bool:
        """Whether nothing forbids one more: an end, a later treatment, a STOP, a flag, no consent to it."""
        patient, clinic_id = self.patient, self.treatment.clinic_id
        if self.treatment.withdrawn_at is not None or patient.ended_at is not None:
            return False
        if treatments.taken_over_times(self.session, clinic_id, [self.treatment.id])[self.treatment.id]:
            return False
        agreed = patients.standing_versions(self.session, patient).get(ConsentKind.RECOVERY_TEXTS)
        if agreed is None or agreed < self.content.schedule.again.consent_version:
            return False
        if opt_outs.get_opt_out(self.session, clinic_id=clinic_id, phone=patient.phone) is not None:
            return False
        return flags.get_unresolved(self.session, clinic_id, self.treatment.id) is None

    def _answered_early(self, row: Message, since: datetime) -> bool:
        """Whether the plan asks with it about a day that was answered already at that moment."""
        day = symptoms.recovery_day(self._hours(since))
        return not _beside(row) and row.asks_day is not None and row.asks_day <= day

    def _asked_more(self, rows: Sequence[Message]) -> int:
        return sum(
            _beside(row)
            and not text_lifecycle.may_be_replanned(row.state, claimed=row.claimed_at is not None)
            for row in rows
        )

    def _planned(self, step: str, following: NextCheckIn) -> Message:
        return Message(
            clinic_id=self.treatment.clinic_id,
            patient_id=self.treatment.patient_id,
            treatment_id=self.treatment.id,
            step=step,
            template=text_schedule.again_template(self.patient.answers_by),
            details={},
            due_at=following.at,
            useful_until=following.useful_until,
            state=MessageState.PLANNED,
            created_at=self.now,
            asks_day=symptoms.recovery_day(self._hours(following.at)),
            silence_at=self.content.silence.unanswered_at(
                asked_at=following.at, until=following.useful_until
            ),
        )

    def _hours(self, moment: datetime) -> float:
        return symptoms.hours_between(self.treatment.performed_at, moment)

    def _moment(self, hours: float) -> datetime:
        return self.treatment.performed_at + timedelta(hours=hours)


def _beside(row: Message) -> bool:
    return row.step.startswith(AGAIN_STEP)


def _stands(row: Message) -> bool:
    """Whether this check-in waits to leave, or reached somebody."""
    return row.state is MessageState.PLANNED or row.state not in REACHED_NOBODY
