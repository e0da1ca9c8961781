"""The conditions that speak against a treatment, or for care in it, as a practitioner asks about them
beforehand.

Sources: the instructions of needling devices, see docs/clinical.md. How long ago is too recent stands in the
instructions of the device that is used. What is offered and prompted for what was ticked stands beside it
(`recovery/domain/patients/precautions.py`); the machine decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Condition(StrEnum):
    """Something about a patient that the practitioner has to know before the needle."""

    BLEEDING = "bleeding"
    DIABETES_UNCONTROLLED = "diabetes_uncontrolled"
    SKIN_INFECTION = "skin_infection"
    ACTIVE_ACNE = "active_acne"
    ROSACEA = "rosacea"
    KELOID = "keloid"
    SOLAR_KERATOSIS = "solar_keratosis"
    OPEN_SKIN = "open_skin"
    RECENT_SCAR = "recent_scar"
    SYSTEMIC_INFECTION = "systemic_infection"
    IMMUNE_TREATMENT = "immune_treatment"
    RECENT_FILLER = "recent_filler"
    RECENT_SURGERY = "recent_surgery"
    ANAESTHETIC_ALLERGY = "anaesthetic_allergy"
    ISOTRETINOIN = "isotretinoin"
    PREGNANCY = "pregnancy"
    COLD_SORES = "cold_sores"
    DARK_MARKS = "dark_marks"
    RETINOID = "retinoid"
    SUNBURN = "sunburn"
    PACEMAKER = "pacemaker"
    METAL_IMPLANT = "metal_implant"
    NICKEL_ALLERGY = "nickel_allergy"
    TOPICAL_ALLERGY = "topical_allergy"
    VITILIGO = "vitiligo"
    PSORIASIS = "psoriasis"
    LICHEN = "lichen"
    HIV_OR_TRANSPLANT = "hiv_or_transplant"
    G6PD_DEFICIENCY = "g6pd_deficiency"
    BREASTFEEDING = "breastfeeding"


CAUTIONS = frozenset(
    (
        Condition.COLD_SORES,
        Condition.DARK_MARKS,
        Condition.RETINOID,
        Condition.SUNBURN,
        Condition.PACEMAKER,
        Condition.METAL_IMPLANT,
        Condition.NICKEL_ALLERGY,
        Condition.TOPICAL_ALLERGY,
        Condition.VITILIGO,
        Condition.PSORIASIS,
        Condition.LICHEN,
        Condition.HIV_OR_TRANSPLANT,
        Condition.G6PD_DEFICIENCY,
        Condition.BREASTFEEDING,
    )
)
"""What asks for preparation or care; all others are listed as reasons not to treat."""

ALLERGIES = (Condition.ANAESTHETIC_ALLERGY, Condition.NICKEL_ALLERGY, Condition.TOPICAL_ALLERGY)
"""What a record names first: each is a thing that must not touch this patient."""

MEDICINES = (Condition.BLEEDING, Condition.IMMUNE_TREATMENT, Condition.ISOTRETINOIN, Condition.RETINOID)
"""What a patient takes, or may take, that matters to a treatment. The history in words may name more."""


def contraindications(conditions: Collection[Condition]) -> list[Condition]:
    """Those that are listed as reasons not to treat, in the order in which they are asked."""
    return [condition for condition in Condition if condition in conditions and condition not in CAUTIONS]


def cautions(conditions: Collection[Condition]) -> list[Condition]:
    """Those that ask for preparation or care, in the order in which they are asked."""
    return [condition for condition in Condition if condition in conditions and condition in CAUTIONS]


def allergies(conditions: Collection[Condition]) -> list[Condition]:
    """The allergies among them, in the order in which they are asked."""
    return [condition for condition in Condition if condition in conditions and condition in ALLERGIES]


def medicines(conditions: Collection[Condition]) -> list[Condition]:
    """Those that speak of medicines, in the order in which they are asked."""
    return [condition for condition in Condition if condition in conditions and condition in MEDICINES]
