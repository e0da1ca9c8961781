"""Page at the desk that the patient sees: the code to scan, and whether the first text has arrived.

The invitation is shown from a cookie of this browser, for a few minutes: only its fingerprint is kept, and no
address carries it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import Response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, clinic_content, database
from api.console import console_blueprint, guard, page_layout
from api.console.access import second_factor_page
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.services.access import authentication
from recovery.services.core import audit
from recovery.services.patients import enrolment
from recovery.services.read_models import patient_view, send_explanations
from recovery.services.read_models.send_explanations import TextExplanation

COOKIE = "afterglow_desk"
SHOWN_FOR = timedelta(minutes=15)
MOST_TEXTS = 20
FAILED = frozenset(
    (
        MessageState.UNDELIVERED.value,
        MessageState.FAILED.value,
        MessageState.EXPIRED.value,
        MessageState.CANCELLED.value,
        MessageState.QUARANTINED.value,
    )
)
_FIRST = ("optin_confirm", "invitation")


@console_blueprint.blueprint.get("/patients/<uuid:patient_id>/desk")
def desk(patient_id: UUID) -> Response:
    """The code while it can be scanned, and the state of the first text."""
    caller, session, now = auth.staff(), database.current(), database.request_time()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    content = clinic_content.running_or_shipped()
    texts = send_explanations.explain_for_patient(
        session, patient=patient, content=content, after=None, limit=MOST_TEXTS, now=now
    )
    qr, opened = _code(patient)
    return page_layout.render_live_page(
        "console/desk.html",
        note_reading=lambda: patient_view.audit_reading(session, caller=caller, patient=patient, now=now),
        **page_layout.page_context(caller),
        patient=patient,
        qr=qr,
        opened=opened,
        text=_first(texts),
        consented=patients.has_consent(session, patient, ConsentKind.RECOVERY_TEXTS),
        failed=FAILED,
    )


@console_blueprint.blueprint.post("/patients/<uuid:patient_id>/desk")
def show_code(patient_id: UUID) -> AnyResponse:
    """A fresh invitation to be scanned now."""
    caller, session, now = auth.staff(), database.current(), database.request_time()
    patient = enrolment.get_patient(session, clinic_id=caller.clinic_id, patient_id=patient_id)
    actor = audit.staff(caller.staff_id)
    invited = enrolment.invite_at_desk(session, patient=patient, actor=actor, now=now)
    way_on = redirect(url_for("console.desk", patient_id=patient.id), code=303)
    return remember_invitation(way_on, patient_id=patient.id, token=invited.token)


def remember_invitation(response: AnyResponse, *, patient_id: UUID, token: str) -> AnyResponse:
    """Let this browser show the invitation on the desk's page of this patient, and nowhere else."""
    response.set_cookie(
        COOKIE,
        token,
        path=url_for("console.desk", patient_id=patient_id),
        max_age=int(SHOWN_FOR.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=guard.over_tls(),
    )
    return response


def _code(patient: Patient) -> tuple[Markup | None, bool]:
    """The code of the invitation that this browser holds, and whether it was opened already."""
    token = request.cookies.get(COOKIE, "")
    invited = (
        patients.get_invitation(database.current(), authentication.stored_token_hash(token))
        if token
        else None
    )
    if invited is None or (invited[1].clinic_id, invited[1].id) != (patient.clinic_id, patient.id):
        return None, False
    if authentication.has_ended(invited[0], now=database.request_time()):
        return None, invited[0].spent_at is not None
    return second_factor_page.qr(f"{app_state.state().settings.links_at}/{token}"), False


def _first(texts: Sequence[TextExplanation]) -> TextExplanation | None:
    return next((text for text in texts if text.template in _FIRST), None)
