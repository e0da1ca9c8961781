from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from recovery.domain.clinic import places
from recovery.domain.clinic.opening_hours import HoursError


@pytest.mark.parametrize("name", ["America/Chicago", "America/Argentina/Buenos_Aires", "Pacific/Auckland"])
def test_a_zone_of_a_place_is_one(name: str) -> None:
    assert places.zone_of_place(name).key == name


@pytest.mark.parametrize(
    "name",
    ["Etc/GMT-3", "Etc/UTC", "UTC", "GMT", "GMT+3", "EST5EDT", "Zulu", "", "Mars/Base", "../etc/passwd"],
)
def test_what_is_no_place_is_refused(name: str) -> None:
    with pytest.raises(HoursError):
        places.zone_of_place(name)


def test_what_is_kept_already_stays() -> None:
    assert places.zone_of_place("UTC", kept=["America/Chicago", "UTC"]).key == "UTC"


def test_most_zones_are_places() -> None:
    known = available_timezones()
    assert sum(map(places.is_place, known)) > len(known) * 0.8
    assert not any(places.is_place(name) for name in known if name.startswith("Etc/") or "/" not in name)
