"""All wordings of texts in one language, parsed from TOML: kinds, placeholders with their limits, and a
wording filled."""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from recovery.domain.messaging import sms_segments


class TextKind(StrEnum):
    """What a text is for; consent, quiet hours and resending go by this."""

    TIP = "tip"
    CHECK_IN = "check_in"
    REMINDER = "reminder"
    ANSWER = "answer"
    OPT_OUT = "opt_out"
    SAFETY = "safety"
    EMERGENCY = "emergency"
    STAFF = "staff"
    ACCOUNT = "account"


class CatalogueError(ValueError):
    """A catalogue or a value for one of its texts is wrong; `key` names the text, where it is one's.

    The message never repeats a value: it may be a phone number or a code.
    """

    def __init__(self, reason: str, *, key: str | None = None) -> None:
        super().__init__(reason if key is None else f"text {key}: {reason}")
        self.key = key


@dataclass(frozen=True, kw_only=True)
class TextTemplate:
    """One wording. `when` is for people; `placeholders` are in the order of the template."""

    key: str
    kind: TextKind
    when: str
    template: str
    placeholders: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All texts of one language. `limits` holds the most septets each placeholder's value may take."""

    language: str
    limits: Mapping[str, int]
    texts: Mapping[str, TextTemplate]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every text's key, in the order of the file."""
        return tuple(self.texts)

    def text(self, key: str) -> TextTemplate:
        """One wording. Raises CatalogueError for an unknown key."""
        if key not in self.texts:
            raise CatalogueError("there is no such text", key=key)
        return self.texts[key]

    def render(self, key: str, /, **values: str | int) -> str:
        """The text with its values, which have to be exactly its placeholders.

        Raises CatalogueError where a value is missing, unknown, empty or longer than its limit. A
        value's length is counted as a phone counts it: in septets, or in UTF-16 units where the value
        has a character outside GSM-7 (the whole text is then sent as UCS-2).
        """
        text = self.text(key)
        if missing := [name for name in text.placeholders if name not in values]:
            raise CatalogueError(f"no value for {', '.join(missing)}", key=key)
        if unknown := [name for name in values if name not in text.placeholders]:
            raise CatalogueError(f"has no place for {', '.join(unknown)}", key=key)
        filled = {name: str(value) for name, value in values.items()}
        for name, value in filled.items():
            if not value.strip():
                raise CatalogueError(f"the value of {name} is empty", key=key)
            units = sms_segments.count_segments(value).units
            if units > self.limits[name]:
                raise CatalogueError(f"{name} takes {units}, more than {self.limits[name]}", key=key)
        return text.template.format_map(filled)

    def longest(self, key: str) -> str:
        """The text with every value at its limit, for measuring."""
        return render_longest(self.text(key).template, limits=self.limits)

    def with_wordings(self, templates: Mapping[str, str]) -> Catalogue:
        """The same texts in other words, by key.

        A wording that no longer fits (its key is gone, a place has no limit) gives way to the one here:
        a text has to leave, in words that work.
        """
        own: dict[str, TextTemplate] = {}
        for key, template in templates.items():
            try:
                placeholders = placeholders_of(template)
            except CatalogueError:
                continue
            if key in self.texts and all(name in self.limits for name in placeholders):
                own[key] = replace(self.texts[key], template=template, placeholders=placeholders)
        return replace(self, texts={**self.texts, **own})

    def with_limits(self, **limits: int) -> Catalogue:
        """The same texts under other limits, such as a longer link where two segments are allowed."""
        if unknown := [name for name in limits if name not in self.limits]:
            raise CatalogueError(f"no text has {', '.join(unknown)}")
        return replace(self, limits={**self.limits, **limits})


def parse(text: str) -> Catalogue:
    """A catalogue from TOML: `language`, `[limits]`, and `[texts.KEY]` with kind, when and template.

    Raises CatalogueError for anything missing, unknown or of another type, and for a placeholder that
    has no limit. How many segments a text takes is not judged here: languages differ.
    """
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"not TOML: {error}") from error
    _only(fields, {"language", "limits", "texts"}, key=None)
    language, limits, texts = fields["language"], fields["limits"], fields["texts"]
    if not isinstance(language, str) or not language:
        raise CatalogueError("language is a code such as en")
    if not isinstance(limits, dict) or not all(_is_limit(limit) for limit in limits.values()):
        raise CatalogueError("limits are whole numbers from 1")
    if not isinstance(texts, dict) or not texts:
        raise CatalogueError("there are no texts")
    return Catalogue(
        language=language,
        limits=limits,
        texts={key: _text(key, entry, limits=limits) for key, entry in texts.items()},
    )


def render_longest(template: str, *, limits: Mapping[str, int]) -> str:
    """A wording with every value at its limit, for measuring."""
    return template.format_map({name: "0" * limits[name] for name in placeholders_of(template)})


def _text(key: str, entry: Any, *, limits: Mapping[str, int]) -> TextTemplate:
    if not isinstance(entry, dict):
        raise CatalogueError("is not a table", key=key)
    _only(entry, {"kind", "when", "template"}, key=key)
    if not all(isinstance(value, str) and value.strip() for value in entry.values()):
        raise CatalogueError("kind, when and template are words", key=key)
    if entry["kind"] not in list(TextKind):
        raise CatalogueError(f"kind is one of {', '.join(TextKind)}", key=key)
    placeholders = placeholders_of(entry["template"], key=key)
    if unknown := [name for name in placeholders if name not in limits]:
        raise CatalogueError(f"{', '.join(unknown)} has no limit", key=key)
    return TextTemplate(
        key=key,
        kind=TextKind(entry["kind"]),
        when=entry["when"],
        template=entry["template"],
        placeholders=placeholders,
    )


def placeholders_of(template: str, *, key: str | None = None) -> tuple[str, ...]:
    """The placeholders of a wording, in its order. Raises CatalogueError for anything but plain names."""
    try:
        parts = [
            (name, form, conversion)
            for _, name, form, conversion in string.Formatter().parse(template)
            if name is not None
        ]
    except ValueError as error:
        raise CatalogueError("a brace is not closed or not opened", key=key) from error
    for name, form, conversion in parts:
        # Only plain names: attributes and formats would let a wording reach beyond its values.
        if not name.isidentifier() or form or conversion:
            raise CatalogueError("a placeholder is a plain name in braces", key=key)
    return tuple(dict.fromkeys(name for name, _, _ in parts))


def _only(fields: Mapping[str, Any], names: set[str], *, key: str | None) -> None:
    if missing := sorted(names - fields.keys()):
        raise CatalogueError(f"{', '.join(missing)} is missing", key=key)
    if unknown := sorted(fields.keys() - names):
        raise CatalogueError(f"{', '.join(unknown)} is unknown", key=key)


def _is_limit(limit: object) -> bool:
    return isinstance(limit, int) and not isinstance(limit, bool) and limit >= 1
