"""Taking up what was reported: from an abnormal assessment to a flag and the texts that go with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from recovery.domain import clockwords, triage
from recovery.domain.delivery import MessageState
from recovery.domain.hours import OpeningHours
from recovery.domain.people import Language
from recovery.domain.triage import FlagState, Urgency
from recovery.models import clinics, flags, inbox, messages, patients, reports, treatments
from recovery.models.clinics import Clinic
from recovery.models.flags import EventKind, Flag, FlagAssessment, FlagEvent
from recovery.models.messages import Message
from recovery.models.patients import Patient
from recovery.models.reports import Assessment, Cause
from recovery.services import queue_entries
from recovery.services.clinics import opening_hours
from recovery.services.content import Content

SAFETY_TEXT_USEFUL = timedelta(hours=2)
STAFF_TEXT_USEFUL = timedelta(hours=4)


def review(
    session: Session,
    *,
    content: Content,
    now: datetime,
    limit: int,
    on_failure: Callable[[Assessment, Exception], None] | None = None,
) -> int:
    """Take up assessments nobody has reviewed; how many were. The caller commits.

    Rows that another worker holds are passed over. A worker that dies before the commit has done
    nothing, one that dies after has done it once. One that cannot be reviewed (a clinic's hours that
    cannot be read, say) stays on the list of the unreviewed and holds up no other: it is told to
    `on_failure`, without which it ends the review.
    """
    reviewed = 0
    waiting = reports.claim_unreviewed(session, now=now, limit=limit)
    # Courses are locked in the same order everywhere, or two workers could wait for each other.
    for assessed in sorted(waiting, key=lambda one: (one.clinic_id, one.treatment_id)):
        try:
            with session.begin_nested():
                _review_one(session, assessed, content=content, now=now)
                assessed.reviewed_at = now
                queue_entries.refresh(
                    session, clinic_id=assessed.clinic_id, treatment_id=assessed.treatment_id
                )
        except DBAPIError:
            raise
        except Exception as error:
            if on_failure is None:
                raise
            on_failure(assessed, error)
        else:
            reviewed += 1
    return reviewed


def _review_one(session: Session, assessed: Assessment, *, content: Content, now: datetime) -> None:
    urgency = triage.urgency_of(assessed.level)
    if urgency is None or _superseded(session, assessed) or _already_raised(session, assessed):
        return
    treatment = treatments.locked(session, assessed.clinic_id, assessed.treatment_id)
    clinic = clinics.get(session, assessed.clinic_id)
    if treatment is None or clinic is None:
        return
    hours = opening_hours(clinic)
    since = min(assessed.review_after, now)
    due_at = triage.due_at(urgency, since=since, hours=hours, times=content.response_times)
    flag = _open_or_extend(session, assessed, urgency=urgency, due_at=due_at, now=now)
    patient = patients.get(session, clinic.id, treatment.patient_id)
    written = None
    if assessed.report_id is not None:
        written = inbox.by_text(session, assessed.clinic_id, assessed.report_id)
    # Who is silent has sent nothing to be thanked for; an emergency by text is answered where it came in.
    answered = written is not None and flag.urgency is Urgency.EMERGENCY
    if patient is not None and assessed.cause is not Cause.SILENCE and not answered:
        replies_to = None if written is None else written.received_at
        _tell_patient(session, flag, patient, hours=hours, replies_to=replies_to, now=now)
    _tell_staff(session, flag, clinic, hours=hours, now=now)


def _superseded(session: Session, assessed: Assessment) -> bool:
    """A question that was answered, or a course judged anew, while it waited: that has its own assessment."""
    if assessed.cause is not Cause.HOLD_ENDED or assessed.report_id is None:
        return False
    report = reports.get(session, assessed.clinic_id, assessed.report_id)
    answered = report is not None and report.revision != assessed.revision
    return answered or reports.facts_corrected_since(session, assessed)


def _already_raised(session: Session, assessed: Assessment) -> bool:
    """Whether an earlier assessment of this report already brought all of this to a nurse."""
    told_again = assessed.cause in (Cause.LATE_REPORT, Cause.HOLD_ENDED, Cause.FACTS_CORRECTED)
    if not told_again or assessed.report_id is None:
        return False
    known = {
        _what(finding)
        for earlier in reports.reviewed_assessments(session, assessed.clinic_id, assessed.report_id)
        for finding in earlier.findings
    }
    return all(_what(finding) in known for finding in assessed.findings)


def _what(finding: dict[str, object]) -> tuple[object, object, object, object]:
    return finding.get("rule"), finding.get("symptom"), finding.get("sign"), finding.get("level")


def _open_or_extend(
    session: Session, assessed: Assessment, *, urgency: Urgency, due_at: datetime, now: datetime
) -> Flag:
    flag = flags.unresolved_locked(session, assessed.clinic_id, assessed.treatment_id)
    kind = EventKind.EXTENDED
    if flag is None:
        kind = EventKind.OPENED
        flag = Flag(
            clinic_id=assessed.clinic_id,
            treatment_id=assessed.treatment_id,
            state=FlagState.OPEN,
            urgency=urgency,
            urgency_rank=urgency.rank,
            due_at=due_at,
            opened_at=now,
            escalate_at=due_at,
        )
        session.add(flag)
        session.flush()
    elif urgency.rank < flag.urgency_rank:
        kind = EventKind.RAISED
        flag.urgency, flag.urgency_rank = urgency, urgency.rank
        flag.due_at = min(flag.due_at, due_at)
        flag.escalate_at, flag.escalated = flag.due_at, None
    session.add(FlagAssessment(clinic_id=flag.clinic_id, flag_id=flag.id, assessment_id=assessed.id))
    session.add(
        FlagEvent(
            clinic_id=flag.clinic_id,
            flag_id=flag.id,
            at=now,
            kind=kind,
            detail={"urgency": urgency.value, "assessment": str(assessed.id)},
        )
    )
    return flag


def _tell_patient(
    session: Session,
    flag: Flag,
    patient: Patient,
    *,
    hours: OpeningHours,
    replies_to: datetime | None,
    now: datetime,
) -> None:
    """One text per flag and urgency. It promises a call only while a nurse is there to make it."""
    closing = hours.closing(now)
    if flag.urgency is Urgency.EMERGENCY:
        template, by = "emergency", flag.due_at
    elif flag.urgency is Urgency.NEXT_BUSINESS_DAY:
        template, by = "flag_next_day", flag.due_at
    elif closing is not None and flag.due_at <= closing:
        template, by = "flag_same_day", flag.due_at
    else:
        template, by = "flag_after_hours", hours.next_opening(now) or flag.due_at
    _plan(
        session,
        flag,
        template=template,
        step=f"flag:{flag.id}:{flag.urgency.value}",
        patient=patient,
        details={"by": clockwords.by(by, now=now, zone=hours.zone, language=patient.language)},
        due_at=now,
        useful_until=max(flag.due_at, now + SAFETY_TEXT_USEFUL),
        replies_to=replies_to,
        now=now,
    )


def _tell_staff(session: Session, flag: Flag, clinic: Clinic, *, hours: OpeningHours, now: datetime) -> None:
    """The on-call number hears of an emergency at once, of a same-day flag in staffed hours."""
    if flag.urgency is Urgency.NEXT_BUSINESS_DAY:
        return
    at = now
    if flag.urgency is Urgency.SAME_DAY and not hours.is_open(now):
        at = hours.next_opening(now) or now
    emergency = flag.urgency is Urgency.EMERGENCY
    _plan(
        session,
        flag,
        template="on_call_alert" if emergency else "staff_alert",
        step=f"staff:{flag.id}:{flag.urgency.value}",
        patient=None,
        details={
            "by": clockwords.by(flag.due_at, now=at, zone=hours.zone, language=Language.ENGLISH),
            "ref": flag.id.hex[-6:],
        },
        due_at=at,
        useful_until=max(flag.due_at, at + STAFF_TEXT_USEFUL),
        now=now,
    )


def _plan(
    session: Session,
    flag: Flag,
    *,
    template: str,
    step: str,
    patient: Patient | None,
    details: dict[str, str],
    due_at: datetime,
    useful_until: datetime,
    now: datetime,
    replies_to: datetime | None = None,
) -> None:
    messages.plan(
        session,
        Message(
            clinic_id=flag.clinic_id,
            patient_id=None if patient is None else patient.id,
            treatment_id=flag.treatment_id,
            step=step,
            template=template,
            details=details,
            due_at=due_at,
            useful_until=useful_until,
            state=MessageState.PLANNED,
            created_at=now,
            replies_to_at=replies_to,
        ),
    )
