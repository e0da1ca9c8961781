"""Why a text did not go out as planned: stored with the text and shown on request."""

from __future__ import annotations

from enum import StrEnum


class UnsentReason(StrEnum):
    """One plain sentence each; it never says anything about the skin."""

    NO_CONSENT = "no consent to recovery texts"
    NO_REMINDER_CONSENT = "no consent to session reminders"
    NOT_TOLD = "the patient agreed to texts in words that do not tell of this one"
    NUMBER_CHANGED = "the number changed, and consent for the new one is missing"
    OPTED_OUT = "this number asked for no more texts"
    MOMENT_PASSED = "its moment had passed when it was planned"
    NO_HOUR_LEFT = "no allowed hour was left while it was useful"
    TOO_LATE = "it would have come too late to be of use"
    QUIET_HOURS = "held for the quiet hours"
    STOPPED = "the stop switch is on"
    TRAINING = "the clinic is in training, and texts only phones that its staff proved to be theirs"
    FOR_PRACTICE = (
        "the patient is for practice, and only phones that the staff proved to be theirs are texted"
    )
    FLAG_OPEN = "a nurse was looking at the recovery"
    PAUSED = "a text may ask for no more texts, and a nurse is to read it"
    ENOUGH_TODAY = "as many texts as one day may have had gone out"
    REPEATED = "the same text had already gone out too often that day"
    UNREADABLE = "what the clinic's medical director signed cannot be read by this program"
    BUDGET = "the clinic's texts for the day were used up"
    COVERED = "covered by the other treatment of that visit"
    NEWER_TREATMENT = "a newer treatment has taken over"
    ASKED_WITH_NEWER = "the check-in of the newer treatment that day asks about both"
    REPORTED_SINCE = "the patient has reported since it was planned"
    NOTHING_OPEN = "what it was to ask about is not open any more"
    NOT_IN_SCHEDULE = "the schedule that was signed since does not have it any more"
    SAID_BEFORE = "the same text went out already by an earlier schedule"
    WITHDRAWN = "the treatment was withdrawn"
    ANSWERS_OTHERWISE = "the patient answers in another way"
    ASKED_THAT_DAY = "the patient was already asked that day in another way"
    SESSION_DONE = "a later session has taken place"
    NO_SESSION_AGREED = "no day is agreed for a next session"
    TAKEN_BACK = "the nurse took it back"
    NEWER_CODE = "a newer code was asked for"
    LEFT = "the patient left the follow-up"
    ENDED = "the clinic ended the follow-up"
