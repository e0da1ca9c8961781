"""The practice room: the lists of a live clinic, of the patients on whom its staff practises."""

from __future__ import annotations

from flask import request

from api import auth, database
from recovery.domain.clinic.rooms import Room
from recovery.models.clinic import clinics

ASKED = "practice"
"""What an address says in `room` that leads there."""


def asked_room() -> Room:
    """Which patients the lists of this page are about."""
    practice = request.args.get("room") == ASKED
    return clinics.room_of(database.current(), auth.staff().clinic_id, practice=practice)


def kept_in_address(room: Room) -> str | None:
    """What addresses of the same lists say in `room`."""
    return ASKED if room is Room.PRACTICE else None
