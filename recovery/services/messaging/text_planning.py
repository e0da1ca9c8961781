"""Planning the texts that follow a treatment as rows, and planning them anew when something about patient or
treatment changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.clinical import taking_over
from recovery.domain.core.language import Language
from recovery.domain.messaging import send_eligibility, text_lifecycle, text_schedule
from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.text_schedule import PlannedText, ScheduleStep
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.models.flags import flag_outcomes
from recovery.models.messaging import messages, opt_outs, text_leases
from recovery.models.messaging.messages import AGAIN_STEP, Message
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.treatments import session_plans, treatments
from recovery.models.treatments.session_plans import PatientSessionPlan
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.tasks.tasks import FOLLOWED_FOR

LACKING = frozenset({UnsentReason.NO_REMINDER_CONSENT, UnsentReason.NO_SESSION_AGREED})
"""What a reminder still lacks: the answer is what it lacks now."""


def plan_texts(
    session: Session,
    *,
    patient: Patient,
    content: Content,
    now: datetime,
    lacking: UnsentReason = UnsentReason.NO_CONSENT,
    gone: Collection[str] = (),
) -> None:
    """Bring the texts of all treatments a patient is followed for in line with what is known now.

    One row per step, unique on treatment and step. What was submitted, or is in a worker's hands, stays.
    What was not moves to its new moment, is cancelled or dropped with its reason, or comes back where
    nothing forbids it any more. Of treatments of one visit (one local day) the first recorded sends a
    step, and the others are covered by it. From a later treatment on an earlier one asks for marks alone,
    and not on a day on which the later one asks. `lacking` is the reason given where there is no consent to
    recovery texts; `gone` are steps that the schedule had and has no more, which are cancelled. What left by
    a step that is gone is not sent again by one that asks about the same day or says the same. Locks the
    person until the transaction ends.
    """
    text_leases.lock_patient(session, patient.id)
    courses = treatments.list_followed(session, patient.clinic_id, patient.id, since=now - FOLLOWED_FOR)
    agreed = session_plans.get_for_patient(session, patient.clinic_id, patient.id)
    if agreed is not None and not any(course.withdrawn_at is None for course in courses):
        # A maintenance session may be months later; its reminder belongs to the last session's treatment.
        courses = [*courses, *treatments.list_for_patient(session, patient.clinic_id, patient.id, limit=1)]
    rows = messages.steps_by_treatment_for_update(
        session, patient.clinic_id, [course.id for course in courses]
    )
    plans = _Plans(
        patient=patient,
        zone=opening_hours.zone_named(patient.time_zone),
        agreed=patients.standing_versions(session, patient),
        opted_out=opt_outs.get_opt_out(session, clinic_id=patient.clinic_id, phone=patient.phone) is not None,
        lacking=lacking,
        gone=frozenset(gone),
        next_session_on=_next_session(session, agreed),
        content=content,
        now=now,
    )
    plans.note_what_left(courses, rows)
    plans.note_later_treatments(courses)
    for course in courses:
        standing = rows[course.id]
        for planned, reason in plans.steps(course, courses=courses, standing=standing):
            row = standing.get(planned.step.name)
            _write(session, row, course, planned, reason, content=content, now=now)
        for row, reason in plans.left_over(course, standing):
            row.state, row.reason, row.settled_at = MessageState.CANCELLED, reason, now
    session.flush()


@dataclass(frozen=True, kw_only=True)
class _Plans:
    """All plans of one patient while they are made, course by course."""

    patient: Patient
    zone: ZoneInfo
    agreed: Mapping[ConsentKind, int]
    opted_out: bool
    lacking: UnsentReason
    gone: frozenset[str]
    next_session_on: date | None
    content: Content
    now: datetime
    sent_by: dict[tuple[date, str], UUID] = field(default_factory=dict)
    asked_by: dict[tuple[date, int], str] = field(default_factory=dict)
    said_by: dict[tuple[date, str], str] = field(default_factory=dict)
    taken_over: dict[UUID, datetime | None] = field(default_factory=dict)
    asked_with: dict[UUID, frozenset[date]] = field(default_factory=dict)

    @property
    def agreed_version(self) -> int | None:
        """In which words the patient agreed to recovery texts."""
        return self.agreed.get(ConsentKind.RECOVERY_TEXTS)

    def note_what_left(
        self, courses: Iterable[Treatment], rows: Mapping[UUID, Mapping[str, Message]]
    ) -> None:
        """Steps that went out cover the same steps of every treatment of that visit."""
        for course in courses:
            for step in self.content.schedule.steps:
                row = rows[course.id].get(step.name)
                if row is not None and not _may_move(row):
                    visit = self._visit(course)
                    self.sent_by[visit, step.name] = course.id
                    if step.answers_by is not None and step.day is not None:
                        self.asked_by[visit, step.day] = step.name
            self._note_what_left_otherwise(course, rows[course.id])

    def _note_what_left_otherwise(self, course: Treatment, rows: Mapping[str, Message]) -> None:
        """What left by steps of an earlier schedule: the day it asked about, and what it said."""
        steps, visit = {step.name for step in self.content.schedule.steps}, self._visit(course)
        for row in rows.values():
            if row.step in steps or row.step.startswith(AGAIN_STEP) or _may_move(row):
                continue
            self.said_by[visit, row.template] = row.step
            if row.asks_day is not None:
                self.asked_by.setdefault((visit, row.asks_day), row.step)

    def note_later_treatments(self, courses: Iterable[Treatment]) -> None:
        """When each course was taken over, and on which days those that did so ask."""
        standing = [course for course in courses if course.withdrawn_at is None]
        performed = [course.performed_at for course in standing]
        for course in courses:
            self.taken_over[course.id] = taking_over.taken_over_at(course.performed_at, performed)
        for course in courses:
            later = [
                other
                for other in standing
                if taking_over.is_later_visit(course.performed_at, other.performed_at)
            ]
            self.asked_with[course.id] = frozenset().union(*(self._asking_days(other) for other in later))

    def steps(
        self, course: Treatment, *, courses: Iterable[Treatment], standing: Mapping[str, Message]
    ) -> Iterator[tuple[PlannedText, UnsentReason | None]]:
        """The course's steps that have not left, each with why it will not go out, if it will not."""
        ended = self._session_done(course, courses)
        for planned in self._plan(course):
            row = standing.get(planned.step.name)
            if row is not None and not _may_move(row):
                continue
            done = UnsentReason.SESSION_DONE if ended and _of_last_session(planned.step) else None
            reason = (
                self._forbidden(course, planned)
                or done
                or self._left_to_later(course, planned)
                or self._covered(course, planned)
                or planned.dropped
            )
            if reason is None:
                self.sent_by[self._visit(course), planned.step.name] = course.id
            yield planned, reason

    def left_over(
        self, course: Treatment, standing: Mapping[str, Message]
    ) -> Iterator[tuple[Message, UnsentReason]]:
        """Planned texts that the plan does not have any more."""
        steps = {step.name: step for step in self.content.schedule.steps}
        for row in standing.values():
            if row.state is not MessageState.PLANNED:
                continue
            step = steps.get(row.step)
            if row.step in self.gone:
                yield row, UnsentReason.NOT_IN_SCHEDULE
            elif step is not None and step.answers_by not in (None, self.patient.answers_by):
                yield row, UnsentReason.ANSWERS_OTHERWISE
            elif step is not None and not text_schedule.told_of(step.consent_version, self.agreed_version):
                yield row, UnsentReason.NOT_TOLD
            elif row.step.startswith(AGAIN_STEP):
                if (forbidden := self._forbids_again(course)) is not None:
                    yield row, forbidden
                row.template = text_schedule.again_template(self.patient.answers_by)
            elif step is None and self._unasked(row.template) and (over := self._over(course)) is not None:
                yield row, over

    def _plan(self, course: Treatment) -> Sequence[PlannedText]:
        return text_schedule.plan(
            self.content.schedule,
            performed_at=course.performed_at,
            zone=self.zone,
            answers_by=self.patient.answers_by,
            now=self.now,
            next_session_on=self.next_session_on,
            agreed_version=self.agreed_version,
        )

    def _asking_days(self, course: Treatment) -> Iterator[date]:
        for planned in self._plan(course):
            if planned.dropped is None and self._still_asks(course, planned):
                yield planned.due_at.astimezone(self.zone).date()

    def _still_asks(self, course: Treatment, planned: PlannedText) -> bool:
        """Whether it is a check-in that no later treatment has made needless."""
        day, over = _asks(planned, content=self.content), self.taken_over[course.id]
        return day is not None and taking_over.still_asks(day=day, due_at=planned.due_at, taken_over=over)

    def _left_to_later(self, course: Treatment, planned: PlannedText) -> UnsentReason | None:
        """Why a check-in is left to the patient's later treatment."""
        over = self.taken_over[course.id]
        if over is None or planned.due_at < over or _asks(planned, content=self.content) is None:
            return None
        if not self._still_asks(course, planned):
            return UnsentReason.NEWER_TREATMENT
        asked = planned.due_at.astimezone(self.zone).date() in self.asked_with[course.id]
        return UnsentReason.ASKED_WITH_NEWER if asked else None

    def _over(self, course: Treatment) -> UnsentReason | None:
        """Why nothing beside the plan is sent of our own accord any more."""
        if course.withdrawn_at is not None:
            return UnsentReason.WITHDRAWN
        return None if self.taken_over[course.id] is None else UnsentReason.NEWER_TREATMENT

    def _ended(self, course: Treatment) -> UnsentReason | None:
        if course.withdrawn_at is not None:
            return UnsentReason.WITHDRAWN
        if self.patient.ended_at is not None:
            return UnsentReason.ENDED
        return UnsentReason.OPTED_OUT if self.opted_out else None

    def _forbids_again(self, course: Treatment) -> UnsentReason | None:
        """Why a check-in beside the plan, which only a report or a silence plans, does not go out."""
        if (ended := self._ended(course) or self._over(course)) is not None:
            return ended
        if self.agreed_version is None:
            return self.lacking
        told = text_schedule.told_of(self.content.schedule.again.consent_version, self.agreed_version)
        return None if told else UnsentReason.NOT_TOLD

    def _forbidden(self, course: Treatment, planned: PlannedText) -> UnsentReason | None:
        if (ended := self._ended(course)) is not None:
            return ended
        if planned.step.consent in self.agreed:
            return None
        reminder = planned.step.consent is ConsentKind.SESSION_REMINDERS
        return UnsentReason.NO_REMINDER_CONSENT if reminder else self.lacking

    def _covered(self, course: Treatment, planned: PlannedText) -> UnsentReason | None:
        visit, step = self._visit(course), planned.step
        if self.sent_by.get((visit, step.name), course.id) != course.id:
            return UnsentReason.COVERED
        if (visit, step.template) in self.said_by:
            return UnsentReason.SAID_BEFORE
        if step.answers_by is None or step.day is None:
            return None
        asked = self.asked_by.get((visit, step.day), step.name) != step.name
        return UnsentReason.ASKED_THAT_DAY if asked else None

    def _session_done(self, course: Treatment, courses: Iterable[Treatment]) -> bool:
        return any(
            self._visit(other) > self._visit(course) for other in courses if other.withdrawn_at is None
        )

    def _visit(self, course: Treatment) -> date:
        return course.performed_at.astimezone(self.zone).date()

    def _unasked(self, template: str) -> bool:
        texts = self.content.catalogue_for(Language.ENGLISH).texts
        return template in texts and texts[template].kind in send_eligibility.OF_OUR_OWN_ACCORD


def _next_session(session: Session, agreed: PatientSessionPlan | None) -> date | None:
    """The day patients are reminded of: none while a practitioner has to look at the skin first."""
    if agreed is None or agreed.next_session_on is None or flag_outcomes.pigment_changed(session, agreed):
        return None
    return agreed.next_session_on


def _of_last_session(step: ScheduleStep) -> bool:
    """Whether a later session leaves the step without use."""
    return step.last_session_only or step.consent is ConsentKind.SESSION_REMINDERS


def _may_move(row: Message) -> bool:
    return text_lifecycle.may_be_replanned(row.state, claimed=row.claimed_at is not None)


def _write(
    session: Session,
    row: Message | None,
    course: Treatment,
    planned: PlannedText,
    reason: UnsentReason | None,
    *,
    content: Content,
    now: datetime,
) -> None:
    state = _state(planned, reason)
    details = {} if planned.step.day is None else {"day": planned.step.day}
    if row is None:
        row = Message(
            clinic_id=course.clinic_id,
            patient_id=course.patient_id,
            treatment_id=course.id,
            step=planned.step.name,
            created_at=now,
        )
        session.add(row)
    elif row.state is not MessageState.PLANNED and state is not MessageState.PLANNED:
        if not {row.reason, reason} <= LACKING:
            # Keep the first reason: it is shown to whoever asks.
            return
    elif row.state is state and row.reason is not None and row.useful_until == planned.useful_until:
        # Unchanged and still waiting: keep the reason it has.
        return
    row.template, row.details = planned.step.template, details
    row.due_at, row.useful_until = planned.due_at, planned.useful_until
    row.state, row.reason = state, reason
    row.settled_at = None if state is MessageState.PLANNED else now
    row.asks_day = _asks(planned, content=content)
    row.silence_at = None
    if row.asks_day is not None and state is MessageState.PLANNED:
        row.silence_at = content.silence.first_check_at(
            day=row.asks_day, asked_at=planned.due_at, until=planned.useful_until
        )


def _asks(planned: PlannedText, *, content: Content) -> int | None:
    """The recovery day this text asks about, None for one that asks nothing."""
    text = content.catalogue_for(Language.ENGLISH).text(planned.step.template)
    return planned.step.day if text.kind is TextKind.CHECK_IN else None


def _state(planned: PlannedText, reason: UnsentReason | None) -> MessageState:
    if reason is None:
        return MessageState.PLANNED
    return MessageState.EXPIRED if reason is planned.dropped else MessageState.CANCELLED
