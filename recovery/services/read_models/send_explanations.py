"""Why no text? For every step of a treatment, in plain words: sent, and when, or why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.core.language import Language
from recovery.domain.messaging import text_schedule
from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.models.clinic import clinics, staff_phones
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.models.flags import flags
from recovery.models.messaging import messages, opt_outs
from recovery.models.messaging.messages import Message
from recovery.models.messaging.opt_outs import OptOut
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.treatments import treatments
from recovery.services.content.content import Content
from recovery.services.treatments.treatments import UnknownTreatment


class RecipientKind(StrEnum):
    """Who a text is for."""

    PATIENT = "patient"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True)
class TextExplanation:
    """One step. `id` is empty where the plan never had it; `why` is a whole sentence. `day` is the recovery
    day that it asks about or belongs to, `left_at` when it was handed to the carrier."""

    id: UUID | None
    step: str
    template: str
    to: RecipientKind
    state: str
    due_at: datetime | None
    why: str
    treatment_id: UUID | None
    day: int | None
    left_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class TreatmentExplanation:
    """Every step of a treatment in the order they are or were due; times in words are of `time_zone`."""

    treatment_id: UUID
    time_zone: str
    steps: Sequence[TextExplanation]


NOT_IN_PLAN = "not_planned"
"""The state of a step that the schedule has and the treatment's plan has not."""

MOST_TEXTS = 2_000
"""Of one patient; a course of six sessions has some two hundred."""

_BESIDE = "One more question beside the plan: an answer left something open, or did not come."

_HELD: Mapping[str, str] = {
    UnsentReason.QUIET_HOURS: "held for the quiet hours",
    UnsentReason.FLAG_OPEN: "held while a nurse looks at the recovery",
    UnsentReason.ENOUGH_TODAY: "held because the patient had had as many texts as one day may have",
    UnsentReason.PAUSED: "held until a nurse has read whether texts are wanted",
    UnsentReason.UNREADABLE: "held because this program cannot read what the medical director signed",
    UnsentReason.BUDGET: "held because the clinic's texts for the day were used up",
}


def explain_treatment(
    session: Session, *, clinic_id: UUID, treatment_id: UUID, content: Content, now: datetime
) -> TreatmentExplanation:
    """What became or will become of each text. Raises UnknownTreatment; a withdrawn one is explained too."""
    treatment = treatments.get(session, clinic_id, treatment_id)
    clinic = clinics.get(session, clinic_id)
    patient = None if treatment is None else patients.get(session, clinic_id, treatment.patient_id)
    if treatment is None or clinic is None or patient is None:
        raise UnknownTreatment(treatment_id)
    rows = messages.list_for_treatment(session, clinic_id, treatment_id)
    words = _words(session, clinic, patient, content=content, now=now)
    return TreatmentExplanation(
        treatment_id=treatment.id,
        time_zone=patient.time_zone,
        steps=[
            *(words.told(row) for row in rows),
            *_missing(session, {row.step for row in rows}, patient=patient, content=content),
        ],
    )


def explain_whole_record(
    session: Session, *, patient: Patient, treatment_ids: Sequence[UUID], content: Content, now: datetime
) -> Mapping[UUID | None, Sequence[TextExplanation]]:
    """Every text to a patient by treatment, None for those of no treatment, in the order they are or were
    due; steps that a treatment's plan never had come last."""
    explained: dict[UUID | None, list[TextExplanation]] = {None: [], **{one: [] for one in treatment_ids}}
    newest = explain_for_patient(
        session, patient=patient, content=content, after=None, limit=MOST_TEXTS, now=now
    )
    for text in reversed(newest):
        explained.setdefault(text.treatment_id, []).append(text)
    for treatment_id in treatment_ids:
        known = {text.step for text in explained[treatment_id]}
        explained[treatment_id] += [
            replace(text, treatment_id=treatment_id)
            for text in _missing(session, known, patient=patient, content=content)
        ]
    return explained


def explain_for_patient(
    session: Session,
    *,
    patient: Patient,
    content: Content,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> Sequence[TextExplanation]:
    """A patient's texts of all treatments and of none, the one due last first."""
    clinic = clinics.get(session, patient.clinic_id)
    if clinic is None:
        return []
    words = _words(session, clinic, patient, content=content, now=now)
    rows = messages.list_for_patient(session, patient.clinic_id, patient.id, after=after, limit=limit)
    return [words.told(row) for row in rows]


def _missing(
    session: Session, known: Set[str], *, patient: Patient, content: Content
) -> list[TextExplanation]:
    """Steps of which the patient's consent does not tell, and those that came into the schedule later."""
    agreed = patients.standing_versions(session, patient).get(ConsentKind.RECOVERY_TEXTS)
    return [
        TextExplanation(
            id=None,
            step=step.name,
            template=step.template,
            to=RecipientKind.PATIENT,
            state=NOT_IN_PLAN,
            due_at=None,
            why=f"Not planned: {UnsentReason.NOT_TOLD}."
            if not text_schedule.told_of(step.consent_version, agreed)
            else "Not planned: the schedule did not have it when this treatment was last planned.",
            treatment_id=None,
            day=step.day,
            left_at=None,
        )
        for step in content.schedule.steps
        if step.answers_by in (None, patient.answers_by) and step.name not in known
    ]


def _words(session: Session, clinic: Clinic, patient: Patient, *, content: Content, now: datetime) -> _Words:
    return _Words(
        clinic=clinic,
        zone=opening_hours.zone_named(patient.time_zone),
        practised=patient.training,
        phone_proved=patient.phone in staff_phones.proved_numbers(session, clinic.id),
        opt_out=opt_outs.get_opt_out(session, clinic_id=clinic.id, phone=patient.phone),
        consents=patients.active_consents(session, patient),
        flag_open=flags.has_unresolved(session, clinic.id, patient.id),
        content=content,
        now=now,
    )


def _day_of(row: Message) -> int | None:
    day = row.details.get("day")
    return day if isinstance(day, int) else None


@dataclass(frozen=True, kw_only=True)
class _Words:
    """Renders the explanation of one text from its row and the patient's current state."""

    clinic: Clinic
    zone: ZoneInfo
    practised: bool
    phone_proved: bool
    opt_out: OptOut | None
    consents: frozenset[ConsentKind]
    flag_open: bool
    content: Content
    now: datetime

    def told(self, row: Message) -> TextExplanation:
        """One row."""
        why = self._why(row)
        return TextExplanation(
            id=row.id,
            step=row.step,
            template=row.template,
            to=RecipientKind.STAFF if row.patient_id is None else RecipientKind.PATIENT,
            state=row.state,
            due_at=row.due_at,
            why=f"{_BESIDE} {why}" if row.step.startswith(messages.AGAIN_STEP) else why,
            treatment_id=row.treatment_id,
            day=row.asks_day if row.asks_day is not None else _day_of(row),
            left_at=row.claimed_at,
        )

    def _why(self, row: Message) -> str:
        at = self._at(row.settled_at or row.claimed_at or row.due_at)
        code = "" if row.reason is None else f" ({row.reason})"
        match row.state:
            case MessageState.PLANNED:
                return self._planned(row)
            case MessageState.CLAIMED:
                return f"Being handed to the carrier since {self._at(row.claimed_at or self.now)}."
            case MessageState.ACCEPTED:
                return f"Handed to the carrier on {at}; it has not said yet whether it arrived."
            case MessageState.SENT:
                return f"Sent on {at}; the phone has not confirmed it yet."
            case MessageState.DELIVERED:
                return f"Delivered on {at}."
            case MessageState.UNDELIVERED:
                return f"Sent, but not delivered: the carrier said so on {at}{code}."
            case MessageState.FAILED:
                return f"Not sent: the carrier refused it on {at}{code}."
            case MessageState.IN_DOUBT:
                return (
                    f"In doubt since {at}: it may have gone out{code}. The carrier's records will show it, "
                    "and it is not sent again blindly."
                )
            case MessageState.QUARANTINED:
                return f"Put aside for a person on {at}: {row.reason}."
            case MessageState.EXPIRED:
                return f"Dropped on {at}: {row.reason}."
            case MessageState.CANCELLED:
                return f"Cancelled on {at}: {self._cancelled(row)}."

    def _cancelled(self, row: Message) -> str:
        if row.reason == UnsentReason.OPTED_OUT and self.opt_out is not None:
            return f"{UnsentReason.OPTED_OUT} on {self._at(self.opt_out.since)}"
        return str(row.reason)

    def _planned(self, row: Message) -> str:
        if row.useful_until <= self.now:
            return "Not sent: it came too late to be of use, and the worker will drop it."
        stops = self._what_stops(row)
        if stops is not None:
            return f"Planned on {self._at(row.due_at)}, but it will not go out: {stops}."
        if self.clinic.texts_stopped_at is not None:
            return (
                f"Planned on {self._at(row.due_at)}; held since {self._at(self.clinic.texts_stopped_at)} "
                f"by the clinic's stop switch, of use until {self._at(row.useful_until)}."
            )
        if held := _HELD.get(row.reason or ""):
            return f"Planned on {self._at(row.due_at)}; {held}."
        if row.due_at <= self.now:
            return f"Due since {self._at(row.due_at)}; the worker sends it next."
        again = "" if row.reason is None else f", after the carrier did not take it ({row.reason})"
        return f"Planned on {self._at(row.due_at)}{again}."

    def _what_stops(self, row: Message) -> str | None:
        if not self.phone_proved and self.clinic.mode is ClinicMode.TRAINING:
            return UnsentReason.TRAINING
        if not self.phone_proved and self.practised:
            return UnsentReason.FOR_PRACTICE
        texts = self.content.catalogue_for(Language.ENGLISH).texts
        if row.patient_id is None or row.template not in texts:
            return None
        if self.opt_out is not None:
            return f"{UnsentReason.OPTED_OUT} on {self._at(self.opt_out.since)}"
        kind, needed = texts[row.template].kind, self.content.schedule.consent_for(row.template)
        if kind is not TextKind.ACCOUNT and needed not in self.consents:
            reminder = needed is ConsentKind.SESSION_REMINDERS
            return UnsentReason.NO_REMINDER_CONSENT if reminder else UnsentReason.NO_CONSENT
        return UnsentReason.FLAG_OPEN if kind is TextKind.TIP and self.flag_open else None

    def _at(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return f"{local.day} {local:%b %Y} at {local:%H:%M}"
