"""What to avoid and until when, and when the hours give way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.treatments import avoidance_rules
from recovery.domain.treatments.avoidance_rules import AvoidError, AvoidItem

SHIPPED = (Path(__file__).resolve().parents[4] / "config" / "protocols" / "avoid.toml").read_text("utf-8")


def test_every_thing_has_its_hours_and_says_where_they_are_from() -> None:
    rules = avoidance_rules.parse(SHIPPED)
    assert [rule.what for rule in rules] == list(AvoidItem)
    performed_at = datetime(2026, 11, 23, 9, tzinfo=UTC)
    for rule in rules:
        assert rule.until(performed_at) == performed_at + timedelta(hours=rule.hours)
        assert rule.source


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("[sun]", "[moon]", "sun is missing"),
        ("hours = 72", "hours = 673", "must lie between"),
        ("[makeup]", "[makeup]\ncolour = 1", "colour: is not known"),
    ],
)
def test_rules_that_say_less_or_more_are_refused(before: str, after: str, complaint: str) -> None:
    assert before in SHIPPED
    with pytest.raises(AvoidError, match=complaint):
        avoidance_rules.parse(SHIPPED.replace(before, after, 1))


@pytest.mark.parametrize("sign", WarningSign)
def test_open_skin_or_a_flag_holds_what_the_hours_would_let_go(sign: WarningSign) -> None:
    opened = sign.value in (
        "raw_skin", "burn_marks", "black_or_white_skin", "blisters", "eye_blisters", "pus",
    )  # fmt: skip
    assert avoidance_rules.is_held(flagged=False, signs=[sign.value]) is opened
    assert avoidance_rules.is_held(flagged=True, signs=[sign.value])
    assert not avoidance_rules.is_held(flagged=False, signs=[])
