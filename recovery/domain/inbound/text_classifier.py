"""What a text is most likely about: a linear model with the shares and reasons it gives, written to a file
and read.

A linear model: the weights of a text's features add up for each label, and their share of all labels is how
likely each is. `evaluation/texts` has the texts it was trained on and the program that trains it; nothing is
learnt while it runs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

VERSION = 1
SCALE = 100
"""Weights are kept as whole hundredths."""


class ClassifierError(ValueError):
    """The weights cannot be used."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """One question with its possible answers.

    `bias` is in hundredths; `weights` has for each feature the place of a label and its weight in hundredths,
    again and again.
    """

    labels: tuple[str, ...]
    bias: tuple[int, ...]
    weights: Mapping[str, Sequence[int]]

    def shares(self, features: Sequence[str]) -> dict[str, float]:
        """How likely each label is; together 1."""
        scale = 1 / math.sqrt(len(features) or 1)
        totals = [float(value) for value in self.bias]
        for feature in features:
            pairs = self.weights.get(feature, ())
            for at in range(0, len(pairs) - 1, 2):
                totals[pairs[at]] += pairs[at + 1] * scale
        most = max(totals)
        raised = [math.exp((total - most) / SCALE) for total in totals]
        whole = sum(raised)
        return {label: value / whole for label, value in zip(self.labels, raised, strict=True)}

    def reasons(self, features: Sequence[str], *, label: str, most: int = 5) -> list[str]:
        """The features that spoke most for a label, the strongest first."""
        at = self.labels.index(label)
        weighed = [
            (pairs[place + 1], feature)
            for feature in features
            for pairs in (self.weights.get(feature, ()),)
            for place in range(0, len(pairs) - 1, 2)
            if pairs[place] == at and pairs[place + 1] > 0
        ]
        return [feature for _, feature in sorted(weighed, reverse=True)[:most]]


@dataclass(frozen=True, kw_only=True)
class TextClassifier:
    """The questions asked about a text. `texts` is the digest of what they were learnt from."""

    texts: str
    heads: Mapping[str, Head]


def dump(classifier: TextClassifier) -> str:
    """The classifier as text: what it is, then a line for each question."""
    header = {
        "version": VERSION,
        "texts": classifier.texts,
        "heads": {
            name: {"labels": head.labels, "bias": head.bias} for name, head in classifier.heads.items()
        },
    }
    lines = [json.dumps(header, ensure_ascii=False)]
    for name, head in classifier.heads.items():
        kept = {feature: list(pairs) for feature, pairs in sorted(head.weights.items())}
        line = {"head": name, "weights": kept}
        lines.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    return "\n".join(lines) + "\n"


def parse(text: str) -> TextClassifier:
    """The classifier from its text. Raises ClassifierError."""
    # It is read at every start of a process: nothing is done to a weight that need not be.
    try:
        header, *lines = map(json.loads, text.splitlines())
        if header["version"] != VERSION:
            raise ClassifierError(f"version {header['version']}, where {VERSION} is known")
        weights = {line["head"]: line["weights"] for line in lines}
        heads = {
            name: Head(labels=tuple(head["labels"]), bias=tuple(head["bias"]), weights=weights[name])
            for name, head in header["heads"].items()
        }
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, ClassifierError):
            raise
        raise ClassifierError(f"not the weights of a classifier: {error!r}") from error
    return TextClassifier(texts=header["texts"], heads=heads)
