"""What a nurse asks about a patient is answered by the record alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect

from api.app_state import KEY
from recovery.models.reports.photos import Photo
from tests.support.browser import axe
from tests.support.data.people import Clinic
from tests.support.record.record_scene import RecordScene, make_record

pytestmark = pytest.mark.browser

LOADED = "(image) => image.complete && image.naturalWidth > 0"


@pytest.fixture
def scene(app: Flask, clinic: Clinic, now: datetime) -> RecordScene:
    """A patient with a history, whose photos can be looked at."""
    made = make_record(clinic, now=now)
    written = io.BytesIO()
    Image.new("RGB", (320, 240), (201, 120, 104)).save(written, "JPEG")
    with clinic.sessions() as session:
        for photo_id in made.photo_ids:
            photo = session.get_one(Photo, (clinic.id, photo_id))
            for name in (photo.object_name, photo.thumbnail_name):
                app.extensions[KEY].photos.put(name, written.getvalue())
    return made


def test_ten_questions_of_a_nurse_are_answered_by_the_record_alone(
    page_of: Callable[..., Page], scene: RecordScene, clinic: Clinic, now: datetime
) -> None:
    address = f"/console/patients/{scene.patient.id}/record"
    reader = clinic.add_nurse(now=now)
    page_of(reader).goto(address)
    page = page_of(clinic.nurse)
    page.goto(address)
    glance = {
        name: page.get_by_role("region", name=name, exact=True)
        for name in (
            "Last treatment",
            "How it healed the time before",
            "Allergies and medicines",
            "Who read it last",
            "How to reach the patient",
        )
    }
    # When was the treatment, what was done, who did it?
    treated = scene.patient.performed_at
    expect(glance["Last treatment"]).to_contain_text(f"{treated.day} {treated:%b %Y %H:%M}")
    expect(glance["Last treatment"]).to_contain_text("Pen 1.5 mm, face")
    expect(glance["Last treatment"]).to_contain_text(f"Treated by Nurse {scene.practitioner.email}")
    # How did it heal last time?
    expect(glance["How it healed the time before"]).to_contain_text("Calm from day 5 on.")
    # Allergies?
    expect(glance["Allergies and medicines"]).to_contain_text("Allergy to nickel or another metal")
    # The photo of day 3?
    photo = page.get_by_role("img", name="Photo of day 3, session 3")
    photo.scroll_into_view_if_needed()
    expect(photo).to_be_visible()
    page.wait_for_function(LOADED, arg=photo.element_handle())
    # Why no text on day 5?
    texts = page.get_by_role("region", name="Texts of session 3")
    fifth = texts.get_by_role("row", name=re.compile("^5 Check-in with link"))
    expect(fifth).to_contain_text("as many texts as one day may have had gone out")
    # Who read it?
    expect(glance["Who read it last"]).to_contain_text(f"Nurse {reader.email}")
    # What was closed as what?
    expect(page.get_by_role("heading", name="Closed as irritation")).to_be_visible()
    # How to reach her?
    call = glance["How to reach the patient"].get_by_role("link")
    expect(call).to_have_attribute("href", f"tel:{scene.patient.phone}")
    axe.check(page)


def test_what_is_folded_is_printed_too(
    page_of: Callable[..., Page], scene: RecordScene, clinic: Clinic
) -> None:
    page = page_of(clinic.nurse)
    page.goto(f"/console/patients/{scene.patient.id}/record")
    folded = page.get_by_role("region", name="Texts of session 1", include_hidden=True)
    expect(folded).to_be_hidden()
    page.emulate_media(media="print")
    expect(folded).to_be_visible()
    expect(page.get_by_role("link", name="Save as a file")).to_be_hidden()
