"""The console's addresses as the application itself lists them, so that no test leaves a new one out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from flask import Flask

from recovery.models.clinic.clinics import Staff
from recovery.services.clinic import staff_onboarding
from tests.support.access.access_world import MAKERS, NOBODYS, AccessWorld
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import staff_caller

HOME = "/console"
_PLACE = re.compile(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>")
_NEVER_PAGES = frozenset({"console.static", "console.nowhere"})


@dataclass(frozen=True, kw_only=True, order=True)
class Route:
    """One method of one address; `path` has its places in braces."""

    path: str
    method: str
    names: tuple[str, ...]

    @property
    def key(self) -> str:
        """How tables name it: the method and what stands after /console."""
        return f"{self.method} {self.path.removeprefix(HOME)}".rstrip()

    def at(self, ids: Mapping[str, str]) -> str:
        """The address with its places filled."""
        return self.path.format(**ids)


def routes(app: Flask) -> list[Route]:
    """Every route of the console but for its files, in order of path."""
    return sorted(
        Route(
            path=_PLACE.sub(r"{\1}", rule.rule),
            method=method,
            names=tuple(_PLACE.findall(rule.rule)),
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("console.") and rule.endpoint not in _NEVER_PAGES
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    )


def _link(world: AccessWorld, owner: Clinic) -> str:
    with world.sessions.begin() as session:
        staff_id = owner.add_nurse(now=world.now).id
        made = staff_onboarding.invite_again(
            session, staff_id=staff_id, by=staff_caller(owner), now=world.now
        )
        return made.token


def _entry(world: AccessWorld, owner: Clinic) -> str:
    with world.sessions.begin() as session:
        member = session.get_one(Staff, (owner.id, owner.add_nurse(now=world.now).id))
        return staff_onboarding.create_demo_link(session, member=member, now=world.now).token


PLACES: Mapping[str, Callable[[AccessWorld, Clinic, Patient], object]] = {
    **MAKERS,
    "step": lambda world, owner, patient: "claim",
    "form": lambda world, owner, patient: "flags",
    "way": lambda world, owner, patient: "link",
    "token": lambda world, owner, patient: _link(world, owner),
    "entry": lambda world, owner, patient: _entry(world, owner),
    "session_id": lambda world, owner, patient: uuid4(),
    "part": lambda world, owner, patient: "own wording en tried_to_call",
    "curve": lambda world, owner, patient: "reference",
    "symptom": lambda world, owner, patient: "redness",
}
"""What each name in an address stands for."""

NO_THINGS = NOBODYS | {"step", "form", "way", "token", "entry", "session_id", "curve", "symptom"}
"""Names that are nobody's, or nobody's but the caller's."""
