"""The worker takes up assessments: opens or extends the treatment's flag, texts its patient and the staff."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinic.opening_hours import OpeningHours
from recovery.domain.clinical import findings
from recovery.domain.content import emergency_text, time_phrases
from recovery.domain.content.sign_wording import SignWords
from recovery.domain.core.language import Language
from recovery.domain.flags import flag_lifecycle, new_facts
from recovery.domain.flags.flag_lifecycle import FlagState, Urgency
from recovery.domain.flags.flag_texts import text_of_flag
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.models.flags.flags import EventKind, Flag, FlagAssessment, FlagEvent
from recovery.models.inbound.inbound_texts import InboundText
from recovery.models.messaging import again_texts, messages
from recovery.models.messaging.messages import Message
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports
from recovery.models.reports.reports import AssessmentCause, StoredAssessment
from recovery.models.review import review_batch
from recovery.services.clinic.clinics import opening_hours_of
from recovery.services.content.content import Content
from recovery.services.content.running_content import RunningContents
from recovery.services.flags import flag_queue_entries
from recovery.services.review import batch_processing, next_questions
from recovery.services.review.course_facts import CourseFacts

SAFETY_TEXT_USEFUL = timedelta(hours=2)
STAFF_TEXT_USEFUL = timedelta(hours=4)


def review_due(
    session: Session,
    *,
    content: Content,
    now: datetime,
    limit: int,
    after: tuple[datetime, UUID] | None = None,
    on_failure: Callable[[StoredAssessment, Exception], None] | None = None,
) -> int:
    """Take up assessments nobody has reviewed; how many were. The caller commits.

    Rows that another worker holds are passed over. A worker that dies before the commit has done
    nothing, one that dies after has done it once. One that cannot be reviewed (a clinic's hours that
    cannot be read, say) stays on the list of the unreviewed: it is told to `on_failure`, without which it
    ends the review. `after` looks only behind such a one: its `review_after` and id. `content` is what ships;
    each clinic is seen to by what it runs on.
    """
    waiting = reports.list_unreviewed_for_update(session, now=now, limit=limit, after=after)
    # In the order in which everybody locks courses, or two workers could wait for each other.
    batch = sorted(waiting, key=lambda assessed: (assessed.clinic_id, assessed.treatment_id))

    def take_up(together: Sequence[StoredAssessment]) -> None:
        _Round(session, content=content, now=now).take_up(together)

    return batch_processing.process_batch(session, batch, work=take_up, on_failure=on_failure)


@dataclass(frozen=True, kw_only=True)
class _Raised:
    """What one assessment did to the flag of its treatment. `anew`: the flag had been answered, and wants
    somebody once more. `is_news` is false where it only adds to what is known."""

    assessed: StoredAssessment
    flag: Flag
    kind: EventKind
    urgency: Urgency
    anew: bool = False
    is_news: bool = True


class _Round:
    """Reviews assessments together, in a few statements however many they are."""

    def __init__(self, session: Session, *, content: Content, now: datetime) -> None:
        self._session = session
        self._contents = RunningContents(session, newest=content)
        self._now = now
        self._hours: dict[UUID, OpeningHours] = {}
        self._planned: list[Message] = []

    def take_up(self, batch: Sequence[StoredAssessment]) -> None:
        """All of them, in this order; of a course that was raised twice only the worst is told."""
        self._read(batch)
        raised = [flagged for assessed in batch if (flagged := self._raise(assessed)) is not None]
        # Before the rows that refer to them.
        self._session.flush()
        news = [flagged for flagged in raised if flagged.is_news]
        certain = {flagged.flag.id for flagged in news if self._is_certain_emergency(flagged)}
        for flagged in raised:
            self._keep(flagged)
        for flagged in news:
            self._tell(flagged, certain=certain)
        messages.insert_planned_many(self._session, self._planned)
        self._ask_next(batch, news)
        flag_queue_entries.refresh_all(self._session, list(self._flags.values()))

    def _ask_next(self, batch: Sequence[StoredAssessment], raised: Sequence[_Raised]) -> None:
        """One more question where something is open; none where a nurse is to look now."""
        again_texts.cancel_waiting(
            self._session,
            {(flagged.flag.clinic_id, flagged.flag.treatment_id) for flagged in raised},
            reason=UnsentReason.FLAG_OPEN,
            now=self._now,
        )
        next_questions.ask_after_review(
            self._session, batch, flagged=self._flags, contents=self._contents, now=self._now
        )

    def _read(self, batch: Sequence[StoredAssessment]) -> None:
        urgent = [assessed for assessed in batch if flag_lifecycle.urgency_of(assessed.level) is not None]
        courses = {(assessed.clinic_id, assessed.treatment_id) for assessed in urgent}
        self._treatments = review_batch.treatments_for_update(self._session, courses)
        self._flags = review_batch.flags_for_update(
            self._session, {(assessed.clinic_id, assessed.treatment_id) for assessed in batch}
        )
        self._known = CourseFacts(self._session, courses)
        self._clinics = review_batch.clinics(self._session, {assessed.clinic_id for assessed in urgent})
        self._patients = review_batch.patients(
            self._session,
            {(treatment.clinic_id, treatment.patient_id) for treatment in self._treatments.values()},
        )
        self._texts = review_batch.newest_text_by_report(
            self._session,
            {
                (assessed.clinic_id, assessed.report_id)
                for assessed in urgent
                if assessed.report_id is not None
            },
        )
        # At most one flag and one event per assessment.
        self._ids = review_batch.new_ids(self._session, 2 * len(urgent))

    def _raise(self, assessed: StoredAssessment) -> _Raised | None:
        """Open the flag that this wants or extend the one that is there; None where it wants none.

        Only what nobody knows yet opens or raises one. What is known adds to the flag that dealt with it, be
        that closed or not.
        """
        wanted = flag_lifecycle.urgency_of(assessed.level) is not None
        superseded = wanted and _superseded(self._session, assessed)
        assessed.reviewed_at = self._now
        key = assessed.clinic_id, assessed.treatment_id
        if not wanted or superseded or key not in self._treatments:
            return None
        news = self._known.new_of(assessed)
        urgency = flag_lifecycle.urgency_of(new_facts.level_of(news))
        if urgency is None:
            return self._added(assessed)
        since = min(assessed.review_after, self._now)
        hours, content = self._hours_of(assessed.clinic_id), self._contents.of_or_shipped(assessed.clinic_id)
        due_at = flag_lifecycle.due_at(urgency, since=since, hours=hours, times=content.response_times)
        flag, anew = self._flags.get(key), False
        if flag is None:
            self._flags[key] = flag = self._opened(assessed, urgency=urgency, due_at=due_at)
            kind = EventKind.OPENED
        else:
            anew = _is_called_again(flag, urgency=urgency)
            kind = _extend(flag, urgency=urgency, due_at=due_at, now=self._now)
            if anew:
                _call_again(flag, due_at=due_at)
        self._known.bring(flag, assessed)
        return _Raised(assessed=assessed, flag=flag, kind=kind, urgency=urgency, anew=anew)

    def _added(self, assessed: StoredAssessment) -> _Raised | None:
        """What is known adds to the flag that dealt with it: nothing opens, and nobody is told."""
        flag = self._known.holder_of(assessed)
        if flag is None:
            return None
        self._known.bring(flag, assessed)
        return _Raised(
            assessed=assessed, flag=flag, kind=EventKind.EXTENDED, urgency=flag.urgency, is_news=False
        )

    def _opened(self, assessed: StoredAssessment, *, urgency: Urgency, due_at: datetime) -> Flag:
        flag = Flag(
            clinic_id=assessed.clinic_id,
            id=next(self._ids),
            treatment_id=assessed.treatment_id,
            state=FlagState.OPEN,
            urgency=urgency,
            urgency_rank=urgency.rank,
            due_at=due_at,
            opened_at=self._now,
            escalate_at=due_at,
        )
        self._session.add(flag)
        return flag

    def _keep(self, raised: _Raised) -> None:
        flag, assessed = raised.flag, raised.assessed
        self._session.add(
            FlagAssessment(clinic_id=flag.clinic_id, flag_id=flag.id, assessment_id=assessed.id)
        )
        self._session.add(
            FlagEvent(
                clinic_id=flag.clinic_id,
                id=next(self._ids),
                flag_id=flag.id,
                at=self._now,
                kind=raised.kind,
                detail={
                    "urgency": raised.urgency.value,
                    "assessment": str(assessed.id),
                    **({} if raised.is_news else {"known": "yes"}),
                },
            )
        )

    def _tell(self, raised: _Raised, *, certain: Set[UUID]) -> None:
        """The patient and the staff. `certain` are the flags whose emergency another assessment of the round
        puts beyond doubt, or this one."""
        flag = raised.flag
        patient = self._patient_of(flag)
        if patient is not None and self._is_told(raised, patient, certain=certain):
            self._tell_patient(raised, patient)
        if flag.urgency is not Urgency.NEXT_BUSINESS_DAY:
            again = f":{raised.assessed.id}" if raised.anew else ""
            hours = self._hours_of(flag.clinic_id)
            self._planned.append(_to_staff(flag, again=again, hours=hours, now=self._now))

    def _is_told(self, raised: _Raised, patient: Patient, *, certain: Set[UUID]) -> bool:
        if raised.assessed.cause in (AssessmentCause.SILENCE, AssessmentCause.TOLD):
            # No acknowledgement for a silence, and none for what was just talked about.
            return False
        if raised.flag.urgency is not Urgency.EMERGENCY:
            return True
        if raised.urgency is not Urgency.EMERGENCY or self._written(raised.assessed) is not None:
            # Only what names an emergency is answered with one; one by text is answered in inbound_texts.
            return False
        return raised.flag.id not in certain or not self._in_doubt(raised.assessed, patient)

    def _tell_patient(self, raised: _Raised, patient: Patient) -> None:
        flag, assessed = raised.flag, raised.assessed
        hours, written = self._hours_of(flag.clinic_id), self._written(assessed)
        promised = flag.due_at
        if promised <= self._now:
            # Nothing can be promised by a time that has passed.
            times = self._contents.of_or_shipped(flag.clinic_id).response_times
            promised = flag_lifecycle.due_at(flag.urgency, since=self._now, hours=hours, times=times)
        in_doubt = self._in_doubt(assessed, patient)
        text = _to_patient(
            flag,
            patient,
            promised=promised,
            hours=hours,
            replies_to=None if written is None else written.received_at,
            in_doubt=in_doubt,
            now=self._now,
        )
        if flag.urgency is Urgency.EMERGENCY and not in_doubt:
            self._name(text, assessed, words=self._signs(patient))
        self._planned.append(text)

    def _is_certain_emergency(self, raised: _Raised) -> bool:
        patient = self._patient_of(raised.flag)
        if patient is None or raised.urgency is not Urgency.EMERGENCY:
            return False
        return not self._in_doubt(raised.assessed, patient)

    def _in_doubt(self, assessed: StoredAssessment, patient: Patient) -> bool:
        """Whether only words that may mean something else make an emergency of it."""
        found = [findings.from_dict(finding) for finding in assessed.findings]
        return emergency_text.is_conditional(found, words=self._signs(patient))

    def _signs(self, patient: Patient) -> SignWords:
        return self._contents.of_or_shipped(patient.clinic_id).words_for(patient.language).signs

    def _patient_of(self, flag: Flag) -> Patient | None:
        treatment = self._treatments[flag.clinic_id, flag.treatment_id]
        return self._patients.get((flag.clinic_id, treatment.patient_id))

    def _written(self, assessed: StoredAssessment) -> InboundText | None:
        """The text of which its report was made, None for one from the app, and for one from a number that
        was nobody's: that had no answer."""
        if assessed.report_id is None:
            return None
        written = self._texts.get((assessed.clinic_id, assessed.report_id))
        unknown = written is not None and written.no_answer is NoAnswer.UNKNOWN_NUMBER
        return None if unknown else written

    def _name(self, text: Message, assessed: StoredAssessment, *, words: SignWords) -> None:
        """Let an emergency text name what it answers."""
        chosen = emergency_text.of_findings(
            [findings.from_dict(finding) for finding in assessed.findings],
            words=words,
        )
        text.template = chosen.template.value
        text.details = {**text.details, **chosen.details}

    def _hours_of(self, clinic_id: UUID) -> OpeningHours:
        if clinic_id not in self._hours:
            self._hours[clinic_id] = opening_hours_of(self._clinics[clinic_id])
        return self._hours[clinic_id]


def _superseded(session: Session, assessed: StoredAssessment) -> bool:
    """A question that was answered, or a course judged anew, while it waited: that has its own assessment."""
    if assessed.cause is not AssessmentCause.HOLD_ENDED or assessed.report_id is None:
        return False
    report = reports.get(session, assessed.clinic_id, assessed.report_id)
    answered = report is not None and report.revision != assessed.revision
    return answered or reports.facts_corrected_since(session, assessed)


def _is_called_again(flag: Flag, *, urgency: Urgency) -> bool:
    """An emergency that comes up once the patient was reached wants somebody once more."""
    return flag.state is FlagState.CONTACTED and urgency is Urgency.EMERGENCY


def _call_again(flag: Flag, *, due_at: datetime) -> None:
    """Whoever holds it is to call again by then, and it is escalated like any emergency."""
    flag.state = FlagState.CLAIMED
    flag.due_at = flag.escalate_at = due_at
    flag.escalated = None


def _extend(flag: Flag, *, urgency: Urgency, due_at: datetime, now: datetime) -> EventKind:
    if urgency.rank >= flag.urgency_rank:
        return EventKind.EXTENDED
    flag.urgency, flag.urgency_rank = urgency, urgency.rank
    flag.escalate_at, flag.escalated = min(flag.due_at, due_at), None
    # Where the patient was told that the time had passed, the new text promises another.
    told_late = flag.late_told_at is not None and flag.due_at <= now
    flag.due_at = due_at if told_late else flag.escalate_at
    flag.late_told_at = None
    return EventKind.RAISED


def _to_patient(
    flag: Flag,
    patient: Patient,
    *,
    promised: datetime,
    hours: OpeningHours,
    replies_to: datetime | None,
    in_doubt: bool,
    now: datetime,
) -> Message:
    """One text per flag and urgency; an emergency in doubt is told again once it is certain."""
    step = f"flag:{flag.id}:{flag.urgency.value}"
    if flag.urgency is Urgency.EMERGENCY and in_doubt:
        step = f"{step}:in_doubt"
    text = text_of_flag(flag.urgency, promised=promised, in_doubt=in_doubt, hours=hours, now=now)
    by = time_phrases.format_deadline(text.by, now=now, zone=hours.zone, language=patient.language)
    return Message(
        clinic_id=flag.clinic_id,
        patient_id=patient.id,
        treatment_id=flag.treatment_id,
        step=step,
        template=text.template,
        details={"by": by},
        due_at=now,
        useful_until=max(promised, now + SAFETY_TEXT_USEFUL),
        state=MessageState.PLANNED,
        created_at=now,
        replies_to_at=replies_to,
    )


def _to_staff(flag: Flag, *, again: str, hours: OpeningHours, now: datetime) -> Message:
    """The on-call number hears of an emergency at once, of a same-day flag in staffed hours."""
    at = now
    if flag.urgency is Urgency.SAME_DAY and not hours.is_open(now):
        at = hours.next_opening(now) or now
    emergency = flag.urgency is Urgency.EMERGENCY
    return Message(
        clinic_id=flag.clinic_id,
        treatment_id=flag.treatment_id,
        step=f"staff:{flag.id}:{flag.urgency.value}{again}",
        template="on_call_alert" if emergency else "staff_alert",
        details={
            "by": time_phrases.format_deadline(
                flag.due_at, now=at, zone=hours.zone, language=Language.ENGLISH
            ),
            "ref": flag.id.hex[-6:],
        },
        due_at=at,
        useful_until=max(flag.due_at, at + STAFF_TEXT_USEFUL),
        state=MessageState.PLANNED,
        created_at=now,
    )
