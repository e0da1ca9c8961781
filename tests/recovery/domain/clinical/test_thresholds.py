from __future__ import annotations

import dataclasses
import re

import pytest

from recovery.domain.clinical import protocol, symptoms, thresholds
from recovery.domain.core import toml_reader

Level = symptoms.Level
Symptom = symptoms.Symptom


def parsed(text: str) -> thresholds.Thresholds:
    return thresholds.parse_thresholds(toml_reader.parse_toml(text).table("rules"))


def changed(text: str, section: str, before: str, after: str) -> str:
    """The protocol with one line of one section changed."""
    head, found, rest = text.partition(f"[{section}]")
    assert found
    assert before in rest
    return head + found + rest.replace(before, after, 1)


def test_the_bounds_are_the_figures_of_the_protocol(standard_text: str) -> None:
    rules = parsed(standard_text)
    assert rules.general == thresholds.General(
        least=1.0, apart_hours=8.0, fine_skin_types=frozenset({4, 5, 6})
    )
    assert rules.far_above == thresholds.FarAbove(level=Level.ABNORMAL, margin=3.0, least=6.0)
    assert rules.itch == thresholds.Itch(
        level=Level.WATCH, from_day=2, least=6.0, rise=3.0, rise_least=3.0, rise_since=2, lasting=4.0
    )
    assert rules.first_hours == thresholds.FirstHours(
        level=Level.ABNORMAL,
        margin=2.0,
        scores={Symptom.PAIN: 7.0, Symptom.ITCHING: 6.0, Symptom.SWELLING: 9.0},
    )
    assert rules.ask_first is not None
    assert (rules.ask_first.within_hours, len(rules.ask_first.rules)) == (60.0, 7)
    assert rules.asking == thresholds.Asking(
        least_hours=12.0,
        most_hours=24.0,
        slack_hours=4.0,
        most=4,
        until_day=10,
        rise=2.0,
        unclear_from_day=4,
    )
    assert rules.silence == thresholds.Silence(level=Level.ABNORMAL, rise=3.0)
    assert rules.personal_band.teach_margin == 0.0
    assert rules.plausibility.margins[Symptom.PEELING] == 3.0


def test_late_steps_keep_their_order_and_their_finer_scores(standard_text: str, older_text: str) -> None:
    assert {step.over for step in parsed(older_text).late} == {-100.0}
    first, second, third, fourth, any_day = steps = parsed(standard_text).late
    assert [step.from_day for step in steps] == [4, 7, 10, 13, 1]
    assert {(step.level, step.over) for step in steps} == {(Level.WATCH, 0.0)}
    assert first.scores == {Symptom.REDNESS: 4.0, Symptom.SWELLING: 3.0, Symptom.PAIN: 3.0}
    assert (first.fine, second.fine) == ({Symptom.REDNESS: 3.0}, {Symptom.REDNESS: 2.0})
    assert set(second.scores) == set(third.scores) == set(Symptom)
    assert fourth.scores == {Symptom.PEELING: 3.0, Symptom.DRYNESS: 4.0, Symptom.BRUISING: 2.0}
    assert (any_day.scores, any_day.fine) == ({Symptom.BRUISING: 8.0}, {})


@pytest.mark.parametrize(
    ("section", "before", "after", "complaint"),
    [
        ("rules.general", "least = 1", "least = 10.5", "rules.general.least: must lie between 0 and 10"),
        ("rules.general", "apart_hours = 8", "apart_hours = 49", "apart_hours: must lie between 0 and 48"),
        ("rules.general", "[4, 5, 6]", "[4, 7]", "fine_skin_types: entry 2 must lie between 1 and 6"),
        ("rules.far_above", "margin = 3", "margin = true", "margin: must be a number"),
        ("rules.far_above", '"abnormal"', '"expected"', "level: must be one of watch, abnormal, emergency"),
        ("rules.rebound", "from_day = 2", "from_day = 0", "from_day: must lie between 1 and 60"),
        ("rules.rebound", "from_day = 2", "from_day = 2.5", "from_day: must be a whole number"),
        ("rules.persistence", "above_p90 = 3", "above_p90 = 1", "above_p90: must lie between 2 and 9"),
        ("rules.cluster", "points = 4", "points = 1", "points: must lie between 2 and 40"),
        ("rules.personal_band", "widen_most = 1.3", "widen_most = 1.6", "widen_most: must lie between 1 and"),
        ("rules.override", "level_most = 1.5", "level_most = 2.1", "level_most: must lie between 1 and 2"),
        ("rules.silence", "rise = 3", "rise = 0", "rise: must lie between 1 and 30"),
        ("rules.silence", '"abnormal"', '"expected"', "level: must be one of watch, abnormal, emergency"),
        ("rules.first_hours", "margin = 2", "margin = 11", "margin: must lie between 0 and 10"),
        ("rules.first_hours", "pain = 7", "colour = 7", "first_hours.scores.colour: is not a symptom"),
        ("rules.first_hours", "margin = 2", "margin = 2\nleast = 2", "first_hours.least: is not known here"),
        ("rules.itch", "lasting = 4", "lasting = 0", "lasting: must lie between 1 and 11"),
        ("rules.personal_band", "teach_margin = 0", "teach_margin = 11", "must lie between 0 and 10"),
        ("rules.ask_first", '"rebound"', '"hunch"', "ask_first.rules: 'hunch' is not one of far_above"),
        ("rules.ask_first", '"rebound"', '"warning_sign"', "ask_first.rules: 'warning_sign' is not one"),
        ("rules.ask_first", '"rebound"', '"override"', "ask_first.rules: 'override' is not one"),
        ("rules.ask_first", '"rebound"', '"silence"', "ask_first.rules: 'silence' is not one"),
        ("rules.ask_first", "within_hours = 60", "within_hours = 6", "must lie between 12 and 240"),
        ("rules.ask_first", "within_hours = 60", "hours = 60", "within_hours is missing"),
        ("rules.ask_first", "lasting_hours = 44", "lasting_hours = 9", "must lie between 12 and 240"),
        (
            "rules.asking",
            "least_hours = 12",
            "least_hours = 25",
            "asking.most_hours: is less than least_hours",
        ),
        ("rules.asking", "most = 4", "most = 21", "asking.most: must lie between 0 and 20"),
        ("rules.asking", "most = 4", "most = 4.5", "asking.most: must be a whole number"),
        ("rules.asking", "until_day = 10", "until_days = 10", "until_day is missing"),
        ("rules.plausibility", "itching = 3", "colour = 3", "margins.colour: is not a symptom"),
        ("rules.plausibility", "itching = 3", "itching = 11", "itching: must lie between 0 and 10"),
        ("rules.silence", "rise = 3", "rise = 3\nfall = 3", "rules.silence.fall: is not known here"),
    ],
)
def test_a_bound_that_is_too_wide_or_unknown_is_refused_by_its_name(
    standard_text: str, section: str, before: str, after: str, complaint: str
) -> None:
    with pytest.raises(toml_reader.TomlError, match=re.escape(complaint)):
        parsed(changed(standard_text, section, before, after))


NAMED_LATER = {"first_hours", "ask_first", "asking"}
"""Rules that protocols published before them do without."""


def renamed(text: str, section: str) -> str:
    changed = re.sub(rf"(\[+rules\.){section}(\]+)", rf"\1another_{section}\2", text)
    assert changed != text
    return changed


def test_every_rule_has_to_have_its_bounds(standard_text: str) -> None:
    for section in dataclasses.fields(thresholds.Thresholds):
        complaint = "is not known here" if section.name in NAMED_LATER else f"{section.name} is missing"
        with pytest.raises(toml_reader.TomlError, match=complaint):
            parsed(renamed(standard_text, section.name))


def test_a_protocol_from_before_a_rule_does_without_it(older_text: str) -> None:
    rules = parsed(older_text)
    assert (rules.first_hours, rules.ask_first, rules.asking) == (None, None, None)
    assert rules.itch.lasting > symptoms.MAX_SCORE
    assert rules.personal_band.teach_margin == symptoms.MAX_SCORE
    assert rules.silence.level is Level.ABNORMAL


def test_a_fault_of_a_new_section_names_its_own_line(standard_text: str) -> None:
    for section, before, after in (
        ("rules.ask_first", '"rebound"', '"hunch"'),
        ("rules.asking", "most = 4", "most = 21"),
        ("rules.first_hours", "margin = 2", "margin = 11"),
    ):
        text = changed(standard_text, section, before, after)
        with pytest.raises(toml_reader.TomlError, match=r"^line \d+: ") as caught:
            parsed(text)
        line = int(str(caught.value).split(":")[0].removeprefix("line "))
        assert after in text.splitlines()[line - 1]


def test_a_rule_nobody_knows_is_refused(standard_text: str) -> None:
    with pytest.raises(toml_reader.TomlError, match=r"rules\.hunch: is not known here"):
        parsed(standard_text + "\n[rules.hunch]\nleast = 1\n")


@pytest.mark.parametrize("section", ["rules.far_above", "rules.rebound"])
def test_what_stands_alone_is_never_more_urgent_than_what_is_borne_out(
    standard_text: str, section: str
) -> None:
    milder = changed(standard_text, section, '"abnormal"', '"watch"')
    assert parsed(milder).alone.level is Level.WATCH
    with pytest.raises(toml_reader.TomlError, match=r"rules\.alone: is more urgent"):
        parsed(changed(milder, "rules.alone", '"watch"', '"abnormal"'))


def test_a_finding_asks_for_a_nurse_so_expected_is_no_level_of_a_rule() -> None:
    table = toml_reader.parse_toml("\n".join(f'{level.value} = "{level.value}"' for level in Level))
    asking = [level for level in Level if level is not Level.EXPECTED]
    assert [thresholds.level_that_asks(table, level.value) for level in asking] == asking
    with pytest.raises(toml_reader.TomlError, match="line 1: expected: must be one of"):
        thresholds.level_that_asks(table, Level.EXPECTED.value)


def test_the_protocol_carries_its_bounds(standard: protocol.Protocol, standard_text: str) -> None:
    assert standard.rules == parsed(standard_text)
