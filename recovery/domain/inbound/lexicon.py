"""What words are about, read from TOML: body parts, complaints, and cues (denied, past, a question) that
change the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recovery.domain.core import toml_reader
from recovery.domain.inbound import text_normalization

DENIED = "denied"
"""The cue that turns what stands after it round."""

Words = tuple[str, ...]


class LexiconError(ValueError):
    """A lexicon cannot be used; the message begins with the language and the line."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept named by the words from `at` on, `length` of them; `cue` says that it changes the others."""

    at: int
    length: int
    concept: str
    cue: bool


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """The words of all languages at once.

    `phrases` are whole words in a row, `prefixes` the beginnings of single words; both name their
    concepts. `cues` are those of the names that are cues; `contrast` are words that end a denial.
    """

    phrases: Mapping[Words, frozenset[str]]
    prefixes: Mapping[str, frozenset[str]]
    cues: frozenset[str]
    contrast: frozenset[str]
    longest: int

    def mentions(self, words: Sequence[str]) -> Iterator[Mention]:
        """What a row of plain words names, in its order. What is no word ends a phrase."""
        for at, word in enumerate(words):
            seen: dict[str, int] = {}
            for length in range(1, min(self.longest, len(words) - at) + 1):
                for concept in self.phrases.get(tuple(words[at : at + length]), ()):
                    seen.setdefault(concept, length)
            for end in range(3, len(word) + 1):
                for concept in self.prefixes.get(word[:end], ()):
                    seen.setdefault(concept, 1)
            for concept in sorted(seen):
                yield Mention(at, seen[concept], concept, concept in self.cues)


def parse(texts: Mapping[str, str]) -> Lexicon:
    """The lexicon from one TOML text a language. Raises LexiconError."""
    phrases: dict[Words, set[str]] = {}
    prefixes: dict[str, set[str]] = {}
    cues: set[str] = set()
    contrast: set[str] = set()
    for language, text in texts.items():
        try:
            file = toml_reader.parse_toml(text)
            if file.text("language") != language:
                raise file.error(f"is not {language}", key="language")
            contrast.update(file.texts("contrast"))
            for name in ("concepts", "cues"):
                table = file.table(name)
                for concept in table.keys:
                    _add(table, concept, phrases=phrases, prefixes=prefixes)
                    if name == "cues":
                        cues.add(concept)
            file.finish()
        except toml_reader.TomlError as error:
            raise LexiconError(f"{language}: {error}") from error
    return Lexicon(
        phrases={words: frozenset(named) for words, named in phrases.items()},
        prefixes={beginning: frozenset(named) for beginning, named in prefixes.items()},
        cues=frozenset(cues),
        contrast=frozenset(contrast),
        longest=max((len(words) for words in phrases), default=1),
    )


def _add(
    table: toml_reader.TomlTable,
    concept: str,
    *,
    phrases: dict[Words, set[str]],
    prefixes: dict[str, set[str]],
) -> None:
    for phrase in table.texts(concept):
        words = text_normalization.split_phrase(phrase)
        if not words:
            raise table.error(f"{phrase!r} has no word", key=concept)
        if phrase.endswith("*"):
            if len(words) > 1 or len(words[0]) < 3:
                raise table.error(f"{phrase!r} must be one beginning of three letters or more", key=concept)
            prefixes.setdefault(words[0], set()).add(concept)
        else:
            phrases.setdefault(words, set()).add(concept)
