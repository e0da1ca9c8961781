"""What the caller's clinic runs on: asked for once a request, for endpoints and for pages."""

from __future__ import annotations

from flask import g

from api import app_state, database
from recovery.models.clinic import clinics
from recovery.services.access import authentication
from recovery.services.access.authentication import PatientCaller, StaffCaller
from recovery.services.content import running_content
from recovery.services.content.content import Content


def running() -> Content:
    """By what patients of the caller's clinic are judged, and what they read. Raises UnreadableContent."""
    if "running_content" not in g:
        caller = g.caller
        if not isinstance(caller, PatientCaller | StaffCaller):
            raise authentication.NotSignedIn
        session = database.current()
        clinic = clinics.get_one(session, caller.clinic_id)
        newest = app_state.state().newest
        g.running_content = running_content.of_clinic(session, clinic, newest=newest)
    content: Content = g.running_content
    return content


def for_pages() -> Content:
    """The same for pages of staff that show what there is to sign, and their frame.

    What ships where it cannot be read: else nobody could sign anew.
    """
    try:
        return running()
    except running_content.UnreadableContent:
        return app_state.state().newest
