"""Who may open which page of the console and send which form: one row each, written by hand.

A new route needs a row here: whose it is, and a form that would be taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import pyotp

from recovery.domain.clinic.staff_roles import Role
from recovery.models.clinic.clinics import Staff
from recovery.services.access import second_factor
from tests.support.access.access_table import DIRECTORS, EVERYONE, MANAGERS, PRACTITIONERS, SKIN
from tests.support.access.access_world import AccessWorld, Call
from tests.support.data.people import PASSWORD, Nurse

Form = Mapping[str, str]
TAKEN = frozenset({200, 303})


@dataclass(frozen=True, kw_only=True)
class ConsoleAccessRow:
    """Who is let in, and how a good call looks.

    `open` needs nobody signed in. `setting_up` is reached without a second factor. `before` is done first,
    by who calls. `answers` are the statuses of a call that is let in.
    """

    roles: frozenset[Role] = EVERYONE
    open: bool = False
    setting_up: bool = False
    form: Form | Callable[[AccessWorld, Nurse], Form] | None = None
    before: Callable[[AccessWorld, Call], None] | None = None
    answers: frozenset[int] = TAKEN

    def form_for(self, world: AccessWorld, caller: Nurse) -> Form:
        """The fields of a good call."""
        return self.form(world, caller) if callable(self.form) else self.form or {}


_TABLE = {
    "table": (
        '{"headings": ["Name", "Phone", "Born"], "notices": [], '
        '"lines": [[2, ["Ada", "+13035559999", "1988"]]]}'
    ),
    "column_0": "first_name",
    "column_1": "phone",
    "column_2": "year_of_birth",
}


def page(roles: frozenset[Role] = EVERYONE) -> ConsoleAccessRow:
    """A page for these roles."""
    return ConsoleAccessRow(roles=roles)


def form(
    roles: frozenset[Role] = EVERYONE,
    fields: Form | Callable[[AccessWorld, Nurse], Form] | None = None,
    *,
    before: Callable[[AccessWorld, Call], None] | None = None,
    answers: frozenset[int] = TAKEN,
) -> ConsoleAccessRow:
    """A form for these roles."""
    return ConsoleAccessRow(roles=roles, form=fields, before=before, answers=answers)


def _resolved(world: AccessWorld, call: Call) -> None:
    world.claim(call)
    world.resolve(call)


def _new_patient(world: AccessWorld, _: Nurse) -> Form:
    made = {name: str(value) for name, value in world.new_patient().items()}
    # Somebody alike would be asked about.
    more = {"first_name": f"New {made['phone']}", "language": "en", "answers_by": "link", "time_zone": "UTC"}
    return {**made, **more}


def _same_patient(world: AccessWorld, _: Nurse) -> Form:
    return {**_new_patient(world, _), "phone": world.own.phone}


def _treatment(world: AccessWorld, _: Nurse) -> Form:
    return {
        "performed_at": world.now.strftime("%Y-%m-%dT%H:%M"), "device": "pen", "depth_mm": "1.2",
        "area_face": "on", "session_number": "2", "reason": "A slip.",
    }  # fmt: skip


def _proposed(world: AccessWorld, caller: Nurse) -> Form:
    with world.sessions.begin() as session:
        member = session.get_one(Staff, (world.clinic.id, caller.id))
        offered = second_factor.propose(session, member=member, password=PASSWORD, now=world.now)
        return {"code": pyotp.TOTP(offered.secret).now()}


HOURS: Form = {
    "name": "Test Clinic", "text_name": "Test Clinic", "phone": "+12025550190", "time_zone": "UTC",
    "out_of_hours_phone": "+12025550191", "on_call_phone": "+12025550192", "emergency_number": "911",
    "crisis_number": "988",
    "mon": "09:00-17:00", "holidays": "",
}  # fmt: skip

ROWS: Mapping[str, ConsoleAccessRow] = {
    # Nobody needs to be signed in
    "GET /sign-in": ConsoleAccessRow(open=True),
    "POST /sign-in": ConsoleAccessRow(open=True, answers=frozenset({401})),
    "GET /join/{token}": ConsoleAccessRow(open=True, answers=frozenset({410})),
    "POST /join/{token}": ConsoleAccessRow(open=True, answers=frozenset({410})),
    "GET /enter/{entry}": ConsoleAccessRow(open=True, answers=frozenset({410})),
    "POST /enter/{entry}": ConsoleAccessRow(open=True, answers=frozenset({410})),
    # One's own
    "POST /sign-out": ConsoleAccessRow(setting_up=True),
    "GET /second-factor": ConsoleAccessRow(setting_up=True),
    "POST /second-factor/confirm": ConsoleAccessRow(setting_up=True, form=_proposed),
    "POST /second-factor/new": form(fields={"password": PASSWORD}),
    "POST /second-factor/codes": form(fields=lambda _, caller: {"code": caller.code(now=datetime.now(UTC))}),
    "GET /account": page(),
    "POST /account/password": form(
        fields={"old": PASSWORD, "new": "wet paint under seven lamps", "again": "wet paint under seven lamps"}
    ),
    "POST /account/sessions/end": form(),
    "POST /account/sessions/{session_id}/end": form(),
    "GET /clinic/phone": page(),
    "POST /clinic/phone": form(fields={"phone": "+12025550171"}),
    "POST /clinic/phone/proof": form(fields={"code": "481516"}, before=AccessWorld.texted_code),
    # Patients, treatments, reports, flags, tasks, messages are everybody's
    "GET": page(),
    "GET /": ConsoleAccessRow(answers=frozenset({308})),
    "GET /follow-up": page(),
    "GET /follow-up/done": page(),
    "GET /tasks/{task_id}": page(),
    "GET /tasks/{task_id}/{step}": page(),
    "POST /tasks/{task_id}/claim": form(),
    "POST /tasks/{task_id}/release": form(),
    "POST /tasks/{task_id}/undo": form(answers=frozenset({409})),
    "POST /tasks/{task_id}/text": form(fields={"template": "seen"}),
    # A text that was read, not one that was put aside.
    "POST /tasks/{task_id}/send-again": form(answers=frozenset({409})),
    # A text whose patient is known is given to nobody else.
    "POST /tasks/{task_id}/give": form(
        fields=lambda world, _: {"patient": str(world.own.id)}, answers=frozenset({409})
    ),
    "GET /tasks/{task_id}/done": page(),
    "POST /tasks/{task_id}/done": form(fields={"comment": "Called."}),
    "GET /to-read": page(),
    "POST /to-read": form(),
    "GET /to-read/done": page(),
    "POST /to-read/undo": form(),
    "GET /to-read/undo": page(),
    "GET /closed-flags": page(),
    "GET /flags/{flag_id}": page(),
    "GET /flags/{flag_id}/{step}": page(),
    "POST /flags/{flag_id}/claim": form(),
    "POST /flags/{flag_id}/release": form(before=AccessWorld.claim),
    "POST /flags/{flag_id}/contact": form(fields={"result": "reached"}, before=AccessWorld.claim),
    "POST /flags/{flag_id}/note": form(fields={"text": "Her sister rang."}),
    "POST /flags/{flag_id}/text": form(fields={"template": "seen"}, before=AccessWorld.claim),
    "POST /flags/{flag_id}/resolve": form(
        fields={"outcome": "other", "comment": "Fine."}, before=AccessWorld.claim
    ),
    "POST /flags/{flag_id}/reopen": form(before=_resolved),
    "POST /flags/{flag_id}/undo": form(before=AccessWorld.claim),
    "POST /flags/{flag_id}/hand-over": form(
        fields=lambda world, _: {"to": str(world.clinic.nurse.id)}, before=AccessWorld.claim
    ),
    "GET /reports/{report_id}/photos/{photo_id}": page(),
    "GET /patients": page(),
    "GET /patients/new": page(),
    "POST /patients/new": form(fields=_new_patient),
    "GET /patients/{patient_id}": page(),
    "GET /patients/{patient_id}/change": page(),
    "POST /patients/{patient_id}/change": form(fields=_same_patient),
    "GET /patients/{patient_id}/desk": page(),
    "POST /patients/{patient_id}/desk": form(),
    "POST /patients/{patient_id}/sign-out": form(),
    "POST /patients/{patient_id}/real": form(),
    "POST /patients/{patient_id}/end": form(
        fields={"ending": "session_reminders", "because": "asked", "comment": "Asked on the phone"}
    ),
    "GET /patients/{patient_id}/treatments/new": page(),
    "POST /patients/{patient_id}/treatments/new": form(fields=_treatment),
    "GET /clinic": page(),
    "POST /clinic/texts": form(fields={"stopped": "no", "reason": "Looked into."}),
    "GET /patients/{patient_id}/record": page(),
    "GET /patients/{patient_id}/record/file": page(),
    "GET /patients/{patient_id}/texts": page(),
    "GET /clinic/wordings": page(),
    "GET /clinic/wordings/{language}/{key}": page(),
    "GET /clinic/practice": page(),
    "POST /clinic/practice": form(
        fields={"language": "en", "answers_by": "link"},
        before=AccessWorld.proved_phone,
        answers=frozenset({303}),
    ),
    "GET /course": page(),
    "GET /course/sign": page(),
    "GET /course/versions/{version}": page(),
    "GET /course/versions/{version}/calibration": page(),
    # Correcting or withdrawing a treatment
    "GET /treatments/{treatment_id}/correct": page(PRACTITIONERS),
    "POST /treatments/{treatment_id}/correct": form(PRACTITIONERS, _treatment),
    "GET /treatments/{treatment_id}/withdraw": page(),
    "GET /patients/{patient_id}/consultation": page(),
    "POST /patients/{patient_id}/consultation": form(PRACTITIONERS, {"skin_type": "3", "history": "None."}),
    "GET /patients/{patient_id}/{form}": page(),
    "POST /patients/{patient_id}/flags": form(fields={"told": "My cheek is hot.", "urgency": "same_day"}),
    "POST /patients/{patient_id}/complications": form(
        fields=lambda world, _: {"outcome": "scar", "began_on": world.now.date().isoformat()}
    ),
    "POST /complications/{complication_id}/withdraw": form(PRACTITIONERS),
    "POST /patients/{patient_id}/sooner": form(SKIN, {"sooner": "yes"}),
    "GET /patients/{patient_id}/series": page(),
    "POST /patients/{patient_id}/series": form(PRACTITIONERS, {"sessions": "4", "weeks_between": "5"}),
    "POST /treatments/{treatment_id}/withdraw": form(PRACTITIONERS, {"withdraw_reason": "Another's."}),
    # Setting up
    "POST /clinic/wordings/{language}/{key}": form(MANAGERS, lambda world, _: world.wording()),
    "GET /figures": page(MANAGERS),
    "GET /figures.csv": page(MANAGERS),
    "GET /figures/rows": page(MANAGERS),
    "GET /figures/rows.csv": page(MANAGERS),
    "GET /audit": page(MANAGERS),
    "GET /audit.csv": page(MANAGERS),
    "GET /clinic/hours": page(MANAGERS),
    "POST /clinic/hours": form(MANAGERS, HOURS),
    "POST /clinic/live": form(MANAGERS, answers=frozenset({303, 409})),
    "GET /clinic/people": page(MANAGERS),
    "POST /clinic/people": form(
        MANAGERS, lambda world, _: {name: str(value) for name, value in world.new_member().items()}
    ),
    "POST /clinic/people/{staff_id}": form(MANAGERS, {"role": "nurse", "active": "yes"}),
    "POST /clinic/people/proposals/{proposal_id}": form(MANAGERS, {"do": "accept"}),
    "POST /clinic/wordings/{language}/{key}/withdraw": form(
        MANAGERS, {"to": "", "because": "It frightens."}, before=AccessWorld.signed_wording
    ),
    "GET /course/back": page(MANAGERS),
    "GET /course/back/{part}": page(MANAGERS),
    "POST /course/back/{part}": form(
        MANAGERS, {"to": "shipped", "because": "It frightens."}, before=AccessWorld.signed_wording
    ),
    "POST /course/versions/{version}/withdraw": form(
        MANAGERS, {"because": "It frightens."}, before=AccessWorld.published
    ),
    "POST /clinic/people/{staff_id}/link": form(MANAGERS),
    "POST /clinic/people/{staff_id}/sign-out": form(MANAGERS),
    "POST /clinic/people/{staff_id}/second-factor": form(
        MANAGERS, lambda world, _: world.own_code(), before=AccessWorld.known_second_factor
    ),
    "GET /clinic/people/{staff_id}/{way}": page(),
    "GET /patients/import": page(MANAGERS),
    "GET /patients/import/columns.csv": page(MANAGERS),
    "GET /patients/import/others.csv": page(),
    "POST /patients/import/others.csv": form(MANAGERS, _TABLE),
    "POST /patients/import": form(MANAGERS, _TABLE),
    # Signing and publishing
    "POST /course/drafts": form(MANAGERS, lambda world, _: world.protocol()),
    "GET /course/versions/{version}/curves/{curve}/{symptom}": page(MANAGERS),
    "POST /course/versions/{version}/curves/{curve}/{symptom}": form(MANAGERS, {"do": "check"}),
    "POST /course/versions/{version}/publish": form(DIRECTORS, {"reason": "Agreed in the team."}),
    "POST /course/sign": form(
        DIRECTORS, lambda world, _: world.digest(), before=AccessWorld.known_second_factor
    ),
}
"""By method and path below /console."""
