"""The short way of a first report leaves exactly what the long way leaves."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from postgres_launcher.launcher import Endpoints
from recovery.domain.clinical.symptoms import AnswerScale, Area, Device, Level, Symptom, WarningSign
from recovery.domain.core.language import Language
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.patients import patients as patient_rows
from recovery.models.patients.patients import PatientSession
from recovery.models.reports.reports import StoredAssessment
from recovery.models.tasks.tasks import Task, TaskKind
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import PatientCaller
from recovery.services.content import running_content, wordings
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.reports import report_assessment, report_fast_path, reports
from recovery.services.reports.reports import ReportAnswer, Submission
from recovery.services.review import report_review
from recovery.services.treatments import treatments
from tests.support.access.signing import sign
from tests.support.data.people import Clinic, Patient
from tests.support.machine import databases

Both = tuple[Patient, Patient]
STEPS = (0, 2, 4, 6, 9)
LEFT = {
    "report": "revision, created_at",
    "report_revision": "revision, seen_at, hours, received_at, clock, scores, scale, warning_signs,"
    " confirmed, note, body, answer",
    "assessment": "revision, cause, level, day, findings, ask_again, held, open_matter, protocol, created_at,"
    " review_after, reviewed_at",
    "audit_entry": "at, actor_kind, actor_id = '{patient}', action, subject_kind, detail",
    "task": "kind, opened_at, due_at, done_at, done_by, comment, detail",
    "patient_session": "last_seen_at, expires_at",
    "treatment": "course_version",
}


@pytest.fixture
def connection(database: Endpoints) -> Iterator[psycopg.Connection[Any]]:
    with databases.connect(database.api_url) as opened:
        yield opened


def answered(answer: ReportAnswer, language: Language) -> bytes:
    told = (
        language, answer.said, answer.level, answer.day, answer.protocol, list(answer.findings),
        list(answer.ask_again), answer.follow_up,
    )  # fmt: skip
    return repr(told).encode()


def rendered(answer: ReportAnswer, language: Language, running: Content) -> bytes:
    return answered(answer, language)


def in_short(
    connection: psycopg.Connection[Any], patient: Patient, said: Submission, content: Content, now: datetime
) -> bytes | None:
    return report_fast_path.record_fast(
        connection, bearer=patient.token, treatment_id=patient.treatment_id, submission=said, content=content,
        render=rendered, now=now,
    )  # fmt: skip


def at_length(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, said: Submission, now: datetime
) -> bytes:
    with sessions.begin() as session:
        row = session.get_one(patient_rows.Patient, (clinic.id, patient.id))
        return reports.record(
            session,
            caller=PatientCaller(clinic_id=clinic.id, patient_id=patient.id),
            treatment_id=patient.treatment_id,
            submission=said,
            content=clinic.content,
            render=lambda answer: answered(answer, row.language),
            now=now,
        ).answer


def submission(
    seen_at: datetime,
    scores: Mapping[Symptom, int],
    *,
    signs: set[WarningSign] | None = None,
    scale: AnswerScale = AnswerScale.NUMBERS,
) -> Submission:
    return Submission(
        report_id=uuid4(),
        revision=1,
        seen_at=seen_at,
        sent_at=seen_at,
        scores=scores,
        scale=scale,
        warning_signs=frozenset(signs or ()),
        confirmed=frozenset(Symptom),
        note=None,
        body={"seen_at": seen_at.timestamp(), "scores": {one.value: score for one, score in scores.items()}},
    )


def left(sessions: sessionmaker[Session], patient: Patient) -> dict[str, list[Any]]:
    """Everything that is stored about a patient, but the ids."""
    of = {
        "patient_session": "patient_id",
        "task": "treatment_id",
        "treatment": "id",
        "report": "treatment_id",
    }
    own = f"SELECT id FROM report WHERE treatment_id = '{patient.treatment_id}'"  # noqa: S608
    found: dict[str, list[Any]] = {}
    with sessions() as session:
        for table, columns in LEFT.items():
            key = {"audit_entry": "subject_id"}.get(table, of.get(table, "report_id"))
            who = f"'{patient.id if key == 'patient_id' else patient.treatment_id}'" if table in of else own
            columns = columns.format(patient=patient.id)
            query = f"SELECT {columns} FROM {table} WHERE {key} IN ({who}) ORDER BY {columns}"  # noqa: S608
            found[table] = [tuple(row) for row in session.execute(text(query))]
    return found


def ordinary(sessions: sessionmaker[Session], both: Both, clinic: Clinic, now: datetime) -> None:
    """A first treatment and nothing known of the skin."""


def set_for_this_skin(sessions: sessionmaker[Session], both: Both, clinic: Clinic, now: datetime) -> None:
    with sessions.begin() as session:
        for one in both:
            row = session.get_one(patient_rows.Patient, (clinic.id, one.id))
            row.band_level, row.band_duration, row.at_least = 1.3, 1.5, Level.ABNORMAL
            row.band_because, row.language = "Reacts strongly.", Language.SPANISH


def treated_before(sessions: sessionmaker[Session], both: Both, clinic: Clinic, now: datetime) -> None:
    for one in both:
        for number in range(1, 9):
            _treatment(sessions, clinic, one, days=30 * number, depth=f"1.{number}", number=number)
        _treatment(sessions, clinic, one, days=-10, depth="1.0", number=9)


def silent_so_far(sessions: sessionmaker[Session], both: Both, clinic: Clinic, now: datetime) -> None:
    with sessions.begin() as session:
        for one in both:
            for kind in (TaskKind.SILENCE, TaskKind.UNDELIVERABLE):
                session.add(
                    Task(
                        clinic_id=clinic.id, kind=kind, patient_id=one.id, treatment_id=one.treatment_id,
                        opened_at=now, due_at=now, detail={},
                    )
                )  # fmt: skip


def _treatment(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, *, days: int, depth: str, number: int
) -> None:
    performed_at = patient.performed_at - timedelta(days=days)
    with sessions.begin() as session:
        made = treatments.record(
            session,
            clinic=session.get_one(ClinicRow, clinic.id),
            patient=session.get_one(patient_rows.Patient, (clinic.id, patient.id)),
            new=treatments.NewTreatment(
                performed_at=performed_at, device=Device.PEN, depth_mm=Decimal(depth), areas=[Area.FACE],
                indication=None, numbing=None, topical=None, session_number=number, protocol=None,
            ),
            content=clinic.content, actor=audit.OPERATOR, now=performed_at,
        )  # fmt: skip
        for hours in (20, 44, 68, 92) if number % 3 else ():
            seen_at = performed_at + timedelta(hours=hours)
            reports.record(
                session,
                caller=PatientCaller(clinic_id=clinic.id, patient_id=patient.id),
                treatment_id=made.id,
                submission=submission(seen_at, {Symptom.REDNESS: 8 - number // 2, Symptom.SWELLING: 3}),
                content=clinic.content, render=lambda _: b"", now=seen_at,
            )  # fmt: skip


@pytest.mark.parametrize("given", [ordinary, set_for_this_skin, treated_before, silent_so_far])
def test_both_ways_leave_the_same(
    sessions: sessionmaker[Session],
    connection: psycopg.Connection[Any],
    clinic: Clinic,
    content: Content,
    now: datetime,
    given: Callable[..., None],
) -> None:
    chance = random.Random(given.__name__)
    both = clinic.add_patient(now=now, hours_ago=200), clinic.add_patient(now=now, hours_ago=200)
    given(sessions, both, clinic, now)
    levels = set()
    for number in range(9):
        at = both[0].performed_at + timedelta(hours=10 + 21 * number)
        scale, steps = ((AnswerScale.NUMBERS, range(6)), (AnswerScale.WORDS, STEPS))[number % 2]
        scores = {one: chance.choice(steps) for one in Symptom if one in _CORE or chance.random() < 0.3}
        signs = {chance.choice(list(WarningSign))} if chance.random() < 0.4 else set()
        said = submission(at, scores, signs=signs, scale=scale)
        short = in_short(connection, both[0], said, content, at)
        said_long = _copy(said)
        long = at_length(sessions, clinic, both[1], said_long, at)
        if short is None:
            # What is asked about first goes the long way.
            assert held(sessions, said_long.report_id)
            at_length(sessions, clinic, both[0], said, at)
        else:
            assert short == long
        with sessions.begin() as session:
            report_review.review_due(session, content=content, now=at + timedelta(minutes=1), limit=50)
        levels.add(short.split(b"<Level.")[1].split(b":")[0] if short else None)
    assert len(levels) >= 2
    # Who calls is known before a report is kept at length; the short way finds it out on the way.
    with sessions.begin() as session:
        for row in session.query(PatientSession):
            row.last_seen_at = row.expires_at = now
    assert left(sessions, both[0]) == left(sessions, both[1])


def held(sessions: sessionmaker[Session], report_id: UUID) -> list[dict[str, Any]]:
    with sessions() as session:
        (assessed,) = session.scalars(
            select(StoredAssessment).where(StoredAssessment.report_id == report_id)
        ).all()
        return assessed.held


_CORE = (Symptom.REDNESS, Symptom.SWELLING, Symptom.PEELING)


def _copy(said: Submission) -> Submission:
    return Submission(
        report_id=uuid4(),
        **{name: getattr(said, name) for name in Submission.__dataclass_fields__ if name != "report_id"},
    )


def test_what_is_no_plain_first_report_goes_the_long_way_and_nothing_is_done(
    sessions: sessionmaker[Session],
    connection: psycopg.Connection[Any],
    clinic: Clinic,
    other_clinic: Clinic,
    content: Content,
    now: datetime,
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=100)
    mild = {Symptom.REDNESS: 2, Symptom.SWELLING: 1, Symptom.PEELING: 0}
    first = submission(now - timedelta(hours=5), mild)
    assert in_short(connection, patient, first, content, now)
    before = left(sessions, patient)
    changed: list[dict[str, Any]] = [
        {"report_id": first.report_id},
        {"revision": 2},
        {"note": "Is this all right?"},
        {"seen_at": now - timedelta(hours=6)},
        {"seen_at": now - timedelta(hours=113), "sent_at": now},
        {"scores": {**mild, Symptom.REDNESS: 10}, "confirmed": frozenset[Symptom]()},
    ]
    for change in changed:
        fields = {name: getattr(first, name) for name in Submission.__dataclass_fields__}
        said = Submission(**(fields | {"report_id": uuid4(), "sent_at": first.seen_at} | change))
        assert in_short(connection, patient, said, content, now) is None, change
    someone, elsewhere = clinic.add_patient(now=now), other_clinic.add_patient(now=now)
    for caller, treatment_id in (
        (someone, patient.treatment_id),
        (elsewhere, patient.treatment_id),
        (patient, someone.treatment_id),
    ):
        made = report_fast_path.record_fast(
            connection, bearer=caller.token, treatment_id=treatment_id,
            submission=submission(now, mild), content=content, render=rendered, now=now,
        )  # fmt: skip
        assert made is None
    ended = now + timedelta(days=91)
    assert in_short(connection, patient, submission(ended, mild), content, ended) is None
    assert left(sessions, patient) == before
    taken = submission(now, mild)
    assert in_short(connection, someone, taken, content, now)
    with pytest.raises(psycopg.errors.UniqueViolation):
        in_short(connection, patient, taken, content, now)
    assert left(sessions, patient) == before


def test_a_course_that_changed_in_between_takes_nothing(
    sessions: sessionmaker[Session],
    connection: psycopg.Connection[Any],
    clinic: Clinic,
    content: Content,
    now: datetime,
) -> None:
    mild = {Symptom.REDNESS: 2, Symptom.SWELLING: 1, Symptom.PEELING: 0}

    def put_in_between(patient: Patient) -> None:
        at_length(sessions, clinic, patient, submission(now, mild), now)

    def correct_in_between(patient: Patient) -> None:
        with sessions.begin() as session:
            treatment = session.get_one(Treatment, (clinic.id, patient.treatment_id))
            judge = report_assessment.assessor_for(session, treatment=treatment, content=content, now=now)
            assert isinstance(judge, report_assessment.CourseAssessor)
            judge.reassess([])

    def withdraw_in_between(patient: Patient) -> None:
        with sessions.begin() as session:
            session.get_one(Treatment, (clinic.id, patient.treatment_id)).withdrawn_at = now

    for change in (put_in_between, correct_in_between, withdraw_in_between):
        patient = clinic.add_patient(now=now, hours_ago=50)
        after: list[dict[str, list[Any]]] = []

        def render(
            answer: ReportAnswer,
            language: Language,
            running: Content,
            change: Callable[[Patient], None] = change,
            patient: Patient = patient,
            after: list[dict[str, list[Any]]] = after,
        ) -> bytes:
            # Between what was read and what is written.
            change(patient)
            after.append(left(sessions, patient))
            return answered(answer, language)

        made = report_fast_path.record_fast(
            connection, bearer=patient.token, treatment_id=patient.treatment_id,
            submission=submission(now, mild), content=content, render=render, now=now,
        )  # fmt: skip
        assert made is None
        assert after == [left(sessions, patient)]


def test_a_signed_clinic_s_reports_go_this_way_once_what_it_signed_is_understood(
    sessions: sessionmaker[Session],
    connection: psycopg.Connection[Any],
    clinic: Clinic,
    content: Content,
    now: datetime,
) -> None:
    with sessions.begin() as session:
        wordings.save(
            session, clinic_id=clinic.id, language=Language.ENGLISH, key="seen", content=content,
            template="{clinic}: A nurse saw your report, today. Call {phone}. {ref}",
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
    sign(clinic, now=now)
    patient, ran = clinic.add_patient(now=now), list[Content]()

    def render(answer: ReportAnswer, language: Language, running: Content) -> bytes:
        ran.append(running)
        return answered(answer, language)

    def put() -> bytes | None:
        said = submission(now, {Symptom.REDNESS: 2, Symptom.SWELLING: 1, Symptom.PEELING: 0})
        return report_fast_path.record_fast(
            connection, bearer=patient.token, treatment_id=patient.treatment_id, submission=said,
            content=content, render=render, now=now,
        )  # fmt: skip

    assert (put(), ran) == (None, [])
    with sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        running = running_content.of_clinic(session, row, newest=content)
    assert put() is not None
    assert ran == [running]
    assert "today" in running.catalogue_for(Language.ENGLISH).text("seen").template


def test_an_answer_in_words_has_to_be_one_of_the_five(
    connection: psycopg.Connection[Any], clinic: Clinic, content: Content, now: datetime
) -> None:
    patient = clinic.add_patient(now=now)
    for score, kept in ((3, False), (4, True)):
        scores = {Symptom.REDNESS: score, Symptom.SWELLING: 0, Symptom.PEELING: 0}
        said = submission(now, scores, scale=AnswerScale.WORDS)
        assert (in_short(connection, patient, said, content, now) is not None) is kept
