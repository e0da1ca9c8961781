"""Everything that can stop a text, and what becomes of it then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from config import content_files as files
from recovery.domain.messaging import send_eligibility, text_schedule
from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.messaging.send_eligibility import Recipient, SendFacts
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind

SCHEDULE = text_schedule.parse(files.read_content_files().schedule)
LIMITS = SCHEDULE.limits
NOON = datetime(2027, 3, 10, 12, tzinfo=UTC)
EVERYBODY = frozenset(ConsentKind)

PATIENT = Recipient(
    zone=ZoneInfo("UTC"),
    consents=EVERYBODY,
    opted_out=False,
    flag_open=False,
    unsolicited_today=0,
    identical_today=0,
)
CHECK_IN = SendFacts(
    kind=TextKind.CHECK_IN,
    template="day1_link",
    useful_until=NOON + timedelta(hours=8),
    stopped=False,
    practised=None,
    clinic_today=0,
    budget=10,
    next_day_starts_at=NOON + timedelta(hours=12),
    recipient=PATIENT,
)
REMINDER = replace(
    CHECK_IN, kind=TextKind.REMINDER, template="session_reminder", useful_until=NOON + timedelta(days=14)
)


def told(facts: SendFacts, *, now: datetime = NOON) -> tuple[MessageState, str, datetime | None] | None:
    refused = send_eligibility.check_send(facts, schedule=SCHEDULE, now=now)
    return None if refused is None else (refused.state, refused.reason, refused.again_at)


def to(**changes: object) -> SendFacts:
    return replace(CHECK_IN, recipient=replace(PATIENT, **changes))  # type: ignore[arg-type]


def test_a_due_check_in_goes_out() -> None:
    assert told(CHECK_IN) is None


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        (replace(CHECK_IN, useful_until=NOON), MessageState.EXPIRED, UnsentReason.TOO_LATE),
        (replace(CHECK_IN, practised=UnsentReason.TRAINING), MessageState.CANCELLED, UnsentReason.TRAINING),
        (to(opted_out=True), MessageState.CANCELLED, UnsentReason.OPTED_OUT),
        (to(consents=frozenset()), MessageState.CANCELLED, UnsentReason.NO_CONSENT),
        (
            replace(REMINDER, recipient=replace(PATIENT, consents=frozenset({ConsentKind.RECOVERY_TEXTS}))),
            MessageState.CANCELLED,
            UnsentReason.NO_REMINDER_CONSENT,
        ),
        (to(unsolicited_today=2), MessageState.EXPIRED, UnsentReason.ENOUGH_TODAY),
        (to(identical_today=3), MessageState.QUARANTINED, UnsentReason.REPEATED),
        (replace(CHECK_IN, clinic_today=10), MessageState.EXPIRED, UnsentReason.BUDGET),
    ],
)
def test_what_ends_a_text(facts: SendFacts, state: MessageState, reason: UnsentReason) -> None:
    assert told(facts) == (state, reason, None)


def test_after_an_opt_out_only_its_confirmation_leaves() -> None:
    for kind in TextKind:
        for is_reply in (False, True):
            refused = told(replace(to(opted_out=True), kind=kind, is_reply=is_reply))
            assert (refused is None) is (kind is TextKind.OPT_OUT and is_reply), (kind, is_reply)


def test_in_a_pause_only_what_keeps_safe_or_was_asked_for_leaves() -> None:
    goes_on = {TextKind.SAFETY, TextKind.EMERGENCY, TextKind.ACCOUNT, TextKind.OPT_OUT}
    for kind in TextKind:
        paused = replace(to(paused=True), kind=kind)
        held = (MessageState.PLANNED, UnsentReason.PAUSED, NOON + timedelta(minutes=15))
        assert told(paused) == (None if kind in goes_on else held), kind
        assert told(replace(paused, is_reply=True)) is None
    last = replace(to(paused=True), useful_until=NOON + timedelta(minutes=10))
    assert told(last) == (MessageState.EXPIRED, UnsentReason.PAUSED, None)


def test_answers_may_read_alike() -> None:
    often = replace(to(identical_today=50), kind=TextKind.ANSWER, is_reply=True)
    assert told(often) is None


def test_stop_switch_holds_every_kind_but_what_nobody_may_miss() -> None:
    goes_on = {TextKind.EMERGENCY, TextKind.OPT_OUT, TextKind.STAFF}
    held = (MessageState.PLANNED, UnsentReason.STOPPED, NOON + timedelta(minutes=1))
    for kind in TextKind:
        stopped = replace(CHECK_IN, kind=kind, stopped=True)
        assert told(stopped) == (None if kind in goes_on else held), kind


def test_tips_stop_while_a_flag_is_open_and_check_ins_go_on() -> None:
    flagged = to(flag_open=True)
    assert told(flagged) is None
    assert told(replace(flagged, kind=TextKind.TIP, template="day0")) == (
        MessageState.CANCELLED,
        UnsentReason.FLAG_OPEN,
        None,
    )


def test_session_reminder_waits_for_the_flag_but_not_past_its_use() -> None:
    flagged = replace(REMINDER, recipient=replace(PATIENT, flag_open=True))
    assert told(flagged) == (MessageState.PLANNED, UnsentReason.FLAG_OPEN, NOON + timedelta(hours=1))
    last = replace(flagged, useful_until=NOON + timedelta(minutes=50))
    assert told(last) == (MessageState.EXPIRED, UnsentReason.FLAG_OPEN, None)


def test_third_text_of_a_day_moves_to_the_next_morning_while_it_is_of_use() -> None:
    third = replace(REMINDER, recipient=replace(PATIENT, unsolicited_today=2))
    assert told(third) == (
        MessageState.PLANNED,
        UnsentReason.ENOUGH_TODAY,
        datetime(2027, 3, 11, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    "kind", [TextKind.ANSWER, TextKind.SAFETY, TextKind.EMERGENCY, TextKind.ACCOUNT, TextKind.STAFF]
)
def test_what_a_patient_or_a_danger_asked_for_is_not_capped(kind: TextKind) -> None:
    assert told(replace(to(unsolicited_today=9), kind=kind)) is None


def test_codes_have_a_limit_of_their_own() -> None:
    code = replace(to(identical_today=LIMITS.identical_per_day), kind=TextKind.ACCOUNT, template="login_code")
    assert told(code) is None
    often = replace(code, recipient=replace(PATIENT, identical_today=LIMITS.codes_per_day))
    assert told(often) == (MessageState.QUARANTINED, UnsentReason.REPEATED, None)


def test_budget_leaves_a_reserve_for_what_cannot_wait() -> None:
    staff = replace(CHECK_IN, kind=TextKind.STAFF, recipient=None, useful_until=NOON + timedelta(days=1))
    assert told(replace(staff, clinic_today=10)) is None
    spent = replace(staff, clinic_today=10 * LIMITS.reserve)
    assert told(spent) == (MessageState.PLANNED, UnsentReason.BUDGET, staff.next_day_starts_at)


def test_budget_that_ends_at_midnight_does_not_send_at_midnight() -> None:
    held = told(replace(REMINDER, clinic_today=10))
    assert held == (MessageState.PLANNED, UnsentReason.BUDGET, datetime(2027, 3, 11, 8, tzinfo=UTC))


@given(
    facts=st.builds(
        SendFacts,
        kind=st.sampled_from(TextKind),
        template=st.sampled_from(["day0", "day1_link", "session_reminder", "seen"]),
        useful_until=st.integers(-60, 30 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
        stopped=st.booleans(),
        practised=st.sampled_from([None, UnsentReason.TRAINING, UnsentReason.FOR_PRACTICE]),
        clinic_today=st.integers(0, 30),
        budget=st.integers(1, 15),
        next_day_starts_at=st.integers(1, 24).map(lambda hours: NOON + timedelta(hours=hours)),
        recipient=st.none()
        | st.builds(
            Recipient,
            zone=st.sampled_from(
                ["UTC", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
            ).map(ZoneInfo),
            consents=st.frozensets(st.sampled_from(ConsentKind)),
            opted_out=st.booleans(),
            flag_open=st.booleans(),
            unsolicited_today=st.integers(0, 4),
            identical_today=st.integers(0, 12),
        ),
    ),
    minutes=st.integers(0, 24 * 60),
)
def test_a_held_text_comes_back_later_and_in_time_and_nothing_leaves_at_night(
    facts: SendFacts, minutes: int
) -> None:
    now = NOON + timedelta(minutes=minutes)
    assume(facts.next_day_starts_at > now)
    refused = send_eligibility.check_send(facts, schedule=SCHEDULE, now=now)
    if refused is None:
        assert facts.useful_until > now
        assert not facts.stopped or facts.kind in send_eligibility.GOES_ON_WHEN_STOPPED
        if facts.recipient is not None and facts.kind not in (TextKind.ACCOUNT, TextKind.EMERGENCY):
            local = now.astimezone(facts.recipient.zone).time()
            assert SCHEDULE.quiet_until <= local < SCHEDULE.quiet_from
    elif refused.again_at is not None:
        assert refused.state is MessageState.PLANNED
        assert refused.again_at > now
        if not facts.stopped:
            assert refused.again_at < facts.useful_until
    else:
        assert refused.state in (
            MessageState.CANCELLED,
            MessageState.EXPIRED,
            MessageState.QUARANTINED,
        )
