"""What the queue shows of a flag, made and kept with the flag whenever something about it changes: patient,
main reason, small course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical import findings
from recovery.domain.clinical.findings import Finding
from recovery.domain.clinical.symptoms import Acid, AnswerScale, Area, Device, Symptom, TreatmentFacts
from recovery.models.flags import flags
from recovery.models.flags.flags import Flag
from recovery.models.patients import patients
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports
from recovery.models.reports.reports import AssessmentCause, ReportRevision, StoredAssessment
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment

MOST_POINTS = 40
"""Scores kept for the small curve, the newest: an entry has to fit into the index that holds it."""

_IN_WORDS, _IN_NUMBERS = "w", "n"
"""A letter a score: the whole names would fill the index."""


@dataclass(frozen=True, kw_only=True)
class QueueEntry:
    """One flag as the queue tells it.

    `reason` is the weightiest finding and `more` how many further ones; `points` are hours since the
    treatment and score of `symptom`, that of the reason where it names one, `scales` how each was given.
    """

    patient: str
    phone: str
    performed_at: datetime
    facts: TreatmentFacts
    protocol: str
    reason: Finding | None
    more: int
    symptom: Symptom
    points: Sequence[tuple[float, int]]
    scales: Sequence[AnswerScale]


def refresh(session: Session, *, clinic_id: UUID, treatment_id: UUID) -> None:
    """Bring the entry of the treatment's unresolved flag in line; nothing happens where there is none."""
    flag = flags.get_unresolved_for_update(session, clinic_id, treatment_id)
    if flag is not None:
        flag.entry = build_entries(session, clinic_id, {flag.id: treatment_id})[flag.id]


def refresh_all(session: Session, stale: Sequence[Flag]) -> None:
    """Bring the entries of these locked flags in line, whatever clinics they are of."""
    kept = _described(session, {(flag.clinic_id, flag.id): flag.treatment_id for flag in stale})
    for flag in stale:
        flag.entry = kept.get(flag.id)


def refresh_patient(session: Session, patient: Patient) -> None:
    """Bring the entries of all unresolved flags of a patient in line."""
    session.flush()
    for treatment_id in flags.list_flagged_treatment_ids(session, patient.clinic_id, patient.id):
        refresh(session, clinic_id=patient.clinic_id, treatment_id=treatment_id)


def build_entries(
    session: Session, clinic_id: UUID, treatment_of: Mapping[UUID, UUID]
) -> dict[UUID, dict[str, Any]]:
    """The entries of flags, made from what they are about. `treatment_of` maps flags to treatments."""
    return _described(
        session, {(clinic_id, flag_id): treatment_id for flag_id, treatment_id in treatment_of.items()}
    )


def _described(
    session: Session, treatment_of: Mapping[tuple[UUID, UUID], UUID]
) -> dict[UUID, dict[str, Any]]:
    raising = flags.assessments_by_key(session, list(treatment_of))
    revisions = reports.current_revisions_by_key(
        session, [(clinic_id, treatment_id) for (clinic_id, _), treatment_id in treatment_of.items()]
    )
    entries = {}
    for (clinic_id, flag_id), treatment_id in treatment_of.items():
        treatment = treatments.get(session, clinic_id, treatment_id)
        patient = None if treatment is None else patients.get(session, clinic_id, treatment.patient_id)
        if treatment is not None and patient is not None:
            entries[flag_id] = _written(
                treatment, patient, raising=raising.get(flag_id, []), said=revisions[treatment_id]
            )
    return entries


def parse_entry(stored: Mapping[str, Any]) -> QueueEntry:
    """The entry that was kept."""
    facts = stored["facts"]
    return QueueEntry(
        patient=stored["patient"],
        phone=stored["phone"],
        performed_at=datetime.fromisoformat(stored["performed_at"]),
        facts=TreatmentFacts(
            device=Device(facts["device"]),
            depth_mm=facts["depth_mm"],
            areas=tuple(Area(area) for area in facts["areas"]),
            # Entries kept before acids were recorded say nothing of them.
            acid=Acid(facts.get("acid", Acid.NONE)),
            skin_type=facts["skin_type"],
            session_number=facts["session_number"],
        ),
        protocol=stored["protocol"],
        reason=None if stored["reason"] is None else findings.from_dict(stored["reason"]),
        more=stored["more"],
        symptom=Symptom(stored["symptom"]),
        points=[(hours, score) for hours, score in stored["points"]],
        # Entries of before there was a scale are of numbers.
        scales=[
            AnswerScale.WORDS if given == _IN_WORDS else AnswerScale.NUMBERS
            for given in stored.get("scales", _IN_NUMBERS * len(stored["points"]))
        ],
    )


def _written(
    treatment: Treatment,
    patient: Patient,
    *,
    raising: Sequence[StoredAssessment],
    said: Sequence[ReportRevision],
) -> dict[str, Any]:
    reason, more = _main_reason(raising)
    symptom = Symptom.REDNESS if reason is None or reason.symptom is None else reason.symptom
    scored = [revision for revision in said if symptom.value in revision.scores][-MOST_POINTS:]
    facts = treatment.facts(skin_type=patient.skin_type)
    return {
        "patient": patient.full_name,
        "phone": patient.phone,
        "performed_at": treatment.performed_at.isoformat(),
        "facts": {
            "device": facts.device.value,
            "depth_mm": facts.depth_mm,
            "areas": [area.value for area in facts.areas],
            "acid": facts.acid.value,
            "skin_type": facts.skin_type,
            "session_number": facts.session_number,
        },
        "protocol": treatment.protocol,
        "reason": None if reason is None else findings.to_dict(reason),
        "more": more,
        "symptom": symptom.value,
        "points": [
            [round(revision.hours_since(treatment.performed_at), 2), revision.scores[symptom.value]]
            for revision in scored
        ],
        "scales": "".join(
            _IN_WORDS if revision.scale is AnswerScale.WORDS else _IN_NUMBERS for revision in scored
        ),
    }


def _main_reason(raising: Sequence[StoredAssessment]) -> tuple[Finding | None, int]:
    """The most urgent finding, the newest of equals, and how many more there are."""
    all_findings = [finding for assessed in newest_of_each(raising) for finding in by_urgency(assessed)]
    if not all_findings:
        return None, 0
    return max(all_findings, key=lambda finding: finding.level.rank), len(all_findings) - 1


def newest_of_each(raising: Sequence[StoredAssessment]) -> list[StoredAssessment]:
    """Of assessments, newest first: the newest of each report and of silence, and all that was told."""
    newest: dict[UUID | None, StoredAssessment] = {}
    for assessed in raising:
        told = assessed.cause is AssessmentCause.TOLD
        newest.setdefault(assessed.id if told else assessed.report_id, assessed)
    return list(newest.values())


def by_urgency(assessed: StoredAssessment) -> list[Finding]:
    """The findings of an assessment, the most urgent first."""
    parsed = [findings.from_dict(finding) for finding in assessed.findings]
    return sorted(parsed, key=lambda finding: finding.level.rank, reverse=True)
