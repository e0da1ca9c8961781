from __future__ import annotations

import pathlib

import pytest

from recovery.domain.clinical import protocol, symptoms
from recovery.domain.content import finding_wording, sign_wording

ROOT = pathlib.Path(__file__).parents[3]


@pytest.fixture(scope="session")
def standard_text() -> str:
    return (ROOT / "config/protocols/standard-2026-12.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def older_text() -> str:
    """The protocol published before the one that ships."""
    return (ROOT / "config/protocols/standard-2026-11.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def standard(standard_text: str) -> protocol.Protocol:
    return protocol.parse(standard_text)


@pytest.fixture(scope="session")
def sign_list() -> sign_wording.SignList:
    return sign_wording.parse_list((ROOT / "config/signs.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def english_signs(sign_list: sign_wording.SignList) -> sign_wording.SignWords:
    text = (ROOT / "config/messages/en/signs.toml").read_text(encoding="utf-8")
    return sign_wording.parse(text, listed=sign_list)


@pytest.fixture(scope="session")
def english(english_signs: sign_wording.SignWords) -> finding_wording.FindingWords:
    text = (ROOT / "config/messages/en/findings.toml").read_text(encoding="utf-8")
    return finding_wording.parse(text, signs=english_signs)


@pytest.fixture
def pen() -> symptoms.TreatmentFacts:
    return symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5, skin_type=2)
