"""What the command line calls."""

from __future__ import annotations

from evaluation import arms, evaluation_report, first_simulation, metrics


def run(
    *,
    protocol: str,
    normal: int = 60_000,
    complication: int = 20_000,
    arm_normal: int = 6_000,
    arm_complication: int = 2_000,
    seed: int = 1,
    processes: int = 2,
    with_arms: bool = True,
) -> str:
    """The figures under `protocol` (its TOML text) as one page; minutes at full size.

    Counts are courses, of the reference arm and of each other one. Without `with_arms` only the
    reference is judged. Raises `ProtocolError` for a text that is no protocol.
    """
    report = metrics.evaluate(
        protocol=protocol,
        sizes=metrics.Sizes(
            normal=normal,
            complication=complication,
            arm_normal=arm_normal,
            arm_complication=arm_complication,
        ),
        seed=seed,
        sent=arms.SENT if with_arms else (),
        practice=arms.PRACTICE if with_arms else (),
        robustness=arms.ROBUSTNESS if with_arms else (),
        processes=processes,
    )
    return evaluation_report.page(report)


def run_first_simulation(*, count: int = 60_000, seed: int = 3) -> str:
    """This generator beside the first simulation's figures, `count` courses of each kind."""
    return first_simulation.run(count=count, seed=seed)
