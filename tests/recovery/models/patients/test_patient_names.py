"""Names are compared as people say them, not as they type them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from recovery.models.patients import patient_names
from recovery.models.patients.patients import Patient
from tests.recovery.models.patients.conftest import PHONE
from tests.support.data.people import Clinic

DAY = timedelta(days=1)
Add = Callable[..., Patient]


def test_search_finds_whom_everything_fits_enrolled_last_first(
    session: Session, clinic: Clinic, other_clinic: Clinic, add: Add, now: datetime
) -> None:
    ada = add()
    amadeus = add(first_name="Amadeus", created_at=now + DAY, phone="+12025550122", year_of_birth=1980)
    percent = add(last_name="100%", created_at=now - DAY)
    add(clinic_id=other_clinic.id)

    def search(**asked: Any) -> list[Patient]:
        nothing: dict[str, Any] = {"names": (), "digits": (), "born": None, "after": None, "limit": 9}
        return list(patient_names.search(session, clinic.id, **(nothing | asked)))

    assert search() == [amadeus, ada, percent]
    assert search(limit=1) == [amadeus]
    assert search(names=["ADA"]) == [ada, percent]
    assert search(names=["a", "samp"]) == [amadeus, ada]
    assert search(names=["%"]) == [percent]
    assert search(names=["_"]) == []
    assert search(digits=["0122"]) == [amadeus]
    assert search(digits=["5550", "0111"]) == [ada, percent]
    assert search(born=1980) == [amadeus]
    assert search(after=(ada.created_at, ada.id)) == [percent]


def test_similar_patients_share_a_number_or_a_name_and_year(
    session: Session, clinic: Clinic, other_clinic: Clinic, add: Add, now: datetime
) -> None:
    same_person = add(phone="+12025550122", created_at=now + DAY, first_name="ADA")
    same_phone = add(first_name="Ben", year_of_birth=1950)
    add(phone="+12025550123", year_of_birth=1991)
    add(phone="+12025550124", last_name="Other")
    add(clinic_id=other_clinic.id)
    asked: dict[str, Any] = {
        "first_name": "ada",
        "last_name": "SAMPLE",
        "year_of_birth": 1990,
        "phone": PHONE,
    }
    similar = patient_names.find_similar(session, clinic.id, **asked, limit=9)
    assert similar == [same_phone, same_person]
    assert patient_names.find_similar(session, clinic.id, **asked, limit=1) == [same_phone]


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        (("Zoë", "Ñandú"), "zoe nandu"),
        (("José María", "García López"), "maria jose lopez garcia"),
        (("Sinéad", "O’Brien"), "Sinead O'Brien"),
        (("Sinéad", "O’Brien"), "OBrien, Sinéad"),
        (("Sinéad", "O´Brien"), "obrien sinead"),
        (("Anne-Marie", "van der Berg"), "Van Der Berg Anne Marie"),
        (("Łukasz", "Żółć"), "lukasz zolc"),
        (("Ægir", "Strauß"), "STRAUSS aegir"),
        (("Ada\u200b", "Ex\u00adample"), "ada example"),
        (("Ada", "\u202eExample"), "ada\u00a0example"),
        (("Иван", "Ёлкин"), "елкин ИВАН"),
        (("\u1ef2", "\u0116"), "y e"),
        (("Y\u0300", "E\u0307"), "\u1ef2 \u0116"),
        (("علی\u200cرضا", ""), "علیرضا"),
        (("ｱﾀﾞ", ""), "アダ"),
    ],
)
def test_names_are_the_same_however_they_are_written(
    session: Session, clinic: Clinic, add: Add, kept: tuple[str, str], typed: str
) -> None:
    patient = add(first_name=kept[0], last_name=kept[1])
    found = patient_names.find_namesakes(
        session, clinic.id, first_name=typed, last_name="", year_of_birth=1990, limit=9
    )
    assert list(found) == [patient]


@pytest.mark.parametrize(
    "typed", ["Ada Sampler", "Ada", "Ada Sample Sample", "Sample", "Adam Sample", "Ida Sample"]
)
def test_other_names_are_other_names(session: Session, clinic: Clinic, add: Add, typed: str) -> None:
    add()
    found = patient_names.find_namesakes(
        session, clinic.id, first_name=typed, last_name="", year_of_birth=1990, limit=9
    )
    assert list(found) == []


def test_vowels_of_indian_scripts_are_letters(session: Session, clinic: Clinic, add: Add) -> None:
    add(first_name="कमल", last_name="")
    for typed, count in (("कमल", 1), ("कमला", 0), ("किमल", 0)):
        found = patient_names.find_namesakes(
            session, clinic.id, first_name=typed, last_name="", year_of_birth=1990, limit=9
        )
        assert len(found) == count, typed


def test_a_changed_name_is_found_by_the_new_one(session: Session, add: Add) -> None:
    patient = add(first_name="Ada", last_name="Émile")
    assert patient.name_key == "ada emile"
    patient.last_name = "Óscar"
    session.flush()
    session.refresh(patient)
    assert patient.name_key == "ada oscar"


def test_keys_come_in_the_order_of_the_names(session: Session) -> None:
    assert list(patient_names.name_keys(session, ["Zoë B", "", "Ada 'A'"])) == ["b zoe", "", "a ada"]
    assert list(patient_names.name_keys(session, [])) == []
