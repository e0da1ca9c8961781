"""What every page for someone who is signed in shows around its own matter."""

from __future__ import annotations

from typing import TypedDict

from flask import request

from api import app_state, database
from api.console import guard, saying
from recovery.domain import hours
from recovery.domain.people import Language
from recovery.models import clinics
from recovery.models.clinics import Clinic, Mode
from recovery.services.access import NotSignedIn, StaffCaller

DONE = {
    "claimed": "You hold this flag now.",
    "released": "The flag is back in the queue.",
    "noted": "The attempt is noted.",
    "task_done": "The task is done.",
    "resolved": "Closed and kept with its outcome.",
}
"""What a page may say about the step before, by the word in its address: nothing about anyone's health."""


class Frame(TypedDict):
    """The names that the base template and its macros use."""

    caller: StaffCaller
    clinic: Clinic
    training: bool
    say: saying.Saying
    words: object
    csrf: str


def frame(caller: StaffCaller) -> Frame:
    """The clinic, its clock and its words, for one page."""
    clinic = clinics.get(database.current(), caller.clinic_id)
    if clinic is None:
        raise NotSignedIn
    return Frame(
        caller=caller,
        clinic=clinic,
        training=clinic.mode is Mode.TRAINING,
        say=saying.Saying(
            now=database.now(),
            zone=hours.zone_named(clinic.time_zone),
            words=app_state.state().content.words_for(Language.ENGLISH),
        ),
        words=saying,
        csrf=guard.csrf_of(guard.token()),
    )


def done() -> str | None:
    """What was just done, from the word in the address; unknown words say nothing."""
    return DONE.get(request.args.get("done", ""))
