"""What a patient may know of one recovery: what is expected, what was said, what to do and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.clinic import hours
from recovery.domain.clinical import phase, symptoms
from recovery.domain.clinical.assessment import Expected
from recovery.domain.clinical.phase import Phase
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Observation
from recovery.domain.content import check_in
from recovery.domain.content.check_in import CheckIn
from recovery.domain.core.language import Language
from recovery.domain.messaging import aftercare
from recovery.domain.messaging.catalogue import Kind
from recovery.domain.treatments import avoid
from recovery.models.flags import flags
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports
from recovery.models.reports.reports import ReportRevision
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import avoidance
from recovery.services.content.content import Content
from recovery.services.reports.reports import judge_of


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A treatment as it stands at one moment. `avoid` in the order of the rules, past ones too."""

    treatment: Treatment
    day: int
    phase: Phase
    avoid: Sequence[avoid.Rule]


@dataclass(frozen=True, kw_only=True)
class EarlierSession:
    """An earlier treatment of the same patient, and what was reported after it."""

    treatment: Treatment
    reports: Sequence[ReportRevision]


@dataclass(frozen=True, kw_only=True)
class OwnCourse:
    """One recovery as its patient may see it. Reports in the order seen, earlier sessions newest first."""

    patient: Patient
    standing: Standing
    protocol: Protocol
    expected: Expected
    reports: Sequence[ReportRevision]
    check_ins: Sequence[CheckIn]
    earlier: Sequence[EarlierSession]

    def observation(self, said: ReportRevision) -> Observation:
        """A report in the words of the rules."""
        return said.observation(performed_at=self.standing.treatment.performed_at)

    def next_check_in(self, *, now: datetime) -> CheckIn | None:
        """The first check-in that is not done and has not closed."""
        return next((one for one in self.check_ins if not one.done and one.closes_at > now), None)


def standing(
    session: Session, found: Sequence[Treatment], *, content: Content, now: datetime
) -> Sequence[Standing]:
    """How these treatments of one patient stand, in the order given."""
    if not found:
        return []
    rules = avoidance.rules(session, found[0].clinic_id, content=content)
    looked_at = flags.unresolved_of_patient(session, found[0].clinic_id, found[0].patient_id)
    return [
        Standing(
            treatment=one,
            day=(day := symptoms.day_of(symptoms.hours_between(one.performed_at, now))),
            phase=phase.of(day=day, with_nurse=one.id in looked_at),
            avoid=rules,
        )
        for one in found
    ]


def read(session: Session, *, treatment: Treatment, content: Content, now: datetime) -> OwnCourse:
    """Everything about one treatment that its patient may read."""
    patient = patients.get_one(session, treatment.clinic_id, treatment.patient_id)
    before = treatments.before(session, treatment, limit=treatments.EARLIER_SESSIONS)
    courses = reports.courses(session, treatment.clinic_id, [treatment.id, *(one.id for one in before)])
    judge = judge_of(session, treatment=treatment, content=content, now=now)
    own = courses[treatment.id]
    (stands,) = standing(session, [treatment], content=content, now=now)
    return OwnCourse(
        patient=patient,
        standing=stands,
        protocol=judge.protocol,
        expected=judge.expected(own),
        reports=own,
        check_ins=_check_ins(treatment, own, patient=patient, content=content),
        earlier=[EarlierSession(treatment=one, reports=courses[one.id]) for one in before],
    )


def _check_ins(
    treatment: Treatment, said: Sequence[ReportRevision], *, patient: Patient, content: Content
) -> Sequence[CheckIn]:
    plan = aftercare.plan(
        content.schedule,
        performed_at=treatment.performed_at,
        zone=hours.zone_named(patient.time_zone),
        answers_by=patient.answers_by,
        now=treatment.performed_at,
    )
    texts = content.catalogue_for(Language.ENGLISH).texts
    return check_in.check_ins(
        plan,
        asking={key for key, text in texts.items() if text.kind is Kind.CHECK_IN},
        reported={symptoms.day_of(one.hours_since(treatment.performed_at)) for one in said},
    )
