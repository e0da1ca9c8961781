"""Generated conversations: each text has an answer or a stated reason for none, within caps, in its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from recovery.domain.inbound.no_answer import NoAnswer
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.messaging.messages import REMINDER_STEP, Message
from recovery.models.reports.reports import Report
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.services.inbound.text_replies import COUNTED_APART
from tests.support.data import conversations
from tests.support.data.conversations import Conversation, Written
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic
from tests.support.long_runs import sized

BLOCKS = 10
CONVERSATIONS = sized(200, long=1000)
OPENED_BY_READING = {TaskKind.TEXT_TO_READ, TaskKind.MAY_STOP, TaskKind.UNMATCHED_TEXT}
CALL_WITHIN = timedelta(minutes=15)


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_text_has_its_answer_in_its_place(
    texting: Texting, clinic: Clinic, now: datetime, block: int
) -> None:
    met: Counter[str] = Counter()
    for seed in range(block, CONVERSATIONS, BLOCKS):
        talk = conversations.hold(seed, texting=texting, clinic=clinic, start=now)
        entries = _entries(texting, talk)
        try:
            _check(texting, talk, entries)
        except AssertionError as error:
            error.add_note(f"conversation {seed}: {[one.utterance.body for one in talk.written]}")
            raise
        met.update(entry.no_answer or "answered" for entry in entries)
    # A run that never met these would show nothing of them.
    assert {"answered", NoAnswer.NOT_WRITTEN, NoAnswer.TOO_MANY, NoAnswer.OPTED_OUT} <= met.keys()


def _entries(texting: Texting, talk: Conversation) -> list[InboundText]:
    """What was kept of each text, in the order they were written."""
    wanted = select(InboundText).where(
        InboundText.phone == talk.phone, InboundText.source == InboundSource.TEXT
    )
    with texting.sessions() as session:
        kept = {entry.carrier_id: entry for entry in session.scalars(wanted)}
    assert len(kept) == len(talk.written)
    return [kept[one.carrier_id] for one in talk.written]


def _check(texting: Texting, talk: Conversation, entries: Sequence[InboundText]) -> None:
    with texting.sessions() as session:
        people = {course.id for course in talk.courses}
        texts = session.scalars(select(Message).where(Message.to_phone == talk.phone)).all()
        planned = session.scalars(select(Message).where(Message.patient_id.in_(people))).all()
        tasks = session.scalars(select(Task)).all()
        reports = {report.id: report.treatment_id for report in session.scalars(select(Report))}
    for one, entry in zip(talk.written, entries, strict=True):
        _answered(one, entry, planned, tasks)
        _to_be_read(entry, tasks)
        if not talk.shared:
            _in_its_place(one, entry, talk, reports=reports)
    _within_caps(texting, texts)
    _stopped(talk, texts, entries, tasks)


def _answered(one: Written, entry: InboundText, planned: Sequence[Message], tasks: Sequence[Task]) -> None:
    assert (entry.answer is None) is (entry.no_answer is not None), "an answer, or a reason for none"
    steps = {text.step: text for text in planned}
    if entry.answer is not None:
        text = steps[f"answer:{one.carrier_id}:{entry.answer}"]
        assert text.replies_to_at == one.at
        return
    meaning, keyword = one.utterance.meaning, one.utterance.keyword
    assert (entry.no_answer is NoAnswer.NOT_WRITTEN) is not meaning.written
    if entry.no_answer is NoAnswer.CARRIER_ANSWERED:
        assert keyword is not None
    if entry.no_answer is NoAnswer.FLAG_ANSWERS:
        flagged = [text for text in planned if text.step.startswith("flag:")]
        assert any(text.replies_to_at == one.at for text in flagged), "the flag's own text answers"
    if entry.no_answer is NoAnswer.TOO_MANY:
        # A later text that may not be answered tells its own reason on the same task.
        told = {task.detail.get("unanswered") for task in tasks}
        assert told & {NoAnswer.TOO_MANY, NoAnswer.OPTED_OUT}, "a nurse is told"


def _to_be_read(entry: InboundText, tasks: Sequence[Task]) -> None:
    """What waits to be read has a time, and an open task that is due no later."""
    if not entry.to_read or entry.read_at is not None:
        return
    assert entry.due_at is not None
    about = [
        task
        for task in tasks
        if task.kind in OPENED_BY_READING
        and task.done_at is None
        and (task.patient_id == entry.patient_id or task.detail.get("text") == str(entry.id))
    ]
    assert any(task.due_at <= entry.due_at for task in about)


def _in_its_place(one: Written, entry: InboundText, talk: Conversation, *, reports: dict[UUID, UUID]) -> None:
    """The text is filed with the treatment that was last asked about, and so is the report made of it."""
    assert entry.treatment_id == _asked_about(one, talk)
    if entry.report_id is not None:
        assert reports[entry.report_id] == entry.treatment_id


def _asked_about(one: Written, talk: Conversation) -> object:
    courses = [course for course in talk.courses if course.performed_at <= one.at]
    newest = max(courses, key=lambda course: course.performed_at)
    asked = [
        text
        for text in talk.left
        if (text.asks_day is not None or text.step.startswith(REMINDER_STEP))
        and text.claimed_at is not None
        and text.claimed_at <= one.at
    ]
    if not asked or asked[-1].claimed_at is None:
        return newest.treatment_id
    question = asked[-1]
    skin_is_newer = newest.performed_at > asked[-1].claimed_at and one.at > question.useful_until
    return newest.treatment_id if skin_is_newer else question.treatment_id


def _within_caps(texting: Texting, texts: Sequence[Message]) -> None:
    limits = texting.content.schedule.limits
    answers = [text for text in texts if text.replies_to_at is not None and text.step.startswith("answer:")]
    for apart, most in ((False, limits.answers_per_hour), (True, limits.emergency_answers_per_hour)):
        times = sorted(
            text.replies_to_at
            for text in answers
            if text.replies_to_at is not None and (text.template in COUNTED_APART) is apart
        )
        for place in range(len(times) - most):
            assert times[place + most] - times[place] >= timedelta(hours=1), "no more than the cap in an hour"


def _stopped(
    talk: Conversation, texts: Sequence[Message], entries: Sequence[InboundText], tasks: Sequence[Task]
) -> None:
    """After an opt-out only its confirmation leaves, until START; danger is called about."""
    stopped_at: datetime | None = None
    for one, entry in zip(talk.written, entries, strict=True):
        meaning = one.utterance.meaning
        if meaning.stop and stopped_at is None:
            stopped_at = one.at
        elif meaning.start and stopped_at is not None:
            _nothing_left(texts, stopped_at, one.at)
            stopped_at = None
        if stopped_at is not None and meaning.signs and not talk.shared:
            calls = [task for task in tasks if task.patient_id == entry.patient_id]
            assert any(
                task.kind is TaskKind.OPTED_OUT and task.due_at <= one.at + CALL_WITHIN for task in calls
            )
    if stopped_at is not None:
        _nothing_left(texts, stopped_at, None)


def _nothing_left(texts: Sequence[Message], since: datetime, until: datetime | None) -> None:
    left = [
        text.template
        for text in texts
        if text.claimed_at is not None
        and since <= text.claimed_at
        and (until is None or text.claimed_at < until)
    ]
    assert len(left) <= 1
    assert set(left) <= {"stopped", "stopped_danger", "stopped_self_harm"}
