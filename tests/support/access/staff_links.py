"""Links by which somebody new of the staff comes in."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.support.browser.pages import StrictPage

PEOPLE = "/console/clinic/people"
ROBIN = {"name": "<b>Robin</b>", "email": "robin@clinic.example", "role": "nurse"}
PASSWORD_OF_ROBIN = "wet paint under seven lamps"


def invitation_path(page: StrictPage) -> str:
    """The path of the link that a page shows this once."""
    (field,) = page.every("input", id="join-link")
    return urlsplit(str(field.attributes["value"])).path
