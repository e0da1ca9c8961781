"""What the product itself says to a patient in every state: on the page, by the API and by text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import product
from typing import Any

from commands.shipped_content import shipped
from recovery.domain.clinic.answering_number import number_answered_at
from recovery.domain.clinical import banded_report, recovery_phase
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.content import aftercare_tips, finding_wording, time_phrases
from recovery.domain.content.emergency_text import HelpLine
from recovery.domain.flags import flag_lifecycle, flag_texts
from recovery.domain.flags.flag_lifecycle import FollowUpState, Urgency
from recovery.domain.messaging import text_schedule
from recovery.domain.treatments import avoidance_rules
from recovery.models.clinic.clinics import Clinic
from recovery.services.content.content import Content
from recovery.services.reports import follow_up_status
from recovery.services.reports.follow_up_status import FollowUpStatus
from recovery.services.tasks import tasks
from tests.support.browser import page_sentences
from tests.support.told.told_states import EMERGENCY, OWN, ZONE, FlagCase, HourCase, ToldState, every_state

ANSWERS = (
    "ask_signs",
    "ask_signs_tip",
    "ask_signs_marks",
    "got_scores",
    "as_expected",
    "which_sign",
    "marks_none",
    "got_text",
    "emergency_sign",
    "emergency_self_harm",
    "maybe_emergency",
    "repair_scores",
    "stopped",
    "stopped_danger",
    "stopped_self_harm",
    "texts_paused",
    "photos",
    "help",
    "stop_ack",
    "start_ack",
)
"""What a patient's own words are answered with, whatever the state of a flag."""

CALM = ("as_expected", "ask_signs_tip")
"""Of these, what only answers where nothing is in question: `text_questions` sees to it, and its tests."""

LEVELS = {
    Urgency.EMERGENCY: Level.EMERGENCY,
    Urgency.SAME_DAY: Level.ABNORMAL,
    Urgency.NEXT_BUSINESS_DAY: Level.WATCH,
}


@dataclass(frozen=True)
class Told:
    """One state, its follow-up, and what page, API and texts say in it."""

    state: ToldState
    status: FollowUpStatus
    page: dict[str, Any]
    api: tuple[str, ...]
    texts: tuple[str, ...]

    def sentences(self) -> Iterator[str]:
        """All of them but those about times and numbers of the clinic in general."""
        for key in ("phase", "follow_up", "unconfirmed"):
            yield self.page[key]
        yield from self.page["points"]
        yield from self.api
        yield from self.texts


@cache
def content() -> Content:
    """The content that ships."""
    return shipped()


def status_of(state: ToldState) -> FollowUpStatus:
    """What is told of its flag."""
    row = state.row(content().response_times)
    return follow_up_status.NONE if row is None else follow_up_status.status_of_flag(row)


def clinic(hour: HourCase) -> dict[str, Any]:
    """The clinic as the API gives it."""
    return {
        "name": "Test Clinic",
        "phone": OWN,
        "out_of_hours_phone": hour.out_of_hours,
        "emergency_number": EMERGENCY,
        "time_zone": ZONE.key,
        "weekly_hours": dict(hour.weekly),
        "holidays": dict(hour.holidays),
    }


def is_held(status: FollowUpStatus, signs: Sequence[str] = ()) -> bool:
    """Whether what to avoid gives way."""
    return avoidance_rules.is_held(flagged=status.state in follow_up_status.UNRESOLVED, signs=signs)


POINT = {"day": 3, "score": 2, "in_question": False, "flagged": False}
SERIES: list[dict[str, Any]] = [
    {"place": place, "judged": judged, "points": [POINT | {"in_question": question, "flagged": flagged}]}
    for place, judged, question, flagged in product(
        ("within", "above", "early"), (True, False), (True, False), (True, False)
    )
]


def unconfirmed_of(state: ToldState) -> dict[str, Any]:
    """What becomes of an entry in question ten minutes on."""
    at = state.now + timedelta(minutes=10)
    hours, times = state.hour.hours, content().response_times
    by = flag_lifecycle.due_at(state.urgency, since=at, hours=hours, times=times)
    return {"at": at, "follow_up": {"state": "waiting", "by": by, "urgency": state.urgency}}


def page_case(
    state: ToldState, status: FollowUpStatus, *, asked_at: datetime | None = None
) -> dict[str, Any]:
    """What the page knows in this state; where nothing else is said, it has just asked."""
    waiting = status.state is FollowUpState.WAITING
    unresolved = status.state in follow_up_status.UNRESOLVED
    words = content().care_for(state.language).avoid
    followed = {
        "state": status.state,
        "by": status.by,
        "urgency": status.urgency,
        "asked_at": asked_at or state.now,
    }
    return {
        "language": state.language,
        "at": state.now,
        "day": state.day,
        "me": {"time_zone": ZONE.key, "clinic": clinic(state.hour)},
        "report": followed,
        "treatment": {
            "status": recovery_phase.phase_on_day(
                day=state.day, waiting=waiting, with_nurse=unresolved and not waiting
            ),
            "follow_up": followed,
            "avoid": [
                {
                    "what": rule.what,
                    "label": words[rule.what],
                    "until": rule.until(state.performed_at),
                    "held": is_held(status),
                }
                for rule in content().avoidance
            ],
        },
        "unconfirmed": unconfirmed_of(state),
        "points": SERIES,
    }


def api_sentences(state: ToldState, status: FollowUpStatus) -> Iterator[str]:
    """The advice of a report, plain and in question; what stands in for the day's tip or is the tip; the
    advice where only words may mean an emergency."""
    words, care = content().words_for(state.language), content().care_for(state.language)
    overdue = status.is_overdue(now=state.now)
    level = Level.EXPECTED if status.state is FollowUpState.NONE else LEVELS[state.urgency]
    yield advice(state, status, level=level, doubt=False)
    yield advice(state, status, level=Level.EXPECTED, doubt=True)
    for signs in ((), ("raw_skin",)):
        why = aftercare_tips.instead_of_tips(state=status.state, overdue=overdue, held=is_held(status, signs))
        tip = next(tip for tip in reversed(care.tips) if tip.begins_at(state.performed_at) <= state.now)
        yield tip.text if why is None else care.instead[why]
    yield advice(state, status, level=Level.EMERGENCY, doubt=False, unsure=True)
    assert words.language == state.language
    assert overdue is (state.flag is FlagCase.OVERDUE)


def advice(
    state: ToldState, status: FollowUpStatus, *, level: Level, doubt: bool, unsure: bool = False
) -> str:
    """The advice of one report, by the product itself."""
    names = content().check_in_for(state.language).symptoms
    return finding_wording.render_advice(
        level,
        day=state.day,
        judged=[names[symptom] for symptom in banded_report.SCORED],
        doubt=doubt,
        held=state.flag is FlagCase.ASKED_AGAIN,
        asked_at=asked_again_at(state) if state.flag is FlagCase.ASKED_AGAIN else None,
        state=status.state,
        overdue=status.is_overdue(now=state.now),
        help_line=HelpLine.EMERGENCY if level is Level.EMERGENCY else None,
        unsure=unsure,
        words=content().words_for(state.language),
    )


def asks_at(state: ToldState) -> datetime:
    """When a patient who reported just now is asked once more."""
    since = state.now + timedelta(hours=12)
    return text_schedule.next_allowed_time(content().schedule, at=since, zone=ZONE)


def asked_again_at(state: ToldState) -> str:
    """The same in words."""
    return time_phrases.format_deadline(asks_at(state), now=state.now, zone=ZONE, language=state.language)


_PHONES: dict[str, str] = {}


def phone_in_texts(hour: HourCase) -> str:
    """The number that a text names that leaves at this hour."""
    if hour.name not in _PHONES:
        _PHONES[hour.name] = number_answered_at(Clinic(**clinic(hour)), hour.now)
    return _PHONES[hour.name]


def text_values(state: ToldState, by: datetime | None) -> dict[str, str]:
    """What fills the places of a text that leaves in this state."""
    zone, signs = state.hour.hours.zone, content().words_for(state.language).signs
    return {
        "danger": signs.danger,
        "signs": signs.by_text,
        "tip": aftercare_tips.tip_on_day(content().care_for(state.language), state.day).in_a_text,
        "sign": signs.in_text(WarningSign.BREATHING, ticked=False),
        "crisis": EMERGENCY,
        "clinic": "Test Clinic",
        "phone": phone_in_texts(state.hour),
        "emergency": EMERGENCY,
        "link": "https://c.example/4t8fKq0ZyR2mUeXw7bNsQA",
        "day": str(state.day),
        "ref": "7K3QXM",
        "by": ""
        if by is None
        else time_phrases.format_deadline(by, now=state.now, zone=zone, language=state.language),
    }


def text_keys(state: ToldState) -> dict[str, datetime | None]:
    """The texts that may leave in this state, each with the moment it names: of its flag, and of its day."""
    row, keys = state.row(content().response_times), dict[str, datetime | None]()
    if row is not None and state.flag in (FlagCase.OPEN, FlagCase.REOPENED):
        text = flag_texts.text_of_flag(
            state.urgency, promised=row.due_at, in_doubt=False, hours=state.hour.hours, now=state.now
        )
        keys[text.template] = text.by
    if state.flag is FlagCase.CLOSED:
        keys["seen"] = None
    if state.flag in (FlagCase.CLAIMED, FlagCase.CONTACTED):
        keys["tried_to_call"] = None
    for step in content().schedule.steps:
        if step.day == state.day:
            keys[step.template] = None
    keys |= dict.fromkeys(("reminder_link", "reminder_text", "last", "invitation", "session_reminder"), None)
    if state.flag is FlagCase.ASKED_AGAIN:
        keys |= {"asked_again": asks_at(state), "again_link": None, "again_text": None}
    reading = tasks.reading_due_at(state.hour.hours, now=state.now)
    answers = [key for key in ANSWERS if key not in CALM or is_calm(state, key)]
    return keys | {key: reading if "by" in places(state, key) else None for key in answers}


def is_calm(state: ToldState, key: str) -> bool:
    """Whether nothing is in question; on the day of the treatment nothing is as expected either."""
    return state.flag is FlagCase.NONE and (state.day > 0 or key != "as_expected")


def places(state: ToldState, key: str) -> tuple[str, ...]:
    """What a wording leaves open."""
    return content().catalogue_for(state.language).text(key).placeholders


def text_sentences(state: ToldState) -> Iterator[str]:
    """The words of those texts."""
    catalogue = content().catalogue_for(state.language)
    for key, by in text_keys(state).items():
        values = text_values(state, by)
        yield catalogue.render(key, **{place: values[place] for place in places(state, key)})


def tell_all() -> list[Told]:
    """What is told in every state."""
    states = list(every_state())
    pages = page_sentences.say([page_case(state, status_of(state)) for state in states])
    return [
        Told(
            state=state,
            status=status_of(state),
            page=page,
            api=tuple(api_sentences(state, status_of(state))),
            texts=tuple(text_sentences(state)),
        )
        for state, page in zip(states, pages, strict=True)
    ]
