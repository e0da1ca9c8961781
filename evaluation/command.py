"""What `manage.py evaluate` calls: the page of figures, or the first simulation again."""

from __future__ import annotations

import pathlib

from evaluation import arms, first_simulation, metrics
from evaluation.report import drawn_worlds, evaluation_report
from recovery.domain.flags import flag_lifecycle

RESPONSE_TIMES = (
    pathlib.Path(__file__).resolve().parent.parent / "config" / "protocols" / "response-times.toml"
)
ONLY_SHIPPED = metrics.Others(late=(), ticking=(), practice=(), robustness=())


def run(
    *,
    protocol: str,
    sizes: metrics.Sizes | None = None,
    seed: int = 1,
    processes: int = 2,
    with_arms: bool = True,
    worlds: int = 20,
) -> str:
    """The figures under `protocol` (its TOML text) as one page; minutes at full size.

    Without `with_arms` only the arms that ship and the reference are judged. Raises `ProtocolError` for a
    text that is no protocol.
    """
    drawn = tuple(drawn_worlds.draw(arm, count=worlds, seed=seed) for arm in arms.SHIPPED) if worlds else ()
    report = metrics.evaluate(
        protocol=protocol,
        sizes=metrics.Sizes() if sizes is None else sizes,
        seed=seed,
        others=metrics.Others(drawn=drawn) if with_arms else ONLY_SHIPPED,
        processes=processes,
    )
    times = flag_lifecycle.parse_response_times(RESPONSE_TIMES.read_text(encoding="utf-8"))
    return evaluation_report.page(report, alert_budget=times.flags_per_100)


def run_first_simulation(*, count: int = 60_000, seed: int = 3) -> str:
    """This generator beside the first simulation's figures, `count` courses of each kind."""
    return first_simulation.run(count=count, seed=seed)
