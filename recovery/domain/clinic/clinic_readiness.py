"""What a clinic still needs before it may go live: each need, in order, checked against the facts given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

SECOND_FACTORS = 2
"""So many people have to be able to prove who they are, so that one may be away."""


class ReadinessNeed(StrEnum):
    """One thing that has to be there, in the order in which a clinic gets to it."""

    HOURS = "hours"
    NUMBERS = "numbers"
    PEOPLE = "people"
    SIGNATURE = "signature"
    CARRIER = "carrier"
    ALERTS = "alerts"
    LINKS = "links"
    TEST_TEXT = "test_text"
    STOP = "stop"


@dataclass(frozen=True, kw_only=True)
class ReadinessFacts:
    """What is known of a clinic. `links_told` says what its texts cost with the links of this installation.

    `own_numbers` says that the out-of-hours and on-call numbers are not the clinic's own phone, which
    nobody answers at night; `alerts_leave` that there is a way to tell somebody outside the queue.
    """

    has_opening_hours: bool
    own_numbers: bool
    second_factors: int
    signed: bool
    real_carrier: bool
    alerts_leave: bool
    links_fit: bool
    links_told: str
    test_text_delivered: bool
    stop_understood: bool


@dataclass(frozen=True, kw_only=True)
class ReadinessCheck:
    """One need: whether it is met, and in words what is wanted."""

    need: ReadinessNeed
    met: bool
    told: str


def list_checks(facts: ReadinessFacts) -> Sequence[ReadinessCheck]:
    """Every need in order."""
    met = {
        ReadinessNeed.HOURS: facts.has_opening_hours,
        ReadinessNeed.NUMBERS: facts.own_numbers,
        ReadinessNeed.PEOPLE: facts.second_factors >= SECOND_FACTORS,
        ReadinessNeed.SIGNATURE: facts.signed,
        ReadinessNeed.CARRIER: facts.real_carrier,
        ReadinessNeed.ALERTS: facts.alerts_leave,
        ReadinessNeed.LINKS: facts.links_fit,
        ReadinessNeed.TEST_TEXT: facts.test_text_delivered,
        ReadinessNeed.STOP: facts.stop_understood,
    }
    instructions = {
        ReadinessNeed.HOURS: "Weekly opening hours are set, so that it is known when a nurse is there.",
        ReadinessNeed.NUMBERS: "The out-of-hours and on-call numbers differ from the clinic's own phone.",
        ReadinessNeed.PEOPLE: f"{SECOND_FACTORS} people sign in with a second factor "
        f"({facts.second_factors} so far): each sets up their own, on the page of their account.",
        ReadinessNeed.SIGNATURE: "The medical director has signed curve, rules and wordings as they stand.",
        ReadinessNeed.CARRIER: "Texts leave through a carrier, not to this installation's terminal: "
        "whoever runs Afterglow sets SMS_GATEWAY.",
        ReadinessNeed.ALERTS: "Somebody outside the queue hears of a flag that nobody takes in time: whoever "
        "installs Afterglow sets mail (SMTP_URL), which reaches the managers, or a webhook (ALERT_WEBHOOK).",
        ReadinessNeed.LINKS: facts.links_told,
        ReadinessNeed.TEST_TEXT: "A text has reached a phone of the staff, who entered its code.",
        ReadinessNeed.STOP: "STOP, sent from the phone of a practice patient of the staff, has reached us.",
    }
    return [ReadinessCheck(need=need, met=met[need], told=instructions[need]) for need in ReadinessNeed]


def list_unmet(facts: ReadinessFacts) -> Sequence[ReadinessCheck]:
    """The needs that are not met; empty for a clinic that may go live."""
    return [check for check in list_checks(facts) if not check.met]
