from __future__ import annotations

from collections import Counter
from datetime import date

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
    assert changed == [("deep", Symptom.PAIN)]
    assert draft.curves.curves[1].bands[Symptom.PAIN] == BANDS
    before, after = shipped_text.splitlines(), text.splitlines()
    differ = [new for old, new in zip(before, after, strict=True) if old != new]
    assert differ == [
        'version = "own-2026-12"',
        f'title = "{draft_text.TITLE}"',
        'source = "estimated from 120 reports of 30 courses of the clinic, 2026-12-01; '
        'shrunk to standard-2026-12"',
        "p50 = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
        "p90 = [2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5]",
        "p97_5 = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4]",
    ]
