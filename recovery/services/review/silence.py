"""The worker looks at check-ins nobody answered and does what follows: a reminder, a task, a last text, a
finding, one more question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recovery.domain.clinical import findings, symptoms
from recovery.domain.clinical.asking import OpenMatter
from recovery.domain.clinical.findings import AssessmentRule, Finding
from recovery.domain.clinical.symptoms import Level
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.review import silence
from recovery.domain.review.silence import SilenceAction, SilenceCause, SilenceDecision, SilenceFacts
from recovery.models.clinic import clinics
from recovery.models.messaging import again_texts, messages
from recovery.models.messaging.messages import Message
from recovery.models.reports import reports
from recovery.models.reports.reports import AssessmentCause, ReportRevision, StoredAssessment
from recovery.models.review import silence_checks
from recovery.models.review.silence_checks import SilenceCheck
from recovery.models.tasks import tasks as task_rows
from recovery.models.tasks.tasks import TaskKind
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.reports.report_assessment import assessor_for
from recovery.services.reports.reports import REVIEW_CHANNEL
from recovery.services.review import batch_processing, next_questions
from recovery.services.tasks import tasks

QUIET = "after silence no more check-ins are sent in these days"
LAST_STEP = "last"
TRY_AGAIN = timedelta(minutes=15)
"""Delay before a failed check is tried again."""
LAST_USEFUL = timedelta(hours=24)
"""The day of the last missed check-in may have had all the texts it may have: then it leaves next morning."""


@dataclass(frozen=True, kw_only=True)
class _SilentCheckIn:
    """One check-in that is looked at, and the course it belongs to."""

    look: SilenceCheck
    course: Sequence[ReportRevision]
    contents: RunningContents
    now: datetime

    @property
    def content(self) -> Content:
        """What its clinic runs on."""
        return self.contents.of(self.look.treatment.clinic_id)

    @property
    def day(self) -> int:
        return self.look.message.asks_day or 0

    @property
    def asked_at(self) -> datetime:
        """When it left; as long as it waits, when it should have."""
        return self.look.message.claimed_at or self.look.message.due_at

    @property
    def beside_the_plan(self) -> bool:
        """Whether it was one more question: that is not reminded of."""
        return self.look.message.step.startswith(messages.AGAIN_STEP)

    @property
    def answered(self) -> bool:
        """Whether the patient was heard from about it; one more question may be of a reported day."""
        if self.beside_the_plan:
            return self.look.heard_since
        return self.look.heard_day is not None and self.look.heard_day >= self.day

    @property
    def first_look(self) -> datetime:
        """From when on it is due to be reminded of."""
        if self.beside_the_plan:
            return self.last_look
        until = self.look.message.useful_until
        return self.content.silence.first_check_at(day=self.day, asked_at=self.asked_at, until=until)

    @property
    def last_look(self) -> datetime:
        """When the time to answer has passed."""
        until = self.look.message.useful_until
        return self.content.silence.unanswered_at(asked_at=self.asked_at, until=until)

    @property
    def final(self) -> bool:
        """Whether it counts as unanswered; before that there is a reminder."""
        return self.now >= self.last_look


def check_silences(
    session: Session,
    *,
    content: Content,
    now: datetime,
    limit: int,
    on_failure: Callable[[UUID, Exception], None] | None = None,
) -> int:
    """Check the check-ins whose answer is due; returns how many. The caller commits.

    A worker that dies before the commit has done nothing, one that dies after has done it once. A check-in
    that cannot be looked at (its protocol is not there any more, say) holds up no other: it is told to
    `on_failure` with its message, and comes again later; without `on_failure` it ends the round. `content`
    is what ships; each clinic is seen to by what it runs on.
    """
    contents = RunningContents(session, newest=content)
    looks = silence_checks.list_due_checks_for_update(session, now=now, limit=limit)
    courses: dict[UUID, list[ReportRevision]] = {}
    for clinic_id, treatment_ids in silence_checks.treatments_of(looks).items():
        courses |= reports.current_revisions_by_treatment(session, clinic_id, treatment_ids)

    def look_at(together: Sequence[_SilentCheckIn]) -> None:
        for check_in in together:
            _look_at(session, check_in)

    checks = [
        _SilentCheckIn(look=look, course=courses[look.treatment.id], contents=contents, now=now)
        for look in looks
    ]
    put_off = None if on_failure is None else partial(_put_off, on_failure)
    batch_processing.process_batch(session, checks, work=look_at, on_failure=put_off)
    return len(looks)


def _look_at(session: Session, check_in: _SilentCheckIn) -> None:
    """Carry out the actions that are due."""
    look = check_in.look
    if check_in.now < check_in.first_look:
        # It left later than planned.
        look.message.silence_at = check_in.first_look
        return
    decision = SilenceDecision(reason=None)
    if look.treatment.withdrawn_at is None and look.patient.ended_at is None and not look.taken_over:
        decision = silence.decide(_known(session, check_in), check_in.content.silence)
    for step in decision.steps:
        _DO[step](session, check_in, decision)
    look.message.silence_at = _next_look(check_in, decision)
    if check_in.final and decision.reason in (SilenceCause.NOTHING, SilenceCause.OPENED):
        _ask_next(session, check_in, decision)


def _ask_next(session: Session, check_in: _SilentCheckIn, decision: SilenceDecision) -> None:
    """One more question where this one was not answered, unless a nurse is told or the silence is let be."""
    treatment, missed = check_in.look.treatment, check_in.look.missed
    if SilenceAction.FINDING in decision.steps or missed >= check_in.content.silence.last_after:
        key = treatment.clinic_id, treatment.id
        again_texts.cancel_waiting(session, [key], reason=UnsentReason.NOTHING_OPEN, now=check_in.now)
        return
    next_questions.questions_of(session, treatment, content=check_in.content, now=check_in.now).ask_next(
        since=check_in.asked_at, about=OpenMatter.UNANSWERED
    )


def _put_off(tell: Callable[[UUID, Exception], None], check_in: _SilentCheckIn, error: Exception) -> None:
    check_in.look.message.silence_at = check_in.now + TRY_AGAIN
    tell(check_in.look.message.id, error)


def _next_look(check_in: _SilentCheckIn, decision: SilenceDecision) -> datetime | None:
    """When to check again: at the end of the answer time, or when an unsent text expires."""
    message = check_in.look.message
    waits = message.state is MessageState.PLANNED and check_in.now < message.useful_until
    if check_in.final and waits:
        return message.useful_until
    if check_in.final or (decision.reason is None and not waits):
        return None
    return check_in.last_look


def _known(session: Session, check_in: _SilentCheckIn) -> SilenceFacts:
    look = check_in.look
    return SilenceFacts(
        day=check_in.day,
        check_in_state=look.message.state,
        answered=check_in.answered,
        opted_out=look.opted_out,
        opened=look.opened,
        missed_count=look.missed,
        finding=_level(session, check_in) if check_in.final and not check_in.answered else Level.EXPECTED,
        flag_open=look.flag_open,
        already_found=look.told,
        time_is_up=check_in.final,
    )


def _level(session: Session, check_in: _SilentCheckIn) -> Level:
    """What no answer is a finding for, judged by what the reports of this course were judged by."""
    look = check_in.look
    judge = assessor_for(session, treatment=look.treatment, content=check_in.content, now=check_in.now)
    held = [findings.from_dict(finding).level for finding in look.last_held or ()]
    return silence.level_of_silence(
        last=look.last_level or Level.EXPECTED,
        held=max(held, key=lambda level: level.rank, default=Level.EXPECTED),
        rising=judge.scores_are_rising(check_in.course),
        flag_open=look.flag_open,
        rule=judge.protocol.rules.silence,
    )


def _finding(session: Session, check_in: _SilentCheckIn, decision: SilenceDecision) -> None:
    """An assessment without a report, for the worker's review like any other."""
    treatment = check_in.look.treatment
    finding = Finding(
        rule=AssessmentRule.SILENCE,
        level=_level(session, check_in),
        day=check_in.day,
        count=max(1, check_in.look.missed),
    )
    session.add(
        StoredAssessment(
            clinic_id=treatment.clinic_id,
            treatment_id=treatment.id,
            cause=AssessmentCause.SILENCE,
            level=finding.level,
            day=symptoms.recovery_day(symptoms.hours_between(treatment.performed_at, check_in.now)),
            findings=[findings.to_dict(finding)],
            ask_again=[],
            protocol=treatment.protocol,
            created_at=check_in.now,
            review_after=check_in.now,
        )
    )
    # PostgreSQL merges identical notifications of one transaction.
    session.execute(select(func.pg_notify(REVIEW_CHANNEL, "")))


def _remind(session: Session, check_in: _SilentCheckIn, decision: SilenceDecision) -> None:
    by_text = check_in.look.patient.answers_by is AnswersBy.TEXT
    _plan(
        session,
        check_in,
        step=f"{messages.REMINDER_STEP}{check_in.day}",
        template="reminder_text" if by_text else "reminder_link",
        details={"day": check_in.day},
        useful_until=check_in.look.message.useful_until,
    )


def _last_text(session: Session, check_in: _SilentCheckIn, decision: SilenceDecision) -> None:
    _plan(
        session,
        check_in,
        step=LAST_STEP,
        template="last",
        details={},
        useful_until=check_in.now + LAST_USEFUL,
    )
    messages.cancel_check_ins(
        session,
        clinic_id=check_in.look.treatment.clinic_id,
        treatment_id=check_in.look.treatment.id,
        through_day=check_in.content.silence.quiet_through_day,
        reason=QUIET,
        now=check_in.now,
    )


def _plan(
    session: Session,
    check_in: _SilentCheckIn,
    *,
    step: str,
    template: str,
    details: Mapping[str, int],
    useful_until: datetime,
) -> None:
    treatment = check_in.look.treatment
    messages.insert_planned(
        session,
        Message(
            clinic_id=treatment.clinic_id,
            patient_id=treatment.patient_id,
            treatment_id=treatment.id,
            step=step,
            template=template,
            details=dict(details),
            due_at=check_in.now,
            useful_until=useful_until,
            state=MessageState.PLANNED,
            created_at=check_in.now,
        ),
    )


def _task(kind: TaskKind) -> Callable[[Session, _SilentCheckIn, SilenceDecision], None]:
    def add(session: Session, check_in: _SilentCheckIn, decision: SilenceDecision) -> None:
        treatment = check_in.look.treatment
        clinic = clinics.get(session, treatment.clinic_id)
        if clinic is None:
            return
        if kind is TaskKind.OPTED_OUT and task_rows.was_opened(
            session, clinic_id=clinic.id, kind=kind, treatment_id=treatment.id
        ):
            return
        tasks.open_task(
            session,
            tasks.TaskSubject(
                clinic_id=clinic.id, patient_id=treatment.patient_id, treatment_id=treatment.id
            ),
            kind=kind,
            due_at=tasks.reading_due_at(opening_hours_of(clinic), now=check_in.now),
            detail={} if decision.reason is None else {"reason": decision.reason.value},
            now=check_in.now,
        )

    return add


_DO: Mapping[SilenceAction, Callable[[Session, _SilentCheckIn, SilenceDecision], None]] = {
    SilenceAction.FINDING: _finding,
    SilenceAction.REMIND: _remind,
    SilenceAction.LAST_TEXT: _last_text,
    SilenceAction.TASK: _task(TaskKind.SILENCE),
    SilenceAction.UNDELIVERABLE_TASK: _task(TaskKind.UNDELIVERABLE),
    SilenceAction.OPTED_OUT_TASK: _task(TaskKind.OPTED_OUT),
}
