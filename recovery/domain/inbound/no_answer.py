"""The reasons why a patient's text gets no answer: each one has an answer or one of these."""

from __future__ import annotations

from enum import StrEnum


class NoAnswer(StrEnum):
    """The reasons, kept with the text.

    `not_written` was sent by the phone itself; `flag_answers` leaves it to the text that goes with its flag;
    `answered_beside` was answered for another clinic on the number; `too_many` is beyond the cap an hour.
    """

    NOT_WRITTEN = "not_written"
    CARRIER_ANSWERED = "carrier_answered"
    OPTED_OUT = "opted_out"
    FLAG_ANSWERS = "flag_answers"
    ANSWERED_BESIDE = "answered_beside"
    UNKNOWN_NUMBER = "unknown_number"
    TOO_MANY = "too_many"
