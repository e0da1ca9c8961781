from __future__ import annotations

from evaluation.texts import measure
from evaluation.texts.labelled_texts import LabelledText
from recovery.domain.clinical.symptoms import Symptom, WarningSign
from recovery.domain.inbound.text_meaning import NamedSigns, ParsedText

EMERGENCY = ParsedText(signs=NamedSigns(emergency=frozenset({WarningSign.BREATHING})))


def labelled(level: str, *, text: str = "words", kind: str = "none", opt_out: bool = False) -> LabelledText:
    return LabelledText(
        id="t", writer="w", language="en", text=text, level=level, signs=(), scores={}, opt_out=opt_out,
        opt_in=False, question=None, kind=kind,
    )  # fmt: skip


def shares(texts: list[measure.ReadText]) -> dict[str, tuple[int, int]]:
    found = {goal.name: goal.share(texts) for goal in measure.GOALS}
    return {name: (share.hits, share.total) for name, share in found.items()}


def test_each_share_counts_the_texts_it_is_about() -> None:
    texts = [
        measure.ReadText(labelled=labelled("emergency"), meant=EMERGENCY),
        measure.ReadText(labelled=labelled("emergency"), meant=ParsedText(nurse=True)),
        measure.ReadText(labelled=labelled("same_day"), meant=ParsedText()),
        measure.ReadText(labelled=labelled("none", kind="none trap idiom"), meant=EMERGENCY),
        measure.ReadText(labelled=labelled("none", opt_out=True), meant=ParsedText(may_stop=True)),
        measure.ReadText(labelled=labelled("none"), meant=ParsedText(scores={Symptom.PAIN: 3}, stop=True)),
    ]
    found = shares(texts)
    assert found["emergencies taken as emergencies"] == (1, 2)
    assert found["emergencies taken as at least same-day"] == (2, 2)
    assert found["same-day taken as at least same-day"] == (0, 1)
    assert found["harmless taken as an emergency"] == (1, 3)
    assert found["traps taken as any alarm"] == (1, 1)
    assert found["opt-outs obeyed or paused"] == (1, 1)
    assert found["opt-outs invented: obeyed where none was meant"] == (1, 5)
    assert found["paused until a person has read it, where none was meant"] == (0, 5)
    assert found["scores invented"] == (1, 6)


def test_the_page_has_the_goals_a_confusion_and_the_false_emergencies() -> None:
    texts = measure.read_all(
        [labelled("none"), labelled("emergency", text="danger")],
        read=lambda text: EMERGENCY if text == "danger" else ParsedText(),
    )
    page = measure.page(texts)
    assert "| emergencies taken as emergencies | at least 95.0% | 100.0% (20.7% to 100.0%) of 1 |" in page
    assert "| emergency | 0 | 0 | 0 | 1 |" in page
    assert "that is 0.0 per 100 courses." in page
    assert "danger" not in page
