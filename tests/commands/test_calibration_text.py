from __future__ import annotations

import pytest

from commands import calibration_text
from commands.shipped_content import shipped
from recovery.domain.clinical.calibration.answer_interval import ReportedCourse
from recovery.domain.clinical.calibration.band_calibration import Calibration, calibrate
from recovery.domain.clinical.symptoms import Device, Observation, Symptom, TreatmentFacts


def calibrated(redness: int, *, courses: int = 40, lot: str | None = None) -> Calibration:
    content = shipped()
    report = Observation(hours=24, scores={Symptom.REDNESS: redness, Symptom.SWELLING: 0})
    course = ReportedCourse(facts=TreatmentFacts(device=Device.RF, skin_type=4), reports=(report,), lot=lot)
    return calibrate([course] * courses, protocol=content.protocols[max(content.protocols)])


@pytest.mark.parametrize(
    ("redness", "begins"), [(10, "Your patients are redder"), (3, "Redness and swelling lie")]
)
def test_whether_skin_lies_above_comes_first_with_figures_by_device_and_depth(
    redness: int, begins: str
) -> None:
    said = calibration_text.first(calibrated(redness))
    assert said.startswith(begins)
    share = "100.0 % (91.2-100.0)" if redness == 10 else "0.0 % (0.0-8.8)"
    assert f"| device rf | redness | 40 | {share} |" in said
    assert f"| depth not recorded | redness | 40 | {share} |" in said
    assert "No lot was written down" in said


def test_lots_stand_beside_device_and_depth() -> None:
    said = calibration_text.first(calibrated(10, lot="RF-7"))
    assert "| lot RF-7 | redness | 40 | 100.0 % (91.2-100.0) |" in said
    assert "Lots are told apart as they are written" in said
    assert "| lot RF-7 | swelling | 40 |" in calibration_text.table_of(
        calibrated(10, lot="RF-7"), calibrated(3)
    )


def test_the_shares_of_both_versions_stand_beside_each_other() -> None:
    table = calibration_text.table_of(calibrated(10), calibrated(3))
    assert "| day 1 | redness | 40 | 100.0 % (91.2-100.0) | 0.0 % (0.0-8.8) |" in table
    assert "| skin type IV-VI | redness | 40 |" in table
    assert "| device rf | swelling | 40 | 0.0 %" in table


def test_what_was_left_out_is_said_with_its_reason() -> None:
    said = calibration_text.learnt(courses=30, reports=210, left_out={"how it ended is not known": 12})
    assert said.splitlines() == [
        "Learnt from 210 reports of 30 courses that healed.",
        "Left out, neither to widen nor to narrow: 12, how it ended is not known.",
    ]
