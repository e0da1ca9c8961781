"""What a patient tells the staff becomes a flag like any other, without a text to the patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.review.escalation import EscalationStep
from recovery.models.flags import flags
from recovery.models.flags.flags import EventKind, Flag
from recovery.models.flags.queue_rows import QueueFilter
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient as PatientRow
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.services.flags import flag_work, told_flags
from recovery.services.flags.told_flags import FlagOnItsWay, ToldByPatient
from recovery.services.read_models import flag_queue, flag_view
from recovery.services.read_models.flag_queue import QueueItem
from recovery.services.review import escalation, report_review
from recovery.services.treatments.treatments import UnknownTreatment
from tests.support.data import audit_trail
from tests.support.data.people import Clinic, Patient
from tests.support.data.reporting import raise_flag, staff_caller

Tell = Callable[..., FlagOnItsWay]


@pytest.fixture
def tell(clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime) -> Tell:
    """Something told to the clinic's nurse, and the worker's review of it a second later."""

    def do(
        words: str = "Her cheek is hot.",
        *signs: WarningSign,
        urgency: Urgency = Urgency.SAME_DAY,
        after: timedelta = timedelta(),
    ) -> FlagOnItsWay:
        at = now + after
        with sessions.begin() as session:
            made = told_flags.tell(
                session,
                caller=staff_caller(clinic),
                treatment_id=patient.treatment_id,
                told=ToldByPatient(words=words, urgency=urgency, signs=frozenset(signs)),
                content=clinic.content,
                now=at,
            )
        with sessions.begin() as session:
            later = at + timedelta(seconds=1)
            assert report_review.review_due(session, content=clinic.content, now=later, limit=10) == 1
        return made

    return do


def the_flag(session: Session, clinic: Clinic, patient: Patient) -> Flag:
    (flag,) = flags.list_for_treatment(session, clinic.id, patient.treatment_id)
    return flag


def texts(session: Session) -> Sequence[Message]:
    return session.scalars(select(Message).order_by(Message.id)).all()


@pytest.mark.parametrize("urgency", Urgency)
def test_a_flag_stands_in_the_queue_with_its_time(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], tell: Tell, now: datetime,
    urgency: Urgency,
) -> None:  # fmt: skip
    made = tell(urgency=urgency)
    with sessions() as session:
        flag = the_flag(session, clinic, patient)
        assert (flag.urgency, flag.state, flag.due_at) == (urgency, FlagState.OPEN, made.due_at)
        assert (made.urgency, made.treatment_id, flag.escalate_at) == (
            urgency, patient.treatment_id, flag.due_at,
        )  # fmt: skip
        page = flag_queue.read_queue(
            session, caller=staff_caller(clinic), content=clinic.content,
            narrowing=QueueFilter(staff_id=clinic.nurse.id), after=None, limit=10, now=now,
        )  # fmt: skip
        (item,) = page.waiting
        assert isinstance(item, QueueItem)
        assert item.reason is not None
        assert item.reason.rule is AssessmentRule.TOLD
        to_staff = [text.template for text in texts(session)]
        assert (
            to_staff
            == {
                Urgency.EMERGENCY: ["on_call_alert"],
                Urgency.SAME_DAY: ["staff_alert"],
                Urgency.NEXT_BUSINESS_DAY: [],
            }[urgency]
        ), "the staff hear of it as of any flag, the patient was just spoken to"
        (entry,) = audit_trail.entries(session, clinic.id, "flag.told")
        assert (entry.actor_id, entry.subject_id, entry.detail) == (clinic.nurse.id, patient.treatment_id, {})


def test_what_was_told_is_read_beside_the_flag(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], tell: Tell, now: datetime
) -> None:
    tell("  Her cheek is hot.\n", WarningSign.CHILLS)
    tell("It has spread.", after=timedelta(minutes=5))
    with sessions.begin() as session:
        flag = the_flag(session, clinic, patient)
        view = flag_view.read_flag(
            session, caller=staff_caller(clinic), flag_id=flag.id, content=clinic.content, now=now
        )
    told = [(reason.told, [finding.rule for finding in reason.findings]) for reason in view.reasons]
    assert told == [
        ("It has spread.", [AssessmentRule.TOLD]),
        ("Her cheek is hot.", [AssessmentRule.TOLD, AssessmentRule.WARNING_SIGN]),
    ]
    assert {reason.told_to for reason in view.reasons} == {f"Nurse {clinic.nurse.email}"}
    assert [event.kind for event in view.events] == [EventKind.EXTENDED, EventKind.OPENED]


@pytest.mark.parametrize(
    ("sign", "chosen", "urgency"),
    [
        (WarningSign.BREATHING, Urgency.NEXT_BUSINESS_DAY, Urgency.EMERGENCY),
        (WarningSign.PUS, Urgency.NEXT_BUSINESS_DAY, Urgency.SAME_DAY),
        (WarningSign.PUS, Urgency.EMERGENCY, Urgency.EMERGENCY),
    ],
)
def test_a_sign_makes_it_as_urgent_as_the_protocol_says_and_never_less(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], tell: Tell,
    sign: WarningSign, chosen: Urgency, urgency: Urgency,
) -> None:  # fmt: skip
    assert tell("It is worse.", sign, urgency=chosen).urgency is urgency
    with sessions() as session:
        assert the_flag(session, clinic, patient).urgency is urgency


def test_who_is_judged_sooner_is_so_here_too(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], tell: Tell
) -> None:
    with sessions.begin() as session:
        row = session.get_one(PatientRow, (clinic.id, patient.id))
        row.at_least, row.band_because = Level.ABNORMAL, "A transplant."
    assert tell(urgency=Urgency.NEXT_BUSINESS_DAY).urgency is Urgency.SAME_DAY


def test_the_flag_that_is_open_is_added_to_and_grows_more_urgent(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], tell: Tell, now: datetime
) -> None:
    flag_id = raise_flag(clinic, patient, at=now - timedelta(hours=1))
    tell("She cannot breathe well.", urgency=Urgency.EMERGENCY)
    with sessions() as session:
        flag = the_flag(session, clinic, patient)
        assert (flag.id, flag.urgency) == (flag_id, Urgency.EMERGENCY)
        last = flags.list_events(session, clinic.id, flag.id)[-1]
        assert last.kind is EventKind.RAISED


def test_it_is_worked_and_escalated_like_any_other(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], tell: Tell
) -> None:
    made = tell(urgency=Urgency.EMERGENCY)
    late = made.due_at + timedelta(minutes=1)
    with sessions.begin() as session:
        assert escalation.escalate_due(session, content=clinic.content, now=late, limit=10) == 1
        assert the_flag(session, clinic, patient).escalated is EscalationStep.MANAGER
        flag = flag_work.claim(
            session, caller=staff_caller(clinic), flag_id=the_flag(session, clinic, patient).id, now=late
        )
        assert flag.state is FlagState.CLAIMED


def test_what_was_told_is_kept_as_it_was_and_only_so(
    clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], tell: Tell, now: datetime
) -> None:
    tell("Her cheek is hot.", urgency=Urgency.NEXT_BUSINESS_DAY)
    with sessions() as session:
        kept = session.scalars(select(StoredAssessment)).one()
        assert (kept.cause, kept.told, kept.told_to) == (
            AssessmentCause.TOLD, "Her cheek is hot.", clinic.nurse.id,
        )  # fmt: skip
        assert (kept.report_id, kept.level, kept.created_at, kept.day) == (None, Level.WATCH, now, 1)


def test_a_treatment_of_another_clinic_is_as_unknown_as_none(
    clinic: Clinic, other_clinic: Clinic, patient: Patient, sessions: sessionmaker[Session], now: datetime
) -> None:
    for caller, treatment_id in (
        (staff_caller(other_clinic), patient.treatment_id),
        (staff_caller(clinic), uuid4()),
    ):
        with sessions.begin() as session, pytest.raises(UnknownTreatment):
            told_flags.tell(
                session,
                caller=caller,
                treatment_id=treatment_id,
                told=ToldByPatient(words="Hot.", urgency=Urgency.SAME_DAY),
                content=clinic.content,
                now=now,
            )
    with sessions() as session:
        assert session.scalars(select(StoredAssessment)).all() == []
