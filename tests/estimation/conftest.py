from __future__ import annotations

from pathlib import Path

import pytest

from estimation import estimate_settings
from estimation.estimate_settings import EstimateSettings
from recovery.domain.clinical import protocol as protocols

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.fixture(scope="session")
def shipped_text() -> str:
    return (CONFIG / "protocols" / "standard-2026-12.toml").read_text("utf-8")


@pytest.fixture(scope="session")
def shipped(shipped_text: str) -> protocols.Protocol:
    return protocols.parse(shipped_text)


@pytest.fixture(scope="session")
def settings() -> EstimateSettings:
    return estimate_settings.parse((CONFIG / "estimate.toml").read_text("utf-8"))
