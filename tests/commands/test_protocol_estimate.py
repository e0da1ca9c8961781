"""A clinic's own curves from its stored reports: what is said, what is kept, and what is refused."""

from __future__ import annotations

import dataclasses
import re
import sys
from argparse import Namespace
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session, sessionmaker

from commands import protocol_estimate
from commands.protocol_estimate import NotDrafted, Study
from estimation.estimate_settings import SafetySettings
from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical.symptoms import AnswerScale, Symptom
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState
from recovery.models.content import protocols as stored
from recovery.models.patients.patients import Patient as PatientRow
from recovery.services.content.protocols import VersionTaken
from tests.support.data.model_rows import add_flag, add_revision, add_treatment
from tests.support.data.people import Clinic

REDNESS = {1: 6, 2: 4, 3: 3, 5: 1, 7: 0, 14: 0}
FEW = SafetySettings(courses=50, seed=1, points=8, same_day_points=8)
"""With so few courses one of them is two points."""
Learn = Callable[[], Study]
Treat = Callable[..., None]


@pytest.fixture
def treat(clinic: Clinic, sessions: sessionmaker[Session], now: datetime) -> Treat:
    """So many treatments 40 days ago with this redness by day, all words or all numbers, flagged or not."""
    patient = clinic.add_patient(now=now)

    def make(
        count: int,
        *,
        redness: dict[int, int] = REDNESS,
        scale: AnswerScale = AnswerScale.WORDS,
        outcome: FlagOutcome | None = None,
    ) -> None:
        performed = now - timedelta(days=40)
        with sessions.begin() as session:
            row = session.get_one(PatientRow, (clinic.id, patient.id))
            for _ in range(count):
                treatment = add_treatment(
                    session,
                    row,
                    performed_at=performed,
                    depth_mm=Decimal("1.5"),
                    protocol=max(clinic.content.protocols),
                )
                for day, score in redness.items():
                    add_revision(
                        session,
                        treatment,
                        seen_at=performed + timedelta(days=day),
                        scores={"redness": score, "swelling": 0, "peeling": 0},
                        scale=scale,
                    )
                if outcome is not None:
                    add_flag(
                        session,
                        treatment,
                        due_at=performed + timedelta(days=2),
                        state=FlagState.RESOLVED,
                        outcome=outcome,
                        resolved_at=performed + timedelta(days=2),
                    )

    return make


@pytest.fixture
def said() -> list[str]:
    """What the command said, in order."""
    return []


@pytest.fixture
def study(clinic: Clinic, sessions: sessionmaker[Session], now: datetime, said: list[str]) -> Learn:
    """The study of the clinic, with few simulated courses to judge its draft by."""

    def run() -> Study:
        given = Namespace(clinic=str(clinic.id), version=None)
        with sessions.begin() as session:
            found = protocol_estimate.study(session, given, say=said.append, now=now)
        return dataclasses.replace(found, safety=FEW)

    return run


def test_a_redder_clinic_hears_that_first_and_gets_a_draft(
    clinic: Clinic,
    sessions: sessionmaker[Session],
    now: datetime,
    said: list[str],
    treat: Treat,
    study: Learn,
) -> None:
    treat(60)
    found = study()
    assert said[0].startswith(
        "Your patients are redder than expected: first look for a fault of device, depth"
    )
    assert "device pen" in said[0]
    assert "\n| pen or roller, 1.0-1.5 mm, face |" in said[0]
    protocol_estimate.judge(found, processes=1, say=said.append)
    assert "alert budget" in said[-2]
    with sessions.begin() as session:
        protocol_estimate.keep(session, found, now=now)
    version = f"own-{now:%Y-%m}"
    with sessions() as session:
        kept = stored.get(session, clinic.id, version)
        assert kept is not None
        assert (kept.published_at, kept.created_by) == (None, None)
        draft = protocols.parse(kept.body)
    base = clinic.content.protocols[found.base]
    new, old = (each.curves.curves[-1].bands[Symptom.REDNESS] for each in (draft, base))
    assert all(mine.p50 >= theirs.p50 for mine, theirs in zip(new[1:4], old[1:4], strict=True))
    assert new[1].p50 > old[1].p50
    assert "estimated from 360 reports of 60 courses of the clinic" in kept.body
    assert draft.rules == base.rules


def test_an_answer_in_words_lies_less_above_than_its_number(
    said: list[str], treat: Treat, study: Learn
) -> None:
    """A written 4 is 4; in words it is 3 or 4, and less of it lies above 3."""
    treat(40, redness={2: 4, 14: 0}, scale=AnswerScale.NUMBERS)
    study()
    by_text = said[0]
    treat(40, redness={2: 4, 14: 0})
    said.clear()
    study()
    share = re.compile(r"\| all \| redness \| (\d+) \| ([\d.]+) %")
    text, both = (share.search(page) for page in (by_text, said[0]))
    assert text is not None
    assert both is not None
    assert float(both[2]) < float(text[2])


def test_complications_teach_nothing_and_are_not_unlearnt(
    said: list[str], treat: Treat, study: Learn
) -> None:
    treat(30)
    treat(30, redness=dict.fromkeys(REDNESS, 9), outcome=FlagOutcome.INFECTION_SUSPECTED)
    treat(10, redness={1: 9, 2: 9})
    found = study()
    assert "of 30 courses that healed" in said[1]
    assert "30, ended as something other than healing" in said[1]
    assert "11, how it ended is not known" in said[1], "the patient's treatment of yesterday too"
    assert found.missed == 0


def test_a_draft_that_misses_is_refused(said: list[str], treat: Treat, study: Learn) -> None:
    treat(30)
    found = study()
    head, mark, tail = found.draft.partition("[curves.reference]")
    blind = head + mark + re.sub(r"(p50|p90|p97_5) = \[.*\]", rf"\1 = [{', '.join(['10'] * 10)}]", tail)
    with pytest.raises(NotDrafted, match=r"No draft: .*after reference it flags .* points less of prolonged"):
        protocol_estimate.judge(dataclasses.replace(found, draft=blind), processes=1, say=said.append)
    unchanged = dataclasses.replace(found, missed=2, draft=found.base_text)
    with pytest.raises(NotDrafted, match="2 known complications of the clinic would no longer be flagged"):
        protocol_estimate.judge(unchanged, processes=1, say=said.append)


def test_too_few_courses_make_no_draft(said: list[str], treat: Treat, study: Learn) -> None:
    treat(19)
    with pytest.raises(NotDrafted, match="of no curve are 20 courses known to have healed"):
        study()
    assert len(said) == 2


def test_a_version_that_is_there_is_not_learnt_again(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime
) -> None:
    given = Namespace(clinic=str(clinic.id), version=max(clinic.content.protocols))
    with sessions.begin() as session, pytest.raises(VersionTaken):
        protocol_estimate.study(session, given, say=print, now=now)


def test_without_the_library_it_says_what_to_install(
    clinic: Clinic, sessions: sessionmaker[Session], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, protocol_estimate.LIBRARY, None)
    given = Namespace(clinic=str(clinic.id), version=None)
    with sessions.begin() as session, pytest.raises(protocol_estimate.LibraryMissing):
        protocol_estimate.study(session, given, say=print, now=now)
    assert "requirements-estimate.txt" in (protocol_estimate.LibraryMissing.__doc__ or "")
