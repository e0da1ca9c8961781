"""Whether and when a patient answers a question (diligence, delay), and what one who gives in makes of a
score.

Starting estimates, except where a source is named.
"""

from __future__ import annotations

import random

DAY_HOURS = 24.0

DILIGENCE = 20.0
"""How alike patients are in answering: the two parameters of the beta distribution sum to it."""
DROP_PER_DAY = 0.02
"""How much rarer an answer gets with each day, up to `LAST_DROP`."""
LAST_DROP = 7
ANSWERS_WHEN_ILL = 0.9
"""What is left of the chance of an answer once something goes wrong."""
REMINDER_HELPS = 0.4
"""Share of those who have not answered who do after a reminder (33 % to 60 % in one diary by text)."""
ANSWERED_AFTER, ANSWERED_WITHIN = 1.5, 10.0
"""Mean hours between question and answer (an exponential), and the most."""
GIVES_IN = 0.1
"""Share of true entries that are made milder once the patient is asked whether they are right. No source."""


def delay(rng: random.Random) -> float:
    """Days between a question and its answer."""
    return min(rng.expovariate(1 / ANSWERED_AFTER), ANSWERED_WITHIN) / DAY_HOURS


def diligence(rng: random.Random, mean: float) -> float | None:
    """One patient's share of check-ins answered on day 0; None for one who answers all of them."""
    return rng.betavariate(mean * DILIGENCE, (1 - mean) * DILIGENCE) if mean < 1 else None


def chance(share: float | None, *, day: int, factor: float, reminder: float) -> float:
    """That a question of `day` is answered by a patient of this diligence.

    `factor` is what is left of it by what ails the patient; `reminder` is the share of the silent whom a
    reminder brings to answer, where none follows, else 0: diligence has reminders in it already.
    """
    if share is None:
        return 1.0
    answers = share - DROP_PER_DAY * min(day, LAST_DROP)
    if reminder:
        answers = max(0.0, 1 - (1 - answers) / (1 - reminder))
    return answers * factor


def given_in(score: int) -> int:
    """What a patient who gives in makes of a true score: half of it."""
    return score // 2
