"""What longer links cost, and how long they may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from recovery.domain.messaging import catalogue, sms_segments, text_price, text_schedule
from recovery.domain.patients.contact import AnswersBy

MESSAGES = Path(__file__).parents[4] / "config" / "messages"
CATALOGUES = [
    catalogue.parse((MESSAGES / language / "texts.toml").read_text("utf-8"))
    for language in ("en", "es", "fr")
]
SCHEDULE = text_schedule.parse((MESSAGES / "schedule.toml").read_text("utf-8"))


def price(link_length: int) -> text_price.TextPrice:
    return text_price.price_texts(CATALOGUES, schedule=SCHEDULE, link_length=link_length)


def test_links_as_short_as_the_texts_ask_for_cost_nothing_more() -> None:
    short = price(40)
    assert short == replace(price(31), link_length=40)
    assert (short.course, short.too_dear) == (short.short_course, ())
    assert text_price.describe(short).endswith(f"and the texts of a course {short.course}.")


@pytest.mark.parametrize("link_length", [41, 57, 90])
def test_a_longer_link_costs_what_the_longest_texts_with_it_take(link_length: int) -> None:
    found = price(link_length)
    longer = [texts.with_limits(link=link_length) for texts in CATALOGUES]
    assert found.course == max(
        text_price.course_segments(texts, schedule=SCHEDULE, answers_by=AnswersBy.LINK) for texts in longer
    )
    asked = [step.template for step in SCHEDULE.steps if step.template.endswith("_link")]
    assert found.check_in == max(
        sms_segments.count_segments(texts.longest(key)).segments for texts in longer for key in asked
    )
    assert found.course >= found.short_course
    assert found.too_dear == ()


def test_dearer_texts_are_told_as_dearer() -> None:
    dear = price(90)
    assert dear.course > dear.short_course
    told = text_price.describe(dear)
    assert f"the texts of a course {dear.course}, {dear.course - dear.short_course} more" in told


def test_the_longest_link_is_the_last_with_which_no_text_takes_three_segments() -> None:
    longest = text_price.longest_link(CATALOGUES, schedule=SCHEDULE)
    assert price(longest).too_dear == ()
    beyond = price(longest + 1)
    assert beyond.too_dear
    assert beyond.too_dear[0] in text_price.describe(beyond)
    said = " ".join((MESSAGES.parents[1] / "docs" / "operations.md").read_text("utf-8").split())
    dear = price(longest)
    assert f"up to {dear.course} segments a course by link instead of {dear.short_course}" in said
    assert f"links of up to {longest} characters" in said
