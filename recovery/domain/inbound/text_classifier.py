"""What a text is most likely about, by weights learnt from labelled texts.

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
    """One question with its possible answers; `weights` has for each feature pairs of label and weight."""

    labels: tuple[str, ...]
    bias: tuple[float, ...]
    weights: Mapping[str, tuple[tuple[int, float], ...]]

    def shares(self, features: Sequence[str]) -> dict[str, float]:
        """How likely each label is; together 1."""
        scale = 1 / math.sqrt(len(features) or 1)
        totals = list(self.bias)
        for feature in features:
            for label, weight in self.weights.get(feature, ()):
                totals[label] += weight * scale
        most = max(totals)
        raised = [math.exp(total - most) for total in totals]
        whole = sum(raised)
        return {label: value / whole for label, value in zip(self.labels, raised, strict=True)}

    def reasons(self, features: Sequence[str], *, label: str, most: int = 5) -> list[str]:
        """The features that spoke most for a label, the strongest first."""
        at = self.labels.index(label)
        weighed = [
            (weight, feature)
            for feature in features
            for place, weight in self.weights.get(feature, ())
            if place == at and weight > 0
        ]
        return [feature for _, feature in sorted(weighed, reverse=True)[:most]]


@dataclass(frozen=True, kw_only=True)
class TextClassifier:
    """The questions asked about a text. `texts` is the digest of what they were learnt from."""

    texts: str
    heads: Mapping[str, Head]


def dump(classifier: TextClassifier) -> str:
    """The classifier as text, one line a feature."""
    header = {
        "version": VERSION,
        "texts": classifier.texts,
        "heads": {
            name: {"labels": head.labels, "bias": [round(value * SCALE) for value in head.bias]}
            for name, head in classifier.heads.items()
        },
    }
    lines = [json.dumps(header, ensure_ascii=False)]
    for name, head in classifier.heads.items():
        for feature, pairs in sorted(head.weights.items()):
            flat = [number for label, weight in pairs for number in (label, round(weight * SCALE))]
            lines.append(json.dumps([name, feature, *flat], ensure_ascii=False, separators=(",", ":")))
    return "\n".join(lines) + "\n"


def parse(text: str) -> TextClassifier:
    """The classifier from its text. Raises ClassifierError."""
    first, *rest = text.splitlines()
    try:
        header = json.loads(first)
        if header["version"] != VERSION:
            raise ClassifierError(f"version {header['version']}, where {VERSION} is known")
        weights: dict[str, dict[str, tuple[tuple[int, float], ...]]] = {name: {} for name in header["heads"]}
        for line in rest:
            name, feature, *flat = json.loads(line)
            weights[name][feature] = tuple(
                (flat[at], flat[at + 1] / SCALE) for at in range(0, len(flat) - 1, 2)
            )
        heads = {
            name: Head(
                labels=tuple(head["labels"]),
                bias=tuple(value / SCALE for value in head["bias"]),
                weights=weights[name],
            )
            for name, head in header["heads"].items()
        }
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, ClassifierError):
            raise
        raise ClassifierError(f"not the weights of a classifier: {error!r}") from error
    return TextClassifier(texts=header["texts"], heads=heads)
