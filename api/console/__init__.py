"""The nurse's pages: plain HTML that works without scripts."""

from __future__ import annotations

from api.console import (
    desk_page,
    enrol_page,
    errors,
    flag_page,
    flag_work,
    follow_up,
    guard,
    patient_page,
    patients_page,
    queue_page,
    second_factor,
    sign_in,
    to_read,
    treatment_form,
)
from api.console.site import blueprint

__all__ = [
    "blueprint",
    "desk_page",
    "enrol_page",
    "errors",
    "flag_page",
    "flag_work",
    "follow_up",
    "guard",
    "patient_page",
    "patients_page",
    "queue_page",
    "second_factor",
    "sign_in",
    "to_read",
    "treatment_form",
]
