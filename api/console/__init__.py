"""The nurse's pages: plain HTML that works without scripts."""

from __future__ import annotations

from api.console import (
    change_page,
    clinic_page,
    consultation_page,
    desk_page,
    enrol_page,
    errors,
    expected_course,
    flag_page,
    flag_work,
    follow_up,
    guard,
    import_page,
    own_phone,
    patient_page,
    patients_page,
    queue_page,
    second_factor,
    series_page,
    sign_in,
    to_read,
    treatment_form,
)
from api.console.site import blueprint

__all__ = [
    "blueprint",
    "change_page",
    "clinic_page",
    "consultation_page",
    "desk_page",
    "enrol_page",
    "errors",
    "expected_course",
    "flag_page",
    "flag_work",
    "follow_up",
    "guard",
    "import_page",
    "own_phone",
    "patient_page",
    "patients_page",
    "queue_page",
    "second_factor",
    "series_page",
    "sign_in",
    "to_read",
    "treatment_form",
]
