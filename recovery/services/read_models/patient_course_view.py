"""What a patient may know of their treatments: phase, questions and bands, own reports, what to avoid, whom
to call, when asked next."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic import opening_hours
from recovery.domain.clinical import findings, recovery_phase, symptoms, taking_over
from recovery.domain.clinical.assessment import ExpectedCourse
from recovery.domain.clinical.findings import Finding
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.recovery_phase import RecoveryPhase
from recovery.domain.content import check_in, emergency_text
from recovery.domain.content.check_in import CheckIn
from recovery.domain.content.emergency_text import HelpLine
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FollowUpState, Urgency
from recovery.domain.messaging import text_schedule
from recovery.domain.messaging.catalogue import TextKind
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.treatments import avoidance_rules
from recovery.models.flags import flags
from recovery.models.messaging import again_texts
from recovery.models.messaging.messages import AGAIN_STEP
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports import pending_assessments, reports, told_signs
from recovery.models.reports.reports import ReportRevision, StoredAssessment
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content.content import Content
from recovery.services.reports import follow_up_status
from recovery.services.reports.follow_up_status import FollowUpStatus
from recovery.services.reports.report_assessment import assessor_for


@dataclass(frozen=True, kw_only=True)
class TreatmentStatus:
    """A treatment as it stands at one moment. `avoid` in the order of the rules, past ones too; where it is
    `held`, the clinic says until when, not the hours. `help` is the number that comes first while an
    emergency is not closed. `taken_over_at` is when the patient's next treatment was done, if it was."""

    treatment: Treatment
    day: int
    phase: RecoveryPhase
    follow_up: FollowUpStatus
    help: HelpLine | None
    avoid: Sequence[avoidance_rules.AvoidanceRule]
    held: bool
    taken_over_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EarlierSession:
    """An earlier treatment of the same patient, and what was reported after it."""

    treatment: Treatment
    reports: Sequence[ReportRevision]


@dataclass(frozen=True, kw_only=True)
class AlsoAsked:
    """A check-in for the marks of an earlier treatment that a later one took over, which asks it."""

    treatment: Treatment
    check_in: CheckIn


@dataclass(frozen=True, kw_only=True)
class PatientCourseView:
    """What is asked of a patient in one recovery and what was answered. Reports in the order seen.
    `taken_over_at` is when the patient's next treatment was done, `also_asked` are the marks of those that
    this one took over."""

    patient: Patient
    treatment: Treatment
    protocol: Protocol
    expected: ExpectedCourse
    reports: Sequence[ReportRevision]
    check_ins: Sequence[CheckIn]
    taken_over_at: datetime | None
    also_asked: Sequence[AlsoAsked]

    def next_check_in(self, *, now: datetime) -> CheckIn | None:
        """The first check-in that is not done and has not closed."""
        return next(
            (check_in for check_in in self.check_ins if not check_in.done and check_in.closes_at > now), None
        )


@dataclass(frozen=True, kw_only=True)
class RecoveryView:
    """One recovery with what was found in it and in the sessions before, newest first. `judged` has the
    assessment that counts for each report, earlier sessions' as well."""

    course: PatientCourseView
    standing: TreatmentStatus
    earlier: Sequence[EarlierSession]
    judged: Mapping[UUID, StoredAssessment]


def treatment_statuses(
    session: Session, found: Sequence[Treatment], *, content: Content, now: datetime
) -> Sequence[TreatmentStatus]:
    """How these treatments of one patient stand, in the order given."""
    if not found:
        return []
    followed = follow_up_status.statuses_of_treatments(session, found, content=content, now=now)
    said = told_signs.newest_warning_signs(session, found[0].clinic_id, [treatment.id for treatment in found])
    first = _help_lines(session, found[0].clinic_id, followed, content=content, now=now)
    taken_over = treatments.taken_over_times(session, found[0].clinic_id, [one.id for one in found])
    return [
        _status(
            treatment,
            followed[treatment.id],
            first.get(treatment.id),
            rules=content.avoidance,
            signs=said.get(treatment.id, ()),
            taken_over_at=taken_over[treatment.id],
            now=now,
        )
        for treatment in found
    ]


def _help_lines(
    session: Session,
    clinic_id: UUID,
    followed: Mapping[UUID, FollowUpStatus],
    *,
    content: Content,
    now: datetime,
) -> dict[UUID, HelpLine]:
    """The number that comes first for each treatment with an emergency that no nurse has closed: by all that
    raised its flag, and what is to raise one."""
    urgent = [
        treatment_id
        for treatment_id, status in followed.items()
        if status.urgency is Urgency.EMERGENCY and status.state in follow_up_status.UNRESOLVED
    ]
    if not urgent:
        return {}
    open_flags = flags.unresolved_by_treatment(session, clinic_id, urgent)
    raised = flags.assessments_by_flag(session, clinic_id, list(open_flags.values()))
    assessed = [
        *(one for assessments in raised.values() for one in assessments),
        *pending_assessments.list_due(session, clinic_id, urgent, now=now),
    ]
    why: dict[UUID, list[Finding]] = {treatment_id: [] for treatment_id in urgent}
    for one in assessed:
        why[one.treatment_id] += [findings.from_dict(finding) for finding in one.findings]
    signs = content.words_for(Language.ENGLISH).signs
    return {
        treatment_id: emergency_text.help_line(found, words=signs) or HelpLine.EMERGENCY
        for treatment_id, found in why.items()
    }


def _status(
    treatment: Treatment,
    follow_up: FollowUpStatus,
    first: HelpLine | None,
    *,
    rules: Sequence[avoidance_rules.AvoidanceRule],
    signs: Sequence[str],
    taken_over_at: datetime | None,
    now: datetime,
) -> TreatmentStatus:
    day = symptoms.recovery_day(symptoms.hours_between(treatment.performed_at, now))
    waiting = follow_up.state is FollowUpState.WAITING
    flagged = follow_up.state in follow_up_status.UNRESOLVED
    return TreatmentStatus(
        treatment=treatment,
        day=day,
        phase=recovery_phase.phase_on_day(day=day, waiting=waiting, with_nurse=flagged and not waiting),
        follow_up=follow_up,
        help=first,
        avoid=rules,
        held=avoidance_rules.is_held(flagged=flagged, signs=signs),
        taken_over_at=taken_over_at,
    )


def read_course_view(
    session: Session, *, treatment: Treatment, content: Content, now: datetime
) -> PatientCourseView:
    """One treatment's questions, bands and own answers."""
    own = reports.list_current_revisions(session, treatment.clinic_id, treatment.id)
    patient = patients.get_one(session, treatment.clinic_id, treatment.patient_id)
    judge = assessor_for(session, treatment=treatment, content=content, now=now)
    plans = _Plans(
        session=session,
        patient=patient,
        agreed=patients.standing_versions(session, patient).get(ConsentKind.RECOVERY_TEXTS),
        content=content,
    )
    taken_over = treatments.taken_over_times(session, treatment.clinic_id, [treatment.id])[treatment.id]
    return PatientCourseView(
        patient=patient,
        treatment=treatment,
        protocol=judge.protocol,
        expected=judge.expected(own),
        reports=own,
        check_ins=plans.check_ins(treatment, own, taken_over=taken_over),
        taken_over_at=taken_over,
        also_asked=[] if taken_over is not None else list(plans.also_asked(treatment, own)),
    )


def read_recovery_view(
    session: Session, *, treatment: Treatment, content: Content, now: datetime
) -> RecoveryView:
    """Everything about one treatment that its patient may read, and what was reported before it."""
    # Reports first: one put in between is left out, and none is without its assessment.
    course = read_course_view(session, treatment=treatment, content=content, now=now)
    before = treatments.list_earlier(session, treatment, limit=treatments.EARLIER_SESSIONS)
    earlier_ids = [earlier.id for earlier in before]
    said = reports.current_revisions_by_treatment(session, treatment.clinic_id, earlier_ids)
    (stands,) = treatment_statuses(session, [treatment], content=content, now=now)
    return RecoveryView(
        course=course,
        standing=stands,
        earlier=[EarlierSession(treatment=earlier, reports=said[earlier.id]) for earlier in before],
        judged=reports.latest_assessments(
            session, treatment.clinic_id, treatment.id, *earlier_ids, until=now
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Plans:
    """When one patient is asked after each treatment."""

    session: Session
    patient: Patient
    agreed: int | None
    content: Content

    def check_ins(
        self, treatment: Treatment, said: Sequence[ReportRevision], *, taken_over: datetime | None
    ) -> Sequence[CheckIn]:
        """By the plan and beside it, until a later treatment asks instead."""
        planned = self._planned(
            treatment, {symptoms.recovery_day(one.hours_since(treatment.performed_at)) for one in said}
        )
        own = [one for one in planned if taken_over is None or one.opens_at < taken_over]
        beside = _beside_the_plan(self.session, treatment, said)
        return sorted([*own, *beside], key=lambda one: one.opens_at)

    def also_asked(self, treatment: Treatment, said: Sequence[ReportRevision]) -> Iterator[AlsoAsked]:
        """The late check-ins of treatments that this one took over, each done by a report since it opened."""
        before = treatments.list_earlier(self.session, treatment, limit=treatments.EARLIER_SESSIONS)
        for earlier in before:
            if not taking_over.is_later_visit(earlier.performed_at, treatment.performed_at):
                continue
            for asked in self._planned(earlier, (), last_session=False):
                late = asked.day >= taking_over.MARKS_FROM_DAY and asked.opens_at >= treatment.performed_at
                if late:
                    done = any(revision.seen_at >= asked.opens_at for revision in said)
                    yield AlsoAsked(treatment=earlier, check_in=replace(asked, done=done))

    def _planned(
        self, treatment: Treatment, reported: Collection[int], *, last_session: bool = True
    ) -> Sequence[CheckIn]:
        plan = text_schedule.plan(
            self.content.schedule,
            performed_at=treatment.performed_at,
            zone=opening_hours.zone_named(self.patient.time_zone),
            answers_by=self.patient.answers_by,
            now=treatment.performed_at,
            agreed_version=self.agreed,
        )
        plan = [one for one in plan if last_session or not one.step.last_session_only]
        texts = self.content.catalogue_for(Language.ENGLISH).texts
        asking = {key for key, text in texts.items() if text.kind is TextKind.CHECK_IN}
        return check_in.list_check_ins(plan, asking=asking, reported=reported)


def _beside_the_plan(
    session: Session, treatment: Treatment, said: Sequence[ReportRevision]
) -> Iterator[CheckIn]:
    """One more question may be of a day that was reported: it is done by a report since it was asked."""
    for asked in again_texts.list_check_ins(session, treatment.clinic_id, treatment.id):
        gone = asked.state in (MessageState.CANCELLED, MessageState.EXPIRED)
        if asked.step.startswith(AGAIN_STEP) and not gone:
            opens_at = asked.claimed_at or asked.due_at
            yield CheckIn(
                day=asked.asks_day or 0,
                opens_at=opens_at,
                closes_at=asked.useful_until,
                done=any(revision.received_at >= opens_at for revision in said),
            )
