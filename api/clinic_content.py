"""What the caller's clinic runs on: asked for once a request, for endpoints and for pages."""

from __future__ import annotations

from flask import g

from api import app_state, database
from recovery.models.clinic import clinics
from recovery.services.access import authentication
from recovery.services.access.authentication import PatientCaller, StaffCaller
from recovery.services.content import running_content
from recovery.services.content.content import Content
from recovery.services.content.running_content import UnreadableContent


def running() -> Content:
    """By what patients of the caller's clinic are judged, and what they read. Raises UnreadableContent."""
    found = _found()
    if isinstance(found, UnreadableContent):
        raise found
    return found


def running_or_shipped() -> Content:
    """The same; what ships where it cannot be read.

    For what staff see and do about somebody who waits: the queue, a flag, a task, a text. What they plan for
    a patient still leaves in signed words alone. And for what there is to sign: else nobody could sign anew.
    """
    found = _found()
    return app_state.state().newest if isinstance(found, UnreadableContent) else found


def is_unreadable() -> bool:
    """Whether what the caller's clinic signed cannot be read."""
    return isinstance(_found(), UnreadableContent)


def _found() -> Content | UnreadableContent:
    if "running_content" not in g:
        caller = g.caller
        if not isinstance(caller, PatientCaller | StaffCaller):
            raise authentication.NotSignedIn
        session = database.current()
        clinic = clinics.get_one(session, caller.clinic_id)
        newest = app_state.state().newest
        try:
            g.running_content = running_content.of_clinic(session, clinic, newest=newest)
        except UnreadableContent as error:
            g.running_content = error
    found: Content | UnreadableContent = g.running_content
    return found
