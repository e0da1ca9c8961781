from __future__ import annotations

import json
import pathlib
from typing import Any

import pytest

from recovery.domain.clinical import protocol
from recovery.domain.messaging import text_schedule
from recovery.domain.review import course_replay

SCHEDULE = text_schedule.parse(
    (pathlib.Path(__file__).parents[4] / "config/messages/schedule.toml").read_text("utf-8")
)
WARM = {"scores": {"redness": 2, "swelling": 0, "peeling": 2, "itching": 6}}
"""Itching that is asked about first on day 4."""


def course(*reports: dict[str, Any], **more: Any) -> str:
    return json.dumps({"course": "x1", "treatment": {"device": "pen"}, "reports": list(reports)} | more)


def report(hours: float, redness: int = 0, **more: Any) -> dict[str, Any]:
    return {"hours": hours, "scores": {"redness": redness, "swelling": 0, "peeling": 0}} | more


def replayed(standard: protocol.Protocol, *lines: str) -> list[Any]:
    return [
        json.loads(line) for line in course_replay.replay_lines(lines, protocol=standard, schedule=SCHEDULE)
    ]


def test_courses_come_back_in_order_with_their_verdicts(standard: protocol.Protocol) -> None:
    first = course(report(26.5, 3), report(50, 9, warning_signs=["fever", "spreading_heat"]))
    second = course(report(30), course="x2", treatment={"device": "rf", "depth_mm": 1.5, "skin_type": 6})
    found = replayed(standard, first, "\n", second)
    assert [item["course"] for item in found] == ["x1", "x2"]
    assert found[0]["reports"][0] == {"level": "expected", "rules": [], "ask_again": []}
    assert found[0]["reports"][1] == {
        "level": "emergency",
        "rules": ["warning_sign", "far_above", "rebound"],
        "ask_again": ["redness"],
    }


def test_a_confirmed_entry_is_not_asked_about(standard: protocol.Protocol) -> None:
    (found,) = replayed(standard, course(report(50, 10, confirmed=["redness"])))
    assert found["reports"][0]["ask_again"] == []
    assert found["reports"][0]["level"] == "abnormal"


def test_reports_are_answered_in_the_order_given_but_judged_by_hours(standard: protocol.Protocol) -> None:
    forward = [report(72, 4), report(96, 4), report(48, 5), report(96, 4)]
    (there,) = replayed(standard, course(*forward))
    (back,) = replayed(standard, course(*reversed(forward)))
    assert there["reports"] == back["reports"][::-1]
    assert there["reports"][1] == there["reports"][3]
    assert there["reports"][1]["level"] == "watch"


def test_earlier_courses_are_taken_into_account(standard: protocol.Protocol) -> None:
    reports = [report(6, 5), report(24, 3), report(48, 3), report(72, 4), report(96, 3), report(108, 3)]
    slow = [report(hours, red) for hours, red in ((6, 5), (24, 4), (48, 4), (72, 3), (96, 3), (120, 2))]
    earlier = [{"treatment": {"device": "pen"}, "reports": slow}] * 2
    alone, known = replayed(standard, course(*reports), course(*reports, earlier=earlier))
    assert alone["reports"][-1]["rules"] == ["personal_band"]
    assert known["reports"][-1]["rules"] == []


def test_an_acid_of_the_session_changes_what_is_expected(standard: protocol.Protocol) -> None:
    reports = [report(60, 6), report(72, 6)]
    peeled = {"device": "pen", "acid": "tca"}
    plain, acid = replayed(standard, course(*reports), course(*reports, treatment=peeled))
    assert "far_above" in plain["reports"][1]["rules"]
    assert "far_above" not in acid["reports"][1]["rules"]


def levels(found: Any) -> list[str]:
    return [item["level"] for item in found["reports"]]


def test_answers_in_words_stand_for_ranges(standard: protocol.Protocol) -> None:
    numbers = course(report(74, 4), report(98, 4))
    words = course(report(74, 4, answers="words"), report(98, 4, answers="words"))
    told, meant = replayed(standard, numbers, words)
    assert levels(told) == ["expected", "watch"]
    assert levels(meant) == ["expected", "expected"]


def test_no_answer_lets_what_was_asked_about_first_stand(standard: protocol.Protocol) -> None:
    asked, silent, later = replayed(
        standard,
        course({"hours": 98} | WARM),
        course({"hours": 98} | WARM, {"hours": 122, "unanswered": True}),
        course({"hours": 98} | WARM, {"hours": 122} | WARM),
    )
    assert (levels(asked), asked["ask_next_hours"]) == (["expected"], 120)
    assert silent["reports"][1] == {"level": "watch", "rules": ["silence"], "ask_again": []}
    assert levels(later) == ["expected", "watch"]


def test_silence_without_anything_before_it_is_nothing(standard: protocol.Protocol) -> None:
    (found,) = replayed(standard, course({"hours": 24, "unanswered": True}, report(48)))
    assert levels(found) == ["expected", "expected"]


def test_who_is_at_risk_is_judged_sooner(standard: protocol.Protocol) -> None:
    usual, at_risk = replayed(
        standard,
        course({"hours": 98} | WARM),
        course({"hours": 98} | WARM, treatment={"device": "pen", "at_risk": True}),
    )
    assert (levels(usual), levels(at_risk)) == (["expected"], ["abnormal"])


@pytest.mark.parametrize(
    ("channel", "last", "following"),
    [
        ("link", 1, 48),
        ("text", 1, 48),
        ("app", 5, 168),
        ("text", 5, 144),
        ("link", 7, 336),
        ("link", 14, 672),
    ],
)
def test_who_heals_as_expected_is_asked_by_the_plan(
    standard: protocol.Protocol, channel: str, last: int, following: float
) -> None:
    line = course(report(24 * last), treatment={"device": "pen", "channel": channel})
    (found,) = replayed(standard, line)
    assert found["ask_next_hours"] == following


def test_after_the_last_question_nothing_is_asked(standard: protocol.Protocol) -> None:
    (found,) = replayed(standard, course(report(1344)))
    assert found["ask_next_hours"] is None


def test_what_is_left_open_is_asked_about_once_more(standard: protocol.Protocol) -> None:
    unanswered, rising, flagged = replayed(
        standard,
        course(report(24), {"hours": 168, "unanswered": True}),
        course(report(96), report(168, 2)),
        course(report(168, warning_signs=["pus"])),
    )
    assert (unanswered["ask_next_hours"], flagged["ask_next_hours"]) == (180, 336)
    assert (levels(rising), rising["ask_next_hours"]) == (["expected", "expected"], 180)


def test_one_more_question_waits_for_the_morning(standard: protocol.Protocol) -> None:
    treatment = {"device": "pen", "performed_at": "2026-11-02T14:00:00+02:00"}
    (found,) = replayed(standard, course({"hours": 163, "unanswered": True}, treatment=treatment))
    # Asked at nine in the morning, it may be asked again from nine in the evening on: at eight next day.
    assert found["ask_next_hours"] == 186


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"course": "x1", "reports": []}',
        '{"course": "x1", "treatment": {"device": "pen"}}',
        course(treatment={"device": "laser"}),
        course(treatment={"device": "pen", "skin_type": 7}),
        course(treatment={"device": "pen", "depth_mm": "1"}),
        course(treatment={"device": "pen", "session_number": 0}),
        course(treatment={"device": "pen", "areas": ["nose"]}),
        course(treatment={"device": "pen", "acid": "phenol"}),
        course(treatment={"device": "pen", "acid": None}),
        course({"scores": {"redness": 1, "swelling": 0, "peeling": 0}}),
        course({"hours": 30, "scores": {"redness": 1}}),
        course({"unanswered": True}),
        course({"hours": 30, "unanswered": "yes"}),
        course(report(30, answers="colours")),
        course(treatment={"device": "pen", "at_risk": 1}),
        course(treatment={"device": "pen", "channel": "fax"}),
        course(treatment={"device": "pen", "performed_at": "2026-11-02T14:00:00"}),
        course(treatment={"device": "pen", "performed_at": "today"}),
        course(earlier=[{"treatment": {"device": "pen"}, "reports": [], "healed": "no"}]),
        course(report(30, 11)),
        course(report(30, True)),
        course(report(30, warning_signs=["sneezing"])),
        course(report(30, confirmed="redness")),
        course(report(30, scores={"redness": 1, "swelling": 0, "peeling": 0, "heat": 1})),
        '{"course": "x1", "treatment": {"device": "pen"}, "reports": [{"hours": NaN, "scores": {}}]}',
    ],
)
def test_a_bad_line_is_refused_with_its_number(standard: protocol.Protocol, line: str) -> None:
    with pytest.raises(course_replay.ReplayError, match=r"^line 3: ") as caught:
        list(course_replay.replay_lines([course(report(30)), "", line], protocol=standard, schedule=SCHEDULE))
    assert caught.value.line == 3


def test_a_course_that_was_taken_over_is_judged_by_its_signs_and_asked_for_marks(
    standard: protocol.Protocol,
) -> None:
    taken_over = {"device": "pen", "taken_over_hours": 60}
    reports = (report(50), report(74, 9, warning_signs=["patches"]), {"hours": 98, "unanswered": True})
    (found,) = replayed(standard, course(*reports, treatment=taken_over))
    assert found["reports"][1:] == [
        {"level": "watch", "rules": ["warning_sign"], "ask_again": []},
        {"level": "expected", "rules": [], "ask_again": []},
    ]
    assert found["ask_next_hours"] == 14 * 24
    with pytest.raises(course_replay.ReplayError, match="taken_over_hours must be a number"):
        replayed(standard, course(*reports, treatment={"device": "pen", "taken_over_hours": "soon"}))


def test_what_an_earlier_course_showed_once_it_was_taken_over_teaches_nothing(
    standard: protocol.Protocol,
) -> None:
    reports = [report(6, 5), report(24, 3), report(48, 3), report(72, 4), report(96, 3), report(108, 3)]
    slow = [report(hours, red) for hours, red in ((6, 5), (24, 4), (48, 4), (72, 3), (96, 3), (120, 2))]
    earlier = [{"treatment": {"device": "pen", "taken_over_hours": 1}, "reports": slow}] * 2
    alone, known = replayed(standard, course(*reports), course(*reports, earlier=earlier))
    assert known["reports"] == alone["reports"]
