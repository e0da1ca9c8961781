"""A form that came after its session had ended is held half a day, without secrets, until whoever wrote it
has signed in again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.models.access import held_forms
from recovery.models.access.held_forms import HeldForm
from recovery.services.access import authentication
from recovery.services.access.authentication import StaffCaller

HELD = timedelta(hours=12)
LARGEST = 64 * 1024
"""Characters of all fields."""
SECRETS = frozenset({"password", "pin", "code", "old", "new", "again"})
"""Fields that are typed anew: nothing of them is held."""


def hold_form(
    session: Session, *, bearer: str, address: str, fields: Mapping[str, str], now: datetime
) -> bool:
    """Hold a form for whose session this was, in the place of an earlier one; whether it is held."""
    found = authentication.session_of(session, bearer)
    held = {name: value for name, value in fields.items() if name not in SECRETS}
    if found is None or not held or sum(map(len, held.values())) > LARGEST:
        return False
    if now - found.expires_at > HELD:
        return False
    held_forms.hold(session, found.clinic_id, found.staff_id, address=address, fields=held, now=now)
    return True


def get_held(session: Session, *, caller: StaffCaller, now: datetime) -> HeldForm | None:
    """What the caller was writing; nobody else is shown it, and nobody after half a day."""
    held = held_forms.get_held(session, caller.clinic_id, caller.staff_id)
    return held if held is not None and now - held.held_at <= HELD else None


def let_go(session: Session, *, caller: StaffCaller, address: str, now: datetime) -> None:
    """The form was sent: nothing is held of it any more, nor of one that is too old to be shown."""
    held = held_forms.get_held(session, caller.clinic_id, caller.staff_id)
    if held is not None and (held.address == address or now - held.held_at > HELD):
        held_forms.let_go(session, caller.clinic_id, caller.staff_id)
