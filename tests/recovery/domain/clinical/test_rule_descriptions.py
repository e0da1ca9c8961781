from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest

from recovery.domain.clinical import protocol, rule_descriptions
from recovery.domain.clinical.symptoms import Level
from recovery.services.content.content import Content


@pytest.fixture
def newest(content: Content) -> str:
    """The newest shipped protocol as text."""
    return content.protocol_sources[max(content.protocols)]


def said(text: str) -> str:
    return " ".join(one.said for one in rule_descriptions.describe_rules(protocol.parse(text)))


NUMBER = re.compile(r'(?<![\w"])\d+(?:\.\d+)?')
"""A bound, alone on its line or in a list or table of them."""


def bounds(text: str) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """Every number of every rule: its section, its line, and what it may be changed to, each with the text of
    the protocol so changed."""
    lines, section = text.splitlines(), ""
    for place, line in enumerate(lines):
        if line.startswith("["):
            section = line.strip("[]")
        if " = " not in line or not section.startswith("rules."):
            continue
        for number in NUMBER.finditer(line):
            changes = []
            for other in (f"{round(float(number.group()) + by, 2):g}" for by in (1, -1, 0.1, -0.1)):
                changed = f"{line[: number.start()]}{other}{line[number.end() :]}"
                changes.append((other, "\n".join([*lines[:place], changed, *lines[place + 1 :]])))
            yield section, line, changes


def test_each_rule_is_told_once(newest: str) -> None:
    names = [one.name for one in rule_descriptions.describe_rules(protocol.parse(newest))]
    rules = {field.name for field in dataclasses.fields(protocol.parse(newest).rules)} - {"alone"}
    late = len(protocol.parse(newest).rules.late)
    assert len(names) == len(set(names)) == len(rules) - 1 + late + len({"the five answers"})


def test_of_a_rule_that_a_protocol_does_not_have_nothing_is_told(older_text: str) -> None:
    names = {one.name for one in rule_descriptions.describe_rules(protocol.parse(older_text))}
    later = {"The five answers", "The first hours", "Asked about first", "One more question"}
    assert later & names == set()
    told = said(older_text)
    for words in ("reports running, raises", "teaches nothing", "strongest answer", "asked about first"):
        assert words not in told


def test_the_five_answers_are_told_by_their_ranges(newest: str) -> None:
    assert "0, 1 to 2, 3 to 4, 5 to 7 or 8 to 10" in said(newest)
    other = newest.replace("least = 3\nmost = 4", "least = 3\nmost = 5").replace(
        "least = 5\n", "least = 6\n", 1
    )
    assert "0, 1 to 2, 3 to 5, 6 to 7 or 8 to 10" in said(other)


def test_only_the_rules_that_are_asked_about_first_are_named(newest: str) -> None:
    head, found, rest = newest.partition("[rules.ask_first]")
    assert found
    first = head + found + rest.replace('"far_above", "rebound", ', "", 1)
    assert "by far above the band, rebound, persistence, late, itching" in said(newest)
    assert "by persistence, late, itching, several together and the patient's own band alone" in said(first)


def test_the_level_of_silence_and_of_the_first_hours_is_told(newest: str) -> None:
    for section, sentence in (
        ("rules.silence", "No answer to a check-in raises"),
        ("rules.first_hours", "at that moment, raises"),
    ):
        head, found, rest = newest.partition(f"[{section}]")
        milder = head + found + rest.replace('"abnormal"', '"watch"', 1)
        assert said(newest).count(f"{sentence} a flag for the same day") > said(milder).count(
            f"{sentence} a flag for the same day"
        )


def test_another_bound_is_another_sentence_with_that_bound(newest: str) -> None:
    untold = [
        (section, line)
        for section, line, changes in bounds(newest)
        if not any(told_with(text, other, before=said(newest)) for other, text in changes)
    ]
    # Three types in a row are told by their ends.
    assert untold == [("rules.general", "fine_skin_types = [4, 5, 6]")]


def told_with(text: str, other: str, *, before: str) -> bool:
    """Whether the sentences of this protocol are others, and hold the number that was changed to."""
    try:
        now = said(text)
    except protocol.ProtocolError:
        return False
    return now != before and re.search(rf"(?<![\d.]){re.escape(other)}(?!\.?\d)", now) is not None


def test_every_urgency_has_words() -> None:
    assert set(rule_descriptions.URGENCY) == set(Level)
