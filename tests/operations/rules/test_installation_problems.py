"""The order of causes, and which of them break anything."""

from __future__ import annotations

import pytest

from operations.rules.installation_problems import ADVICE_ONLY, InstallationProblem, ProblemCause


@pytest.mark.parametrize("cause", ProblemCause)
def test_advice_breaks_nothing_and_everything_else_does(cause: ProblemCause) -> None:
    problem = InstallationProblem(cause=cause, text="It is so.", remedy="do this")
    assert problem.broken is not (cause in ADVICE_ONLY)


def test_a_cause_stands_above_what_it_explains() -> None:
    order = list(ProblemCause)
    for cause, effect in (
        (ProblemCause.NOTHING_HERE, ProblemCause.DATABASE_AWAY),
        (ProblemCause.DATABASE_AWAY, ProblemCause.SCHEMA_OTHER),
        (ProblemCause.SCHEMA_OTHER, ProblemCause.WORKER_STOPPED),
        (ProblemCause.WORKER_NEVER, ProblemCause.TEXTS_LATE),
        (ProblemCause.WORKER_STOPPED, ProblemCause.REVIEW_LATE),
        (ProblemCause.WORKER_STUCK, ProblemCause.TEXTS_LATE),
        (ProblemCause.CREDENTIALS, ProblemCause.CIRCUIT_OPEN),
        (ProblemCause.CARRIER_UNREACHABLE, ProblemCause.CIRCUIT_OPEN),
        (ProblemCause.CIRCUIT_OPEN, ProblemCause.TEXTS_LATE),
        (ProblemCause.REVIEW_LATE, ProblemCause.FLAGS_OVERDUE),
    ):
        assert order.index(cause) < order.index(effect), (cause, effect)


def test_what_is_only_advice_stands_at_the_end_but_for_a_clinic_that_is_missing() -> None:
    broken = [place for place, cause in enumerate(ProblemCause) if cause not in ADVICE_ONLY]
    advice = {cause: place for place, cause in enumerate(ProblemCause) if cause in ADVICE_ONLY}
    assert advice[ProblemCause.ONLY_TRAINING] > max(broken)
    assert advice[ProblemCause.NOBODY_TOLD] > max(broken)
    assert advice[ProblemCause.NO_CLINIC] < min(
        list(ProblemCause).index(cause) for cause in (ProblemCause.HOURS_MISSING, ProblemCause.TEXTS_LATE)
    )
