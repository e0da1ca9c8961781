"""What to stay away from after a treatment, and until when: sun, sweat and the like, hours from TOML, held
while skin is open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.core import toml_reader

MOST_HOURS = 28 * 24
"""Four weeks: longer than any aftercare sheet asks for anything."""


OPEN_SKIN = frozenset(
    (
        WarningSign.RAW_SKIN,
        WarningSign.BURN_MARKS,
        WarningSign.BLACK_OR_WHITE_SKIN,
        WarningSign.BLISTERS,
        WarningSign.EYE_BLISTERS,
        WarningSign.PUS,
    )
)
"""Skin that says one of these bears nothing yet, however many hours have passed."""


class AvoidError(ValueError):
    """The text does not say what to avoid; the message begins with the line."""


class AvoidItem(StrEnum):
    """What healing skin does not bear."""

    SUN = "sun"
    SWEAT = "sweat"
    POOLS_AND_HOT_TUBS = "pools_and_hot_tubs"
    HARSH_PRODUCTS = "harsh_products"
    MAKEUP = "makeup"


@dataclass(frozen=True, kw_only=True)
class AvoidanceRule:
    """How many hours after the treatment one thing is to be avoided, and where the figure is from."""

    what: AvoidItem
    hours: int
    source: str

    def until(self, performed_at: datetime) -> datetime:
        """The moment from which it need not be avoided any more."""
        return performed_at + timedelta(hours=self.hours)


def is_held(*, flagged: bool, signs: Iterable[str]) -> bool:
    """Whether the hours of the rules do not hold: a nurse is to look, or the skin was last told open."""
    return flagged or not OPEN_SKIN.isdisjoint(signs)


def parse(text: str) -> tuple[AvoidanceRule, ...]:
    """A rule for every `AvoidItem`, from TOML. Raises `AvoidError`."""
    try:
        file = toml_reader.parse_toml(text)
        rules = tuple(_rule(what, file.table(what.value)) for what in AvoidItem)
        file.finish()
    except toml_reader.TomlError as error:
        raise AvoidError(str(error)) from error
    return rules


def _rule(what: AvoidItem, table: toml_reader.TomlTable) -> AvoidanceRule:
    rule = AvoidanceRule(what=what, hours=table.whole("hours", most=MOST_HOURS), source=table.text("source"))
    table.finish()
    return rule
