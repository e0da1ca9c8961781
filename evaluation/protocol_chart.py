"""The expected curve of a protocol drawn as SVG, for docs/curve.svg.

python -m evaluation.protocol_chart config/protocols/standard-2026-12.toml > docs/curve.svg
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Iterator, Sequence

from recovery.domain.clinical import protocol as protocols
from recovery.domain.clinical import symptoms

SHOWN = (
    symptoms.Symptom.REDNESS,
    symptoms.Symptom.SWELLING,
    symptoms.Symptom.PEELING,
    symptoms.Symptom.PAIN,
    symptoms.Symptom.ITCHING,
)
REFERENCE = symptoms.TreatmentFacts(device=symptoms.Device.PEN, depth_mm=1.5)
WIDTH, HEIGHT, GAP = 170, 150, 34
LAST_HOURS = 168
STEP_HOURS = 6


def svg(*, protocol: protocols.Protocol, facts: symptoms.TreatmentFacts = REFERENCE) -> str:
    """One panel a symptom, scores 0-10 over days 0-7: the line is p50, dark to p90, light to p97.5."""
    total = len(SHOWN) * (WIDTH + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {HEIGHT + 70}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{total}" height="{HEIGHT + 70}" fill="#ffffff"/>',
    ]
    for place, symptom in enumerate(SHOWN):
        parts.extend(_panel(protocol, facts, symptom, left=GAP + place * (WIDTH + GAP)))
    parts.append(
        f'<text x="{GAP}" y="{HEIGHT + 62}">{protocol.version}: line p50, dark to p90, light to p97.5; '
        "days along, score 0-10 up. Every score is a starting estimate.</text></svg>"
    )
    return "\n".join(parts) + "\n"


def _panel(
    protocol: protocols.Protocol,
    facts: symptoms.TreatmentFacts,
    symptom: symptoms.Symptom,
    *,
    left: int,
) -> Iterator[str]:
    hours = range(0, LAST_HOURS + 1, STEP_HOURS)
    bands = [
        band for hour in hours if (band := protocol.band(facts, symptom=symptom, hours=hour)) is not None
    ]
    floor = [0.0] * len(bands)
    yield f'<text x="{left}" y="14" font-weight="bold">{symptom.value}</text>'
    for tops, colour in (
        ([band.p97_5 for band in bands], "#f6d5cf"),
        ([band.p90 for band in bands], "#eda99c"),
    ):
        outline = [*_points(tops, left=left), *reversed(_points(floor, left=left))]
        yield f'<polygon points="{" ".join(outline)}" fill="{colour}"/>'
    middle = " ".join(_points([band.p50 for band in bands], left=left))
    yield f'<polyline points="{middle}" fill="none" stroke="#8c2f1c" stroke-width="2"/>'
    yield f'<path d="M{left} 24V{24 + HEIGHT}H{left + WIDTH}" fill="none" stroke="#444444"/>'
    for score in (0, 5, 10):
        yield f'<text x="{left - 16}" y="{28 + HEIGHT - score * HEIGHT / 10:.0f}">{score}</text>'
    for day in range(8):
        yield f'<text x="{left + day * WIDTH / 7 - 3:.0f}" y="{HEIGHT + 40}">{day}</text>'


def _points(scores: Sequence[float], *, left: int) -> list[str]:
    step = WIDTH / (len(scores) - 1)
    return [
        f"{left + place * step:.1f},{24 + HEIGHT - score * HEIGHT / symptoms.MAX_SCORE:.1f}"
        for place, score in enumerate(scores)
    ]


if __name__ == "__main__":
    sys.stdout.write(svg(protocol=protocols.parse(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))))
