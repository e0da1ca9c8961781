from __future__ import annotations

import json
from typing import Any

import pytest

from recovery.domain.clinical import protocol
from recovery.domain.review import course_replay


def course(*reports: dict[str, Any], **more: Any) -> str:
    return json.dumps({"course": "x1", "treatment": {"device": "pen"}, "reports": list(reports)} | more)


def report(hours: float, redness: int = 0, **more: Any) -> dict[str, Any]:
    return {"hours": hours, "scores": {"redness": redness, "swelling": 0, "peeling": 0}} | more


def replayed(standard: protocol.Protocol, *lines: str) -> list[Any]:
    return [json.loads(line) for line in course_replay.replay_lines(lines, standard)]


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
        course({"scores": {"redness": 1, "swelling": 0, "peeling": 0}}),
        course({"hours": 30, "scores": {"redness": 1}}),
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
        list(course_replay.replay_lines([course(report(30)), "", line], standard))
    assert caught.value.line == 3
