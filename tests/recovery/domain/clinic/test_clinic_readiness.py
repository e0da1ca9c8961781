from __future__ import annotations

from dataclasses import replace

import pytest

from recovery.domain.clinic import clinic_readiness
from recovery.domain.clinic.clinic_readiness import ReadinessFacts, ReadinessNeed

READY = ReadinessFacts(
    has_opening_hours=True,
    own_numbers=True,
    second_factors=clinic_readiness.SECOND_FACTORS,
    signed=True,
    real_carrier=True,
    alerts_leave=True,
    links_fit=True,
    links_told="What links cost.",
    test_text_delivered=True,
    stop_understood=True,
)


def test_a_clinic_that_has_everything_may_go_live() -> None:
    assert list(clinic_readiness.list_unmet(READY)) == []
    assert all(check.met for check in clinic_readiness.list_checks(READY))


@pytest.mark.parametrize(
    ("changes", "need"),
    [
        ({"has_opening_hours": False}, ReadinessNeed.HOURS),
        ({"own_numbers": False}, ReadinessNeed.NUMBERS),
        ({"second_factors": clinic_readiness.SECOND_FACTORS - 1}, ReadinessNeed.PEOPLE),
        ({"signed": False}, ReadinessNeed.SIGNATURE),
        ({"real_carrier": False}, ReadinessNeed.CARRIER),
        ({"alerts_leave": False}, ReadinessNeed.ALERTS),
        ({"links_fit": False}, ReadinessNeed.LINKS),
        ({"test_text_delivered": False}, ReadinessNeed.TEST_TEXT),
        ({"stop_understood": False}, ReadinessNeed.STOP),
    ],
)
def test_each_thing_that_is_missing_is_one_need_by_itself(
    changes: dict[str, object], need: ReadinessNeed
) -> None:
    unmet = clinic_readiness.list_unmet(replace(READY, **changes))  # type: ignore[arg-type]
    assert [check.need for check in unmet] == [need]


def test_every_need_is_told_in_its_own_words_in_the_order_a_clinic_gets_to_it() -> None:
    checks = clinic_readiness.list_checks(READY)
    assert [check.need for check in checks] == list(ReadinessNeed)
    assert len({check.told for check in checks}) == len(ReadinessNeed)


def test_figures_are_told_as_they_are() -> None:
    checks = clinic_readiness.list_checks(replace(READY, second_factors=1))
    told = {check.need: check.told for check in checks}
    assert "(1 so far)" in told[ReadinessNeed.PEOPLE]
    assert told[ReadinessNeed.LINKS] == "What links cost."


def test_needs_that_are_missing_together_keep_their_order() -> None:
    unmet = clinic_readiness.list_unmet(replace(READY, stop_understood=False, has_opening_hours=False))
    assert [check.need for check in unmet] == [ReadinessNeed.HOURS, ReadinessNeed.STOP]
