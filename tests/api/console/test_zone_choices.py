from __future__ import annotations

from zoneinfo import ZoneInfo

from api.console import zone_choices
from recovery.domain.clinic import places


def test_the_patients_own_zone_stands_first_then_the_clinics_then_the_same_part_of_the_world() -> None:
    names = [name for name, _ in zone_choices.list_choices("Europe/Berlin", "America/Chicago")]
    assert names[:2] == ["Europe/Berlin", "America/Chicago"]
    europe = [name for name in names[2:] if name.startswith("Europe/")]
    assert len(europe) > 4
    assert names[2 : 2 + len(europe)] == europe
    assert len(set(names)) == len(names)


def test_the_list_can_be_looked_through_and_every_name_is_a_place() -> None:
    names = [name for name, _ in zone_choices.list_choices("America/Chicago", "America/Chicago")]
    assert 50 < len(names) < 120
    assert all(places.is_place(name) and ZoneInfo(name).key == name for name in names)


def test_each_clock_is_told_by_where_it_is_kept() -> None:
    told = dict(zone_choices.list_choices("Europe/Paris"))
    assert told["America/New_York"] == "America/New York: Eastern, US & Canada"
    assert told["Asia/Kathmandu"] == "Asia/Kathmandu: Nepal"
    assert told["Europe/Paris"] == "Europe/Paris", "whose zone it is knows the name"


def test_a_zone_that_is_no_place_stands_there_for_whom_it_is_kept() -> None:
    assert zone_choices.list_choices("UTC")[0] == ("UTC", "UTC")
