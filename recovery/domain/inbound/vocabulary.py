"""The phrases by which texts are understood but for scores: stop, start, help, calls, signs, thanks,
automatic answers; every language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.core import toml_reader
from recovery.domain.inbound import score_vocabulary, text_normalization
from recovery.domain.inbound.score_vocabulary import ScoreVocabulary, ScoreWords
from recovery.domain.inbound.text_cleaning import UnwrittenPhrases

Words = tuple[str, ...]


class VocabularyError(ValueError):
    """A vocabulary cannot be used; the message begins with the language and the line."""


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What to look for. Patterns look into a line of plain words, see `text_normalization.join_words`.

    `stop`, `start`, `help`, `calls`, `no_signs`, `some_signs` and `yes` are whole texts without their
    `polite` words; `stop_sentences` mean stop wherever they stand once `no_stop` is taken out. `emergency`
    and `warning` are looked for once `elsewhere` is taken out; a `denial` before them, with no word of
    `contrast` since, denies them.
    """

    stop: frozenset[Words]
    start: frozenset[Words]
    help: frozenset[Words]
    calls: frozenset[Words]
    no_signs: frozenset[Words]
    some_signs: frozenset[Words]
    yes: frozenset[Words]
    polite: frozenset[str]
    nurse: re.Pattern[str]
    stop_sentences: re.Pattern[str]
    no_stop: re.Pattern[str]
    emergency: Mapping[WarningSign, re.Pattern[str]]
    warning: Mapping[WarningSign, re.Pattern[str]]
    elsewhere: re.Pattern[str]
    denial: re.Pattern[str]
    contrast: frozenset[str]
    scores: ScoreVocabulary
    unwritten: UnwrittenPhrases


@dataclass(frozen=True, kw_only=True)
class _OneLanguage:
    """One file as it stands, its phrases not yet made into patterns."""

    keywords: Mapping[str, tuple[str, ...]]
    stop_sentences: tuple[str, ...]
    no_stop: tuple[str, ...]
    scores: ScoreWords
    emergency: Mapping[WarningSign, tuple[str, ...]]
    warning: Mapping[WarningSign, tuple[str, ...]]
    elsewhere: tuple[str, ...]
    denial: tuple[str, ...]
    contrast: tuple[str, ...]
    unwritten: Mapping[str, tuple[str, ...]]


_UNWRITTEN = ("reactions", "pictured", "bare_reactions", "automatic", "signatures")
_KEYWORDS = ("stop", "start", "help", "calls", "no_signs", "some_signs", "yes", "nurse", "polite")


def parse(texts: Mapping[str, str]) -> Vocabulary:
    """The words of every language, by language code, as one. Raises VocabularyError."""
    read = []
    for language, text in texts.items():
        try:
            read.append(_read(toml_reader.parse_toml(text), language=language))
        except toml_reader.TomlError as error:
            raise VocabularyError(f"{language}: {error}") from error
    return _merged(read)


def strip_polite_words(words: Sequence[str], polite: frozenset[str]) -> Words:
    """The words that are not polite ones, each only once where it is repeated at once."""
    kept = [word for word in words if word not in polite]
    return tuple(word for place, word in enumerate(kept) if not place or word != kept[place - 1])


def _read(file: toml_reader.TomlTable, *, language: str) -> _OneLanguage:
    if file.text("language") != language:
        raise file.error(f"is not {language}", key="language")
    keywords, stop = file.table("keywords"), file.table("stop")
    unless, denial, unwritten = file.table("unless"), file.table("denial"), file.table("unwritten")
    words = _OneLanguage(
        keywords={key: _phrases(keywords, key) for key in _KEYWORDS},
        stop_sentences=_phrases(stop, "sentences"),
        no_stop=_phrases(stop, "unless"),
        scores=score_vocabulary.read(file, _phrases),
        emergency=_signs(file.table("emergency")),
        warning=_signs(file.table("warning")),
        elsewhere=_phrases(unless, "phrases"),
        denial=_phrases(denial, "words"),
        contrast=_phrases(denial, "until"),
        unwritten={key: _phrases(unwritten, key) for key in _UNWRITTEN},
    )
    for table in (keywords, stop, unless, denial, unwritten, file):
        table.finish()
    return words


def _phrases(table: toml_reader.TomlTable, key: str) -> tuple[str, ...]:
    phrases = table.texts(key)
    for phrase in phrases:
        try:
            text_normalization.check_phrase(phrase)
        except ValueError as error:
            raise table.error(str(error), key=key) from error
    return phrases


def _signs(table: toml_reader.TomlTable) -> dict[WarningSign, tuple[str, ...]]:
    known = {sign.value: sign for sign in WarningSign}
    for key in table.keys:
        if key not in known:
            raise table.error("is not a warning sign", key=key)
    return {known[key]: _phrases(table, key) for key in table.keys}


def _merged(read: Sequence[_OneLanguage]) -> Vocabulary:
    polite = frozenset(
        word
        for language in read
        for phrase in language.keywords["polite"]
        for word in text_normalization.split_phrase(phrase)
    )

    def whole(key: str) -> frozenset[Words]:
        texts = {
            strip_polite_words(text_normalization.split_phrase(phrase), polite)
            for language in read
            for phrase in language.keywords[key]
        }
        return frozenset(texts - {()})

    def rows(key: str) -> frozenset[Words]:
        return frozenset(
            text_normalization.split_phrase(phrase) for language in read for phrase in language.unwritten[key]
        )

    def unwritten(key: str) -> re.Pattern[str]:
        return text_normalization.compile_phrases(
            phrase for language in read for phrase in language.unwritten[key]
        )

    return Vocabulary(
        stop=whole("stop"),
        start=whole("start"),
        help=whole("help"),
        calls=whole("calls"),
        no_signs=whole("no_signs"),
        some_signs=whole("some_signs"),
        yes=whole("yes"),
        polite=polite,
        nurse=text_normalization.compile_phrases(
            phrase for language in read for phrase in language.keywords["nurse"]
        ),
        stop_sentences=text_normalization.compile_phrases(
            phrase for language in read for phrase in language.stop_sentences
        ),
        no_stop=text_normalization.compile_phrases(
            phrase for language in read for phrase in language.no_stop
        ),
        emergency=_patterns([language.emergency for language in read]),
        warning=_patterns([language.warning for language in read]),
        elsewhere=text_normalization.compile_phrases(
            phrase for language in read for phrase in language.elsewhere
        ),
        denial=text_normalization.compile_phrases(phrase for language in read for phrase in language.denial),
        contrast=frozenset(word for language in read for word in language.contrast),
        scores=score_vocabulary.merge([language.scores for language in read]),
        unwritten=UnwrittenPhrases(
            reactions=rows("reactions"),
            pictured=rows("pictured"),
            bare_reactions=rows("bare_reactions"),
            automatic=unwritten("automatic"),
            signatures=unwritten("signatures"),
        ),
    )


def _patterns(
    tables: Sequence[Mapping[WarningSign, tuple[str, ...]]],
) -> dict[WarningSign, re.Pattern[str]]:
    return {
        sign: text_normalization.compile_phrases(phrase for table in tables for phrase in table.get(sign, ()))
        for sign in WarningSign
        if any(sign in table for table in tables)
    }
