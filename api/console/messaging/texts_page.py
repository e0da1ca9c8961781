"""Page of one patient's texts: what was sent, whether it arrived, why not, and what came back."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for

from api import auth, clinic_content, database
from api.console import console_blueprint, page_layout
from api.formats import pagination
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.services.patients import enrolment
from recovery.services.read_models import conversation, patient_view

ROWS = 40
FAILED = frozenset(
    state.value for state in (MessageState.UNDELIVERED, MessageState.FAILED, MessageState.QUARANTINED)
)
"""What somebody has to do something about; a text that was not sent for a reason is no failure."""


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/texts")
def texts_page(patient_id: UUID) -> str:
    """Both ways, the newest first; one of ours that did not leave says why."""
    caller, session, now = auth.staff(), database.current(), database.request_time()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    after = pagination.decode_cursor(request.args.get("after"))
    content = clinic_content.running_or_shipped()
    listed = conversation.list_conversation(
        session, patient=patient, content=content, after=after, limit=ROWS, now=now
    )
    patient_view.audit_reading(session, caller=caller, patient=patient, now=now, action="messages.read")
    older = None
    if listed.older is not None:
        older = url_for(
            "console.texts_page", patient_id=patient.id, after=pagination.encode_cursor(*listed.older)
        )
    return render_template(
        "console/texts.html",
        **page_layout.page_context(caller),
        patient=patient,
        entries=listed.entries,
        older=older,
        first=after is None,
        failed=FAILED,
    )
