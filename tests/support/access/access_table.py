"""Who may call which operation: one row each, by method and path. Written by hand, not taken from the code.

A new operation needs a row here: who may call it, a body that would be accepted, and in
tests/support/access/access_world.py a maker for any new id in its path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recovery.domain.clinic.staff_roles import Role
from tests.support.access.access_world import JPEG, AccessWorld, Call
from tests.support.access.access_world import SKIN as PICTURE

EVERYONE = frozenset(Role)
PRACTITIONERS = frozenset({Role.PRACTITIONER, Role.MANAGER, Role.MEDICAL_DIRECTOR})
SKIN = frozenset({Role.PRACTITIONER, Role.MEDICAL_DIRECTOR})
MANAGERS = frozenset({Role.MANAGER, Role.MEDICAL_DIRECTOR})
DIRECTORS = frozenset({Role.MEDICAL_DIRECTOR})

PROFILE_CHANGE: Mapping[str, Any] = {
    "language": "fr",
    "time_zone": "America/Chicago",
    "answers_by": "text",
    "texts": {
        "recovery_texts": True,
        "session_reminders": False,
        "stopped": False,
        "wording": "Canary words of a patient",
    },
}
"""Everything that a patient decides in their profile."""

Body = Mapping[str, Any] | Callable[[AccessWorld], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class AccessRow:
    """Who is let in, and how a good call looks.

    `roles` is empty for operations of patients and for those that need no token; `open` marks the latter.
    `client_made` are ids in the path that the caller makes up, so that a strange one is no object of
    somebody's. `query` names ids given as `?name=`. `before` is done to the caller's own object first.
    """

    roles: frozenset[Role] = frozenset()
    open: bool = False
    body: Body | None = None
    raw: bytes | None = None
    client_made: frozenset[str] = frozenset()
    query: tuple[str, ...] = ()
    before: Callable[[AccessWorld, Call], None] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def body_for(self, world: AccessWorld) -> Mapping[str, Any] | None:
        """The body of a good call."""
        return self.body(world) if callable(self.body) else self.body


def open_to_all(body: Body) -> AccessRow:
    """Needs no token, and looks at none."""
    return AccessRow(open=True, body=body)


def patient(**more: Any) -> AccessRow:
    """A patient's own."""
    return AccessRow(**more)


def staff(roles: frozenset[Role] = EVERYONE, **more: Any) -> AccessRow:
    """A clinic's own, for these roles."""
    return AccessRow(roles=roles, **more)


def _claimed(world: AccessWorld, call: Call) -> None:
    world.claim(call)


def _resolved(world: AccessWorld, call: Call) -> None:
    world.claim(call)
    world.resolve(call)


ROWS: Mapping[str, AccessRow] = {
    "POST /patient/codes": open_to_all(lambda world: {"phone": world.own.phone}),
    "POST /patient/invitations": open_to_all(lambda world: {"invitation": world.invitation()}),
    "POST /patient/reception": open_to_all(lambda world: {"invitation": world.invitation()}),
    "POST /patient/sessions": open_to_all(
        lambda world: {"invitation": world.invitation(), "secret": world.year_of_birth}
    ),
    "POST /staff/sessions": open_to_all(lambda world: world.staff_sign_in()),
    # A patient's own
    "GET /patient/sessions": patient(),
    "DELETE /patient/sessions/{device_id}": patient(),
    "DELETE /patient/sessions/current": patient(),
    "GET /me": patient(),
    "PATCH /me": patient(body=PROFILE_CHANGE),
    "POST /me/leave": patient(),
    "GET /me/export": patient(),
    "GET /me/treatments": patient(),
    "GET /me/treatments/{treatment_id}": patient(),
    "GET /me/treatments/{treatment_id}/check-in": patient(),
    "GET /me/treatments/{treatment_id}/recovery": patient(),
    "GET /me/treatments/{treatment_id}/reports": patient(),
    "PUT /me/treatments/{treatment_id}/reports/{report_id}": patient(
        body=lambda world: world.report(), client_made=frozenset({"report_id"})
    ),
    "GET /me/treatments/{treatment_id}/tips": patient(),
    "GET /knowledge": patient(),
    "GET /me/words": patient(),
    "GET /me/reports/{report_id}/photos": patient(),
    "GET /me/reports/{report_id}/photos/{photo_id}": patient(),
    "PUT /me/reports/{report_id}/photos/{photo_id}": patient(
        raw=PICTURE, headers=JPEG, client_made=frozenset({"photo_id"})
    ),
    # Staff: patients, treatments, reports, flags, tasks, messages are everybody's
    "DELETE /staff/sessions/current": staff(),
    "PUT /staff/me/totp": staff(body=lambda world: {"password": world.password}),
    "PUT /staff/me/phone": staff(body={"phone": "+12025550171"}),
    "POST /staff/me/phone/proof": staff(body={"code": "481516"}, before=AccessWorld.texted_code),
    "POST /patients": staff(body=lambda world: world.new_patient()),
    "GET /patients": staff(),
    "GET /patients/{patient_id}": staff(),
    "GET /patients/{patient_id}/timeline": staff(),
    "PATCH /patients/{patient_id}": staff(body={"first_name": "Sam"}),
    "POST /patients/{patient_id}/end": staff(
        body={"ending": "session_reminders", "because": "asked", "comment": "Asked on the phone"}
    ),
    "POST /patients/{patient_id}/invitations": staff(body={"via": "desk"}),
    "DELETE /patients/{patient_id}/sessions": staff(),
    "POST /patients/{patient_id}/real": staff(),
    "POST /patients/{patient_id}/treatments": staff(body=lambda world: world.new_treatment()),
    "GET /treatments/{treatment_id}": staff(),
    "GET /treatments/{treatment_id}/messages/explained": staff(),
    "GET /messages": staff(query=("patient_id",)),
    "POST /treatments/{treatment_id}/flags": staff(body={"told": "My cheek is hot.", "urgency": "same_day"}),
    "POST /treatments/{treatment_id}/complications": staff(
        body=lambda world: {"outcome": "scar", "began_on": world.now.date().isoformat()}
    ),
    "GET /treatments/{treatment_id}/complications": staff(),
    "POST /complications/{complication_id}/withdraw": staff(PRACTITIONERS),
    "GET /flags": staff(),
    "GET /flags/{flag_id}": staff(),
    "POST /flags/{flag_id}/claim": staff(),
    "POST /flags/{flag_id}/release": staff(before=_claimed),
    "POST /flags/{flag_id}/contacts": staff(body={"result": "reached"}, before=_claimed),
    "POST /flags/{flag_id}/resolve": staff(body={"outcome": "other", "comment": "Fine."}, before=_claimed),
    "POST /flags/{flag_id}/hand-over": staff(body=lambda world: {"to": str(world.clinic.nurse.id)}),
    "POST /flags/{flag_id}/notes": staff(body={"note": "Her sister rang."}),
    "POST /flags/{flag_id}/texts": staff(body={"template": "seen"}, before=_claimed),
    "POST /flags/{flag_id}/reopen": staff(before=_resolved),
    "POST /flags/{flag_id}/undo": staff(before=_claimed),
    "GET /tasks": staff(),
    "POST /tasks/{task_id}/done": staff(body={"comment": "Called."}),
    "POST /tasks/{task_id}/claim": staff(),
    "POST /tasks/{task_id}/release": staff(),
    "POST /tasks/{task_id}/undo": staff(before=AccessWorld.claim_task),
    "GET /inbox": staff(),
    "POST /inbox/{entry_id}/read": staff(),
    "PUT /clinic/stop-switch": staff(body={"on": False, "reason": "Looked into."}),
    "GET /clinic/wordings": staff(),
    "POST /clinic/wordings/{language}/{key}/preview": staff(body=lambda world: world.wording()),
    "GET /clinic/pages": staff(),
    "GET /clinic/avoid": staff(),
    "GET /reports/{report_id}/photos": staff(),
    "GET /reports/{report_id}/photos/{photo_id}": staff(),
    "GET /clinic": staff(),
    "GET /clinic/readiness": staff(),
    "GET /staff": staff(),
    "GET /protocols": staff(),
    "GET /protocols/to-sign": staff(),
    "POST /protocols/{version}/replay": staff(),
    # Correcting or withdrawing a treatment
    "PATCH /treatments/{treatment_id}": staff(PRACTITIONERS, body={"depth_mm": 1.0, "reason": "A slip."}),
    "POST /treatments/{treatment_id}/withdraw": staff(PRACTITIONERS, body={"reason": "Another patient's."}),
    "GET /patients/{patient_id}/consultation": staff(),
    "PUT /patients/{patient_id}/consultation": staff(PRACTITIONERS, body={"conditions": ["keloid"]}),
    "GET /patients/{patient_id}/series": staff(),
    "PUT /patients/{patient_id}/series": staff(PRACTITIONERS, body={"sessions": 4, "weeks_between": 5}),
    # What is known of one skin
    "PUT /patients/{patient_id}/band": staff(SKIN, body={"because": "Known to react."}),
    "DELETE /patients/{patient_id}/band": staff(SKIN),
    # Setting up
    "PUT /clinic/wordings/{language}/{key}": staff(MANAGERS, body=lambda world: world.wording()),
    "DELETE /clinic/wordings/{language}/{key}": staff(MANAGERS),
    "PATCH /clinic": staff(MANAGERS, body={"name": "Test Clinic"}),
    "POST /clinic/go-live": staff(MANAGERS),
    "GET /reports/summary": staff(MANAGERS),
    "GET /clinic/withdrawals": staff(),
    "GET /clinic/withdrawals/forms": staff(query=("part",)),
    "POST /clinic/withdrawals": staff(
        MANAGERS,
        body={"part": "own wording en tried_to_call", "to": None, "because": "It frightens."},
        before=AccessWorld.signed_wording,
    ),
    "POST /staff/{staff_id}/second-factor/removal": staff(
        MANAGERS, body=lambda world: world.own_code(), before=AccessWorld.known_second_factor
    ),
    "POST /staff/proposals/{proposal_id}": staff(MANAGERS, body={"accepted": True}),
    "POST /staff": staff(MANAGERS, body=lambda world: world.new_member()),
    "PATCH /staff/{staff_id}": staff(MANAGERS, body={"name": "Sam"}),
    "PUT /clinic/pages/{language}/{topic}": staff(MANAGERS, body={"text": None}),
    "PUT /clinic/avoid/{what}": staff(MANAGERS, body={"hours": 48}),
    # Signing and publishing
    "POST /protocols": staff(MANAGERS, body=lambda world: world.protocol()),
    "POST /protocols/{version}/publish": staff(DIRECTORS, body={"reason": "Agreed in the team."}),
    "POST /protocols/sign": staff(
        DIRECTORS, body=lambda world: world.digest(), before=AccessWorld.known_second_factor
    ),
}
"""By method and path below /api/v1."""
