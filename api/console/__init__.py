"""The nurse's pages: plain HTML that works without scripts."""

from __future__ import annotations

from api.console import errors, guard
from api.console.access import account_page, join_page, second_factor, sign_in
from api.console.clinic import clinic_page, figures_page, own_phone, people_page
from api.console.content import expected_course, wordings_page
from api.console.flags import flag_page, flag_work, queue_page
from api.console.messaging import texts_page
from api.console.patients import (
    change_page,
    consultation_page,
    desk_page,
    enrol_page,
    import_page,
    patient_page,
    patients_page,
)
from api.console.site import blueprint
from api.console.tasks import follow_up, to_read
from api.console.training import practice_page
from api.console.treatments import series_page, treatment_form

__all__ = [
    "account_page",
    "blueprint",
    "change_page",
    "clinic_page",
    "consultation_page",
    "desk_page",
    "enrol_page",
    "errors",
    "expected_course",
    "figures_page",
    "flag_page",
    "flag_work",
    "follow_up",
    "guard",
    "import_page",
    "join_page",
    "own_phone",
    "patient_page",
    "patients_page",
    "people_page",
    "practice_page",
    "queue_page",
    "second_factor",
    "series_page",
    "sign_in",
    "texts_page",
    "to_read",
    "treatment_form",
    "wordings_page",
]
