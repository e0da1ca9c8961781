from __future__ import annotations

from recovery.domain.patients import import_columns


def test_headings_are_known_in_several_words_and_languages() -> None:
    headings = [
        "First Name",
        "APELLIDOS",
        "Téléphone portable",
        "Date of birth",
        "Fitzpatrick",
        "Shoe size",
        "",
    ]
    meant = ["first_name", "last_name", "phone", "year_of_birth", "skin_type", None, None]
    assert import_columns.guess(headings, kept={}) == meant
    assert import_columns.count_known(headings) == 5


def test_no_two_columns_mean_the_same_and_what_the_clinic_chose_comes_first() -> None:
    assert import_columns.guess(["Mobile", "Phone"], kept={}) == ["phone", None]
    kept = {"mobile": None, "who": "first_name"}
    assert import_columns.guess(["Mobile", "Phone", "Who?"], kept=kept) == [None, "phone", "first_name"]


def test_columns_that_cannot_be_used_are_told() -> None:
    assert import_columns.find_fault(["first_name", "phone", "year_of_birth", None]) is None
    assert import_columns.find_fault(["first_name"]) == "No column is chosen for phone, year_of_birth."
    twice = ["first_name", "phone", "phone", "year_of_birth"]
    assert import_columns.find_fault(twice) == "Two columns are chosen for phone."
