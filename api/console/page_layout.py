"""What every page shows around its own matter: the base template's context, "done" messages, pages that keep
themselves current."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import TypedDict

from flask import Response, make_response, render_template, request

from api import clinic_content, database
from api.console import formatting, guard, labels, navigation, sent_forms
from recovery.domain.core.language import Language
from recovery.models.access.held_forms import HeldForm
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.services.access.authentication import NotSignedIn, StaffCaller
from recovery.services.clinic.clinics import opening_hours_of

DONE = {
    "claimed": "You hold this flag now.",
    "released": "The flag is back in the queue.",
    "noted": "The attempt is noted.",
    "told": "It is kept, and stands in the queue in a moment.",
    "complication": "The complication is on record.",
    "complication_withdrawn": "Taken back. It counts no more.",
    "kept": "The note is kept.",
    "texted": "The text leaves in a minute.",
    "handed_over": "Handed over.",
    "reopened": "Open again, for anyone to claim.",
    "undone": "Taken back.",
    "task_done": "The task is done.",
    "sent_again": "It leaves in a moment, if nothing stands against it.",
    "task_claimed": "You see to this now.",
    "task_released": "Given back.",
    "given": "It is theirs now. Where it reports something, it stands in the queue in a moment.",
    "read": "Marked as read.",
    "unread": "Taken back: it waits to be read again.",
    "too_late_to_undo": "That can no longer be taken back.",
    "enrolled": "Enrolled.",
    "imported": "Everybody in the file is enrolled. Nobody was texted.",
    "consulted": "The record of the consultation is kept.",
    "agreed": "The plan is kept.",
    "wording_saved": "Your words are kept. A live clinic sends them once they are signed.",
    "wording_reset": "The shipped words stand again. A live clinic sends them once they are signed.",
    "taken_back": "Taken back at once. The medical director and the managers are told.",
    "role_proposed": "Proposed. The role is given once a second person has confirmed it.",
    "role_given": "The role is given.",
    "role_refused": "The role is not given.",
    "recorded": "The treatment is kept, and the texts that follow it are planned.",
    "corrected": "Corrected. Texts that have not left and the patient's reports follow.",
    "withdrawn": "The treatment is withdrawn.",
    "changed": "The changes are kept.",
    "ended": "Ended. What was planned does not leave; whoever is to be called stands under Follow-up.",
    "signed_out": "Signed out on every device; unused links open nothing any more.",
    "live": "The clinic is live: patients are texted from now on.",
    "switched": "The stop switch is where you put it.",
    "saved": "Saved.",
    "saved_and_moved": "Saved. What is open and fell into closed hours is due later now; each says so.",
    "real": "A real patient from now on: texts go out once the clinic is live.",
    "password": "The new password holds. You are signed out everywhere else.",
    "factor_removed": "The second factor is removed, and they are told by mail.",
    "factor_removed_untold": "The second factor is removed. No mail left: tell them yourself.",
    "session_ended": "That session has ended.",
    "sessions_ended": "You are signed out everywhere else.",
    "person_out": "Signed out everywhere.",
    "code_sent": "A code is on its way to your phone. It works for ten minutes.",
    "phone_proved": "This phone is yours. Practice texts to it go out.",
    "practice": "The week has begun. The first text is on its way to your phone.",
    "signed": "Signed. Patients of a live clinic get what you signed, until you sign the next.",
    "published": "Published. In a live clinic it holds once it is signed.",
    "drafted": "The draft is kept. Replay it before you publish it.",
    "curve_kept": "The draft is kept. Nothing changes for patients until it is published and signed.",
    "resolved": "Closed and kept with its outcome.",
}
"""What a page may say about the step before, by the word in its address: nothing about anyone's health."""


class PageContext(TypedDict):
    """The names that the base template and its macros use."""

    caller: StaffCaller
    clinic: Clinic
    training: bool
    unreadable: bool
    say: formatting.PageFormatter
    words: object
    labels: object
    csrf: str
    places: list[navigation.NavigationLink]
    done: str | None
    held: HeldForm | None


def page_context(caller: StaffCaller) -> PageContext:
    """The clinic, its clock and its words, for one page."""
    session, now = database.current(), database.request_time()
    clinic = clinics.get(session, caller.clinic_id)
    if clinic is None:
        raise NotSignedIn
    content = clinic_content.running_or_shipped()
    return PageContext(
        caller=caller,
        clinic=clinic,
        training=clinic.mode is ClinicMode.TRAINING,
        unreadable=clinic_content.is_unreadable(),
        say=formatting.PageFormatter(
            now=now,
            hours=opening_hours_of(clinic),
            words=content.words_for(Language.ENGLISH),
            asked=content.check_in_for(Language.ENGLISH),
            bands=content.check_in_bands,
        ),
        words=formatting,
        labels=labels,
        csrf=guard.csrf_token_for(guard.browser_session_token()),
        places=navigation.list_links(session, caller, endpoint=request.endpoint, now=now),
        done=done_message(),
        held=sent_forms.find_held(),
    )


def done_message() -> str | None:
    """What was just done, from the word in the address; unknown words say nothing."""
    return DONE.get(request.args.get("done", ""))


def render_live_page(template: str, *, note_reading: Callable[[], None], **names: object) -> Response:
    """A page that keeps itself current: whole, or as the script asks for it again, only what changes.

    The script says what it shows; where nothing has changed nothing is sent. What is sent was read by the
    caller, which `note_reading` writes down.
    """
    shown = request.headers.get(guard.LIVE)
    if shown is None:
        note_reading()
        return make_response(render_template(template, layout="console/base.html", **names))
    body = render_template(template, layout="console/live.html", **names)
    tag = hashlib.sha256(body.encode()).hexdigest()
    if shown == tag:
        return Response(status=HTTPStatus.NO_CONTENT)
    note_reading()
    response = make_response(body)
    response.headers[guard.LIVE] = tag
    return response
