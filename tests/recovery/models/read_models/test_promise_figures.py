"""Which times that patients were told count, and which of them were kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recovery.domain.inbound.no_answer import NoAnswer
from recovery.models.flags.flags import EventKind, Flag, FlagAssessment, FlagEvent
from recovery.models.inbound.inbound_texts import InboundSource, InboundText
from recovery.models.read_models import promise_figures
from recovery.models.read_models.clinic_figures import TreatmentFilter
from recovery.models.read_models.promise_figures import PromiseCounts
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_assessment, add_flag, add_inbound, add_revision
from tests.support.data.people import Clinic

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
INSTANT = timedelta(microseconds=1)
TOLD = "got_text"
Word = Callable[..., InboundText]


@pytest.fixture
def word(session: Session, treatment: Treatment, clinic: Clinic, now: datetime) -> Word:
    """Words that were told a time, read by a nurse where `read_at` is given."""

    def written(due_at: datetime, read_at: datetime | None = None, **values: Any) -> InboundText:
        of = values.pop("of", treatment)
        filled = {"answer": TOLD, "read_by": None if read_at is None else clinic.nurse.id}
        return add_inbound(
            session, of, received_at=now - DAY, due_at=due_at, read_at=read_at, **(filled | values)
        )

    return written


@pytest.fixture
def counted(session: Session, which: TreatmentFilter) -> Callable[[], PromiseCounts]:
    return lambda: promise_figures.promises(session, which, wordings=[TOLD])


def claim(session: Session, flag: Flag, clinic: Clinic, *, at: datetime) -> None:
    session.add(
        FlagEvent(
            clinic_id=flag.clinic_id,
            flag_id=flag.id,
            at=at,
            kind=EventKind.CLAIMED,
            staff_id=clinic.nurse.id,
            detail={},
        )
    )
    session.flush()


def test_a_promise_is_kept_where_somebody_had_looked_by_its_time(
    session: Session, treatment: Treatment, foreign_treatment: Treatment, clinic: Clinic, now: datetime,
    word: Word, counted: Callable[[], PromiseCounts],
) -> None:  # fmt: skip
    word(now - HOUR, now - HOUR)
    word(now - HOUR, now - HOUR + INSTANT)
    word(now + HOUR, now, source=InboundSource.NOTE, answer=None)
    word(now + HOUR)
    word(now - HOUR, now - HOUR, answer="help")
    word(now - HOUR, of=foreign_treatment)
    reported = add_assessment(
        session, treatment, add_revision(session, treatment, seen_at=now - 3 * HOUR), at=now
    )
    claim(
        session,
        add_flag(session, treatment, due_at=now - HOUR, raised_by=reported),
        clinic,
        at=now - 2 * HOUR,
    )
    # Nobody has looked yet: one text that may wait, and nothing else.
    assert counted() == PromiseCounts(made=4, kept=3)


def test_a_time_that_has_passed_unread_is_not_kept(
    now: datetime, word: Word, counted: Callable[[], PromiseCounts]
) -> None:
    word(now + INSTANT)
    assert counted() == PromiseCounts(made=0, kept=0)
    word(now)
    assert counted() == PromiseCounts(made=1, kept=0)


def test_what_settled_itself_was_seen_by_nobody(
    now: datetime, word: Word, counted: Callable[[], PromiseCounts]
) -> None:
    word(now - HOUR, now - 2 * HOUR, read_by=None)
    assert counted() == PromiseCounts(made=0, kept=0), "nobody had to look any more"
    word(now - HOUR, now - HOUR, read_by=None)
    assert counted() == PromiseCounts(made=1, kept=0), "its time had passed before"


def test_words_that_nothing_was_said_to_were_promised_nothing(
    session: Session, treatment: Treatment, now: datetime, word: Word, counted: Callable[[], PromiseCounts]
) -> None:
    word(now - HOUR, answer=None, no_answer=NoAnswer.TOO_MANY)
    silenced = add_revision(session, treatment, seen_at=now - DAY)
    of_report = {"report_id": silenced.report_id, "revision": silenced.revision, "answer": None}
    word(now - HOUR, to_read=False, no_answer=NoAnswer.OPTED_OUT, **of_report)
    word(now - HOUR, source=InboundSource.NOTE, **of_report)
    assert counted() == PromiseCounts(made=0, kept=0)
    answered = add_revision(session, treatment, seen_at=now - DAY)
    of_report = {"report_id": answered.report_id, "revision": answered.revision}
    word(now - HOUR, to_read=False, answer="ask_signs", **of_report)
    word(now - HOUR, source=InboundSource.NOTE, answer=None, **of_report)
    assert counted() == PromiseCounts(made=1, kept=0)


def test_a_flag_of_a_silence_counts_once_something_was_said(
    session: Session, treatment: Treatment, now: datetime, counted: Callable[[], PromiseCounts]
) -> None:
    silence = add_assessment(session, treatment, None, at=now - DAY)
    flag = add_flag(session, treatment, due_at=now - HOUR, raised_by=silence)
    assert counted() == PromiseCounts(made=0, kept=0)
    said = add_assessment(
        session, treatment, add_revision(session, treatment, seen_at=now - 3 * HOUR), at=now
    )
    session.add(FlagAssessment(clinic_id=flag.clinic_id, flag_id=flag.id, assessment_id=said.id))
    session.flush()
    assert counted() == PromiseCounts(made=1, kept=0)
