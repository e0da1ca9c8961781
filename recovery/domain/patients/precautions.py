"""What a consultation's conditions offer and prompt, from TOML: a stricter setting, what to consider,
warnings beside a treatment.

A person decides; nothing is refused here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from recovery.domain.clinical.symptoms import Device, Level
from recovery.domain.core import toml_reader
from recovery.domain.patients.consultation import Condition

_LEVELS = (Level.WATCH, Level.ABNORMAL)
"""An emergency is a matter of signs, not of who has them."""


class PrecautionsError(ValueError):
    """The text does not say what follows from a finding; the message begins with the line."""


class Beside(StrEnum):
    """What of a treatment a prompt stands beside: the numbing, or what was put on the skin."""

    NUMBING = "numbing"
    TOPICAL = "topical"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Findings of a patient with this condition may be judged at least so, if a practitioner wants it."""

    condition: Condition
    at_least: Level
    source: str


@dataclass(frozen=True, kw_only=True)
class StricterSetting:
    """What is offered to one patient, and because of which conditions."""

    at_least: Level
    because: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What to consider because of a condition; with `devices` or `beside` only with such a treatment.

    `words` narrow `beside`: one of them has to occur in what is recorded there.
    """

    condition: Condition
    say: str
    source: str
    devices: tuple[Device, ...] = ()
    beside: Beside | None = None
    words: tuple[str, ...] = ()

    @property
    def of_a_treatment(self) -> bool:
        """Whether it depends on what is done."""
        return bool(self.devices) or self.beside is not None


@dataclass(frozen=True, kw_only=True)
class TreatedWith:
    """What of a treatment prompts look at, as it was written."""

    device: Device
    numbing: str | None
    topical: str | None


@dataclass(frozen=True, kw_only=True)
class Precautions:
    """All offers and prompts, in the order of the file."""

    offers: tuple[Offer, ...]
    prompts: tuple[Prompt, ...]

    def stricter_for(self, conditions: Collection[Condition]) -> StricterSetting | None:
        """The strictest setting that these conditions offer; None where they offer none."""
        offered = [offer for offer in self.offers if offer.condition in conditions]
        if not offered:
            return None
        ordered = [condition for condition in Condition if any(o.condition is condition for o in offered)]
        most = max((offer.at_least for offer in offered), key=lambda level: level.rank)
        return StricterSetting(at_least=most, because=tuple(ordered))

    def prompts_for(self, conditions: Collection[Condition]) -> list[Prompt]:
        """Everything to consider before any treatment of a patient with these conditions."""
        return [prompt for prompt in self.prompts if prompt.condition in conditions]

    def warnings_for(self, conditions: Collection[Condition], treated: TreatedWith) -> list[Prompt]:
        """What speaks of a treatment as it was recorded."""
        return [
            prompt
            for prompt in self.prompts_for(conditions)
            if prompt.of_a_treatment and _concerns(prompt, treated)
        ]


def parse(text: str) -> Precautions:
    """Offers and prompts from TOML. Raises `PrecautionsError`, which names the line."""
    try:
        file = toml_reader.parse_toml(text)
        read = Precautions(
            offers=tuple(_offer(table) for table in file.tables("offer")),
            prompts=tuple(_prompt(table) for table in file.tables("prompt")),
        )
        file.finish()
    except toml_reader.TomlError as error:
        raise PrecautionsError(str(error)) from error
    return read


def _concerns(prompt: Prompt, treated: TreatedWith) -> bool:
    if prompt.devices and treated.device not in prompt.devices:
        return False
    if prompt.beside is None:
        return True
    written = (treated.numbing if prompt.beside is Beside.NUMBING else treated.topical) or ""
    if not prompt.words:
        return bool(written.strip())
    return any(word.casefold() in written.casefold() for word in prompt.words)


def _offer(table: toml_reader.TomlTable) -> Offer:
    offer = Offer(
        condition=_condition(table),
        at_least=Level(table.choice("at_least", of=[level.value for level in _LEVELS])),
        source=table.text("source"),
    )
    table.finish()
    return offer


def _prompt(table: toml_reader.TomlTable) -> Prompt:
    devices = table.texts("devices") if table.has("devices") else ()
    known = [device.value for device in Device]
    if unknown := [name for name in devices if name not in known]:
        raise table.error(f"{unknown[0]} is none of {', '.join(known)}", key="devices")
    beside = table.choice("beside", of=[place.value for place in Beside]) if table.has("beside") else None
    words = table.texts("words") if table.has("words") else ()
    if words and beside is None:
        raise table.error("words are looked for beside something", key="words")
    prompt = Prompt(
        condition=_condition(table),
        say=table.text("say"),
        source=table.text("source"),
        devices=tuple(Device(name) for name in devices),
        beside=None if beside is None else Beside(beside),
        words=words,
    )
    table.finish()
    return prompt


def _condition(table: toml_reader.TomlTable) -> Condition:
    return Condition(table.choice("condition", of=[condition.value for condition in Condition]))
