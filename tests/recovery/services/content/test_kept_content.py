"""What was signed under an earlier version is read by this program, and judges and answers with it."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import pytest

from recovery.domain.clinical import assessment
from recovery.domain.clinical.symptoms import (
    Area,
    Device,
    Level,
    Observation,
    Symptom,
    TreatmentFacts,
    WarningSign,
)
from recovery.domain.content import emergency_text, finding_wording
from recovery.domain.core.language import Language
from recovery.services.content import running_content
from recovery.services.content.content import Content
from tests.tools.kept_content import KEPT

FILES = sorted(KEPT.glob("*.json.xz"))
FACTS = TreatmentFacts(device=Device.PEN, depth_mm=1.2, areas=(Area.FACE,), skin_type=3, session_number=1)


@pytest.fixture(scope="module", params=FILES, ids=lambda file: file.name)
def kept(request: pytest.FixtureRequest, content: Content) -> Content:
    """What shipped with an earlier version, understood as something that was signed."""
    file: Path = request.param
    parts: dict[str, str] = json.loads(lzma.decompress(file.read_bytes()))
    return running_content.understand(parts, newest=content)


def test_there_is_something_to_read() -> None:
    assert FILES


@pytest.mark.parametrize("sign", WarningSign)
def test_every_sign_that_this_program_knows_is_judged_and_spoken_of(kept: Content, sign: WarningSign) -> None:
    assert kept.course is not None
    seen = Observation(hours=30, scores={Symptom.REDNESS: 0}, warning_signs=frozenset({sign}))
    for held_to in kept.protocols.values():
        judged = assessment.assess(seen, history=[], treatment=FACTS, protocol=held_to)
        assert judged.level is not Level.EXPECTED
        for language in Language:
            words = kept.words_for(language)
            for finding in judged.findings:
                assert finding_wording.render_for_patient(finding, words)
                assert finding_wording.render_for_nurse(finding, words)
            chosen = emergency_text.of_findings(judged.findings, words=words.signs)
            assert chosen.template.value in kept.catalogue_for(language).texts


def test_scores_are_judged_by_it_and_texts_understood(kept: Content) -> None:
    high = Observation(hours=72, scores={Symptom.REDNESS: 10, Symptom.SWELLING: 10, Symptom.PEELING: 0})
    for held_to in kept.protocols.values():
        judged = assessment.assess(high, history=[], treatment=FACTS, protocol=held_to)
        assert judged.level is not Level.EXPECTED
    read = kept.reader.read("2 1 0 1")
    assert read.scores[Symptom.REDNESS] == 2
    assert kept.schedule.steps
    assert kept.pages_for(Language.FRENCH)
