"""What texts cost in segments, where their links are as long as those of this installation."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from recovery.domain.messaging import sms_segments
from recovery.domain.messaging.catalogue import Catalogue, TextKind
from recovery.domain.messaging.text_schedule import TextSchedule
from recovery.domain.patients.contact import AnswersBy

MOST_SEGMENTS = 2
"""A text with a link may take so many: phones of any age put two together."""

_BEFORE_A_COURSE = ("optin_confirm", "invitation")


@dataclass(frozen=True, kw_only=True)
class TextPrice:
    """In segments, every value at its longest, in the dearest language.

    `check_in` is the dearest check-in with a link, `course` all that is sent by plan to who answers by link,
    `short_course` the same with links as short as the texts ask for. `too_dear` names texts with a link that
    take more than MOST_SEGMENTS.
    """

    link_length: int
    check_in: int
    course: int
    short_course: int
    too_dear: tuple[str, ...]


def price_texts(catalogues: Collection[Catalogue], *, schedule: TextSchedule, link_length: int) -> TextPrice:
    """The price of these texts, one catalogue a language. `link_length` in characters, token included."""
    longer = [fit_links(texts, link_length) for texts in catalogues]
    linked = {
        key: max(_segments(texts, key) for texts in longer)
        for key in longer[0].keys
        if any("link" in texts.text(key).placeholders for texts in longer)
    }
    check_ins = [key for key in linked if longer[0].text(key).kind is TextKind.CHECK_IN]
    return TextPrice(
        link_length=link_length,
        check_in=max((linked[key] for key in check_ins), default=0),
        course=max(course_segments(texts, schedule=schedule, answers_by=AnswersBy.LINK) for texts in longer),
        short_course=max(
            course_segments(texts, schedule=schedule, answers_by=AnswersBy.LINK) for texts in catalogues
        ),
        too_dear=tuple(key for key, segments in linked.items() if segments > MOST_SEGMENTS),
    )


def fit_links(texts: Catalogue, link_length: int) -> Catalogue:
    """The same texts with room for links of this length."""
    return texts if link_length <= texts.limits["link"] else texts.with_limits(link=link_length)


def course_segments(texts: Catalogue, *, schedule: TextSchedule, answers_by: AnswersBy) -> int:
    """All that one course sends by plan: the opt-in, the invitation, tips and check-ins."""
    planned = [step.template for step in schedule.steps if step.answers_by in (None, answers_by)]
    asked = [key for key in planned if texts.text(key).kind in (TextKind.TIP, TextKind.CHECK_IN)]
    return sum(_segments(texts, key) for key in (*_BEFORE_A_COURSE, *asked))


def longest_link(catalogues: Collection[Catalogue], *, schedule: TextSchedule) -> int:
    """The longest link with which no text takes more than MOST_SEGMENTS."""
    length = max(texts.limits["link"] for texts in catalogues)
    while not price_texts(catalogues, schedule=schedule, link_length=length + 1).too_dear:
        length += 1
    return length


def describe(price: TextPrice) -> str:
    """The price in words, so that nobody learns it from the carrier's bill."""
    links = f"Links in texts have {price.link_length} characters"
    if price.too_dear:
        return (
            f"A text with a link takes at most {MOST_SEGMENTS} segments. {links}, and with them "
            f"{', '.join(price.too_dear)} would take more: whoever runs Afterglow sets a shorter LINK_URL."
        )
    more = price.course - price.short_course
    dearer = f", {more} more than with the shortest links" if more else ""
    return (
        f"{links}: a check-in with its link takes {_many(price.check_in)} at the most, "
        f"and the texts of a course {price.course}{dearer}."
    )


def _many(segments: int) -> str:
    return f"{segments} segment{'' if segments == 1 else 's'}"


def _segments(texts: Catalogue, key: str) -> int:
    return sms_segments.count_segments(texts.longest(key)).segments
