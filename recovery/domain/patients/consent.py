"""What patients agree to: the kinds of consent, the statement in one language with its version, why staff
ended one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from recovery.domain.core import toml_reader
from recovery.domain.core.language import Language

CLINIC = "{clinic}"

UNKNOWN_WORDS = 1
"""The version of words that are not ours: they agreed to no more than our first ones did."""

MOST_VERSION = 1000


class ConsentKind(StrEnum):
    """Separate consents: recovery texts, and reminders of a next session (never implied)."""

    RECOVERY_TEXTS = "recovery_texts"
    SESSION_REMINDERS = "session_reminders"


class ConsentError(ValueError):
    """The text holds no statements of consent; the message begins with the line."""


@dataclass(frozen=True, kw_only=True)
class ConsentStatements:
    """The statements of one language; `{clinic}` stands where the clinic is named. `version` counts what they
    say, the same in every language."""

    language: Language
    version: int
    words: Mapping[ConsentKind, str]

    def render(self, kind: ConsentKind, *, clinic: str) -> str:
        """The statement as a patient of this clinic reads or hears it."""
        return self.words[kind].replace(CLINIC, clinic)

    def render_with_version(self, kind: ConsentKind, *, clinic: str) -> str:
        """The statement as it is kept with a consent: the words, then their language and version."""
        return f"{self.render(kind, clinic=clinic)} ({self.language.value}, version {self.version})"


def parse(text: str) -> ConsentStatements:
    """Statements from TOML. Raises ConsentError where one is missing or does not name the clinic."""
    try:
        file = toml_reader.parse_toml(text)
        words = {kind: file.text(kind.value) for kind in ConsentKind}
        for kind, statement in words.items():
            if CLINIC not in statement:
                raise file.error(f"must name the clinic with {CLINIC}", key=kind.value)
        statements = ConsentStatements(
            language=Language(file.text("language")),
            version=file.whole("version", least=1, most=MOST_VERSION),
            words=words,
        )
        file.finish()
    except (toml_reader.TomlError, ValueError) as error:
        raise ConsentError(str(error)) from error
    return statements


class EndReason(StrEnum):
    """Why staff ended texts or a whole follow-up."""

    ASKED = "asked"
    WRONG_NUMBER = "wrong_number"
    DIED = "died"
    OTHER = "other"
