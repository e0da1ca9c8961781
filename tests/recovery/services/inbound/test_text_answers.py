"""Every text has its answers or a stated reason for none, and one that has none is told to a nurse."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.inbound.text_meaning import NamedSigns, ParsedText
from recovery.models.reports.reports import ReportRevision
from recovery.services.inbound import opt_outs, text_answers
from tests.support.data.inbound_texting import MAY_STOP, UNCLEAR, WORDS, Texting
from tests.support.data.people import Patient

MINUTE = timedelta(minutes=1)


def test_a_loop_of_words_ends_and_only_a_nurse_is_told(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    most = texting.content.schedule.limits.answers_per_hour
    for minute in range(most + 3):
        texting.act(patient.phone, "I am driving", WORDS, now=now + minute * MINUTE)
    assert texting.templates() == ["got_text"] * most
    assert [entry.no_answer for entry in texting.entries()][most:] == [NoAnswer.TOO_MANY] * 3
    (task,) = texting.tasks()
    assert task.detail == {"unanswered": "too_many"}
    leaving = [
        text
        for minute in range(most + 3)
        for text in texting.claim(now=now + minute * MINUTE)
        if text.to == patient.phone
    ]
    assert len(leaving) == most, "each answer leaves, though they read alike"


def test_a_pause_that_was_said_to_nobody_says_so_and_so_does_what_is_left_to_read(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    for _ in range(texting.content.schedule.limits.answers_per_hour):
        texting.act(patient.phone, "I am driving", WORDS, now=now)
    texting.act(patient.phone, "enough of this", MAY_STOP, now=now + MINUTE)
    *_, doubted = texting.entries()
    unanswered = {text_answers.UNANSWERED: "too_many"}
    assert [task.detail for task in texting.tasks()] == [{}, {"text": str(doubted.id)} | unanswered]
    texting.send(patient.phone, "START", now=now + 2 * MINUTE)
    assert texting.tasks()[0].detail == unanswered


def test_scores_that_can_be_read_spare_the_nurse_those_that_could_not(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.act(patient.phone, "0 0 - 8", UNCLEAR, now=now)
    texting.send(patient.phone, "0 0 1 8", now=now + MINUTE)
    unclear, _ = texting.entries()
    assert (unclear.read_at, unclear.read_by) == (now + MINUTE, None)
    (task,) = texting.tasks()
    assert (task.done_at, task.done_by) == (now + MINUTE, None)
    assert texting.scores() == [{"redness": 0, "swelling": 0, "peeling": 1, "pain": 8}]


def test_words_beside_numbers_that_cannot_be_read_wait_for_a_nurse_whatever_scores_come(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.send(patient.phone, "2 1 0 2 1 is the cream ok?", now=now)
    texting.send(patient.phone, "0 0 1 1", now=now + MINUTE)
    assert texting.answers()[0].template == "got_text"
    assert texting.entries()[0].read_at is None
    assert [task.done_at for task in texting.tasks()] == [None]


def test_numbers_that_cannot_be_read_stay_with_a_call_that_is_asked_for(
    texting: Texting, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    asked = ParsedText(unclear_scores=True, nurse=True)
    texting.act(patient.phone, "2 1 call me", asked, now=now)
    with sessions() as session:
        assert session.scalars(select(ReportRevision.note)).one() == "2 1 call me"


def test_the_same_as_nothing_in_words_is_asked_for_in_numbers(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.send(patient.phone, "same as yesterday", now=now)
    assert [answer.template for answer in texting.answers()] == ["repair_scores"]


def test_other_words_beside_still_wait_when_scores_come(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    texting.act(patient.phone, "may I swim?", WORDS, now=now)
    texting.act(patient.phone, "0 0 - 8", UNCLEAR, now=now + MINUTE)
    texting.send(patient.phone, "0 0 1 1", now=now + 2 * MINUTE)
    assert [task.done_at for task in texting.tasks()] == [None]


@pytest.mark.parametrize(
    ("sign", "answer", "number"),
    [
        (WarningSign.SELF_HARM, "stopped_self_harm", "988"),
        (WarningSign.BREATHING, "stopped_danger", "911"),
    ],
)
def test_an_opt_out_with_danger_carries_the_number_for_it(
    texting: Texting, patient: Patient, now: datetime, sign: WarningSign, answer: str, number: str
) -> None:
    signs = NamedSigns(emergency=frozenset({sign}))
    texting.act(patient.phone, "stop, all of it", ParsedText(stop=True, signs=signs, more=True), now=now)
    assert texting.templates() == [answer]
    (body,) = [text.body for text in texting.claim(now=now) if text.to == patient.phone]
    assert number in body
    assert "named" in {task.detail.get(opt_outs.DANGER) for task in texting.tasks()}


def test_a_stop_from_a_number_that_stopped_before_is_not_said_back_again(
    texting: Texting, patient: Patient, now: datetime
) -> None:
    for minute in range(2):
        texting.send(patient.phone, "no more texts", now=now + minute * MINUTE)
    assert texting.templates() == ["stopped"]
    assert [entry.no_answer for entry in texting.entries()] == [None, NoAnswer.OPTED_OUT]
