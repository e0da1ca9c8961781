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
    assert len(names) == len(set(names)) == len(rules) - 1 + len(protocol.parse(newest).rules.late)


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
        ("rules.silence", "rise"),
        ("rules.general", "apart_hours"),
    ],
)
def test_another_bound_is_another_sentence(newest: str, section: str, name: str) -> None:
    (value,) = (value for where, named, value in figures(newest) if (where, named) == (section, name))
    head, found, rest = newest.partition(f"[{section}]")
    other = {"apart_hours": "7", "above_p90": "4", "limit": "7.5"}.get(name, "5" if value != "5" else "6")
    changed = head + found + rest.replace(f"{name} = {value}", f"{name} = {other}", 1)
    assert said(changed) != said(newest)
    assert other in said(changed)


def test_every_urgency_has_words() -> None:
    assert set(rule_descriptions.URGENCY) == set(Level)
