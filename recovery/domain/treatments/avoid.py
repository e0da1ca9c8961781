"""What to stay away from after a treatment, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recovery.domain.core import toml_lines

MOST_HOURS = 28 * 24
"""Four weeks: longer than any aftercare sheet asks for anything."""


class AvoidError(ValueError):
    """The text does not say what to avoid; the message begins with the line."""


class Avoid(StrEnum):
    """What healing skin does not bear."""

    SUN = "sun"
    SWEAT = "sweat"
    POOLS_AND_HOT_TUBS = "pools_and_hot_tubs"
    HARSH_PRODUCTS = "harsh_products"
    MAKEUP = "makeup"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How many hours after the treatment one thing is to be avoided, and where the figure is from."""

    what: Avoid
    hours: int
    source: str

    def until(self, performed_at: datetime) -> datetime:
        """The moment from which it need not be avoided any more."""
        return performed_at + timedelta(hours=self.hours)


def parse(text: str) -> tuple[Rule, ...]:
    """A rule for every `Avoid`, from TOML. Raises `AvoidError`."""
    try:
        file = toml_lines.read(text)
        rules = tuple(_rule(what, file.table(what.value)) for what in Avoid)
        file.finish()
    except toml_lines.TomlError as error:
        raise AvoidError(str(error)) from error
    return rules


def _rule(what: Avoid, table: toml_lines.Table) -> Rule:
    rule = Rule(what=what, hours=table.whole("hours", most=MOST_HOURS), source=table.text("source"))
    table.finish()
    return rule
