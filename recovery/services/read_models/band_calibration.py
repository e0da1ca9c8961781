"""Gathers a clinic's followed courses, and how well the bands of some versions fit what was reported in
them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.clinical import taking_over
from recovery.domain.clinical.calibration.answer_interval import ReportedCourse
from recovery.domain.clinical.calibration.band_calibration import Calibration, calibrate
from recovery.domain.clinical.symptoms import hours_between
from recovery.domain.flags.followed_course import FollowedCourse, course_end
from recovery.models.clinic.clinics import Clinic
from recovery.models.content import protocols as stored
from recovery.models.flags import complications, flag_outcomes
from recovery.models.patients.patients import Patient
from recovery.models.reports import reports
from recovery.models.treatments import treatments
from recovery.models.treatments.treatments import Treatment
from recovery.services.content import protocols
from recovery.services.content.content import Content

MOST_TREATMENTS = 10_000
"""The newest ones say how the clinic treats today; more would say no more."""
AT_ONCE = 500


def list_followed_courses(
    session: Session, *, clinic: Clinic, now: datetime, limit: int = MOST_TREATMENTS
) -> list[FollowedCourse]:
    """The clinic's newest treatments with what was reported, and how each ended. Practice is left out."""
    treated = [
        (treatment, patient)
        for treatment, patient in stored.recent_treatments(session, clinic.id, limit=limit)
        if clinic.live_since is not None
        and treatment.created_at >= clinic.live_since
        and not patient.training
    ]
    courses: list[FollowedCourse] = []
    for first in range(0, len(treated), AT_ONCE):
        courses += _followed(session, clinic.id, treated[first : first + AT_ONCE], now=now)
    return courses


def calibrate_versions(
    session: Session, *, clinic: Clinic, versions: Sequence[str], content: Content, now: datetime
) -> list[Calibration]:
    """The answers of the clinic's newest treatments against each of these versions. Raises UnknownProtocol
    where there is no such version."""
    held_to = [
        protocols.get_protocol(session, clinic_id=clinic.id, version=version, content=content)
        for version in versions
    ]
    followed = list_followed_courses(session, clinic=clinic, now=now, limit=protocols.MOST_TREATMENTS)
    return [calibrate((each.course for each in followed), protocol=protocol) for protocol in held_to]


def _followed(
    session: Session, clinic_id: UUID, treated: Sequence[tuple[Treatment, Patient]], *, now: datetime
) -> list[FollowedCourse]:
    keys = [treatment.id for treatment, _ in treated]
    revisions = reports.current_revisions_by_treatment(session, clinic_id, keys)
    outcomes = flag_outcomes.outcomes_by_treatment(session, clinic_id, keys)
    recorded = complications.by_treatment(session, clinic_id, keys)
    taken_over = treatments.taken_over_times(session, clinic_id, keys)
    followed = []
    for treatment, patient in treated:
        course = ReportedCourse(
            facts=treatment.facts(skin_type=patient.skin_type, taken_over=taken_over[treatment.id]),
            reports=tuple(
                row.observation(performed_at=treatment.performed_at) for row in revisions[treatment.id]
            ),
            lot=treatment.lot,
        )
        end = course_end(
            course,
            outcomes=[*outcomes[treatment.id], *(one.outcome for one in recorded[treatment.id])],
            hours_passed=hours_between(treatment.performed_at, now),
        )
        # Its end is known by all that was told of it; the bands learn from what was seen of its own skin.
        own = replace(course, reports=taking_over.own_part(course.reports, course.facts))
        followed.append(FollowedCourse(course=own, protocol=treatment.protocol, end=end))
    return followed
