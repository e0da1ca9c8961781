"""Scores and signs by text: kept and judged like a report from the app, and which answers say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy.orm import Session

from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.content import emergency_text
from recovery.domain.core.language import Language
from recovery.domain.flags import flag_lifecycle
from recovery.domain.flags.flag_lifecycle import Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.models.clinic.clinics import Clinic
from recovery.models.flags import flags
from recovery.models.inbound import inbound_texts
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports as report_rows
from recovery.models.reports.reports import ReportRevision
from recovery.models.treatments.treatments import Treatment
from recovery.services.access.authentication import PatientCaller
from recovery.services.inbound import opt_outs, text_answers, text_questions, text_replies
from recovery.services.inbound.taken_text import TakenText
from recovery.services.inbound.text_replies import Reply, ReplyTemplate
from recovery.services.reports import reports
from recovery.services.reports.reports import SAME_AS, ReportAnswer, Submission

CORRECTS_WITHIN = timedelta(minutes=30)
"""Scores texted again this soon are a correction, later ones a new look in the mirror."""

_REPORTS = uuid5(NAMESPACE_URL, "urn:afterglow:report-by-text")
_KEPT_ANSWER = b"{}"
"""A report by text is answered by a text: no bytes are sent back, and none again."""


def last_scores(session: Session, treatment: Treatment) -> ReportRevision | None:
    """The newest report of a treatment that has scores, to which "same as yesterday" refers."""
    course = report_rows.list_current_revisions(session, treatment.clinic_id, treatment.id)
    return next((said for said in reversed(course) if said.scores), None)


def take(
    session: Session, taken: TakenText, *, clinic: Clinic, patient: Patient, treatment: Treatment
) -> None:
    """Keep and judge what was reported, answer it, and see that somebody calls who may not be texted."""
    # Before the report is kept: its flag is opened later, and a reply goes by the flag that is open now.
    flagged = flags.get_unresolved(session, clinic.id, treatment.id) is not None
    submission, judged = record(session, taken, patient=patient, treatment=treatment, now=taken.now)
    entry = taken.entry(clinic.id, to_read=False)
    entry.patient_id, entry.treatment_id = patient.id, treatment.id
    entry.report_id, entry.revision = submission.report_id, submission.revision
    if taken.meaning.no_signs:
        text_questions.note_denial(session, treatment, report_id=submission.report_id, now=taken.now)
    if taken.meaning.scores:
        text_answers.settle_repaired(session, taken, patient=patient)
    about = _Reported(treatment=treatment, judged=judged, flagged=flagged)
    answers = _answers(session, taken, about, clinic=clinic, language=patient.language)
    text_answers.answer(session, taken, entry=entry, clinic=clinic, patient=patient, answers=answers)
    session.add(entry)
    session.flush()
    text_answers.see_to_unanswered(session, taken, entry=entry, clinic=clinic)
    if taken.ends_texts and taken.danger:
        by = taken.due_at(clinic, Urgency.EMERGENCY)
        # An emergency's own flag stands in the queue and tells the on-call phone; of this nothing else would.
        flagged_so = judged.level is Level.EMERGENCY
        opt_outs.add_urgent_call(
            session,
            patient,
            treatment_id=treatment.id,
            urgency=Urgency.NEXT_BUSINESS_DAY if flagged_so else Urgency.EMERGENCY,
            by=by,
            now=taken.now,
        )
        if not flagged_so:
            text_replies.text_staff(session, clinic=clinic, about=entry.id, urgent=True, by=by, now=taken.now)


def record(
    session: Session, taken: TakenText, *, patient: Patient, treatment: Treatment, now: datetime
) -> tuple[Submission, ReportAnswer]:
    """Keep what a text reports, as seen when it was taken, and judge it."""
    judged: list[ReportAnswer] = []

    def keep(answered: ReportAnswer) -> bytes:
        judged.append(answered)
        return _KEPT_ANSWER

    submission = _submission(session, taken, treatment=treatment)
    reports.record(
        session,
        caller=PatientCaller(clinic_id=patient.clinic_id, patient_id=patient.id),
        treatment_id=treatment.id,
        submission=submission,
        content=taken.content,
        render=keep,
        most_a_day=None,
        now=now,
    )
    return submission, judged[0]


def _submission(session: Session, taken: TakenText, *, treatment: Treatment) -> Submission:
    meaning = taken.meaning
    report_id, revision = uuid5(_REPORTS, taken.text.carrier_id), 1
    earlier = inbound_texts.latest_report_by_text(
        session, treatment.clinic_id, treatment.id, since=taken.now - CORRECTS_WITHIN
    )
    signs = frozenset({WarningSign.WORRIED}) if meaning.nurse else frozenset[WarningSign]()
    worded = meaning.more or meaning.signs or meaning.some_signs or meaning.unclear_scores
    note = taken.body if worded else None
    if earlier is not None and meaning.scores:
        said = _current(session, treatment, earlier)
        if said is not None:
            # A correction replaces scores only; words and requests of the first text remain.
            report_id, revision = earlier, said.revision + 1
            signs |= frozenset(WarningSign(sign) for sign in said.warning_signs)
            note = "\n".join(filter(None, (said.note, note))) or None
    same = {} if taken.same_as is None else {SAME_AS: str(taken.same_as)}
    return Submission(
        report_id=report_id,
        revision=revision,
        seen_at=taken.now,
        sent_at=None,
        scores=meaning.scores,
        scale=taken.scale,
        warning_signs=signs,
        confirmed=frozenset(),
        note=note,
        body={"text": taken.text.carrier_id, "revision": revision, **same},
    )


def _current(session: Session, treatment: Treatment, report_id: UUID) -> ReportRevision | None:
    report = report_rows.get(session, treatment.clinic_id, report_id)
    if report is None:
        return None
    return report_rows.get_revision(session, treatment.clinic_id, report_id, number=report.revision)


@dataclass(frozen=True, kw_only=True)
class _Reported:
    """What was kept and how it was judged; `flagged`: a flag of the treatment was open before."""

    treatment: Treatment
    judged: ReportAnswer
    flagged: bool


def _answers(
    session: Session, taken: TakenText, about: _Reported, *, clinic: Clinic, language: Language
) -> list[Reply] | NoAnswer:
    """An emergency at once; scores without repeating them; words by when a nurse has looked."""
    if taken.ends_texts:
        return text_answers.confirm_opt_out(taken, clinic=clinic)
    meaning, judged = taken.meaning, about.judged
    treatment_id = judged.treatment_id
    urgency = flag_lifecycle.urgency_of(judged.level)
    if urgency is Urgency.EMERGENCY:
        # Words that may mean something else frighten nobody for certain; the queue takes them all the same.
        words = taken.content.words_for(language).signs
        if not emergency_text.is_conditional(judged.findings, words=words):
            chosen = emergency_text.of_findings(judged.findings, words=words)
            return [text_replies.in_emergency(chosen, treatment_id=treatment_id)]
        by = taken.due_at(clinic, urgency)
        return [Reply(template=ReplyTemplate.MAYBE_EMERGENCY, treatment_id=treatment_id, by=by)]
    beside = text_answers.beside(taken, clinic=clinic)
    by = taken.due_at(clinic, urgency or Urgency.NEXT_BUSINESS_DAY)
    if meaning.some_signs:
        return [Reply(template=ReplyTemplate.WHICH_SIGN, treatment_id=treatment_id, by=by), *beside]
    if meaning.no_signs and not meaning.scores:
        denied = Reply(template=ReplyTemplate.MARKS_NONE, treatment_id=treatment_id, day=judged.day)
        return [denied, *beside]
    scored: list[Reply] = []
    if meaning.scores and not meaning.signs:
        scored = [
            text_questions.after_scores(session, about.treatment, judged, taken=taken, language=language)
        ]
        if not meaning.more:
            return [*scored, *beside]
    if urgency is not None and not about.flagged and not meaning.scores:
        # The text that goes with the new flag is the answer.
        return beside or NoAnswer.FLAG_ANSWERS
    return [*scored, Reply(template=ReplyTemplate.GOT_TEXT, treatment_id=treatment_id, by=by), *beside]
