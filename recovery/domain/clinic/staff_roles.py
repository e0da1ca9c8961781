"""The roles of a clinic's staff, which duties each may do, and which role a second person has to confirm."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What someone may do, the least first."""

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
    DRAFTING = "drafting"
    WITHDRAWING = "withdrawing"
    SIGNING = "signing"
    AUDIT_TRAIL = "audit_trail"


MAY: Mapping[Duty, tuple[Role, ...]] = {
    Duty.CONSULTATION: (Role.PRACTITIONER, Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.CORRECTION: (Role.PRACTITIONER, Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.KNOWN_SKIN: (Role.PRACTITIONER, Role.MEDICAL_DIRECTOR),
    Duty.SETTING_UP: (Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.WORDINGS: (Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.DRAFTING: (Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.WITHDRAWING: (Role.MANAGER, Role.MEDICAL_DIRECTOR),
    Duty.SIGNING: (Role.MEDICAL_DIRECTOR,),
    Duty.AUDIT_TRAIL: (Role.MANAGER, Role.MEDICAL_DIRECTOR),
}
"""Whose each of these is: consultations and series; correcting or withdrawing a treatment; what is known of
one skin; the clinic, its staff, imports and figures; the words of texts; drafts of the expected course;
taking back at once what is dangerous; signing and publishing; reading who did and read what."""


def is_above(role: Role, other: Role) -> bool:
    """Whether a role may do more than another."""
    ranks = tuple(Role)
    return ranks.index(role) > ranks.index(other)


def needs_second_person(role: Role, *, by: Role) -> bool:
    """Whether somebody of the role `by` cannot give this one alone."""
    return role is Role.MEDICAL_DIRECTOR or is_above(role, by)
