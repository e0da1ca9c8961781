"""What one bound of a protocol buys and costs: the figures at several of its values.

python -m evaluation.threshold_sweep PROTOCOL.toml rules.personal_band.limit 2.5 3 3.5 --kind prolonged
"""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Sequence

from evaluation import evaluation_report, ground_truth, metrics, tally
from recovery.domain.core import confidence_intervals, toml_reader


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
    sizes: metrics.Sizes,
    seed: int,
    processes: int,
) -> str:
    """A table of any flag / same-day flags, one value of the bound a row, the same courses in each."""
    every = (ground_truth.CourseKind.NORMAL, *kinds)
    head = [f"`{key}`", "normal"]
    for kind in kinds:
        name = kind.value.replace("_", " ")
        head += [name, f"{name}, I-III", f"{name}, IV-VI"]
    body = []
    for value in values:
        shown = metrics.reference(
            protocol=with_bound(protocol, key=key, value=value),
            sizes=sizes,
            seed=seed,
            kinds=every,
            processes=processes,
        )
        cells = [f"{value:g}", _pair(shown.by_kind[ground_truth.CourseKind.NORMAL], tally.CohortGroup.ALL)]
        for kind in kinds:
            groups = (tally.CohortGroup.ALL, tally.CohortGroup.LIGHT, tally.CohortGroup.DARK)
            cells += [_pair(shown.by_kind[kind], group) for group in groups]
        body.append(cells)
    return evaluation_report.table(head, body) + "\n"


def _pair(counted: tally.Tally, group: tally.CohortGroup) -> str:
    shares: tuple[confidence_intervals.Share, ...] = (
        counted.any_in(group).ever,
        counted.same_day_in(group).ever,
    )
    return " / ".join(evaluation_report.percent(share) for share in shares)


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
    parser.add_argument("--normal", type=int, default=12_000)
    parser.add_argument("--complication", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    given = parser.parse_args(arguments)
    sys.stdout.write(
        rows(
            protocol=given.protocol.read_text(encoding="utf-8"),
            key=given.key,
            values=given.values,
            kinds=given.kind or metrics.COMPLICATIONS,
            sizes=metrics.Sizes(normal=given.normal, complication=given.complication),
            seed=given.seed,
            processes=given.processes,
        )
    )


if __name__ == "__main__":
    main()
