from __future__ import annotations

import pathlib

import pytest

from recovery.domain.clinical import protocol, symptoms
from recovery.domain.content import finding_wording

ROOT = pathlib.Path(__file__).parents[3]


@pytest.fixture(scope="session")
def standard_text() -> str:
    return (ROOT / "config/protocols/standard-2026-11.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def standard(standard_text: str) -> protocol.Protocol:
    return protocol.parse(standard_text)


@pytest.fixture(scope="session")
def english() -> finding_wording.FindingWords:
    return finding_wording.parse((ROOT / "config/messages/en/findings.toml").read_text(encoding="utf-8"))


@pytest.fixture
def pen() -> symptoms.TreatmentFacts:
    return symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=2)
