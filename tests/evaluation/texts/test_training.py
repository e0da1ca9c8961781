from __future__ import annotations

from evaluation.texts import training
from evaluation.texts.labelled_texts import LabelledText
from recovery.domain.inbound import text_classifier
from recovery.domain.inbound.sign_reader import TOGETHER
from recovery.domain.inbound.text_classifier import TextClassifier

TAUGHT = {"my throat closes": "swallowing", "oozing and yellow": "pus", "all is well": "none"}


def labelled(text: str, sign: str) -> LabelledText:
    level = {"swallowing": "emergency", "pus": "same_day", "none": "none"}[sign]
    return LabelledText(
        id=text, writer="w", language="en", text=text, level=level, signs=() if sign == "none" else (sign,),
        scores={}, opt_out=False, opt_in=False, question=None, kind="none",
    )  # fmt: skip


def learn() -> TextClassifier:
    texts = [labelled(text, sign) for text, sign in TAUGHT.items()] * 4
    return training.train(texts, [text.text.split() for text in texts], digest="d", how=training.Training())


def test_what_was_taught_is_told_apart_and_explained() -> None:
    signs = learn().heads["signs"]
    for text, sign in TAUGHT.items():
        shares = signs.shares(text.split())
        assert max(shares, key=lambda label: shares[label]) == sign
    reasons = signs.reasons(["my", "throat", "closes", "today"], label="swallowing")
    assert set(reasons) == {"my", "throat", "closes"}


def test_the_same_texts_teach_the_same() -> None:
    assert text_classifier.dump(learn()) == text_classifier.dump(learn())


def test_labels_are_the_first_sign_of_their_level_and_two_signs_together() -> None:
    both = labelled("x", "swallowing")
    assert training.sign_label(both) == "swallowing"
    fever = LabelledText(**{**vars(both), "signs": ("fever", "spreading_heat")})
    assert training.sign_label(fever) == TOGETHER
    assert training.reply_label(LabelledText(**{**vars(both), "opt_out": True})) == "stop"
    assert training.reply_label(LabelledText(**{**vars(both), "opt_in": True})) == "start"
    assert training.topic_label(both) == "none"
