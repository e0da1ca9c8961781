"""What a text's wording has to hold before it may be sent: its places, length, forbidden words, school grade;
sample values to look at."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from recovery.domain.content import readability
from recovery.domain.messaging import catalogue, sms_segments
from recovery.domain.messaging.catalogue import CatalogueError
from recovery.domain.messaging.sms_segments import Encoding

FIRST = "{clinic}"
_PLACE = re.compile(r"\{\w+\}")


class WordingRulesError(ValueError):
    """Rules that cannot be read."""


class WordingRule(StrEnum):
    """What a wording can be at fault with."""

    BRACES = "braces"
    UNKNOWN_PLACE = "unknown_place"
    MISSING_PLACE = "missing_place"
    CLINIC_FIRST = "clinic_first"
    CHARACTER = "character"
    LENGTH = "length"
    FORBIDDEN_WORD = "forbidden_word"
    MISSING_WORD = "missing_word"
    GRADE = "grade"


@dataclass(frozen=True, kw_only=True)
class WordingFault:
    """One thing that is wrong with a wording; `detail` says it to whoever wrote the wording."""

    rule: WordingRule
    detail: str


@dataclass(frozen=True, kw_only=True)
class WordingRules:
    """The rules of one language. `must` and `may` are places by key, `forbidden` words by their kind,
    `segments` how many of GSM-7 a text may take, by key, where it is more than one.

    `highest_grade` is None where no formula for the language is known to us.
    """

    language: str
    always: frozenset[str]
    anywhere: frozenset[str]
    must: Mapping[str, frozenset[str]]
    may: Mapping[str, frozenset[str]]
    segments: Mapping[str, int]
    ucs2_segments: int
    highest_grade: float | None
    forbidden: Mapping[str, tuple[str, ...]]
    says: Mapping[str, tuple[str, ...]]
    samples: Mapping[str, str]
    syllables: Mapping[str, int]

    def required(self, key: str) -> frozenset[str]:
        """The places a wording of this text has to have."""
        return self.always | self.must[key]

    def possible(self, key: str) -> frozenset[str]:
        """The places a wording of this text may have."""
        return self.required(key) | self.anywhere | self.may.get(key, frozenset())


def parse(common: str, own: str) -> WordingRules:
    """Rules from TOML: what holds in every language, and what in one. Raises WordingRulesError."""
    try:
        shared, fields = tomllib.loads(common), tomllib.loads(own)
        return WordingRules(
            language=fields["language"],
            always=frozenset(shared["always"]),
            anywhere=frozenset(shared["anywhere"]),
            must=_sets(shared["must"]),
            may=_sets(shared["may"]),
            segments={key: int(most) for key, most in shared["segments"].items()},
            ucs2_segments=int(fields["ucs2_segments"]),
            highest_grade=fields.get("highest_grade"),
            forbidden={kind: tuple(listed) for kind, listed in fields["forbidden"].items()},
            says={key: tuple(listed) for key, listed in fields["says"].items()},
            samples=fields["samples"],
            syllables=fields.get("syllables", {}),
        )
    except tomllib.TOMLDecodeError as error:
        raise WordingRulesError(f"not TOML: {error}") from error
    except KeyError as error:
        raise WordingRulesError(f"{error.args[0]} is missing") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise WordingRulesError(f"another type is wanted: {error}") from error


def find_faults(
    template: str, *, key: str, rules: WordingRules, limits: Mapping[str, int]
) -> tuple[WordingFault, ...]:
    """Everything that is wrong with a wording of the text `key`, measured at the limits of its places.

    A key without rules is a KeyError: it is no text of the catalogue.
    """
    try:
        places = catalogue.placeholders_of(template)
    except CatalogueError as error:
        return (WordingFault(rule=WordingRule.BRACES, detail=str(error)),)
    faults = list(_of_places(set(places), key=key, rules=rules))
    if not template.startswith((f"{FIRST}: ", f"{FIRST} : ")):
        faults.append(
            WordingFault(rule=WordingRule.CLINIC_FIRST, detail=f"it begins with {FIRST}: and a space")
        )
    if all(place in limits for place in places):
        longest = catalogue.render_longest(template, limits=limits)
        faults.extend(_of_length(longest, key=key, rules=rules))
    faults.extend(_of_words(template, key=key, rules=rules))
    if rules.highest_grade is not None and set(places) <= rules.samples.keys():
        found = readability.school_grade(render_sample(template, rules=rules), syllables=rules.syllables)
        if found > rules.highest_grade:
            detail = f"it reads at grade {found:g}; {rules.highest_grade:g} is the highest"
            faults.append(WordingFault(rule=WordingRule.GRADE, detail=detail))
    return tuple(faults)


def render_sample(template: str, *, rules: WordingRules, **values: str) -> str:
    """The wording filled with plain sample values, or with others that are given."""
    return template.format_map({**rules.samples, **values})


def reading_grade(template: str, *, rules: WordingRules) -> float | None:
    """How hard the filled wording reads as a school grade, None in languages without a formula."""
    if rules.highest_grade is None:
        return None
    return readability.school_grade(render_sample(template, rules=rules), syllables=rules.syllables)


def _of_places(places: set[str], *, key: str, rules: WordingRules) -> Iterator[WordingFault]:
    for place in sorted(places - rules.possible(key)):
        yield WordingFault(rule=WordingRule.UNKNOWN_PLACE, detail=f"this text has no value for {{{place}}}")
    for place in sorted(rules.required(key) - places):
        yield WordingFault(rule=WordingRule.MISSING_PLACE, detail=f"{{{place}}} is missing")


def _of_length(longest: str, *, key: str, rules: WordingRules) -> Iterator[WordingFault]:
    outside = sorted(
        {char for char in longest if sms_segments.count_segments(char).encoding is Encoding.UCS2}
    )
    strange = [char for char in outside if not char.isalpha() or not rules.ucs2_segments]
    strange += ["line break"] if "\n" in longest or "\r" in longest else []
    if strange:
        # Curly quotes, dashes, emoji and fixed spaces halve the room and are never needed.
        yield WordingFault(rule=WordingRule.CHARACTER, detail=f"write it without {' '.join(strange)}")
        return
    measure = sms_segments.count_segments(longest)
    room = rules.segments.get(key, 1) if measure.encoding is Encoding.GSM7 else rules.ucs2_segments
    if measure.segments > room:
        detail = (
            f"it takes {measure.units} {_UNITS[measure.encoding]} at the longest, {measure.segments} segments"
        )
        yield WordingFault(rule=WordingRule.LENGTH, detail=f"{detail}; {room} may be taken")


_UNITS = {Encoding.GSM7: "septets", Encoding.UCS2: "characters with letters outside GSM-7"}


def _of_words(template: str, *, key: str, rules: WordingRules) -> Iterator[WordingFault]:
    said = _PLACE.sub(" ", template)
    for listed in rules.forbidden.values():
        for word in listed:
            if _says(said, word):
                yield WordingFault(
                    rule=WordingRule.FORBIDDEN_WORD, detail=f"texts do not say {word!r}: others see the phone"
                )
    for word in rules.says.get(key, ()):
        if word not in readability.split_words(said):
            yield WordingFault(
                rule=WordingRule.MISSING_WORD, detail=f"it has to tell the patient the word {word}"
            )


def _says(text: str, word: str) -> bool:
    """Whether a whole word stands in a text, whatever its case and accents."""
    plain = _plain(word)
    before = r"(?<!\w)" if plain[0].isalnum() else ""
    after = r"(?!\w)" if plain[-1].isalnum() else ""
    return re.search(before + re.escape(plain) + after, _plain(text)) is not None


def _plain(text: str) -> str:
    parted = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parted if not unicodedata.combining(char))


def _sets(table: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {key: frozenset(listed) for key, listed in table.items()}
