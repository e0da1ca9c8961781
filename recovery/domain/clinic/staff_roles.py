"""Who works in a clinic."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What someone may do; see the table of roles in docs/architecture.md."""

    NURSE = "nurse"
    PRACTITIONER = "practitioner"
    MANAGER = "manager"
    MEDICAL_DIRECTOR = "medical_director"


class Duty(StrEnum):
    """What is not everybody's to do; looking after patients is everybody's."""

    CONSULTATION = "consultation"
    CORRECTION = "correction"
    KNOWN_SKIN = "known_skin"
    SETTING_UP = "setting_up"
    WORDINGS = "wordings"
    SIGNING = "signing"


MAY: Mapping[Duty, tuple[Role, ...]] = {
    Duty.CONSULTATION: (Role.PRACTITIONER, Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.CORRECTION: (Role.PRACTITIONER, Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.KNOWN_SKIN: (Role.PRACTITIONER, Role.MEDICAL_DIRECTOR),
    Duty.SETTING_UP: (Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.WORDINGS: (Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.SIGNING: (Role.MEDICAL_DIRECTOR,),
}
"""Whose each of these is: consultations and series; correcting or withdrawing a treatment; what is known of
one skin; the clinic, its staff, imports and figures; the words of texts; signing and publishing."""
