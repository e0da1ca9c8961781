"""What one bound of a protocol buys and costs: the figures at several of its values.

python -m evaluation.threshold_sweep PROTOCOL.toml rules.personal_band.limit 2.5 3 3.5 --kind prolonged
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Sequence

from evaluation import arms, cohort, ground_truth, metrics, tally
from evaluation.report import tables
from recovery.domain.core import toml_reader

ARMS = {"link": arms.LINK, "text": arms.TEXT, "reference": cohort.REFERENCE}


def with_bound(protocol: str, *, key: str, value: float) -> str:
    """The protocol's TOML text with another number at the dotted `key`; every other line stays.

    Raises `toml_reader.TomlError` where the text has no number there.
    """
    *path, name = key.split(".")
    table = toml_reader.parse_toml(protocol)
    for part in path:
        table = table.table(part)
    table.number(name)
    lines = protocol.splitlines()
    lines[table.line_of(name) - 1] = f"{name} = {value:g}"
    return "\n".join(lines) + "\n"


def rows(
    *,
    protocol: str,
    key: str,
    values: Sequence[float],
    kinds: Sequence[ground_truth.CourseKind],
    arm: cohort.Arm,
    sizes: metrics.Sizes,
    seed: int,
    processes: int,
) -> str:
    """A table of any flag / same-day flags, one value of the bound a row, the same courses in each; last how
    often reports of 100 normal courses are asked about for nothing, and for a slip that is mended.
    """
    every = (ground_truth.CourseKind.NORMAL, *kinds)
    head = [f"`{key}`", "normal"]
    for kind in kinds:
        name = kind.value.replace("_", " ")
        head += [name, f"{name}, I-III", f"{name}, IV-VI"]
    head += ["asked for nothing", "slips caught"]
    body = []
    for value in values:
        shown = metrics.one_arm(
            arm=arm,
            protocol=with_bound(protocol, key=key, value=value),
            sizes=sizes,
            seed=seed,
            kinds=every,
            processes=processes,
        )
        normal = shown.by_kind[ground_truth.CourseKind.NORMAL]
        cells = [f"{value:g}", tables.pair(normal)]
        for kind in kinds:
            groups = (tally.CohortGroup.ALL, tally.CohortGroup.LIGHT, tally.CohortGroup.DARK)
            cells += [tables.pair(shown.by_kind[kind], group) for group in groups]
        cells += [
            f"{100 * count / normal.courses:.1f}" for count in (normal.false_questions, normal.slips_caught)
        ]
        body.append(cells)
    return tables.table(head, body) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and write the table to standard output."""
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.threshold_sweep", description=__doc__.split("\n")[0]
    )
    parser.add_argument("protocol", type=pathlib.Path)
    parser.add_argument("key", help="dotted name of a number, such as rules.alone.least")
    parser.add_argument("values", type=float, nargs="+")
    parser.add_argument(
        "--kind", type=ground_truth.CourseKind, action="append", choices=metrics.COMPLICATIONS
    )
    parser.add_argument("--arm", choices=ARMS, default="link")
    parser.add_argument("--normal", type=int, default=6_000)
    parser.add_argument("--complication", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args(arguments)
    sys.stdout.write(
        rows(
            protocol=given.protocol.read_text(encoding="utf-8"),
            key=given.key,
            values=given.values,
            kinds=given.kind or metrics.COMPLICATIONS,
            arm=ARMS[given.arm],
            sizes=metrics.Sizes(normal=given.normal, complication=given.complication),
            seed=given.seed,
            processes=given.processes,
        )
    )


if __name__ == "__main__":
    main()
