"""What is read from kept days is what counting says, whatever happens to them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.read_models import figure_days
from recovery.models.read_models.figure_days import FigureChange, FigureDay
from recovery.services.read_models.figures import figure_sums, kept_figures
from recovery.services.read_models.figures.figure_sums import FigureSums
from recovery.services.read_models.figures.kept_figures import CheckedDays
from tests.support.data.people import Clinic
from tests.support.figures.generated_year import YearSize, generate_year

DAY = timedelta(days=1)
LIVE_DAYS = 8
"""Days since the clinic went live: so many are kept."""

EVERYTHING = 1_000

COMPLICATIONS = """
INSERT INTO complication (clinic_id, treatment_id, outcome, began_on, recorded_at, withdrawn_at)
SELECT clinic_id, id, 'scar', performed_at::date, performed_at,
  CASE WHEN lot IS NULL THEN performed_at END FROM treatment
"""
WORDS = """
INSERT INTO inbound_text (clinic_id, source, carrier_id, phone, body, received_at, meaning, patient_id,
  treatment_id, to_read, due_at, answer)
SELECT clinic_id, 'text', 'SM-' || id, '+12025550100', 'A question.', performed_at, 'other', patient_id,
  id, true, performed_at + interval '4 hours', 'got_text' FROM treatment
"""


@pytest.fixture
def week(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Clinic:
    """A clinic with some forty treatments in a week."""
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).live_since = now - LIVE_DAYS * DAY
        generate_year(session, clinic.id, clinic.nurse.id, size=YearSize(treatments=2_000), now=now)
        # What the year has seldom everybody has here.
        session.execute(text(COMPLICATIONS))
        session.execute(text(WORDS))
    return clinic


def row_of(session: Session, clinic: Clinic) -> ClinicRow:
    return session.get_one(ClinicRow, clinic.id)


def keep(sessions: sessionmaker[Session], clinic: Clinic, *, now: datetime, limit: int = EVERYTHING) -> int:
    with sessions.begin() as session:
        return kept_figures.keep_days(session, row_of(session, clinic), now=now, limit=limit)


def read(session: Session, clinic: Clinic, *, now: datetime) -> FigureSums:
    """A longer time than the clinic is live."""
    row, last = row_of(session, clinic), now.date()
    return kept_figures.read_sums(session, row, first=last - 2 * LIVE_DAYS * DAY, last=last, now=now)


def agree(sessions: sessionmaker[Session], clinic: Clinic, *, now: datetime) -> tuple[object, bytes]:
    """What is read, which is what is read where nothing is kept."""
    with sessions() as session:
        found = figure_sums.to_kept(read(session, clinic, now=now))
        figure_days.drop_all(session, clinic.id)
        assert found == figure_sums.to_kept(read(session, clinic, now=now))
    return found


def test_days_are_kept_some_at_a_time_until_none_is_missing(
    week: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    assert keep(sessions, week, now=now, limit=5) == 5
    with sessions() as session:
        newest = session.scalars(select(func.max(FigureDay.day))).one()
        assert newest == now.date() - DAY, "what is not over is not kept"
    assert keep(sessions, week, now=now) == LIVE_DAYS - 5
    assert keep(sessions, week, now=now) == 0
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(FigureChange)) == 0
        row = row_of(session, week)
        assert kept_figures.check_days(session, row, now=now) == CheckedDays(LIVE_DAYS, [])
    agree(sessions, week, now=now)


def test_figures_are_read_from_kept_days(
    week: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    keep(sessions, week, now=now)
    with sessions.begin() as session:
        day = session.scalars(select(FigureDay).order_by(FigureDay.day).limit(1).offset(4)).one()
        day.sums = {**day.sums, "counts": {**day.sums["counts"], "promise": [[[], [1_000_000, 0]]]}}
        wrong = day.day
    with sessions() as session:
        assert read(session, week, now=now).promises().made > 1_000_000
        assert kept_figures.check_days(session, row_of(session, week), now=now).wrong == [wrong]


STATEMENTS = (
    "UPDATE treatment SET performed_at = performed_at - interval '3 days' WHERE {some}",
    "UPDATE treatment SET withdrawn_at = created_at WHERE {some}",
    "UPDATE treatment SET lot = 'L-new', device = 'rf' WHERE {some}",
    "UPDATE patient SET skin_type = 1 + (skin_type % 6) WHERE skin_type IS NOT NULL AND {some}",
    "UPDATE message SET claimed_at = claimed_at - interval '30 hours' WHERE {some}",
    "UPDATE message SET due_at = due_at - interval '30 hours' WHERE {some}",
    "UPDATE message SET state = 'failed', reason = '30005', segments = 3 WHERE {some}",
    "UPDATE report_revision SET seen_at = seen_at - interval '3 days' WHERE {of_report}",
    "UPDATE report SET created_at = created_at - interval '20 hours' WHERE {some}",
    "UPDATE assessment SET reviewed_at = NULL WHERE {some}",
    "UPDATE flag SET state = 'resolved', resolved_at = opened_at, outcome = 'burn'",
    "DELETE FROM flag_event",
    "UPDATE complication SET withdrawn_at = NULL",
    "DELETE FROM complication WHERE {some}",
    "UPDATE inbound_text SET read_at = received_at, read_by = NULL WHERE {some}",
    "DELETE FROM inbound_text WHERE {some}",
    "UPDATE clinic SET time_zone = 'Pacific/Auckland'",
    "UPDATE clinic SET live_since = live_since + interval '2 days'",
)
PICK = "abs(hashtext({id}::text)) % 3 = {number} % 3"
"""Another third of the rows for each statement."""


def test_figures_stay_what_counting_says_through_every_kind_of_change(
    week: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    keep(sessions, week, now=now)
    before = agree(sessions, week, now=now)
    for number, statement in enumerate(STATEMENTS):
        with sessions.begin() as session:
            some, of_report = (PICK.format(id=key, number=number) for key in ("id", "report_id"))
            session.execute(text(statement.format(some=some, of_report=of_report)))
        after = agree(sessions, week, now=now)
        assert after != before, statement
        before = after
        # Sometimes all days are counted again, sometimes a few, sometimes none.
        keep(sessions, week, now=now, limit=(EVERYTHING, 2, 0, 0)[number % 4])
    with sessions() as session:
        assert kept_figures.check_days(session, row_of(session, week), now=now).wrong == []


def test_the_clock_alone_makes_days_old(week: Clinic, sessions: sessionmaker[Session], now: datetime) -> None:
    seen = set()
    keep(sessions, week, now=now)
    for hours in (1, 5, 12, 23, 25, 49, 24 * 9):
        seen.add(repr(agree(sessions, week, now=now + timedelta(hours=hours))))
    assert len(seen) > 3


def test_whatever_is_not_committed_yet_is_not_lost(
    week: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    """A change that began before the days were counted and ends after them is noted all the same."""
    keep(sessions, week, now=now)
    with sessions() as slow:
        slow.execute(text("UPDATE treatment SET withdrawn_at = created_at WHERE lot IS NOT NULL"))
        with sessions.begin() as session:
            session.execute(text("UPDATE patient SET skin_type = 1 WHERE skin_type = 2"))
        assert keep(sessions, week, now=now) > 0
        slow.commit()
    agree(sessions, week, now=now)


def test_of_a_clinic_that_is_not_live_and_while_another_counts_nothing_is_kept(
    week: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions() as another:
        assert figure_days.lock_clinic(another, week.id)
        assert keep(sessions, week, now=now) == 0
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(live_since=None))
    assert keep(sessions, week, now=now) == 0
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(FigureDay)) == 0
        assert session.scalar(select(func.count()).select_from(FigureChange)) == 0


@pytest.mark.parametrize(
    ("days", "spans"),
    [
        ([1], [(1, 2)]),
        ([1, 2, 3], [(1, 4)]),
        ([1, 3, 4, 9], [(1, 2), (3, 5), (9, 10)]),
    ],
)
def test_days_that_follow_on_one_another_are_one_span_of_the_clinic_s_zone(
    now: datetime,
    week: Clinic,
    sessions: sessionmaker[Session],
    days: list[int],
    spans: list[tuple[int, int]],
) -> None:
    def midnight(day: int) -> datetime:
        return datetime(2026, 11, day, tzinfo=now.tzinfo)

    with sessions() as session:
        which = kept_figures.filter_of_days(
            row_of(session, week), [date(2026, 11, day) for day in days], now=now
        )
    assert which.spans == [(midnight(first), midnight(after)) for first, after in spans]
    assert (which.start, which.end) == (midnight(days[0]), midnight(days[-1] + 1))
