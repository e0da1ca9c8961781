from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from tests.api.console.conftest import Browser
from tests.support.data.inbound_texting import Texting
from tests.support.data.people import Clinic


def test_a_phone_is_proved_by_the_code_that_comes(
    browser: Browser, texting: Texting, clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    with sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING, live_because=None))
    assert browser.post("/console/clinic/phone", {"phone": "nonsense"}).status_code == 422
    assert browser.post("/console/clinic/phone", {"phone": "+12025550171"}).status_code == 303
    (text,) = texting.claim(now=now + timedelta(seconds=5))
    code = next(word for word in text.body.replace(".", " ").split() if word.isdigit() and len(word) == 6)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert browser.post("/console/clinic/phone/proof", {"code": wrong}).status_code == 422
    assert browser.post("/console/clinic/phone/proof", {"code": f"{code[:3]} {code[3:]}"}).status_code == 303
    assert "Proved" in browser.page("/console/clinic/phone").said
