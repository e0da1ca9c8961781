"""Courses made from published cases: which are found, how urgently and by when."""

from __future__ import annotations

import pathlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from recovery.domain.clinical import asking, assessment, protocol, symptoms

FOLDER = pathlib.Path(__file__).parent
SCORED = ("redness", "swelling", "peeling", "pain", "itching", "dryness", "bruising")
FOUND_LATE = {"shingles"}
"""What is found, but not in time: docs/clinical.md says why, and what it would cost."""


@dataclass(frozen=True, kw_only=True)
class PublishedCourse:
    """One case as its patient might have answered it."""

    told: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What happened."""
        return str(self.told["name"])

    def judged(self, standard: protocol.Protocol) -> Sequence[assessment.Assessment]:
        """Every report, as the engine judges it once entries are confirmed."""
        treated = self.told["treatment"]
        facts = symptoms.TreatmentFacts(
            device=symptoms.Device(treated["device"]),
            depth_mm=treated["depth_mm"],
            areas=tuple(symptoms.Area(area) for area in treated["areas"]),
            skin_type=treated["skin_type"],
        )
        seen = [self._seen(report) for report in self.told["reports"]]
        return assessment.assess_all(seen, treatment=facts, protocol=standard)

    def _seen(self, report: Sequence[Any]) -> symptoms.Observation:
        hours, *given, signs = report
        scores = {symptoms.Symptom(name): score for name, score in zip(SCORED, given, strict=False)}
        return symptoms.Observation(
            hours=hours,
            scores=scores,
            warning_signs=frozenset(symptoms.WarningSign(sign) for sign in signs),
            confirmed=frozenset(scores),
            scale=symptoms.AnswerScale(self.told["answers"]),
        )


def read(name: str) -> list[PublishedCourse]:
    courses = tomllib.loads((FOLDER / name).read_text("utf-8"))["course"]
    return [PublishedCourse(told=told) for told in courses]


ILL, HEALED = read("published_complications.toml"), read("published_healing.toml")


@pytest.mark.parametrize("course", ILL, ids=lambda course: course.name)
def test_a_published_complication_is_found_with_the_report_that_is_named(
    standard: protocol.Protocol, course: PublishedCourse
) -> None:
    least = symptoms.Level(course.told["at_least"])
    found = [one.hours for one in course.judged(standard) if one.level.rank >= least.rank]
    assert found[0] == course.told["found_at"]
    assert (found[0] <= course.told["by_hours"]) is (course.name not in FOUND_LATE)


@pytest.mark.parametrize("course", HEALED, ids=lambda course: course.name)
def test_published_skin_that_healed_is_raised_no_higher_than_it_should_be(
    standard: protocol.Protocol, course: PublishedCourse
) -> None:
    most = symptoms.Level(course.told["at_most"])
    assert max(one.level.rank for one in course.judged(standard)) <= most.rank


def test_the_cases_are_twenty_one_complications_and_ten_that_healed() -> None:
    assert (len(ILL), len(HEALED)) == (21, 10)
    assert len({course.name for course in (*ILL, *HEALED)}) == 31
    assert all(course.told["source"] and course.told["told"] for course in (*ILL, *HEALED))


def test_shingles_without_a_rash_are_asked_about_once_more_the_day_before_they_are_found(
    standard: protocol.Protocol,
) -> None:
    (course,) = [course for course in ILL if course.name in FOUND_LATE]
    painful = next(one for one in course.judged(standard) if one.hours == course.told["by_hours"])
    assert (painful.level, painful.open_matter) == (symptoms.Level.EXPECTED, asking.OpenMatter.RISE)
