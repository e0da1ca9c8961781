"""Who may do what to which table, column and function: the least that each database role needs, applied after
every migration.

Applied after every migration, as a whole, so that what stands here is what holds. The owner role
changes the schema; the API's and the worker's roles never do, and neither can rewrite what was
reported, assessed or audited.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, quoted_name, text

_ALL = "SELECT, INSERT, UPDATE"
_ADD = "SELECT, INSERT"
_READ = "SELECT"

API: Mapping[str, str] = {
    "alert": _ALL,
    "alert_notice": _ALL,
    "alembic_version": _READ,
    "assessment": _ADD,
    "audit_entry": _ADD,
    "carrier_circuit": _READ,
    "clinic": _ALL,
    "clinic_avoidance": _ALL,
    "clinic_page": _ALL,
    "clinic_wording": _ALL,
    "complication": "SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by)",
    "consent": _ALL,
    "consultation": _ADD,
    "content_bundle": _ADD,
    "content_follow_up": _ADD,
    "content_part": _ADD,
    "content_signature": _ADD,
    "content_withdrawal": _ADD,
    "flag": "SELECT, UPDATE",
    "flag_assessment": _READ,
    "figure_change": _ADD,
    "figure_day": "SELECT, DELETE",
    "flag_event": _ADD,
    "held_form": "SELECT, INSERT, UPDATE, DELETE",
    "import_column": _ALL,
    "imported_row": _ADD,
    "inbound_text": (
        "SELECT, INSERT, UPDATE (read_at, read_by, patient_id, treatment_id, report_id, revision, due_at)"
    ),
    "invitation": _ALL,
    "kept_answer": "SELECT, INSERT, DELETE",
    "message": _ALL,
    "opt_out": "SELECT, INSERT, DELETE",
    "patient": _ALL,
    "patient_session": _ALL,
    "photo": "SELECT, INSERT, UPDATE (stored_at)",
    "practice_week": _ALL,
    "protocol_version": (
        "SELECT, INSERT, UPDATE (title, body, published_at, published_by, effective_from, figures, reason, "
        "withdrawn_at, withdrawn_by, beside)"
    ),
    "recovery_code": "SELECT, INSERT, UPDATE (spent_at)",
    "report": _ALL,
    "report_revision": _ADD,
    "role_proposal": "SELECT, INSERT, UPDATE (decided_at, decided_by, accepted)",
    "series": _ALL,
    "sign_in_code": "SELECT, INSERT, UPDATE, DELETE",
    "sent_count": _READ,
    "staff": _ALL,
    "staff_invitation": "SELECT, INSERT, UPDATE (spent_at)",
    "staff_phone": _ALL,
    "staff_session": _ALL,
    "stray_text": "SELECT, INSERT, UPDATE (seen_to_at)",
    "task": _ALL,
    "task_event": _ADD,
    "treatment": _ALL,
    "treatment_correction": _ADD,
    "try_count": "SELECT, INSERT, UPDATE, DELETE",
    "worker": _READ,
}

WORKER: Mapping[str, str] = {
    "alert": _ALL,
    "alert_notice": _ALL,
    "alembic_version": _READ,
    "assessment": "SELECT, INSERT, UPDATE (reviewed_at)",
    "audit_entry": _ADD,
    "carrier_circuit": _ALL,
    "clinic": _READ,
    "clinic_avoidance": _READ,
    "clinic_page": _READ,
    "clinic_wording": _READ,
    "complication": "SELECT (clinic_id, treatment_id, withdrawn_at)",
    "consent": _READ,
    "consultation": "",
    "content_bundle": _READ,
    "content_follow_up": "SELECT, UPDATE (reached, done, failed, finished_at)",
    "content_part": _READ,
    "content_signature": "",
    "content_withdrawal": _READ,
    "figure_change": "SELECT, INSERT, DELETE",
    "figure_day": "SELECT, INSERT, UPDATE, DELETE",
    "flag": _ALL,
    "flag_assessment": _ADD,
    "flag_event": _ADD,
    "held_form": "",
    "import_column": "",
    "imported_row": "",
    "inbound_text": _READ,
    "invitation": _ADD,
    "kept_answer": "",
    "message": _ALL,
    "opt_out": _ADD,
    "patient": _READ,
    "patient_session": "SELECT (clinic_id, patient_id, last_seen_at)",
    "photo": "",
    "practice_week": "SELECT, UPDATE (moved_hours, ended_at)",
    "protocol_version": _READ,
    "recovery_code": "",
    "report": _READ,
    "report_revision": _READ,
    "role_proposal": _READ,
    "series": _READ,
    "sign_in_code": "SELECT, UPDATE",
    "sent_count": _ALL,
    "staff": "SELECT (clinic_id, id, email, role, disabled_at)",
    "staff_invitation": "",
    "staff_phone": "SELECT (clinic_id, staff_id, phone, proved_at)",
    "staff_session": "",
    "stray_text": "SELECT (carrier_id, received_at, urgency, seen_to_at)",
    "task": _ALL,
    "task_event": _ADD,
    "treatment": "SELECT, UPDATE (withdrawn_at, course_version)",
    "treatment_correction": "",
    "try_count": "",
    "worker": _ALL,
}

WORKER_FUNCTIONS = ("practice_moves_on(uuid, uuid, interval)",)
"""What runs with the owner's rights, and looks for itself whether it may."""


def apply(connection: Connection, *, api_role: str, worker_role: str) -> None:
    """Take everything back and give exactly this. The caller commits."""
    for role, table_rights in ((api_role, API), (worker_role, WORKER)):
        name = _quoted(connection, role)
        connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {name}"))
        for table, rights in sorted(table_rights.items()):
            connection.execute(text(f"REVOKE ALL ON TABLE {_quoted(connection, table)} FROM {name}"))
            if rights:
                connection.execute(text(f"GRANT {rights} ON TABLE {_quoted(connection, table)} TO {name}"))
    worker = _quoted(connection, worker_role)
    for function in WORKER_FUNCTIONS:
        connection.execute(text(f"GRANT EXECUTE ON FUNCTION {function} TO {worker}"))


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(quoted_name(name, quote=True))
