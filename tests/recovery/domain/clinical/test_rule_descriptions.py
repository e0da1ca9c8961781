from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from recovery.domain.clinical import protocol, rule_descriptions
from recovery.domain.clinical.symptoms import Level
from recovery.services.content.content import Content

QUIET = {"override"}
"""What a clinic's or patient's own setting may reach: it raises nothing of its own."""


@pytest.fixture
def newest(content: Content) -> str:
    """The newest shipped protocol as text."""
    return content.protocol_sources[max(content.protocols)]


def said(text: str) -> str:
    return " ".join(one.said for one in rule_descriptions.describe_rules(protocol.parse(text)))


def figures(text: str) -> Iterator[tuple[str, str, str]]:
    """Every bound of every rule that stands on a line of its own: section, name, value."""
    section = ""
    for line in text.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        name, sign, value = line.partition(" = ")
        if sign and section.startswith("rules.") and value.replace(".", "", 1).isdigit():
            yield section, name, value


def test_each_rule_is_told_once(newest: str) -> None:
    names = [one.name for one in rule_descriptions.describe_rules(protocol.parse(newest))]
    rules = {field.name for field in dataclasses.fields(protocol.parse(newest).rules)} - QUIET - {"alone"}
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


@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("rules.far_above", "margin"),
        ("rules.far_above", "least"),
        ("rules.alone", "least"),
        ("rules.rebound", "step"),
        ("rules.rebound", "fine_step"),
        ("rules.persistence", "above_p90"),
        ("rules.itch", "rise"),
        ("rules.cluster", "points"),
        ("rules.personal_band", "limit"),
        ("rules.itch", "lasting"),
        ("rules.first_hours", "margin"),
        ("rules.ask_first", "within_hours"),
        ("rules.asking", "least_hours"),
        ("rules.asking", "most_hours"),
        ("rules.asking", "slack_hours"),
        ("rules.asking", "most"),
        ("rules.asking", "until_day"),
        ("rules.asking", "rise"),
        ("rules.asking", "unclear_from_day"),
        ("rules.personal_band", "teach_margin"),
        ("rules.silence", "rise"),
        ("rules.general", "apart_hours"),
    ],
)
def test_another_bound_is_another_sentence(newest: str, section: str, name: str) -> None:
    (value,) = (value for where, named, value in figures(newest) if (where, named) == (section, name))
    head, found, rest = newest.partition(f"[{section}]")
    other = {
        "apart_hours": "7",
        "above_p90": "4",
        "limit": "7.5",
        "within_hours": "66",
        "most_hours": "25",
    }.get(name, "5" if value != "5" else "6")
    changed = head + found + rest.replace(f"{name} = {value}", f"{name} = {other}", 1)
    assert said(changed) != said(newest)
    assert other in said(changed)


def test_every_urgency_has_words() -> None:
    assert set(rule_descriptions.URGENCY) == set(Level)
