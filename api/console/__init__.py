"""The nurse's pages, plain HTML that works without scripts: each page's module loaded onto the console's
blueprint."""

from __future__ import annotations

from api.console import error_pages, guard
from api.console.access import account_page, join_page, second_factor_page, sign_in_page
from api.console.clinic import (
    audit_page,
    clinic_page,
    figure_rows_page,
    figures_page,
    staff_page,
    staff_phone_page,
)
from api.console.console_blueprint import blueprint
from api.console.content import calibration_page, curve_page, protocol_pages, withdrawal_page, wordings_page
from api.console.flags import closed_flags_page, flag_page, flag_work, queue_page
from api.console.messaging import texts_page
from api.console.patients import (
    consultation_page,
    desk_page,
    enrol_page,
    import_page,
    patient_change_page,
    patient_page,
    patients_page,
    record_page,
    told_forms,
)
from api.console.tasks import done_page, inbox_page, task_page, tasks_page
from api.console.training import training_week_page
from api.console.treatments import session_plan_page, treatment_form

__all__ = [
    "account_page",
    "audit_page",
    "blueprint",
    "calibration_page",
    "clinic_page",
    "closed_flags_page",
    "consultation_page",
    "curve_page",
    "desk_page",
    "done_page",
    "enrol_page",
    "error_pages",
    "figure_rows_page",
    "figures_page",
    "flag_page",
    "flag_work",
    "guard",
    "import_page",
    "inbox_page",
    "join_page",
    "patient_change_page",
    "patient_page",
    "patients_page",
    "protocol_pages",
    "queue_page",
    "record_page",
    "second_factor_page",
    "session_plan_page",
    "sign_in_page",
    "staff_page",
    "staff_phone_page",
    "task_page",
    "tasks_page",
    "texts_page",
    "told_forms",
    "training_week_page",
    "treatment_form",
    "withdrawal_page",
    "wordings_page",
]
