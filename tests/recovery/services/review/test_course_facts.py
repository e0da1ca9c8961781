"""A handled thing stays handled: no flag, text or page without a new fact, and no new fact without a flag."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical import findings
from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.domain.flags import new_facts
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, Urgency
from recovery.models.flags.flags import EventKind, Flag, FlagAssessment, FlagEvent
from recovery.models.messaging.messages import Message
from recovery.models.reports.reports import AssessmentCause, ReportRevision, StoredAssessment
from recovery.services.content.content import Content
from recovery.services.flags import flag_work
from recovery.services.flags.flag_work import ContactResult
from tests.recovery.services.review.conftest import Report, Review
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import staff_caller

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
HIGH = {Symptom.REDNESS: 10, Symptom.SWELLING: 2, Symptom.PEELING: 0}
"""Doubtful, so that the patient is asked whether it is right and a hold begins."""
EMERGENCIES = ("emergency", "emergency_sign", "maybe_emergency", "emergency_self_harm")

Close = Callable[..., None]
Brought = tuple[StoredAssessment, ReportRevision, UUID | None]
"""An assessment, what it judged, and the flag it was brought to."""


@pytest.fixture
def close(clinic: Clinic, sessions: sessionmaker[Session], content: Content) -> Close:
    """Takes the open flag and closes it as sent to emergency care."""

    def closed(*, at: datetime, contact_only: bool = False) -> None:
        caller = staff_caller(clinic)
        with sessions.begin() as session:
            flag = session.scalars(select(Flag).where(Flag.state != FlagState.RESOLVED)).one()
            flag_work.claim(session, caller=caller, flag_id=flag.id, now=at)
            if contact_only:
                flag_work.record_contact(
                    session, caller=caller, flag_id=flag.id, result=ContactResult.REACHED, note=None, now=at
                )
                return
            flag_work.resolve(
                session, caller=caller, flag_id=flag.id, outcome=FlagOutcome.EMERGENCY, comment="Sent in.",
                content=content, now=at,
            )  # fmt: skip

    return closed


def flags_of(sessions: sessionmaker[Session]) -> list[Flag]:
    with sessions() as session:
        return list(session.scalars(select(Flag).order_by(Flag.id)))


def texts(sessions: sessionmaker[Session]) -> tuple[int, int]:
    """How many emergency texts to the patient, and how many pages to the on-call phone."""
    with sessions() as session:
        planned = session.scalars(select(Message)).all()
    return (
        sum(text.template in EMERGENCIES for text in planned),
        sum(text.step.startswith("staff:") for text in planned),
    )


def kinds(sessions: sessionmaker[Session]) -> list[EventKind]:
    with sessions() as session:
        return list(session.scalars(select(FlagEvent.kind).order_by(FlagEvent.id)))


def test_the_hold_of_a_report_that_was_handled_opens_no_second_emergency(
    report: Report, take_up: Review, close: Close, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(WarningSign.BREATHING, scores=HIGH, at=now)
    take_up(at=now)
    close(at=now + 5 * MINUTE)
    assert take_up(at=now + 11 * MINUTE) == 1, "the hold has ended"
    (flag,) = flags_of(sessions)
    assert (flag.state, flag.outcome) == (FlagState.RESOLVED, FlagOutcome.EMERGENCY)
    assert texts(sessions) == (1, 1)
    with sessions() as session:
        added = session.scalars(select(FlagEvent).order_by(FlagEvent.id.desc())).first()
        assert added is not None
        assert (added.kind, added.detail["known"]) == (EventKind.EXTENDED, "yes")
        assert len(session.scalars(select(FlagAssessment)).all()) == 2, "what it found stands with the flag"


def test_still_breathless_hours_later_is_a_new_emergency(
    report: Report, take_up: Review, close: Close, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(WarningSign.BREATHING, at=now)
    take_up(at=now)
    close(at=now + 5 * MINUTE)
    report(WarningSign.BREATHING, at=now + 4 * HOUR)
    take_up(at=now + 4 * HOUR)
    first, second = flags_of(sessions)
    assert (first.state, second.state) == (FlagState.RESOLVED, FlagState.OPEN)
    assert second.urgency is Urgency.EMERGENCY
    assert texts(sessions) == (2, 2)


def test_an_emergency_after_the_patient_was_reached_calls_again(
    report: Report, take_up: Review, close: Close, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(WarningSign.BREATHING, at=now)
    take_up(at=now)
    close(at=now + 5 * MINUTE, contact_only=True)
    report(WarningSign.BREATHING, at=now + 4 * HOUR)
    take_up(at=now + 4 * HOUR)
    (flag,) = flags_of(sessions)
    assert flag.state is FlagState.CLAIMED
    assert flag.due_at == flag.escalate_at == now + 4 * HOUR + 15 * MINUTE
    assert texts(sessions)[1] == 2, "the on-call phone hears of it once more"


def test_a_late_report_of_the_same_adds_and_one_that_is_worse_opens(
    report: Report, take_up: Review, close: Close, sessions: sessionmaker[Session], now: datetime
) -> None:
    report(WarningSign.PUS, at=now)
    take_up(at=now)
    close(at=now + HOUR)
    report(WarningSign.PUS, seen_at=now - HOUR, at=now + 2 * HOUR)
    take_up(at=now + 2 * HOUR)
    assert [flag.state for flag in flags_of(sessions)] == [FlagState.RESOLVED]
    assert kinds(sessions)[-1] is EventKind.EXTENDED
    report(WarningSign.BREATHING, seen_at=now - HOUR, at=now + 3 * HOUR)
    take_up(at=now + 3 * HOUR)
    assert [flag.state for flag in flags_of(sessions)] == [FlagState.RESOLVED, FlagState.OPEN]


def test_a_sign_that_was_taken_back_and_is_said_again_is_new(
    report: Report, take_up: Review, close: Close, sessions: sessionmaker[Session], now: datetime
) -> None:
    said = report(WarningSign.PUS, at=now)
    take_up(at=now)
    report(report_id=said, revision=2, seen_at=now, at=now + MINUTE)
    close(at=now + HOUR)
    report(WarningSign.PUS, report_id=said, revision=3, seen_at=now, at=now + 2 * HOUR)
    take_up(at=now + 2 * HOUR)
    assert [flag.state for flag in flags_of(sessions)] == [FlagState.RESOLVED, FlagState.OPEN]


@dataclass
class History:
    """A random course: what was reported, and when flags were closed."""

    dice: Random
    report: Report
    take_up: Review
    close: Close
    sessions: sessionmaker[Session]
    now: datetime
    said: list[UUID] = field(default_factory=list)
    revisions: dict[UUID, int] = field(default_factory=dict)
    seen: dict[UUID, datetime] = field(default_factory=dict)

    def step(self) -> None:
        self.now += self.dice.choice((MINUTE, 11 * MINUTE, 3 * HOUR))
        self.dice.choice((self.say, self.say, self.say_late, self.correct, self.close_one, self.review))()
        self.check()

    def say(self) -> None:
        self.tell(seen_at=self.now)

    def say_late(self) -> None:
        self.tell(seen_at=self.now - 2 * HOUR)

    def tell(self, *, seen_at: datetime) -> None:
        made = self.report(
            *self.signs(), scores=self.dice.choice((HIGH, dict(HIGH) | {Symptom.REDNESS: 2})),
            seen_at=seen_at, at=self.now,
        )  # fmt: skip
        self.said.append(made)
        self.revisions[made], self.seen[made] = 1, seen_at

    def correct(self) -> None:
        if not self.said:
            return
        one = self.dice.choice(self.said)
        self.revisions[one] += 1
        self.report(
            *self.signs(), report_id=one, revision=self.revisions[one], seen_at=self.seen[one], at=self.now
        )

    def signs(self) -> list[WarningSign]:
        known = (WarningSign.BREATHING, WarningSign.PUS, WarningSign.FEVER)
        return self.dice.sample(known, self.dice.choice((0, 0, 1, 2)))

    def close_one(self) -> None:
        self.review()
        if any(flag.state is not FlagState.RESOLVED for flag in flags_of(self.sessions)):
            self.close(at=self.now)

    def review(self) -> None:
        self.take_up(at=self.now)

    def check(self) -> None:
        """Nothing happens twice for one fact, and none is lost."""
        self.review()
        with self.sessions() as session:
            flags = session.scalars(select(Flag)).all()
            told = session.scalars(select(Message)).all()
            rows = session.execute(
                select(StoredAssessment, ReportRevision, FlagAssessment.flag_id)
                .join(
                    ReportRevision,
                    (ReportRevision.report_id == StoredAssessment.report_id)
                    & (ReportRevision.revision == StoredAssessment.revision),
                )
                .outerjoin(FlagAssessment, FlagAssessment.assessment_id == StoredAssessment.id)
                .order_by(StoredAssessment.id)
            ).all()
        current: list[Brought] = [(row[0], row[1], row[2]) for row in rows]
        by_id = {flag.id: flag for flag in flags}
        self._nothing_twice(flags, told, current)
        self._none_lost(by_id, current)

    @staticmethod
    def _none_lost(by_id: Mapping[UUID, Flag], current: Sequence[Brought]) -> None:
        """Every finding stands, no milder and by its sign, with a flag that was open after it was seen."""
        newest: dict[UUID, int] = {}
        for _, said, _ in current:
            newest[said.report_id] = max(said.revision, newest.get(said.report_id, 0))
        shown = [
            (by_id[flag_id].resolved_at, findings.from_dict(one))
            for judged, _, flag_id in current
            if flag_id is not None
            for one in judged.findings
        ]
        for judged, said, _ in current:
            answered = judged.cause is AssessmentCause.HOLD_ENDED and said.revision < newest[said.report_id]
            if judged.reviewed_at is None or answered:
                continue
            for found in (findings.from_dict(one) for one in judged.findings):
                signs = new_facts.signs_of(found)
                assert found.level is Level.EXPECTED or any(
                    (closed_at is None or closed_at >= said.seen_at)
                    and other.level.rank >= found.level.rank
                    and signs <= new_facts.signs_of(other)
                    for closed_at, other in shown
                ), (said.seen_at, found)

    @staticmethod
    def _nothing_twice(flags: Sequence[Flag], told: Sequence[Message], current: Sequence[Brought]) -> None:
        """Every flag was opened for something that none closed after it was seen knew."""
        opened: dict[UUID, list[tuple[datetime, frozenset[str], int]]] = {}
        for judged, said, flag_id in current:
            if flag_id is not None:
                found = frozenset(one["sign"] for one in judged.findings if one["sign"])
                opened.setdefault(flag_id, []).append((said.seen_at, found, judged.level.rank))
        closed: list[tuple[datetime, frozenset[str], int]] = []
        for flag in sorted(flags, key=lambda one: one.id):
            brought = opened[flag.id]
            news = [
                (seen_at, signs, level)
                for seen_at, signs, level in brought
                if not any(seen_at <= at and signs <= shown and level <= most for at, shown, most in closed)
            ]
            assert news, "a flag without a new fact"
            if flag.resolved_at is not None:
                shown = frozenset[str]().union(*(signs for _, signs, _ in brought))
                closed.append((flag.resolved_at, shown, max(level for _, _, level in brought)))
        emergencies = [flag for flag in flags if flag.urgency is Urgency.EMERGENCY]
        sent = [text for text in told if text.template in EMERGENCIES]
        assert len(sent) <= len(emergencies), "an emergency text for each emergency, and no more"
        paged = [text for text in told if text.template == "on_call_alert"]
        assert len(paged) == len(emergencies), "and the on-call phone rings once for it"


@pytest.mark.parametrize("seed", range(12))
def test_a_random_course_opens_flags_for_new_facts_and_loses_none(
    seed: int,
    patient: Patient,
    report: Report,
    take_up: Review,
    close: Close,
    sessions: sessionmaker[Session],
    now: datetime,
) -> None:
    course = History(
        dice=Random(seed), report=report, take_up=take_up, close=close, sessions=sessions, now=now
    )
    for _ in range(14):
        course.step()
