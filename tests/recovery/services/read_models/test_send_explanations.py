"""Why no text? In plain words, for every step, whatever became of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from commands.messaging import send_explanations as command
from recovery.domain.clinical.symptoms import Symptom
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.messaging import opt_outs
from recovery.models.messaging.messages import Message
from recovery.services.content.content import Content
from recovery.services.read_models import send_explanations
from recovery.services.treatments.treatments import UnknownTreatment
from tests.support.data.people import Clinic, Patient
from tests.support.data.planned_texts import claim
from tests.support.data.reporting import report, review

NEW_YORK = "America/New_York"


@pytest.fixture
def now() -> datetime:
    """A Wednesday at 10:00 in New York."""
    return datetime(2027, 3, 10, 15, tzinfo=UTC)


@pytest.fixture
def patient(clinic: Clinic, now: datetime) -> Patient:
    """Treated the day before at 13:00, in New York."""
    return clinic.add_patient(now=now, hours_ago=21, time_zone=NEW_YORK)


def told(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> dict[str, str]:
    with sessions() as session:
        found = send_explanations.explain_treatment(
            session, clinic_id=clinic.id, treatment_id=patient.treatment_id, content=content, now=now
        )
        assert (found.treatment_id, found.time_zone) == (patient.treatment_id, NEW_YORK)
        return {one.step: one.why for one in found.steps}


def change(sessions: sessionmaker[Session], patient: Patient, step: str, **values: object) -> None:
    with sessions.begin() as session:
        row = session.scalars(
            select(Message).where(Message.treatment_id == patient.treatment_id, Message.step == step)
        ).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_every_step_of_a_fresh_plan_is_explained_in_the_patients_hours(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    words = told(sessions, clinic, patient, content, patient.performed_at)
    expected = {f"day{day}_link" for day in (1, 2, 3, 4, 5, 7, 14, 28, 56)}
    assert set(words) == expected | {"day0", "session_reminder"}
    assert words["day0"] == "Planned on 9 Mar 2027 at 16:00."
    # The clocks go forward on 14 March: still nine in the morning.
    assert words["day7_link"] == "Planned on 16 Mar 2027 at 09:00."
    assert words["session_reminder"] == ("Cancelled on 9 Mar 2027 at 13:00: no consent to session reminders.")


def test_a_step_that_an_older_consent_does_not_tell_of_says_so(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    older = clinic.add_patient(now=now, hours_ago=0, time_zone=NEW_YORK, consent_version=1)
    words = told(sessions, clinic, older, content, now)
    for step in ("day4_link", "day56_link"):
        assert words[step] == (
            "Not planned: the patient agreed to texts in words that do not tell of this one."
        )


@pytest.mark.parametrize(
    ("state", "reason", "why"),
    [
        (MessageState.DELIVERED, None, "Delivered on 10 Mar 2027 at 10:00."),
        (MessageState.SENT, None, "Sent on 10 Mar 2027 at 10:00; the phone has not confirmed it yet."),
        (
            MessageState.ACCEPTED,
            None,
            "Handed to the carrier on 10 Mar 2027 at 10:00; it has not said yet whether it arrived.",
        ),
        (
            MessageState.UNDELIVERED,
            "30003",
            "Sent, but not delivered: the carrier said so on 10 Mar 2027 at 10:00 (30003).",
        ),
        (
            MessageState.FAILED,
            "21610",
            "Not sent: the carrier refused it on 10 Mar 2027 at 10:00 (21610).",
        ),
        (
            MessageState.IN_DOUBT,
            "timeout",
            "In doubt since 10 Mar 2027 at 10:00: it may have gone out (timeout). The carrier's records "
            "will show it, and it is not sent again blindly.",
        ),
        (
            MessageState.QUARANTINED,
            UnsentReason.REPEATED,
            "Put aside for a person on 10 Mar 2027 at 10:00: the same text had already gone out too often "
            "that day.",
        ),
        (
            MessageState.EXPIRED,
            UnsentReason.ENOUGH_TODAY,
            "Dropped on 10 Mar 2027 at 10:00: as many texts as one day may have had gone out.",
        ),
        (
            MessageState.CANCELLED,
            UnsentReason.COVERED,
            "Cancelled on 10 Mar 2027 at 10:00: covered by the other treatment of that visit.",
        ),
    ],
)
def test_what_became_of_a_text(
    sessions: sessionmaker[Session],
    clinic: Clinic,
    patient: Patient,
    content: Content,
    now: datetime,
    state: MessageState,
    reason: str | None,
    why: str,
) -> None:
    change(sessions, patient, "day1_link", state=state, reason=reason, settled_at=now, claimed_at=now)
    assert told(sessions, clinic, patient, content, now)["day1_link"] == why


def test_what_is_to_come_says_what_will_stop_it(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).texts_stopped_at = now
    assert told(sessions, clinic, patient, content, now)["day2_link"] == (
        "Planned on 11 Mar 2027 at 09:00; held since 10 Mar 2027 at 10:00 by the clinic's stop switch, "
        "of use until 11 Mar 2027 at 20:00."
    )
    with sessions.begin() as session:
        row = session.get_one(ClinicRow, clinic.id)
        row.texts_stopped_at, row.mode = None, ClinicMode.TRAINING
    words = told(sessions, clinic, patient, content, now)
    assert words["day2_link"].endswith(f"but it will not go out: {UnsentReason.TRAINING}.")
    for_practice = clinic.add_patient(now=now, training=True, time_zone="America/New_York")
    with sessions.begin() as session:
        session.get_one(ClinicRow, clinic.id).mode = ClinicMode.LIVE
    words = told(sessions, clinic, for_practice, content, now)
    assert words["day2_link"].endswith(f"but it will not go out: {UnsentReason.FOR_PRACTICE}.")
    with sessions.begin() as session:
        opt_outs.insert_opt_out(session, clinic_id=clinic.id, phone=patient.phone, how="text", now=now)
    words = told(sessions, clinic, patient, content, now)
    assert words["day2_link"] == (
        "Planned on 11 Mar 2027 at 09:00, but it will not go out: this number asked for no more texts on "
        "10 Mar 2027 at 10:00."
    )
    with sessions.begin() as session:
        claim(session, content=content, now=now)
    assert told(sessions, clinic, patient, content, now)["day1_link"] == (
        "Cancelled on 10 Mar 2027 at 10:00: this number asked for no more texts on 10 Mar 2027 at 10:00."
    )


def test_held_and_late_texts(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    change(sessions, patient, "day2_link", reason=UnsentReason.QUIET_HOURS)
    words = told(sessions, clinic, patient, content, now)
    assert words["day2_link"] == "Planned on 11 Mar 2027 at 09:00; held for the quiet hours."
    assert words["day1_link"] == "Due since 10 Mar 2027 at 09:00; the worker sends it next."
    assert words["day0"] == "Not sent: it came too late to be of use, and the worker will drop it."


def test_a_step_the_plan_never_had_is_said_so(
    sessions: sessionmaker[Session], clinic: Clinic, patient: Patient, content: Content, now: datetime
) -> None:
    with sessions.begin() as session:
        session.delete(
            session.scalars(
                select(Message).where(
                    Message.treatment_id == patient.treatment_id, Message.step == "session_reminder"
                )
            ).one()
        )
    words = told(sessions, clinic, patient, content, now)
    assert words["session_reminder"].startswith("Not planned: ")


def test_the_command_prints_a_line_a_step(
    sessions: sessionmaker[Session], patient: Patient, clinic: Clinic, now: datetime
) -> None:
    with sessions() as session:
        lines = command.explain_table(session, patient.treatment_id, now=now).splitlines()
        assert lines[0] == f"Times are those of {NEW_YORK}."
        assert lines[1].split() == ["step", "to", "state", "why"]
        assert len(lines) == 2 + 11
        with pytest.raises(UnknownTreatment):
            command.explain_table(session, clinic.id, now=now)


def test_another_clinics_treatment_is_unknown(
    sessions: sessionmaker[Session],
    other_clinic: Clinic,
    patient: Patient,
    content: Content,
    now: datetime,
) -> None:
    with sessions() as session, pytest.raises(UnknownTreatment):
        send_explanations.explain_treatment(
            session,
            clinic_id=other_clinic.id,
            treatment_id=patient.treatment_id,
            content=content,
            now=now + timedelta(days=1),
        )


def test_one_more_question_says_that_it_is_beside_the_plan(
    sessions: sessionmaker[Session], clinic: Clinic, content: Content, now: datetime
) -> None:
    patient = clinic.add_patient(now=now, hours_ago=24 * 5, time_zone=NEW_YORK)
    swollen = {Symptom.REDNESS: 1, Symptom.SWELLING: 3, Symptom.PEELING: 0}
    report(clinic, patient, at=now, scores=swollen, confirmed=Symptom)
    review(clinic, now=now)
    words = told(sessions, clinic, patient, content, now)
    beside = "One more question beside the plan: an answer left something open, or did not come."
    assert words["again_1"] == f"{beside} Planned on 11 Mar 2027 at 08:00."
    change(sessions, patient, "again_1", state=MessageState.CANCELLED, reason=UnsentReason.REPORTED_SINCE)
    assert told(sessions, clinic, patient, content, now)["again_1"].endswith(
        ": the patient has reported since it was planned."
    )
