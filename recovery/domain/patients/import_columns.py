"""What the columns of a file of patients may mean, and which column a heading is taken for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from recovery.domain.patients.consent import ConsentKind

REQUIRED = ("first_name", "phone", "year_of_birth")
OPTIONAL = ("last_name", "language", "answers_by", "time_zone", "skin_type", "pin")
CONSENTS = tuple(f"{kind.value}_{part}" for kind in ConsentKind for part in ("on", "wording"))
COLUMNS = ("first_name", "last_name", "phone", "year_of_birth", *OPTIONAL[1:], *CONSENTS)
DATES = ("year_of_birth", *(name for name in CONSENTS if name.endswith("_on")))
"""Columns in which a date may stand; of a date of birth only the year is kept."""

_HEADINGS: Mapping[str, str] = {
    "first_name": "first firstname forename given_name given_names vorname nombre nombres prenom",
    "last_name": "last lastname surname family_name nachname apellido apellidos nom nom_de_famille",
    "phone": (
        "cell cell_phone cellphone mobile mobile_phone mobile_number phone_number telephone tel handy "
        "telefon telefono movil celular portable telephone_portable"
    ),
    "year_of_birth": (
        "birth birth_year birth_date birthdate birthday born date_of_birth dob year_born geburtsdatum "
        "geburtsjahr fecha_de_nacimiento ano_de_nacimiento date_de_naissance annee_de_naissance"
    ),
    "language": "lang idioma langue sprache",
    "time_zone": "timezone zeitzone zona_horaria fuseau_horaire",
    "skin_type": "fitzpatrick fitzpatrick_type phototype fototipo",
}
_TAKEN_FOR = {
    **{name: name for name in COLUMNS},
    **{heading: name for name, headings in _HEADINGS.items() for heading in headings.split()},
}


def plain_heading(heading: str) -> str:
    """A heading as headings are compared: small letters, no accents, one line between words."""
    apart = unicodedata.normalize("NFKD", heading).casefold()
    letters = "".join(character for character in apart if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", "_", letters).strip("_")


def guess(headings: Sequence[str], *, kept: Mapping[str, str | None]) -> list[str | None]:
    """What each column means: as the clinic chose before, else by its heading; None is left out.

    `kept` has plain headings. No two columns mean the same: the first one does.
    """
    meant: list[str | None] = []
    for heading in headings:
        plain = plain_heading(heading)
        name = kept[plain] if plain in kept else _TAKEN_FOR.get(plain)
        meant.append(None if name in meant else name)
    return meant


def count_known(headings: Sequence[str]) -> int:
    """How many of these could be headings of ours."""
    return sum(plain_heading(heading) in _TAKEN_FOR for heading in headings)


def find_fault(meant: Sequence[str | None]) -> str | None:
    """Why these columns cannot be used; None where they can."""
    if missing := [name for name in REQUIRED if name not in meant]:
        return f"No column is chosen for {', '.join(missing)}."
    named = [name for name in meant if name is not None]
    if twice := sorted({name for name in named if named.count(name) > 1}):
        return f"Two columns are chosen for {', '.join(twice)}."
    return None
