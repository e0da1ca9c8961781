"""The warning signs in words: which are asked, in what order, and all that is ever said of one.

What nurses, patients, texts, pages and questions say of a sign is put together here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.core import toml_reader
from recovery.domain.messaging import sms_segments
from recovery.domain.messaging.sms_segments import Encoding

LONGEST_IN_TEXT = 58
"""Septets that the signs of one question may take in a text: the place {sign} has this limit."""

LONGEST_DANGER = 48
LONGEST_BY_TEXT = 72
"""The same for the places {danger} and {signs}."""


class SignsError(ValueError):
    """The text is not the list of signs, or not their words; the message begins with the line."""


@dataclass(frozen=True, kw_only=True)
class SignQuestion:
    """One box of a check-in and the signs it asks for."""

    signs: tuple[WarningSign, ...]

    def ticked(self, urgency: Callable[[WarningSign], Level]) -> WarningSign:
        """The sign that a tick stores: the first of the most urgent ones."""
        return max(self.signs, key=lambda sign: urgency(sign).rank)


@dataclass(frozen=True, kw_only=True)
class SignList:
    """What holds in every language: the questions in their order, signs that are never named to others,
    those that everybody is warned of, that any text may warn of, and that are asked for by text."""

    questions: tuple[SignQuestion, ...]
    private: frozenset[WarningSign]
    anywhere: tuple[WarningSign, ...]
    danger: tuple[WarningSign, ...]
    by_text: tuple[WarningSign, ...]

    def question_of(self, sign: WarningSign) -> SignQuestion:
        """The question whose tick this may be; one of its own for a sign that is not asked."""
        for question in self.questions:
            if sign in question.signs:
                return question
        return SignQuestion(signs=(sign,))


@dataclass(frozen=True, kw_only=True)
class SignWords:
    """The words of one language. A sign was named, in somebody's own words, or its box was ticked: a tick
    stands for everything that the box asks for.

    `nurse`, `patient` and `asks` have every sign, in general words where a text written before that sign says
    nothing of it; `text` has only those that a text may name.
    """

    language: str
    listed: SignList
    either: str
    between: str
    nurse: Mapping[WarningSign, str]
    patient: Mapping[WarningSign, str]
    asks: Mapping[WarningSign, str]
    text: Mapping[WarningSign, str]

    def nurse_ticked(self, sign: WarningSign) -> str:
        """The box of this sign for the staff."""
        return " / ".join(self.nurse[one] for one in self.listed.question_of(sign).signs)

    def patient_ticked(self, sign: WarningSign) -> str:
        """The box of this sign as the patient is told of it."""
        return self._join(self.patient[one] for one in self.listed.question_of(sign).signs)

    def asked(self, question: SignQuestion) -> str:
        """What a box says, within a sentence."""
        return self._join(self.asks[sign] for sign in question.signs)

    def asked_at(self, level: Level, *, urgency: Callable[[WarningSign], Level]) -> tuple[str, ...]:
        """The boxes of one urgency, in their order."""
        return tuple(
            self.asked(question)
            for question in self.listed.questions
            if urgency(question.ticked(urgency)) is level
        )

    def in_text(self, sign: WarningSign, *, ticked: bool) -> str:
        """The sign, or all of its box, as a text names it. A private sign is a KeyError."""
        signs = self.listed.question_of(sign).signs if ticked else (sign,)
        return self._join((self.text[one] for one in signs), between=", ")

    @property
    def danger(self) -> str:
        """What any text may warn of."""
        return self._join((self.text[sign] for sign in self.listed.danger), between=", ")

    @property
    def by_text(self) -> str:
        """What is asked for by text, once the scores have come."""
        return self._join((self.text[sign] for sign in self.listed.by_text), between=", ")

    @property
    def anywhere(self) -> str:
        """What everybody is told to call for, as a list within a sentence."""
        return self._join(self.text[sign] for sign in self.listed.anywhere)

    def _join(self, parts: Iterable[str], *, between: str | None = None) -> str:
        *first, last = parts
        if not first:
            return last
        if all(f" {self.either} " not in part and "," not in part for part in (*first, last)):
            return f"{', '.join(first)} {self.either} {last}"
        # What has a list within it is kept apart from the next.
        apart = between or self.between
        return f"{apart.join(first)}{apart if len(first) > 1 else ', '}{self.either} {last}"


def parse_list(text: str, *, older: bool = False) -> SignList:
    """The list from TOML. Raises `SignsError` unless every sign is asked once or private.

    `older`: it was written before some signs had a name; those are not asked.
    """
    try:
        file = toml_reader.parse_toml(text)
        listed = SignList(
            private=frozenset(_signs(file, "private")),
            anywhere=_signs(file, "anywhere"),
            danger=_signs(file, "danger"),
            by_text=_signs(file, "by_text"),
            questions=tuple(_question(entry) for entry in file.tables("questions")),
        )
        file.finish()
    except toml_reader.TomlError as error:
        raise SignsError(str(error)) from error
    told = [*listed.private, *(sign for question in listed.questions for sign in question.signs)]
    fewest = 0 if older else 1
    if wrong := [sign for sign in WarningSign if not fewest <= told.count(sign) <= 1]:
        raise SignsError(f"line 1: {', '.join(wrong)} must be asked once, or be private")
    if named := listed.private & {*listed.danger, *listed.by_text, *listed.anywhere}:
        raise SignsError(f"line 1: {', '.join(named)} is private: no text and no page names it")
    return listed


def parse(text: str, *, listed: SignList, older: bool = False) -> SignWords:
    """The words from TOML. Raises `SignsError`, which names the line, where a sign lacks words or what
    a text says of it does not fit.

    `older`: a sign that had no name then is spoken of in the general words, and no text names it.
    """
    try:
        file = toml_reader.parse_toml(text)
        tables, general = file.table("signs"), file.table("general")
        entries = {
            sign: tables.table(sign.value) for sign in WarningSign if not older or tables.has(sign.value)
        }
        told = {sign: table for sign, table in entries.items() if sign not in listed.private}
        nurse, patient = (dict.fromkeys(WarningSign, general.text(key)) for key in ("nurse", "patient"))
        words = SignWords(
            language=file.text("language"),
            listed=listed,
            either=file.text("or"),
            between=file.text("between"),
            nurse=nurse | {sign: table.text("nurse") for sign, table in entries.items()},
            patient=patient | {sign: table.text("patient") for sign, table in entries.items()},
            asks=_without(patient, entries) | {sign: table.text("asks") for sign, table in told.items()},
            text={sign: table.text("text") for sign, table in told.items()},
        )
        for table in (*entries.values(), tables, general, file):
            table.finish()
        for question in listed.questions:
            lead = question.signs[0]
            said = words.in_text(lead, ticked=True)
            _fits(said, most=LONGEST_IN_TEXT, table=entries[lead])
        _fits(words.by_text, most=LONGEST_BY_TEXT, table=entries[listed.by_text[0]])
        _fits(words.danger, most=LONGEST_DANGER, table=entries[listed.danger[0]])
    except toml_reader.TomlError as error:
        raise SignsError(str(error)) from error
    return words


def _without(
    general: Mapping[WarningSign, str], entries: Mapping[WarningSign, toml_reader.TomlTable]
) -> dict[WarningSign, str]:
    return {sign: said for sign, said in general.items() if sign not in entries}


def _fits(said: str, *, most: int, table: toml_reader.TomlTable) -> None:
    # An emergency text must never be held back by a word that is too long.
    measured = sms_segments.count_segments(said)
    if measured.encoding is not Encoding.GSM7 or measured.units > most:
        raise table.error(f"a text says {said!r}: at most {most} septets of GSM-7", key="text")


def _question(table: toml_reader.TomlTable) -> SignQuestion:
    question = SignQuestion(signs=_signs(table, "signs"))
    table.finish()
    return question


def _signs(table: toml_reader.TomlTable, key: str) -> tuple[WarningSign, ...]:
    try:
        return tuple(WarningSign(name) for name in table.texts(key))
    except ValueError as error:
        raise table.error(str(error), key=key) from error
