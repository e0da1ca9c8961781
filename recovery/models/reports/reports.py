"""Rows of reports, their revisions and assessments: put once, the newest of each, locked for the worker's
review, only added to.

Nothing here is ever changed, only added to.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    Float,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    func,
    select,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.clinical.asking import OpenMatter
from recovery.domain.clinical.symptoms import (
    AnswerScale,
    Area,
    Level,
    Observation,
    Symptom,
    WarningSign,
    hours_between,
)
from recovery.models.core.base import (
    Base,
    clinic_foreign_key,
    clinic_key,
    clinic_reference,
    enum_column,
    own_key,
)


class AssessmentCause(StrEnum):
    """Why an assessment was made."""

    REPORT = "report"
    LATE_REPORT = "late_report"
    CORRECTION = "correction"
    HOLD_ENDED = "hold_ended"
    NEW_PROTOCOL = "new_protocol"
    FACTS_CORRECTED = "facts_corrected"
    SILENCE = "silence"
    TOLD = "told"


class DeviceClock(StrEnum):
    """What is known of the device's clock when a report was sent."""

    TRUSTED = "trusted"
    CORRECTED = "corrected"
    AHEAD = "ahead"


class Report(Base):
    """The identity of a report: the id that the patient's device made, for good.

    `signs_denied_at` is when the patient answered by text that none of the signs asked for is there.
    """

    __tablename__ = "report"
    __table_args__ = (clinic_reference(), clinic_foreign_key("treatment_id", "treatment"))

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = mapped_column(primary_key=True)
    treatment_id: Mapped[UUID] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime]
    signs_denied_at: Mapped[datetime | None]


class ReportRevision(Base):
    """What was said in one revision, as it was said, and the answer that was given to it.

    `hours_then` since the treatment as it was recorded then, from when the signs were seen: what the
    answer was given on. Everything else asks `hours_since`, for a treatment's time may be corrected.
    `scale` says how the scores were given, `strongest` in which area most of it was seen.
    `body` is the request as parsed, kept to tell a replay from another body; `answer` the bytes sent
    back, kept to be sent again.
    """

    __tablename__ = "report_revision"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("report_id", "report"),
        CheckConstraint("revision >= 1", name="revision_from_one"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    report_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    seen_at: Mapped[datetime]
    hours_then: Mapped[float] = mapped_column("hours", Float)
    received_at: Mapped[datetime]
    clock: Mapped[DeviceClock] = mapped_column(enum_column(DeviceClock, "clock"))
    scores: Mapped[dict[str, Any]]
    scale: Mapped[AnswerScale] = mapped_column(
        enum_column(AnswerScale, "scale"), server_default=AnswerScale.NUMBERS.value
    )
    strongest: Mapped[Area | None] = mapped_column(enum_column(Area, "strongest"))
    warning_signs: Mapped[list[str]] = mapped_column(ARRAY(Text))
    confirmed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    note: Mapped[str | None]
    body: Mapped[dict[str, Any]]
    answer: Mapped[bytes]

    def hours_since(self, performed_at: datetime) -> float:
        """Hours from the treatment to when the signs were seen."""
        return hours_between(performed_at, self.seen_at)

    def observation(self, *, performed_at: datetime) -> Observation:
        """The revision in the words of the rules, for a treatment performed then."""
        return Observation(
            hours=self.hours_since(performed_at),
            scores={Symptom(name): score for name, score in self.scores.items()},
            warning_signs=frozenset(WarningSign(sign) for sign in self.warning_signs),
            confirmed=frozenset(Symptom(name) for name in self.confirmed),
            scale=self.scale,
            strongest=self.strongest,
        )


class StoredAssessment(Base):
    """How one revision stood against the protocol at the moment it was judged; or, without a report, that
    a patient was silent who should not have been, or told the staff something that wants a nurse.

    `review_after` is when the worker may take it up: at once, or when a question to the patient has had its
    time. `findings` as `assessment.to_dict` writes them, `held` those that are asked about once more before
    they raise anything, `open_matter` why one more question follows. `told` is what the patient told, in the
    words of whoever heard it, `told_to`.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        clinic_reference(),
        clinic_foreign_key("treatment_id", "treatment"),
        clinic_foreign_key("told_to", "staff"),
        ForeignKeyConstraint(
            ["clinic_id", "report_id", "revision"],
            ["report_revision.clinic_id", "report_revision.report_id", "report_revision.revision"],
        ),
        CheckConstraint(
            "(cause IN ('silence', 'told')) = (report_id IS NULL) "
            "AND (report_id IS NULL) = (revision IS NULL)",
            name="only_silence_and_told_have_no_report",
        ),
        CheckConstraint("(cause = 'told') = (told IS NOT NULL)", name="told_in_words"),
        Index("ix_assessment_unreviewed", "review_after", "id", postgresql_where=text("reviewed_at IS NULL")),
        Index("ix_assessment_clinic_id_treatment_id", "clinic_id", "treatment_id"),
        Index("ix_assessment_clinic_id_report_id", "clinic_id", "report_id", "revision"),
    )

    clinic_id: Mapped[UUID] = clinic_key()
    id: Mapped[UUID] = own_key()
    treatment_id: Mapped[UUID]
    report_id: Mapped[UUID | None]
    revision: Mapped[int | None] = mapped_column(SmallInteger)
    cause: Mapped[AssessmentCause] = mapped_column(enum_column(AssessmentCause, "cause"))
    level: Mapped[Level] = mapped_column(enum_column(Level, "level"))
    day: Mapped[int] = mapped_column(SmallInteger)
    findings: Mapped[list[dict[str, Any]]]
    ask_again: Mapped[list[str]] = mapped_column(ARRAY(Text))
    held: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    open_matter: Mapped[OpenMatter | None] = mapped_column(enum_column(OpenMatter, "open_matter"))
    protocol: Mapped[str]
    told: Mapped[str | None]
    told_to: Mapped[UUID | None]
    created_at: Mapped[datetime]
    review_after: Mapped[datetime]
    reviewed_at: Mapped[datetime | None]


def insert_or_lock(session: Session, report: Report) -> tuple[Report, bool]:
    """The report under this id, locked, and whether this call made it.

    Of several that bring the same id at once one makes the row, the others wait for it.
    """
    made = session.execute(
        insert(Report)
        .values(
            clinic_id=report.clinic_id,
            id=report.id,
            treatment_id=report.treatment_id,
            revision=report.revision,
            created_at=report.created_at,
        )
        .on_conflict_do_nothing()
        .returning(Report.id)
    ).one_or_none()
    stored = session.get_one(
        Report, (report.clinic_id, report.id), with_for_update=True, populate_existing=True
    )
    return stored, made is not None


def get(session: Session, clinic_id: UUID, report_id: UUID) -> Report | None:
    """The report if this clinic has one under this id."""
    return session.get(Report, (clinic_id, report_id))


def get_revision(session: Session, clinic_id: UUID, report_id: UUID, *, number: int) -> ReportRevision | None:
    """One revision of a report."""
    return session.get(ReportRevision, (clinic_id, report_id, number))


def list_creation_times(
    session: Session, clinic_id: UUID, treatment_id: UUID, *, since: datetime, limit: int
) -> Sequence[datetime]:
    """When the reports of a treatment that are newer than `since` were first put, newest first."""
    made = select(Report.created_at).where(
        Report.clinic_id == clinic_id, Report.treatment_id == treatment_id, Report.created_at > since
    )
    return session.scalars(made.order_by(Report.created_at.desc()).limit(limit)).all()


def list_current_revisions(session: Session, clinic_id: UUID, treatment_id: UUID) -> Sequence[ReportRevision]:
    """The newest revision of every report of a treatment, in the order the signs were seen."""
    return current_revisions_by_treatment(session, clinic_id, [treatment_id])[treatment_id]


def current_revisions_by_treatment(
    session: Session, clinic_id: UUID, treatment_ids: Sequence[UUID]
) -> dict[UUID, list[ReportRevision]]:
    """`list_current_revisions` for several treatments in one query, by treatment; none is left out."""
    return current_revisions_by_key(session, [(clinic_id, treatment_id) for treatment_id in treatment_ids])


def current_revisions_by_key(
    session: Session, keys: Collection[tuple[UUID, UUID]]
) -> dict[UUID, list[ReportRevision]]:
    """`current_revisions_by_treatment` for treatments of several clinics: (clinic, treatment) each."""
    newest = (
        select(Report.treatment_id, ReportRevision)
        .join(
            ReportRevision,
            (ReportRevision.clinic_id == Report.clinic_id)
            & (ReportRevision.report_id == Report.id)
            & (ReportRevision.revision == Report.revision),
        )
        .where(tuple_(Report.clinic_id, Report.treatment_id).in_(keys))
        .order_by(ReportRevision.seen_at, ReportRevision.report_id)
    )
    revisions: dict[UUID, list[ReportRevision]] = {treatment_id: [] for _, treatment_id in keys}
    for row in session.execute(newest):
        revisions[row[0]].append(row[1])
    return revisions


def latest_assessments(
    session: Session, clinic_id: UUID, *treatment_ids: UUID, until: datetime | None = None
) -> dict[UUID, StoredAssessment]:
    """The newest assessment of every report of these treatments, by report id.

    With `until`, those that still wait for an answer to a question at that moment do not count. What was
    found at once always does, so that every report has one however far apart the clocks of two processes are.
    """
    newest = (
        select(StoredAssessment)
        .where(
            StoredAssessment.clinic_id == clinic_id,
            StoredAssessment.treatment_id.in_(treatment_ids),
            StoredAssessment.report_id.is_not(None),
        )
        .ext(distinct_on(StoredAssessment.report_id))
        .order_by(StoredAssessment.report_id, StoredAssessment.revision.desc(), StoredAssessment.id.desc())
    )
    if until is not None:
        at_once = StoredAssessment.cause.in_((AssessmentCause.REPORT, AssessmentCause.CORRECTION))
        newest = newest.where(at_once | (StoredAssessment.review_after <= until))
    return {row.report_id: row for row in session.scalars(newest) if row.report_id is not None}


def list_unreviewed_for_update(
    session: Session, *, now: datetime, limit: int, after: tuple[datetime, UUID] | None = None
) -> Sequence[StoredAssessment]:
    """Lock assessments whose time for review has come and that no other worker holds, in the order of their
    `review_after` and id; those behind the place `after`, if given.
    """
    waiting = (
        select(StoredAssessment)
        # An assessment without a hold is due at once, even if the clock that stamped it was wrong.
        .where(
            StoredAssessment.reviewed_at.is_(None),
            StoredAssessment.review_after <= func.greatest(now, StoredAssessment.created_at),
        )
        .order_by(StoredAssessment.review_after, StoredAssessment.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if after is not None:
        waiting = waiting.where(tuple_(StoredAssessment.review_after, StoredAssessment.id) > after)
    return session.scalars(waiting).all()


def facts_corrected_since(session: Session, assessed: StoredAssessment) -> bool:
    """Whether the same report was judged again since, because what it is held against was corrected."""
    later = select(StoredAssessment.id).where(
        StoredAssessment.clinic_id == assessed.clinic_id,
        StoredAssessment.report_id == assessed.report_id,
        StoredAssessment.cause == AssessmentCause.FACTS_CORRECTED,
        StoredAssessment.id > assessed.id,
    )
    return session.scalar(later.limit(1)) is not None


def reviewed_assessments(session: Session, clinic_id: UUID, report_id: UUID) -> Sequence[StoredAssessment]:
    """What was already brought to a nurse, or found not to need one, of one report."""
    wanted = select(StoredAssessment).where(
        StoredAssessment.clinic_id == clinic_id,
        StoredAssessment.report_id == report_id,
        StoredAssessment.reviewed_at.is_not(None),
    )
    return session.scalars(wanted).all()


def count_unreviewed(session: Session, *, now: datetime) -> tuple[int, datetime | None]:
    """How many assessments are due for review over all clinics, and since when the oldest."""
    row = session.execute(
        select(func.count(), func.min(StoredAssessment.review_after)).where(
            StoredAssessment.reviewed_at.is_(None), StoredAssessment.review_after <= now
        )
    ).one()
    return row[0], row[1]
