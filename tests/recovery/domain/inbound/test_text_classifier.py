from __future__ import annotations

import math

import pytest

from recovery.domain.inbound import text_classifier
from recovery.domain.inbound.text_classifier import ClassifierError, Head, TextClassifier

WEIGHTS = {"w:pus": [1, 300], "w:ok": [0, 200, 1, -100]}
HEAD = Head(labels=("none", "pus"), bias=(50, 0), weights=WEIGHTS)
BOTH = TextClassifier(texts="digest", heads={"signs": HEAD})


def test_shares_follow_the_weights_and_are_one_together() -> None:
    shares = HEAD.shares(["w:pus"])
    assert shares["pus"] == pytest.approx(1 / (1 + math.exp(0.5 - 3.0)))
    assert sum(shares.values()) == pytest.approx(1)
    assert HEAD.shares([])["none"] > HEAD.shares([])["pus"]


def test_weights_count_less_in_a_text_of_many_features() -> None:
    assert HEAD.shares(["w:pus", "w:a", "w:b", "w:c"])["pus"] < HEAD.shares(["w:pus"])["pus"]


def test_reasons_are_what_spoke_for_a_label() -> None:
    assert HEAD.reasons(["w:ok", "w:pus", "w:new"], label="pus") == ["w:pus"]


def test_weights_come_back_as_they_were_written() -> None:
    assert text_classifier.parse(text_classifier.dump(BOTH)) == BOTH


@pytest.mark.parametrize("text", ['{"version": 2, "texts": "", "heads": {}}', "[]", "{}", "nothing"])
def test_what_are_no_weights_is_refused(text: str) -> None:
    with pytest.raises(ClassifierError):
        text_classifier.parse(text)
