"""A report that comes for the first time, in two statements: the one path that every patient waits on.

`read_snapshot` fetches in one trip who calls and all that a report is judged by; `insert_report` adds
everything that it leaves behind, in one statement that is a transaction of its own. Nothing is locked in
between: the write takes effect only while the course is as it was read (`Treatment.course_version`), else
it does nothing. Both are built and compiled once and run on the driver's connection, because building a
statement and an object for each row costs a request several times what the database does. All other ways
to a report are the ORM's, in `reports`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import aliased

from recovery.domain.clinical.asking import OpenMatter
from recovery.domain.clinical.assessment import BandOverride, PastCourse
from recovery.domain.clinical.symptoms import (
    Acid,
    AnswerScale,
    Area,
    Device,
    Level,
    Observation,
    Symptom,
    TreatmentFacts,
    WarningSign,
    hours_between,
)
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagState
from recovery.models.clinic.clinics import Clinic
from recovery.models.content.protocols import ProtocolVersion
from recovery.models.core import compiled_statements
from recovery.models.core.audit import ActorKind, AuditEntry
from recovery.models.flags import flag_outcomes
from recovery.models.flags.flags import Flag
from recovery.models.messaging import again_texts
from recovery.models.patients.patients import Patient, PatientSession
from recovery.models.reports.reports import AssessmentCause, Report, ReportRevision, StoredAssessment
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment

_AS_GIVEN = (
    "seen_at", "hours", "clock", "scores", "scale", "strongest", "warning_signs", "confirmed", "body",
    "answer",
)  # fmt: skip
"""Columns of a revision whose value goes by their own name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredReport:
    """A report that is there already: the newest revision of it, as the rules see it."""

    report_id: UUID
    seen_at: datetime
    created_at: datetime
    observation: Observation


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseSnapshot:
    """All that a report is judged and answered by, as it was at one moment.

    `course` are the reports of this treatment, in the order the signs were seen; `sessions` the newest
    treatments before it, newest first, without those nobody reported about. `own_protocol` is the text of
    the version where the clinic has one of that name. `weekly_hours` and `holidays` are JSON as text,
    for they are rarely looked at. `mode`, `clinic_protocol` and `running_content` say what the clinic runs
    on: of all that was signed only its digest. `flag_due_at` belongs to the treatment's unresolved flag.
    """

    patient_id: UUID
    language: Language
    override: BandOverride | None
    facts: TreatmentFacts
    performed_at: datetime
    protocol: str
    own_protocol: str | None
    course_version: int
    last_seen_at: datetime
    flag_due_at: datetime | None
    time_zone: str
    weekly_hours: str
    holidays: str
    mode: str
    clinic_protocol: str
    running_content: bytes | None
    course: Sequence[StoredReport]
    sessions: Sequence[PastCourse]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewReport:
    """A first revision without a note, and how it was judged. `findings` and `body` are plain data; what is
    asked about first does not come this way.

    `touch` is the new end of the patient's session, where it should move. `wake` is the channel to notify,
    None where nobody needs to hurry.
    """

    clinic_id: UUID
    patient_id: UUID
    treatment_id: UUID
    report_id: UUID
    token_hash: bytes
    course_version: int
    seen_at: datetime
    hours: float
    clock: str
    scores: Mapping[str, int]
    scale: AnswerScale
    strongest: Area | None
    warning_signs: Sequence[str]
    confirmed: Sequence[str]
    body: Mapping[str, Any]
    answer: bytes
    level: Level
    day: int
    findings: Sequence[Mapping[str, Any]]
    open_matter: OpenMatter | None
    protocol: str
    comment: str
    touch: datetime | None
    wake: str | None
    now: datetime


def read_snapshot(
    connection: psycopg.Connection[Any],
    *,
    clinic_id: UUID,
    token_hash: bytes,
    treatment_id: UUID,
    now: datetime,
) -> CourseSnapshot | None:
    """What there is for a report of this treatment by whoever has this token.

    None where the token has ended or the treatment is not theirs, which it does not tell apart.
    """
    given = {"clinic_id": clinic_id, "token_hash": token_hash, "treatment_id": treatment_id, "now": now}
    with connection.cursor() as cursor:
        rows = READ.rows(cursor, given)
    return _known(rows, treatment_id=treatment_id) if rows else None


def insert_report(connection: psycopg.Connection[Any], new: NewReport) -> bool:
    """Add all that a first report leaves behind; False, and nothing is added, where the course has changed
    since it was read. Raises psycopg's UniqueViolation where another report has this id."""
    given = {field.name: getattr(new, field.name) for field in fields(new)}
    given |= {name: _json(given[name]) for name in ("scores", "body", "findings")}
    with connection.cursor() as cursor:
        WRITE.execute(cursor, given | {"scale": new.scale.value, "level": new.level.value})
        return cursor.fetchone() is not None


def _json(value: Any) -> Jsonb:
    return Jsonb(value, dumps=orjson.dumps)


def _known(rows: Sequence[Any], *, treatment_id: UUID) -> CourseSnapshot:
    mine = rows[0]
    past: dict[UUID, list[Any]] = {}
    for row in rows:
        if row.report_id is not None and row.of != treatment_id:
            past.setdefault(row.of, []).append(row)
    override = None
    if mine.band_because is not None:
        least = None if mine.at_least is None else Level(mine.at_least)
        override = BandOverride(level=mine.band_level, duration=mine.band_duration, at_least=least)
    return CourseSnapshot(
        patient_id=mine.patient_id,
        language=Language(mine.language),
        override=override,
        facts=_facts(mine),
        performed_at=mine.performed_at,
        protocol=mine.protocol,
        own_protocol=mine.own_protocol,
        course_version=mine.course_version,
        last_seen_at=mine.last_seen_at,
        flag_due_at=mine.flag_due_at,
        time_zone=mine.time_zone,
        weekly_hours=mine.weekly_hours,
        holidays=mine.holidays,
        mode=mine.mode,
        clinic_protocol=mine.clinic_protocol,
        running_content=mine.running_content,
        course=[
            StoredReport(
                report_id=row.report_id,
                seen_at=row.seen_at,
                created_at=row.created_at,
                observation=_observation(row),
            )
            for row in rows
            if row.report_id is not None and row.of == treatment_id
        ],
        sessions=[
            PastCourse(
                treatment=_facts(seen[0]),
                observations=tuple(map(_observation, seen)),
                healed=not seen[0].not_healed,
            )
            for seen in past.values()
        ],
    )


def _facts(row: Any) -> TreatmentFacts:
    return TreatmentFacts(
        device=Device(row.device),
        depth_mm=None if row.depth_mm is None else float(row.depth_mm),
        areas=tuple(Area(area) for area in row.areas),
        acid=Acid(row.acid),
        skin_type=row.skin_type,
        session_number=row.session_number,
        taken_over_hours=None if row.taken_over is None else hours_between(row.performed_at, row.taken_over),
    )


def _observation(row: Any) -> Observation:
    return Observation(
        hours=hours_between(row.performed_at, row.seen_at),
        scores={Symptom(name): score for name, score in row.scores.items()},
        warning_signs=frozenset(WarningSign(sign) for sign in row.warning_signs),
        confirmed=frozenset(Symptom(name) for name in row.confirmed),
        scale=AnswerScale(row.scale),
        strongest=None if row.strongest is None else Area(row.strongest),
    )


def _read() -> Select[Any]:
    mine, candidate = aliased(Treatment), aliased(Treatment)
    flag_due_at = (
        select(Flag.due_at)
        .where(
            Flag.clinic_id == mine.clinic_id,
            Flag.treatment_id == mine.id,
            Flag.state != FlagState.RESOLVED,
        )
        .scalar_subquery()
    )
    own_protocol = (
        select(ProtocolVersion.body)
        .where(ProtocolVersion.clinic_id == mine.clinic_id, ProtocolVersion.version == mine.protocol)
        .scalar_subquery()
    )
    # This treatment comes first: only earlier ones stand beside it.
    treated = (
        select(
            candidate,
            flag_outcomes.not_healed(candidate).label("not_healed"),
            treatments.taken_over_at(candidate).label("taken_over"),
        )
        .where(
            candidate.clinic_id == mine.clinic_id,
            candidate.patient_id == mine.patient_id,
            candidate.withdrawn_at.is_(None),
            or_(candidate.id == mine.id, candidate.performed_at < mine.performed_at),
        )
        .order_by(candidate.performed_at.desc(), candidate.id.desc())
        .limit(literal_column(str(treatments.EARLIER_SESSIONS + 1)))
        .lateral("treated")
    )
    of = treated.c
    return (
        select(
            of.id.label("of"), of.not_healed, of.performed_at, of.device, of.depth_mm, of.areas, of.acid,
            of.session_number, of.taken_over,
            Report.id.label("report_id"), Report.created_at, ReportRevision.seen_at,
            ReportRevision.scores, ReportRevision.scale, ReportRevision.strongest,
            ReportRevision.warning_signs, ReportRevision.confirmed,
            Patient.id.label("patient_id"), Patient.language, Patient.skin_type, Patient.band_level,
            Patient.band_duration, Patient.at_least, Patient.band_because,
            mine.protocol, mine.course_version, own_protocol.label("own_protocol"),
            PatientSession.last_seen_at, flag_due_at.label("flag_due_at"),
            Clinic.time_zone, cast(Clinic.weekly_hours, Text).label("weekly_hours"),
            cast(Clinic.holidays, Text).label("holidays"), Clinic.mode,
            Clinic.protocol.label("clinic_protocol"), Clinic.running_content,
        )
        .select_from(PatientSession)
        .join(Patient, _same(Patient, PatientSession, id=PatientSession.patient_id))
        .join(mine, _same(mine, Patient, patient_id=Patient.id))
        .join(Clinic, Clinic.id == PatientSession.clinic_id)
        .join(treated, true())
        .outerjoin(Report, and_(Report.clinic_id == mine.clinic_id, Report.treatment_id == of.id))
        .outerjoin(
            ReportRevision,
            _same(ReportRevision, Report, report_id=Report.id, revision=Report.revision),
        )
        .where(
            PatientSession.clinic_id == bindparam("clinic_id"),
            PatientSession.token_hash == bindparam("token_hash"),
            PatientSession.expires_at > bindparam("now"),
            mine.id == bindparam("treatment_id"),
            mine.withdrawn_at.is_(None),
        )
        .order_by(of.performed_at.desc(), of.id.desc(), ReportRevision.seen_at, ReportRevision.report_id)
    )  # fmt: skip


def _write() -> Select[Any]:
    # Whoever comes second waits here for the first, and then finds another version.
    course = (
        update(Treatment)
        .where(
            Treatment.clinic_id == bindparam("clinic_id"),
            Treatment.id == bindparam("treatment_id"),
            Treatment.course_version == bindparam("course_version"),
            Treatment.withdrawn_at.is_(None),
        )
        .values(course_version=Treatment.course_version + 1)
        .returning(Treatment.clinic_id, Treatment.id)
        .cte("course")
    )
    heard = (
        update(Task)
        .where(
            Task.clinic_id == course.c.clinic_id,
            Task.treatment_id == course.c.id,
            Task.kind == TaskKind.SILENCE,
            Task.done_at.is_(None),
        )
        .values(done_at=bindparam("now", type_=Task.done_at.type), comment=bindparam("comment"))
        .cte("heard")
    )
    touched = (
        update(PatientSession)
        .where(
            PatientSession.clinic_id == course.c.clinic_id,
            PatientSession.token_hash == bindparam("token_hash"),
            bindparam("touch", type_=PatientSession.expires_at.type).is_not(None),
        )
        .values(last_seen_at=bindparam("now"), expires_at=bindparam("touch"))
        .cte("touched")
    )
    wake = bindparam("wake", type_=Text())
    report_id: Any = bindparam("report_id")
    now: Any = bindparam("now")
    return (
        select(case((wake.is_not(None), func.pg_notify(wake, "")), else_=None).label("woken"))
        .select_from(course)
        .add_cte(
            compiled_statements.insert_for_each(
                Report, course, treatment_id=course.c.id, id=report_id, revision=1, created_at=now,
            ),
            compiled_statements.insert_for_each(
                ReportRevision, course, report_id=report_id, revision=1, received_at=now,
                **{name: bindparam(name) for name in _AS_GIVEN},
            ),
            compiled_statements.insert_for_each(
                StoredAssessment, course, treatment_id=course.c.id, report_id=report_id, revision=1,
                cause=AssessmentCause.REPORT, level=bindparam("level"), day=bindparam("day"),
                findings=bindparam("findings"), ask_again=[], open_matter=bindparam("open_matter"),
                protocol=bindparam("protocol"), created_at=now, review_after=now,
            ),
            compiled_statements.insert_for_each(
                AuditEntry, course, at=now, actor_kind=ActorKind.PATIENT, actor_id=bindparam("patient_id"),
                action="report.put", subject_kind="report", subject_id=report_id, detail={"revision": "1"},
            ),
            heard,
            touched,
            again_texts.cancelled_by_report(course),
        )
    )  # fmt: skip


def _same(one: type[Any], other: type[Any], **equal: Any) -> ColumnElement[bool]:
    """Rows of one clinic that belong together."""
    pairs = [getattr(one, name) == column for name, column in equal.items()]
    return and_(one.clinic_id == other.clinic_id, *pairs)


READ = compiled_statements.CompiledStatement(_read())
WRITE = compiled_statements.CompiledStatement(_write())
