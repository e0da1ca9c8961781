"""The time zones a form offers: those given first, then one for each clock that is kept anywhere, with its
abbreviation."""

from __future__ import annotations

import functools
import re
from importlib import resources

from recovery.domain.clinic import places

_LISTED = resources.files("tzdata") / "zoneinfo" / "zonenow.tab"
_ABBREVIATIONS = re.compile(r" ?\([^)]*\)")


def list_choices(*own: str) -> list[tuple[str, str]]:
    """Names of zones with what each is called: those given, then those of the same part of the world.

    A given one is known by its name, the others tell who keeps their clock. Places whose clocks agree from
    now on stand once, so that the list can be looked through.
    """
    first = list(dict.fromkeys(own))
    region = first[0].partition("/")[0]
    others = [name for name in _all_clocks() if name not in first]
    others.sort(key=lambda name: not name.startswith(f"{region}/"))
    return [
        *((name, _words(name)) for name in first),
        *((name, f"{_words(name)}: {_all_clocks()[name]}") for name in others),
    ]


def _words(name: str) -> str:
    return name.replace("_", " ")


@functools.cache
def _all_clocks() -> dict[str, str]:
    """One zone for each clock, by its name, with the parts of the world that keep it, from west to east."""
    clocks = {}
    for line in _LISTED.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            _, _, name, where = line.split("\t")
            if places.is_place(name):
                clocks[name] = _ABBREVIATIONS.sub("", where).replace(" - ", ", ")
    return clocks
