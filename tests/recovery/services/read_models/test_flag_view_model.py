"""Findings about the same thing are told together, in the order in which they were found."""

from __future__ import annotations

from datetime import UTC, datetime

from recovery.domain.clinical.findings import AssessmentRule, Finding
from recovery.domain.clinical.symptoms import Level, Symptom, WarningSign
from recovery.services.read_models.flag_view_model import FlagReason


def finding(rule: AssessmentRule, **about: object) -> Finding:
    return Finding(rule=rule, level=Level.ABNORMAL, day=2, **about)  # type: ignore[arg-type]


def subjects(*findings: Finding) -> list[list[Finding]]:
    reason = FlagReason(
        report_id=None, seen_at=datetime(2026, 11, 23, tzinfo=UTC), day=2, level=Level.ABNORMAL,
        findings=findings, protocol="p", corrected=False,
    )  # fmt: skip
    return reason.subjects


def test_findings_about_one_symptom_are_together_wherever_they_stand() -> None:
    far = finding(AssessmentRule.FAR_ABOVE, symptom=Symptom.REDNESS)
    pus = finding(AssessmentRule.WARNING_SIGN, sign=WarningSign.PUS)
    again = finding(AssessmentRule.REBOUND, symptom=Symptom.REDNESS)
    assert subjects(far, pus, again) == [[far, again], [pus]]


def test_two_signs_and_two_symptoms_are_told_apart() -> None:
    pus = finding(AssessmentRule.WARNING_SIGN, sign=WarningSign.PUS)
    blisters = finding(AssessmentRule.WARNING_SIGN, sign=WarningSign.BLISTERS)
    redness = finding(AssessmentRule.FAR_ABOVE, symptom=Symptom.REDNESS)
    swelling = finding(AssessmentRule.FAR_ABOVE, symptom=Symptom.SWELLING)
    assert subjects(pus, redness, blisters, swelling) == [[pus], [redness], [blisters], [swelling]]


def test_a_reason_without_findings_has_no_subject() -> None:
    assert subjects() == []


def test_every_finding_is_told_once() -> None:
    told = [finding(AssessmentRule.FAR_ABOVE, symptom=symptom) for symptom in (*Symptom, *Symptom)]
    together = subjects(*told)
    assert len(together) == len(Symptom)
    assert sorted(map(id, told)) == sorted(id(one) for same in together for one in same)
