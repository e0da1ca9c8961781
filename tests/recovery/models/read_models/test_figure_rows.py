"""The rows behind figures: each part by itself, whose they are, and page by page.

That every figure has as many rows as it says is tested over a generated year
(tests/api/console/clinic/test_figures_of_a_year.py).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.models.patients.patients import Patient
from recovery.models.read_models import figure_rows
from recovery.models.read_models.clinic_figures import TreatmentFilter
from recovery.models.read_models.figure_rows import FigureKind, FigurePart, FigureRow, FigureRows
from recovery.models.treatments.treatments import Treatment
from tests.support.data.model_rows import add_flag, add_revision, add_text, add_treatment

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def rows_of(session: Session, which: TreatmentFilter, asked: FigureRows) -> list[FigureRow]:
    found = figure_rows.list_rows(session, which, asked, zone="UTC", wordings=(), after=None, limit=50)
    assert figure_rows.count_rows(session, which, asked, zone="UTC", wordings=()) == len(found)
    return list(found)


def ids(session: Session, which: TreatmentFilter, asked: FigureRows) -> set[UUID]:
    return {row.id for row in rows_of(session, which, asked)}


def test_a_row_says_whose_it_is_and_when_it_was(
    session: Session, which: TreatmentFilter, treatment: Treatment, patient: Patient
) -> None:
    (row,) = rows_of(session, which, FigureRows(kind=FigureKind.TREATMENTS))
    assert (row.id, row.patient_id, row.treatment_id) == (treatment.id, patient.id, treatment.id)
    assert (row.at, row.what, row.last_name) == (treatment.performed_at, "pen", patient.last_name)
    for skin, found in (((patient.skin_type,), True), ((None,), False), ((None, patient.skin_type), True)):
        asked = FigureRows(kind=FigureKind.TREATMENTS, skin=skin)
        assert bool(rows_of(session, which, asked)) is found


def test_a_check_in_is_answered_missed_or_may_still_be(
    session: Session, which: TreatmentFilter, treatment: Treatment, patient: Patient, now: datetime
) -> None:
    silent = add_treatment(session, patient, performed_at=now - 5 * DAY)

    def asked_of(of: Treatment, ago: timedelta, day: int) -> UUID:
        return add_text(
            session, of.clinic_id, due_at=now - ago, treatment=of, state=MessageState.DELIVERED,
            claimed_at=now - ago, asks_day=day,
        ).id  # fmt: skip

    said = add_revision(session, treatment, seen_at=now - 2 * DAY)
    answered = asked_of(treatment, 2 * DAY + HOUR, 1)
    # A day before the report about the later treatment, which would answer it.
    missed = asked_of(silent, 4 * DAY, 3)
    waiting = asked_of(silent, 2 * HOUR, 5)
    assert said.report_id
    each = FigureRows(kind=FigureKind.CHECK_INS)
    assert ids(session, which, each) == {answered, missed, waiting}
    for part, found in (
        (FigurePart.ANSWERED, answered), (FigurePart.MISSED, missed), (FigurePart.WAITING, waiting),
    ):  # fmt: skip
        assert ids(session, which, replace(each, part=part)) == {found}
    assert ids(session, which, replace(each, day=3)) == {missed}


def test_flags_are_told_apart_by_what_they_were_closed_as(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    def closed(outcome: FlagOutcome) -> UUID:
        return add_flag(
            session, treatment, due_at=now, state=FlagState.RESOLVED, outcome=outcome, resolved_at=now
        ).id

    scar, healed, silent = (
        closed(one) for one in (FlagOutcome.SCAR, FlagOutcome.EXPECTED_HEALING, FlagOutcome.NOT_REACHED)
    )
    waits = add_flag(session, treatment, due_at=now).id
    each = FigureRows(kind=FigureKind.FLAGS)
    assert ids(session, which, each) == {scar, healed, silent, waits}
    for part, found in (
        (FigurePart.FOUND, {scar}), (FigurePart.EXPECTED, {healed}), (FigurePart.CLOSED, {scar, healed}),
    ):  # fmt: skip
        assert ids(session, which, replace(each, part=part)) == found
    assert ids(session, which, replace(each, outcome=FlagOutcome.NOT_REACHED)) == {silent}
    assert ids(session, which, FigureRows(kind=FigureKind.OPEN)) == {waits}
    assert ids(session, which, FigureRows(kind=FigureKind.COMPLICATIONS)) == {treatment.id}


def test_texts_are_told_apart_by_state_and_reason(
    session: Session, which: TreatmentFilter, treatment: Treatment, now: datetime
) -> None:
    def text(state: MessageState, reason: str | None, **values: int) -> UUID:
        return add_text(
            session, treatment.clinic_id, due_at=now - HOUR, treatment=treatment, state=state, reason=reason,
            **values,
        ).id  # fmt: skip

    arrived, measured = text(MessageState.DELIVERED, "x"), text(MessageState.SENT, None, segments=2)
    late, other = text(MessageState.EXPIRED, "late"), text(MessageState.EXPIRED, None)
    each = FigureRows(kind=FigureKind.TEXTS)
    assert ids(session, which, each) == {arrived, measured, late, other}
    for narrowed, found in (
        ({"state": MessageState.DELIVERED, "reason": ""}, {arrived}),
        ({"state": MessageState.EXPIRED, "reason": ""}, {other}),
        ({"state": MessageState.EXPIRED, "reason": "late"}, {late}),
        ({"part": FigurePart.CHARGED}, {measured}),
    ):
        assert ids(session, which, replace(each, **narrowed)) == found


def test_pages_meet_without_a_gap(
    session: Session, which: TreatmentFilter, patient: Patient, treatment: Treatment, now: datetime
) -> None:
    # Two at one moment.
    made = {add_treatment(session, patient, performed_at=now - days * DAY).id for days in (1, 2, 2, 3)}
    asked, seen, after = FigureRows(kind=FigureKind.TREATMENTS), list[UUID](), None
    while page := figure_rows.list_rows(session, which, asked, zone="UTC", wordings=(), after=after, limit=2):
        seen += [row.id for row in page]
        after = page[-1].at, page[-1].id
    assert len(seen) == len(set(seen))
    assert set(seen) == {*made, treatment.id}
