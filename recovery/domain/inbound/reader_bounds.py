"""From what share on the weights' word is taken for a sign, a call or a wish to stop: bounds read from
TOML."""

from __future__ import annotations

from dataclasses import dataclass

from recovery.domain.core import toml_reader


class BoundsError(ValueError):
    """The bounds cannot be used; the message begins with the line."""


@dataclass(frozen=True, kw_only=True)
class ReaderBounds:
    """Shares from 0 to 1 of what weights may say; config/reader/bounds.toml has what each is for."""

    emergency: float
    likeliest_emergency: float
    sure_emergency: float
    same_day: float
    sure_same_day: float
    next_day: float
    named: float
    likeliest: float
    ruled_out: float
    stop: float
    pause: float
    start: float
    question: float


def parse(text: str) -> ReaderBounds:
    """The bounds from TOML. Raises BoundsError."""
    try:
        file = toml_reader.parse_toml(text)
        bounds = ReaderBounds(
            emergency=_share(file, "emergency", "taken"),
            likeliest_emergency=_share(file, "emergency", "likeliest"),
            sure_emergency=_share(file, "emergency", "sure"),
            same_day=_share(file, "same_day", "taken"),
            sure_same_day=_share(file, "same_day", "sure"),
            next_day=_share(file, "next_day", "taken"),
            named=_share(file, "sign", "named"),
            likeliest=_share(file, "sign", "likeliest"),
            ruled_out=_share(file, "sign", "ruled_out"),
            stop=_share(file, "stop", "obeyed"),
            pause=_share(file, "stop", "paused"),
            start=_share(file, "start", "taken"),
            question=_share(file, "question", "taken"),
        )
        file.finish()
    except toml_reader.TomlError as error:
        raise BoundsError(str(error)) from error
    return bounds


def _share(file: toml_reader.TomlTable, table: str, key: str) -> float:
    return file.table(table).number(key, least=0.01, most=0.99)
