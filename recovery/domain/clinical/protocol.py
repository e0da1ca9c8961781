"""One version of curves and rules read from its TOML: curves, modifiers, answers, approval (the rules'
bounds: thresholds)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from recovery.domain.clinical import bands, symptoms, thresholds
from recovery.domain.clinical.bands import Band
from recovery.domain.core import toml_reader

__all__ = ["Approval", "Band", "Protocol", "ProtocolError", "parse"]

_Word = TypeVar("_Word", symptoms.Device, symptoms.Area, symptoms.Symptom, symptoms.WarningSign)

_NAMED_LATER = {
    **dict.fromkeys(
        (
            symptoms.WarningSign.SWALLOWING,
            symptoms.WarningSign.CHEST_PAIN,
            symptoms.WarningSign.RACING_HEART,
            symptoms.WarningSign.SEIZURE,
            symptoms.WarningSign.CONFUSION,
            symptoms.WarningSign.FACE_DROOPING,
            symptoms.WarningSign.BLUE_OR_GREY,
            symptoms.WarningSign.BLACK_OR_WHITE_SKIN,
            symptoms.WarningSign.NUMBING_REACTION,
            symptoms.WarningSign.EYE_BLISTERS,
            symptoms.WarningSign.SELF_HARM,
        ),
        symptoms.Level.EMERGENCY,
    ),
    symptoms.WarningSign.NUMBNESS: symptoms.Level.ABNORMAL,
}
"""Protocols published before these signs had a name say nothing of them: what each is there."""

CHECK_IN_DAYS: tuple[float, ...] = (0, 1, 2, 3, 4, 5, 6, 7, 14, 28)
"""The days on which patients are asked; every curve has a band on each."""


ALWAYS = (*symptoms.REQUIRED, symptoms.Symptom.PAIN, symptoms.Symptom.ITCHING)
"""The symptoms for which every curve has bands."""


PERCENTILES = ("p50", "p90", "p97_5")
"""What a row of a curve has on each day, the lowest first."""


_DEPTHS = ("from_mm", "above_mm", "to_mm", "below_mm")
"""The bounds a curve may have, see `bands.Curve`."""


class ProtocolError(ValueError):
    """The text is not a protocol; the message begins with the line. `faults` are the places at fault."""

    def __init__(self, message: str, *, faults: Sequence[toml_reader.TomlFault] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


@dataclass(frozen=True, kw_only=True)
class Approval:
    """Who answers for the content, and on which date; both empty until a medical director signed."""

    by: str
    on: str

    @property
    def signed(self) -> bool:
        """Whether somebody did."""
        return bool(self.by and self.on)


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """One version of the expected course. Never changed: a new figure is a new version."""

    version: str
    title: str
    source: str
    approval: Approval
    curves: bands.Curves
    rules: thresholds.Thresholds
    urgencies: Mapping[symptoms.WarningSign, symptoms.Level]
    together: tuple[tuple[frozenset[symptoms.WarningSign], symptoms.Level], ...]
    answers: symptoms.AnswerRanges

    def urgency(self, sign: symptoms.WarningSign) -> symptoms.Level:
        """How urgent a sign is by itself."""
        return self.urgencies[sign]

    def band(self, facts: symptoms.TreatmentFacts, *, symptom: symptoms.Symptom, hours: float) -> Band | None:
        """What is expected `hours` after a treatment, its modifiers applied, linear between days."""
        return self.curves.table(facts).at(symptom=symptom, hours=hours)


def parse(text: str, *, asked: symptoms.AnswerRanges | None = None, older: bool = False) -> Protocol:
    """A protocol from its TOML. Raises `ProtocolError`, which names the line.

    `asked` are the five answers that patients are asked with; a protocol that has any must have the same.
    `older`: it was accepted before; a sign that had no name then is an emergency.
    """
    try:
        return _protocol(toml_reader.parse_toml(text), asked=asked, older=older)
    except toml_reader.TomlError as error:
        raise ProtocolError(str(error), faults=error.faults) from error


def _protocol(file: toml_reader.TomlTable, *, asked: symptoms.AnswerRanges | None, older: bool) -> Protocol:
    signs = file.table("warning_signs")
    urgencies = _urgencies(signs, older=older)
    protocol = Protocol(
        version=file.text("version"),
        title=file.text("title"),
        source=file.text("source"),
        approval=_approval(file.table("approval")),
        curves=_curves(file),
        rules=thresholds.parse_thresholds(file.table("rules")),
        urgencies=urgencies,
        together=_together(signs, urgencies),
        answers=_answers(file, asked=asked),
    )
    signs.finish()
    file.finish()
    return protocol


def _approval(table: toml_reader.TomlTable) -> Approval:
    approval = Approval(
        by=table.text("by") if table.has("by") else "",
        on=table.text("on") if table.has("on") else "",
    )
    table.finish()
    return approval


def _urgencies(table: toml_reader.TomlTable, *, older: bool) -> dict[symptoms.WarningSign, symptoms.Level]:
    urgencies: dict[symptoms.WarningSign, symptoms.Level] = {}
    for level in reversed(symptoms.Level):
        if level is symptoms.Level.EXPECTED:
            continue
        for sign in _words(table, level.value, symptoms.WarningSign):
            if sign in urgencies:
                raise table.error(f"{sign} has an urgency already", key=level.value)
            urgencies[sign] = level
    missing = [sign for sign in symptoms.WarningSign if sign not in urgencies]
    forgotten = [sign for sign in missing if sign not in _NAMED_LATER]
    if forgotten and not older:
        raise table.error(f"no urgency for {', '.join(forgotten)}")
    return urgencies | {sign: _NAMED_LATER[sign] for sign in missing}


def _together(
    table: toml_reader.TomlTable, urgencies: Mapping[symptoms.WarningSign, symptoms.Level]
) -> tuple[tuple[frozenset[symptoms.WarningSign], symptoms.Level], ...]:
    combinations = []
    for entry in table.tables("together"):
        signs = frozenset(_words(entry, "signs", symptoms.WarningSign))
        level = thresholds.level_that_asks(entry, "level")
        if any(urgencies[sign].rank > level.rank for sign in signs):
            raise entry.error("is milder than one of its signs", key="level")
        entry.finish()
        combinations.append((signs, level))
    return tuple(combinations)


def _answers(file: toml_reader.TomlTable, *, asked: symptoms.AnswerRanges | None) -> symptoms.AnswerRanges:
    """The ranges of the five answers. Protocols published before they had any take them for numbers."""
    if not file.has("answers"):
        return {}
    ranges: dict[int, tuple[int, int]] = {}
    following = 0
    for entry in file.tables("answers"):
        least = entry.whole("least", most=symptoms.MAX_SCORE)
        most = entry.whole("most", most=symptoms.MAX_SCORE)
        score = entry.whole("score", most=symptoms.MAX_SCORE)
        if least != following or not least <= score <= most:
            raise entry.error("must begin where the one before ends and hold its score", key="least")
        ranges[score] = (least, most)
        following = most + 1
        entry.finish()
    if following != symptoms.MAX_SCORE + 1:
        raise file.error(f"must reach {symptoms.MAX_SCORE}", key="answers")
    if asked is not None and ranges != asked:
        steps = ", ".join(f"{score} ({least}-{most})" for score, (least, most) in asked.items())
        raise file.error(f"must be the five that patients are asked with: {steps}", key="answers")
    return ranges


def _curves(file: toml_reader.TomlTable) -> bands.Curves:
    table = file.table("curves")
    days = table.numbers("days", most=60)
    if days != CHECK_IN_DAYS:
        raise table.error(f"must be {', '.join(f'{day:g}' for day in CHECK_IN_DAYS)}", key="days")
    first = table.number("first_hours", least=0, most=12)
    hours = tuple(first if day == 0 else day * 24.0 for day in days)
    below: dict[str, bands.Curve] = {}
    for key in reversed(table.keys):
        if key not in ("days", "first_hours"):
            below[key] = _curve(table.table(key), name=key, hours=hours, below=below)
    curves = tuple(reversed(below.values()))
    everything = frozenset(symptoms.Device)
    if not curves or curves[-1].devices != everything or curves[-1].is_for_a_depth:
        raise table.error("the last curve must be for every device and depth")
    modifiers = file.table("modifiers")
    built = bands.Curves(
        hours=hours,
        curves=curves,
        areas=_modifiers(modifiers, "areas", {area.value: area for area in symptoms.Area}),
        devices=_modifiers(modifiers, "devices", {device.value: device for device in symptoms.Device}),
        skin_types=_modifiers(modifiers, "skin_types", {str(number): number for number in range(1, 7)}),
        cap=modifiers.number("cap", least=1, most=2),
        adjuncts=_adjuncts(modifiers),
    )
    modifiers.finish()
    return built


def _curve(
    table: toml_reader.TomlTable, *, name: str, hours: Sequence[float], below: Mapping[str, bands.Curve]
) -> bands.Curve:
    devices = _words(table, "devices", symptoms.Device) if table.has("devices") else tuple(symptoms.Device)
    curve = bands.Curve(
        name=name,
        title=table.text("title"),
        devices=frozenset(devices),
        **{bound: table.number(bound, most=10) for bound in _DEPTHS if table.has(bound)},
        bands=_bands(table, hours=hours, below=below),
    )
    table.finish()
    return curve


def _bands(
    table: toml_reader.TomlTable, *, hours: Sequence[float], below: Mapping[str, bands.Curve]
) -> dict[symptoms.Symptom, tuple[Band, ...]]:
    """The bands of a curve: those written, the others as they follow from curves that stand further down."""
    one_source = table.has("source")
    if one_source:
        table.text("source")
    following = _following(table, hours=hours, below=below)
    written = {
        symptom: _row(table.table(symptom.value), days=len(hours), one_source=one_source)
        for symptom in symptoms.Symptom
        if table.has(symptom.value) or (not following and symptom in ALWAYS)
    }
    return following | written


def _following(
    table: toml_reader.TomlTable, *, hours: Sequence[float], below: Mapping[str, bands.Curve]
) -> dict[symptoms.Symptom, tuple[Band, ...]]:
    """The bands of a curve between two others, or carried on from one; none where it stands for itself."""
    if table.has("between"):
        names = table.texts("between")
        if len(names) != 2:
            raise table.error("must name two curves", key="between")
        one, other = (_below(table, "between", name, below) for name in names)
        return bands.lay_halfway(one, other)
    if table.has("carried_on"):
        return bands.carry_on(
            _below(table, "carried_on", table.text("carried_on"), below),
            hours=hours,
            duration=table.number("duration", least=1, most=2),
            level=table.number("level", least=1, most=2),
        )
    return {}


def _below(
    table: toml_reader.TomlTable, key: str, name: str, below: Mapping[str, bands.Curve]
) -> bands.Curve:
    if name not in below:
        raise table.error(f"{name!r} is no curve further down", key=key)
    return below[name]


def _row(table: toml_reader.TomlTable, *, days: int, one_source: bool) -> tuple[Band, ...]:
    if not one_source or table.has("source"):
        table.text("source")
    columns = _columns(table)
    for key, column in columns.items():
        if len(column) != days:
            raise table.error(f"must have {days} scores, one a day", key=key)
    faults = [
        table.fault(f"is below {lower}", key=key, entry=day)
        for lower, key in itertools.pairwise(PERCENTILES)
        for day, (low, high) in enumerate(zip(columns[lower], columns[key], strict=True))
        if low > high
    ]
    if faults:
        raise table.complain(faults)
    table.finish()
    return tuple(Band(p50=low, p90=high, p97_5=top) for low, high, top in zip(*columns.values(), strict=True))


def _columns(table: toml_reader.TomlTable) -> Mapping[str, Sequence[float]]:
    """The scores by percentile; a complaint knows those of all three that are none."""
    columns, faults = {}, list[toml_reader.TomlFault]()
    for key in PERCENTILES:
        try:
            columns[key] = table.numbers(key, most=symptoms.MAX_SCORE)
        except toml_reader.TomlError as error:
            faults += error.faults
    if faults:
        raise table.complain(faults)
    return columns


_Key = TypeVar("_Key", symptoms.Area, symptoms.Device, int)


def _modifiers(
    table: toml_reader.TomlTable, key: str, known: Mapping[str, _Key]
) -> dict[_Key, bands.Modifier]:
    if not table.has(key):
        return {}
    entries = table.table(key)
    modifiers = {}
    for name in entries.keys:
        if name not in known:
            raise entries.error("is not known here", key=name)
        modifiers[known[name]] = _modifier(entries.table(name))
    return modifiers


def _adjuncts(modifiers: toml_reader.TomlTable) -> dict[symptoms.Acid, tuple[bands.Modifier, ...]]:
    """What is put on beside the needles. Protocols published before any was known say nothing of it."""
    if not modifiers.has("adjuncts"):
        return {}
    entries = modifiers.table("adjuncts")
    known = {acid.value: acid for acid in symptoms.Acid if acid is not symptoms.Acid.NONE}
    adjuncts: dict[symptoms.Acid, tuple[bands.Modifier, ...]] = {}
    for name in entries.keys:
        if name not in known:
            raise entries.error(f"is not one of {', '.join(known)}", key=name)
        adjuncts[known[name]] = tuple(_modifier(entry) for entry in entries.tables(name))
    return adjuncts


def _modifier(table: toml_reader.TomlTable) -> bands.Modifier:
    table.text("source")
    named = _words(table, "symptoms", symptoms.Symptom) if table.has("symptoms") else symptoms.Symptom
    modifier = bands.Modifier(
        level=table.number("level", least=0.25, most=4) if table.has("level") else 1.0,
        duration=table.number("duration", least=0.25, most=4) if table.has("duration") else 1.0,
        symptoms=frozenset(named),
    )
    table.finish()
    return modifier


def _words(table: toml_reader.TomlTable, key: str, kind: type[_Word]) -> tuple[_Word, ...]:
    known = {word.value: word for word in kind}
    for item in table.texts(key):
        if item not in known:
            raise table.error(f"{item!r} is not one of {', '.join(known)}", key=key)
    return tuple(known[item] for item in table.texts(key))
