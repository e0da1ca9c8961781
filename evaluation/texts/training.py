"""Trains the reader's weights on the seen texts (features, labels, gradient), with numpy of the development
environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from evaluation.texts.labelled_texts import LabelledText
from recovery.domain.inbound import text_classifier
from recovery.domain.inbound.sign_reader import NONE, TOGETHER
from recovery.domain.inbound.text_classifier import Head, TextClassifier
from recovery.domain.inbound.text_reader import REPLY, SIGNS, START, STOP, TOPIC

Floats: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Training:
    """How long and how finely is learnt. `sparse` pulls small weights to nothing."""

    rounds: int = 20
    rate: float = 0.5
    sparse: float = 3e-5
    least_texts: int = 2
    least_weight: float = 0.4
    seed: int = 7


def sign_label(text: LabelledText) -> str:
    """The one thing a text is mostly about: the sign that its label names first."""
    if text.level == NONE:
        return NONE
    if text.level == "emergency" and {"fever", "spreading_heat"} <= set(text.signs):
        return TOGETHER
    return text.signs[0]


def reply_label(text: LabelledText) -> str:
    """Whether the sender wants the texts to end or to go on."""
    return STOP if text.opt_out else START if text.opt_in else NONE


def topic_label(text: LabelledText) -> str:
    """What a harmless question is about."""
    return text.question or NONE


HEADS: dict[str, Callable[[LabelledText], str]] = {
    SIGNS: sign_label,
    REPLY: reply_label,
    TOPIC: topic_label,
}


def train(
    texts: Sequence[LabelledText], features: Sequence[list[str]], *, digest: str, how: Training
) -> TextClassifier:
    """A classifier learnt from these texts, the same for the same texts."""
    known = Counter(feature for row in features for feature in row)
    names = [feature for feature, count in known.items() if count >= how.least_texts]
    places = {feature: at for at, feature in enumerate(names)}
    rows = [np.array([places[feature] for feature in row if feature in places]) for row in features]
    sizes = [1 / np.sqrt(max(1, len(row))) for row in features]
    heads = {}
    for name, label_of in HEADS.items():
        labels = [label_of(text) for text in texts]
        order = sorted(set(labels))
        answers = np.array([order.index(label) for label in labels])
        weights, bias = _learn(rows, sizes, answers, shape=(len(names), len(order)), how=how)
        heads[name] = _head(names, order, weights, bias, least=how.least_weight)
    return TextClassifier(texts=digest, heads=heads)


def _learn(
    rows: Sequence[npt.NDArray[np.int64]],
    sizes: Sequence[float],
    answers: npt.NDArray[np.int64],
    *,
    shape: tuple[int, int],
    how: Training,
) -> tuple[Floats, Floats]:
    """Multinomial logistic regression by Adagrad, one text at a time, with an L1 pull.

    The weights are the mean of the later rounds, which tells new texts apart better than the last ones.
    """
    random = np.random.default_rng(how.seed)
    weights = np.zeros(shape, np.float32)
    slopes = np.full(shape, 1e-2, np.float32)
    bias = np.zeros(shape[1], np.float32)
    summed, last = np.zeros(shape, np.float32), how.rounds // 2
    for turn in range(how.rounds):
        for at in random.permutation(len(rows)):
            row, size = rows[at], np.float32(sizes[at])
            mine = weights[row]
            totals = mine.sum(0) * size + bias
            shares = np.exp(totals - totals.max())
            shares /= shares.sum()
            shares[answers[at]] -= 1
            if np.abs(shares).max() < 1e-3:
                continue
            slope = shares * size
            seen = slopes[row] + slope * slope
            slopes[row] = seen
            step = how.rate / np.sqrt(seen)
            mine = mine - step * slope
            weights[row] = np.sign(mine) * np.maximum(0, np.abs(mine) - step * np.float32(how.sparse))
            bias -= np.float32(0.02) * shares
        if turn >= how.rounds - last:
            summed += weights / last
    return summed, bias


def _head(
    names: Sequence[str], labels: Sequence[str], weights: Floats, bias: Floats, *, least: float
) -> Head:
    kept = {}
    for feature, row in zip(names, weights, strict=True):
        pairs = [
            number
            for at in np.flatnonzero(np.abs(row) >= least)
            for number in (int(at), round(float(row[at]) * text_classifier.SCALE))
        ]
        if pairs:
            kept[feature] = pairs
    scaled = tuple(round(float(value) * text_classifier.SCALE) for value in bias)
    return Head(labels=tuple(labels), bias=scaled, weights=kept)
