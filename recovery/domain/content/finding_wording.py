"""Findings and advice put into the words of a language, for the nurse and, softer, for the patient; and these
words read from TOML."""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from recovery.domain.clinical import symptoms
from recovery.domain.clinical.findings import AssessmentRule, Finding, SignMention
from recovery.domain.content import score_wording
from recovery.domain.content.emergency_text import HelpLine
from recovery.domain.content.sign_wording import SignWords
from recovery.domain.core import toml_reader
from recovery.domain.flags.flag_lifecycle import FollowUpState

PLACES = frozenset(("symptom", "sign", "value", "bound", "day", "count", "reference", "several", "where"))
"""What a sentence may leave open, to be filled from the finding."""

SENTENCES = (*(rule.value for rule in AssessmentRule), *(said.value for said in SignMention), "together")
"""A sentence for each rule, for signs read from words, and for warning signs that are worse together."""


OF_ONE_REPORT: Mapping[str, frozenset[str]] = {
    "as_expected": frozenset(("day", "several")),
    "asked_again": frozenset(("at",)),
    "doubt": frozenset(),
    "maybe_emergency": frozenset(),
    "overdue": frozenset(),
    "seen": frozenset(),
    "contacted": frozenset(),
    "closed": frozenset(),
}
"""What is said of a report by what became of it, besides the advice of its level, with the open places."""


class WordsError(ValueError):
    """The text is not a full set of words; the message begins with the line."""


@dataclass(frozen=True, kw_only=True)
class FindingWords:
    """The words of one language, with those of the signs. `ordinals` name the first reports running. `where`
    says after a score where it is strongest; words of before that was asked say nothing of it."""

    language: str
    symptoms_nurse: Mapping[symptoms.Symptom, str]
    symptoms_patient: Mapping[symptoms.Symptom, str]
    where: Mapping[symptoms.Area, str]
    signs: SignWords
    ordinals: tuple[str, ...]
    later: str
    conjunction: str
    nurse: Mapping[str, str]
    patient: Mapping[str, str]
    advice: Mapping[symptoms.Level, str]
    advice_first_hours: Mapping[symptoms.Level, str]
    of_report: Mapping[str, str]
    advice_self_harm: str


def parse(text: str, *, signs: SignWords) -> FindingWords:
    """Words from the TOML of one language. Raises `WordsError`, which names the line, where a symptom,
    a rule or a level has no words, or a sentence leaves something unknown open."""
    try:
        return _words(toml_reader.parse_toml(text), signs=signs)
    except toml_reader.TomlError as error:
        raise WordsError(str(error)) from error


def render_for_nurse(finding: Finding, words: FindingWords) -> str:
    """A finding in one line, figures and all."""
    signs = words.signs.nurse.__getitem__ if finding.said else words.signs.nurse_ticked
    return _say(finding, words.nurse, named=words.symptoms_nurse, sign_of=signs, words=words)


def value_text(finding: Finding) -> str:
    """The figure of a finding: a whole number, or the scores that an answer in words stands for."""
    return _figure(finding.value, meant=finding.value_range)


def render_for_patient(finding: Finding, words: FindingWords) -> str:
    """A finding in one calm sentence without figures."""
    signs = words.signs.patient.__getitem__ if finding.said else words.signs.patient_ticked
    return _say(finding, words.patient, named=words.symptoms_patient, sign_of=signs, words=words)


def render_advice(
    level: symptoms.Level,
    *,
    day: int,
    judged: Sequence[str],
    doubt: bool,
    held: bool,
    asked_at: str | None,
    state: FollowUpState,
    overdue: bool,
    help_line: HelpLine | None,
    unsure: bool,
    words: FindingWords,
) -> str:
    """What to do now about one report. It never says that all is clear.

    `judged` names the symptoms that a rule looked at, `doubt` says that an entry is in question, `held` that
    something is asked about once more before a nurse looks, `asked_at` when, in words, if that is still to
    come. `state` and `overdue` are where the nurses' work on it stands; `help_line` is the number that comes
    first; `unsure` says that only words which may mean something else make it an emergency.
    """
    if level is symptoms.Level.EMERGENCY and state is not FollowUpState.CLOSED:
        if help_line is HelpLine.CRISIS:
            return words.advice_self_harm
        return words.of_report["maybe_emergency"] if unsure else words.advice[level]
    if state in (FollowUpState.SEEN, FollowUpState.CONTACTED, FollowUpState.CLOSED):
        return words.of_report[state.value]
    if state is FollowUpState.WAITING:
        promised = symptoms.Level.ABNORMAL if level is symptoms.Level.EXPECTED else level
        return words.of_report["overdue"] if overdue else words.advice[promised]
    if level is not symptoms.Level.EXPECTED:
        return words.advice[level]
    if doubt:
        return words.of_report["doubt"]
    if held:
        asks = words.of_report["asked_again"]
        return words.advice[level] if asked_at is None else asks.format(at=asked_at)
    if day <= 0:
        return words.advice_first_hours[level]
    if not judged:
        return words.advice[level]
    several = _listed(list(judged), words.conjunction)
    return words.of_report["as_expected"].format(day=day, several=several)


def _say(
    finding: Finding,
    sentences: Mapping[str, str],
    *,
    named: Mapping[symptoms.Symptom, str],
    sign_of: Callable[[symptoms.WarningSign], str],
    words: FindingWords,
) -> str:
    key = "together" if finding.signs else finding.said.value if finding.said else finding.rule.value
    if finding.signs:
        several = [sign_of(sign) for sign in finding.signs]
    else:
        several = [named[symptom] for symptom in finding.several]
    return sentences[key].format(
        symptom=named[finding.symptom] if finding.symptom else "",
        sign=sign_of(finding.sign) if finding.sign else "",
        value=value_text(finding),
        bound=_figure(finding.bound),
        reference=_figure(finding.reference, meant=finding.reference_range),
        day=finding.day,
        count=_ordinal(finding.count, words),
        several=_listed(several, words.conjunction),
        where=words.where.get(finding.strongest, "") if finding.strongest else "",
    )


def _figure(value: float | None, *, meant: tuple[int, int] | None = None) -> str:
    """Scores are whole, so a bound is told as the highest whole score within it; an answer in words is told
    as the scores it stands for."""
    if meant is not None:
        return score_wording.score_range(*meant)
    return "" if value is None else str(math.floor(value))


def _ordinal(count: int, words: FindingWords) -> str:
    if count <= len(words.ordinals):
        return words.ordinals[max(count, 1) - 1]
    return words.later.format(count=count)


def _listed(items: list[str], conjunction: str) -> str:
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {conjunction} {items[-1]}"


def _words(file: toml_reader.TomlTable, *, signs: SignWords) -> FindingWords:
    nurse, patient = file.table("nurse"), file.table("patient")
    advised = file.table("advice")
    words = FindingWords(
        language=file.text("language"),
        symptoms_nurse=_named(nurse.table("symptoms")),
        symptoms_patient=_named(patient.table("symptoms")),
        where=_where(nurse.table("where")) if nurse.has("where") else {},
        signs=signs,
        ordinals=file.texts("ordinals"),
        later=_sentence(file, "later", allowed=frozenset(("count",))),
        conjunction=file.text("conjunction"),
        nurse=_sentences(nurse.table("findings"), SENTENCES),
        patient=_sentences(patient.table("findings"), SENTENCES),
        advice=_advice(advised.table("days")),
        advice_first_hours=_advice(advised.table("first_hours")),
        of_report=_of_report(advised.table("report")),
        advice_self_harm=_sentence(advised, "self_harm", allowed=frozenset()),
    )
    for table in (nurse, patient, advised, file):
        table.finish()
    return words


def _named(table: toml_reader.TomlTable) -> dict[symptoms.Symptom, str]:
    words = {symptom: table.text(symptom.value) for symptom in symptoms.Symptom}
    table.finish()
    return words


def _where(table: toml_reader.TomlTable) -> dict[symptoms.Area, str]:
    strongest = _sentence(table, "strongest", allowed=frozenset(("area",)))
    words = {area: strongest.format(area=table.text(area.value)) for area in symptoms.Area}
    table.finish()
    return words


def _sentences(table: toml_reader.TomlTable, keys: tuple[str, ...]) -> dict[str, str]:
    sentences = {key: _sentence(table, key, allowed=PLACES) for key in keys}
    table.finish()
    return sentences


def _advice(table: toml_reader.TomlTable) -> dict[symptoms.Level, str]:
    sentences = {key: _sentence(table, key.value, allowed=frozenset()) for key in symptoms.Level}
    table.finish()
    return sentences


def _of_report(table: toml_reader.TomlTable) -> dict[str, str]:
    sentences = {key: _sentence(table, key, allowed=allowed) for key, allowed in OF_ONE_REPORT.items()}
    table.finish()
    return sentences


def _sentence(table: toml_reader.TomlTable, key: str, *, allowed: frozenset[str]) -> str:
    text = table.text(key)
    try:
        places = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError as error:
        raise table.error(str(error), key=key) from error
    if unknown := sorted(places - allowed):
        raise table.error(f"leaves {', '.join(unknown)} open", key=key)
    return text
