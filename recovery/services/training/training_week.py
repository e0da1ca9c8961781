"""A member of staff begins a practice week, and the worker advances it: a practice patient who lives a week
in ten minutes.

Nothing is simulated: the patient's past is moved back hour by hour, and texts, reports, rules, silence and
flags follow as they do for everyone. Practice patients stay so once the clinic is live, and whoever is new
there practises as well: only proved phones are texted, and no figure counts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.clinical.symptoms import Area, Device
from recovery.domain.core.language import Language
from recovery.domain.messaging import text_schedule
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.training import training_week as pace
from recovery.models.clinic import staff_phones
from recovery.models.clinic.clinics import Clinic, Staff
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.training import training_week
from recovery.models.training.training_week import PracticeWeek
from recovery.services.changes import new_treatments, treatment_corrections
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.flags import flag_queue_entries
from recovery.services.patients import enrolment
from recovery.services.patients.enrolment import GivenConsent, NewPatient
from recovery.services.treatments.treatments import NewTreatment, UnknownTreatment

YEAR_OF_BIRTH = 1990
"""The second secret of every practice patient; it guards nobody's data."""

DEPTH_MM = Decimal("1.2")
_NOON = 12


class PhoneNotProved(Exception):
    """Practice texts go to one's own phone, and none is proved yet."""


@dataclass(frozen=True, kw_only=True)
class TrainingOptions:
    """How the practice patient is spoken to and answers."""

    language: Language
    answers_by: AnswersBy


def start_week(
    session: Session,
    *,
    clinic: Clinic,
    member: Staff,
    choice: TrainingOptions,
    content: Content,
    now: datetime,
) -> PracticeWeek:
    """A treatment now, and a week of ten minutes; the week before is withdrawn.

    Raises PhoneNotProved, and PinRequired where another patient has that number.
    """
    phone = staff_phones.get_for_member(session, clinic.id, member.id)
    if phone is None or phone.proved_at is None:
        raise PhoneNotProved
    week = training_week.get_for_member_for_update(session, clinic.id, member.id)
    patient = None if week is None else patients.get(session, clinic.id, week.patient_id)
    if patient is not None and (patient.phone != phone.phone or not patient.training):
        patient = None
    if week is not None:
        _withdraw(session, week, member=member, content=content, now=now)
    if patient is None:
        patient = _enrol(
            session, clinic=clinic, member=member, phone=phone.phone, choice=choice, content=content, now=now
        )
    patient.language, patient.answers_by = choice.language, choice.answers_by
    patient.time_zone = _zone(clinic, content=content, now=now)
    treatment = new_treatments.record(
        session,
        clinic=clinic,
        patient=patient,
        new=_treatment(now),
        content=content,
        actor=audit.staff(member.id),
        now=now,
    )
    if week is None:
        week = PracticeWeek(clinic_id=clinic.id, staff_id=member.id)
        session.add(week)
    week.patient_id, week.treatment_id = patient.id, treatment.id
    week.started_at, week.moved_hours, week.ended_at = now, 0.0, None
    session.flush()
    return week


def advance_weeks(session: Session, *, now: datetime, limit: int) -> int:
    """Bring the running weeks to where they should be by now; how many there were."""
    weeks = training_week.list_running_for_update(session, limit=limit)
    for week in weeks:
        behind = pace.simulated_hours(now - week.started_at)
        moved = behind - week.moved_hours
        if moved > 0:
            training_week.advance(session, week, hours=moved)
            flag_queue_entries.refresh(session, clinic_id=week.clinic_id, treatment_id=week.treatment_id)
        week.moved_hours = behind
        if behind >= pace.HOURS:
            week.ended_at = now
    session.flush()
    return len(weeks)


def _enrol(
    session: Session,
    *,
    clinic: Clinic,
    member: Staff,
    phone: str,
    choice: TrainingOptions,
    content: Content,
    now: datetime,
) -> Patient:
    agreed = GivenConsent(
        kind=ConsentKind.RECOVERY_TEXTS,
        wording="Given by starting a practice week.",
        given_at=now,
        version=content.consents_for(choice.language).version,
    )
    new = NewPatient(
        first_name="Practice",
        last_name=member.name[:100],
        phone=phone,
        year_of_birth=YEAR_OF_BIRTH,
        pin=None,
        language=choice.language,
        time_zone=None,
        skin_type=4,
        answers_by=choice.answers_by,
        consents=[agreed],
        training=True,
    )
    return enrolment.enrol(session, clinic=clinic, new=new, actor=audit.staff(member.id), now=now)


def _treatment(now: datetime) -> NewTreatment:
    return NewTreatment(
        performed_at=now,
        device=Device.PEN,
        depth_mm=DEPTH_MM,
        areas=[Area.FACE],
        indication=None,
        numbing=None,
        topical=None,
        session_number=1,
        protocol=None,
    )


def _withdraw(
    session: Session, week: PracticeWeek, *, member: Staff, content: Content, now: datetime
) -> None:
    try:
        treatment_corrections.withdraw(
            session,
            clinic_id=week.clinic_id,
            treatment_id=week.treatment_id,
            reason="another practice week begins",
            content=content,
            actor=audit.staff(member.id),
            now=now,
        )
    except UnknownTreatment:
        # Somebody withdrew it already.
        return


def _zone(clinic: Clinic, *, content: Content, now: datetime) -> str:
    """The clinic's own while its hours allow texts until the week is over, else one where it is noon now."""
    own = opening_hours.zone_named(clinic.time_zone)
    for at in (now, now + pace.LASTS + timedelta(minutes=1)):
        if text_schedule.next_allowed_time(content.schedule, at=at, zone=own) != at:
            return _where_it_is_noon(now)
    return own.key


def _where_it_is_noon(now: datetime) -> str:
    # The signs of these zone names are inverted: Etc/GMT-3 is three hours ahead of UTC.
    ahead = _NOON - now.astimezone(ZoneInfo("UTC")).hour
    return "Etc/GMT" if ahead == 0 else f"Etc/GMT{'-' if ahead > 0 else '+'}{abs(ahead)}"
