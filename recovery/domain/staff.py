"""Who works in a clinic."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What someone may do; see the table of roles in docs/architecture.md."""

    NURSE = "nurse"
    PRACTITIONER = "practitioner"
    MANAGER = "manager"
    MEDICAL_DIRECTOR = "medical_director"
