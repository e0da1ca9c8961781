"""Who calls: each package of endpoints asks for one kind of caller."""

from __future__ import annotations

from collections.abc import Collection

from flask import g, request

from api import database
from api.errors import problems
from recovery.domain.clinic.staff import MAY, Duty, Role
from recovery.services.access import access
from recovery.services.access.access import PatientCaller, StaffCaller


def bearer() -> str:
    """The token of this request. Raises NotSignedIn."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise access.NotSignedIn
    return token.strip()


def require_patient() -> None:
    """Let nobody in but a patient."""
    g.caller = access.patient_caller(database.current(), bearer=bearer(), now=database.now())


def require_staff() -> None:
    """Let nobody in but someone of a clinic's staff."""
    g.caller = access.staff_caller(database.current(), bearer=bearer(), now=database.now())


def require_staff_setting_up() -> None:
    """Let nobody in but someone of a clinic's staff, who may have no second factor yet."""
    g.caller = access.staff_caller(database.current(), bearer=bearer(), now=database.now(), setting_up=True)


def patient() -> PatientCaller:
    """The patient who calls."""
    caller = g.caller
    if not isinstance(caller, PatientCaller):
        raise access.NotSignedIn
    return caller


def staff(*roles: Role) -> StaffCaller:
    """The member of staff who calls; with roles given, only those may."""
    caller = g.caller
    if not isinstance(caller, StaffCaller):
        raise access.NotSignedIn
    return only(caller, roles)


def staff_for(duty: Duty) -> StaffCaller:
    """The member of staff who calls, if this is theirs to do. Raises WrongRole."""
    return staff(*MAY[duty])


def only(caller: StaffCaller, roles: Collection[Role]) -> StaffCaller:
    """The caller, if their role is among these. Raises WrongRole."""
    if roles and caller.role not in roles:
        raise problems.WrongRole
    return caller
