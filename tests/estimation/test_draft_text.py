from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import date

import pytest

from estimation import draft_text
from estimation.own_curves import OwnCurves, OwnRow
from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical.bands import Band
from recovery.domain.clinical.symptoms import Symptom

BANDS = tuple(Band(p50=1, p90=2.5, p97_5=4) for _ in range(10))
OWN = OwnCurves(
    rows=(OwnRow(curve="deep", symptom=Symptom.PAIN, reports=120, courses=30, bands=BANDS),),
    courses=30,
    reports=120,
    left_out=Counter(),
)


def test_only_what_was_learnt_is_written(shipped_text: str, shipped: protocols.Protocol) -> None:
    text = draft_text.write(shipped_text, version="own-2026-12", own=OWN, on=date(2026, 12, 1))
    draft = protocols.parse(text)
    assert (draft.version, draft.rules, draft.urgencies) == ("own-2026-12", shipped.rules, shipped.urgencies)
    assert draft.answers == shipped.answers
    assert len(draft.answers) == 5
    assert not draft.approval.signed
    changed = [
        (curve.name, symptom)
        for curve, old in zip(draft.curves.curves, shipped.curves.curves, strict=True)
        for symptom in curve.bands
        if curve.bands[symptom] != old.bands[symptom]
    ]
    assert changed == [("medium", Symptom.PAIN), ("deepest", Symptom.PAIN), ("deep", Symptom.PAIN)], (
        "two curves follow from the one that was learnt"
    )
    assert draft.curves.curves[3].bands[Symptom.PAIN] == BANDS
    old = shipped_text.splitlines()
    new = text.splitlines()
    assert [line for line in new if line not in old] == [
        'version = "own-2026-12"',
        f'title = "{draft_text.TITLE}"',
        'pain.source = "estimated from 120 reports of 30 courses of the clinic, 2026-12-01; '
        'shrunk to standard-2026-12"',
        "pain.p50 = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
        "pain.p90 = [2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5]",
        "pain.p97_5 = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4]",
    ]
    assert len(new) == len(old) + 1
    again = draft_text.write(text, version="own-2027-01", own=OWN, on=date(2027, 1, 1))
    assert len(again.splitlines()) == len(new), "what was learnt once is written over"


@pytest.mark.parametrize("curve", ["reference", "medium", "rf_deepest"])
def test_a_curve_of_either_form_takes_what_was_learnt(shipped_text: str, curve: str) -> None:
    rows = tuple(dataclasses.replace(OWN.rows[0], curve=curve, symptom=each) for each in list(Symptom)[:3])
    own = dataclasses.replace(OWN, rows=rows)
    text = draft_text.write(shipped_text, version="own-2026-12", own=own, on=date(2026, 12, 1))
    (learnt,) = (each for each in protocols.parse(text).curves.curves if each.name == curve)
    (before,) = (each for each in protocols.parse(shipped_text).curves.curves if each.name == curve)
    assert all(learnt.bands[row.symptom] == BANDS for row in rows)
    assert set(learnt.bands) == set(before.bands)
