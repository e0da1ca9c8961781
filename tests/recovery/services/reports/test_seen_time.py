"""When signs were seen holds whatever the phone's clock says, between the treatment and now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from recovery.models.reports.reports import DeviceClock
from recovery.services.reports import seen_time
from recovery.services.reports.seen_time import (
    EARLIEST_BEFORE_TREATMENT,
    LATEST_AHEAD,
    LATEST_AHEAD_WITHOUT_CLOCK,
    SMALLEST_SKEW,
    ImpossibleTime,
)

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("sent_after", "seen_after", "clock"),
    [
        (timedelta(), timedelta(), DeviceClock.TRUSTED),
        (SMALLEST_SKEW, timedelta(), DeviceClock.TRUSTED),
        (SMALLEST_SKEW + SECOND, -SMALLEST_SKEW - SECOND, DeviceClock.CORRECTED),
        (-timedelta(days=400), timedelta(days=400), DeviceClock.CORRECTED),
    ],
)
def test_a_devices_wrong_clock_is_corrected_by_when_it_sent(
    sent_after: timedelta, seen_after: timedelta, clock: DeviceClock
) -> None:
    seen = NOW - timedelta(hours=1)
    shown, known = seen_time.resolve(
        seen - seen_after, sent_at=NOW + sent_after, performed_at=NOW - timedelta(days=2), now=NOW
    )
    expected = seen if clock is DeviceClock.CORRECTED else seen - seen_after
    assert (shown, known) == (expected, clock)


def test_signs_are_seen_from_half_a_day_before_the_treatment_to_now() -> None:
    performed_at = NOW - timedelta(days=2)
    first, last = performed_at - EARLIEST_BEFORE_TREATMENT, NOW + LATEST_AHEAD
    for seen_at in (first, last):
        assert seen_time.resolve(seen_at, sent_at=NOW, performed_at=performed_at, now=NOW)[0] == seen_at
    for seen_at in (first - SECOND, last + SECOND):
        with pytest.raises(ImpossibleTime):
            seen_time.resolve(seen_at, sent_at=NOW, performed_at=performed_at, now=NOW)


@pytest.mark.parametrize(
    ("ahead", "clock"),
    [
        (LATEST_AHEAD, DeviceClock.TRUSTED),
        (LATEST_AHEAD + SECOND, DeviceClock.AHEAD),
        (LATEST_AHEAD_WITHOUT_CLOCK, DeviceClock.AHEAD),
        (LATEST_AHEAD_WITHOUT_CLOCK + SECOND, None),
    ],
)
def test_a_device_that_does_not_say_when_it_sent_may_be_a_day_ahead(
    ahead: timedelta, clock: DeviceClock | None
) -> None:
    if clock is None:
        with pytest.raises(ImpossibleTime):
            seen_time.resolve(NOW + ahead, sent_at=None, performed_at=NOW, now=NOW)
    else:
        assert seen_time.resolve(NOW + ahead, sent_at=None, performed_at=NOW, now=NOW) == (NOW + ahead, clock)
