"""Who calls: the bearer token read, a patient or staff required, or a role; each package of endpoints asks
for one kind of caller."""

from __future__ import annotations

from collections.abc import Collection

from flask import g, request

from api import database
from api.errors import problems
from recovery.domain.clinic.staff_roles import MAY, Duty, Role
from recovery.services.access import authentication
from recovery.services.access.authentication import PatientCaller, StaffCaller


def bearer() -> str:
    """The token of this request. Raises NotSignedIn."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise authentication.NotSignedIn
    return token.strip()


def require_patient() -> None:
    """Let nobody in but a patient."""
    g.caller = authentication.patient_caller(database.current(), bearer=bearer(), now=database.request_time())


def require_staff() -> None:
    """Let nobody in but someone of a clinic's staff."""
    g.caller = authentication.staff_caller(database.current(), bearer=bearer(), now=database.request_time())


def require_staff_setting_up() -> None:
    """Let nobody in but someone of a clinic's staff, who may have no second factor yet."""
    g.caller = authentication.staff_caller(
        database.current(), bearer=bearer(), now=database.request_time(), setting_up=True
    )


def patient() -> PatientCaller:
    """The patient who calls."""
    caller = g.caller
    if not isinstance(caller, PatientCaller):
        raise authentication.NotSignedIn
    return caller


def staff(*roles: Role) -> StaffCaller:
    """The member of staff who calls; with roles given, only those may."""
    caller = g.caller
    if not isinstance(caller, StaffCaller):
        raise authentication.NotSignedIn
    return require_role(caller, roles)


def staff_for(duty: Duty) -> StaffCaller:
    """The member of staff who calls, if this is theirs to do. Raises WrongRole."""
    return staff(*MAY[duty])


def require_role(caller: StaffCaller, roles: Collection[Role]) -> StaffCaller:
    """The caller, if their role is among these. Raises WrongRole."""
    if roles and caller.role not in roles:
        raise problems.WrongRole
    return caller
