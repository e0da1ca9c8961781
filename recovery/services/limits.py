"""How often a number, an address or an account may try something, counted in the database for everyone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.models import tries
from recovery.models.tries import Key

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class TooManyTries(Exception):
    """Tried too often; `wait` says how long to leave it."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


@dataclass(frozen=True, kw_only=True)
class Limit:
    """At most so many tries from the first one until the window is over."""

    what: str
    most: int
    window: timedelta


# An address may be that of a whole clinic or of a phone network, so its limits are wide: they bound a
# machine. A number's are narrow: they bound guesses at one person.
CODES_OF_NUMBER = Limit(what="codes of a number", most=3, window=timedelta(minutes=15))
CODES_OF_NUMBER_A_DAY = Limit(what="codes of a number a day", most=10, window=_DAY)
CODES_OF_ADDRESS = Limit(what="codes of an address", most=60, window=_HOUR)
CODES_OF_ADDRESS_A_DAY = Limit(what="codes of an address a day", most=300, window=_DAY)
SIGN_INS_OF_NUMBER = Limit(what="sign-ins of a number a day", most=10, window=_DAY)
SIGN_INS_OF_ADDRESS = Limit(what="sign-ins of an address", most=120, window=_HOUR)
RENEWALS_OF_INVITATION = Limit(what="renewals of an invitation a day", most=3, window=_DAY)
RENEWALS_OF_ADDRESS = Limit(what="renewals of an address", most=60, window=_HOUR)


def require(session: Session, wanted: Mapping[Limit, str], *, now: datetime) -> None:
    """Count one try under each limit, for whom is given with it. The caller commits the counts in any case.

    Raises TooManyTries where one of them is past its limit.
    """
    keys = {key_of(limit, who): limit for limit, who in wanted.items()}
    counted = tries.count(session, {key: now + limit.window for key, limit in keys.items()}, now=now)
    over = [counted[key].ends_at - now for key, limit in keys.items() if counted[key].tries > limit.most]
    tries.forget_old(session, now=now)
    if over:
        raise TooManyTries(max(over))


def give_back(session: Session, limit: Limit, who: str) -> None:
    """A try that turned out to be right does not count."""
    tries.give_back(session, [key_of(limit, who)])


def key_of(limit: Limit, who: str) -> Key:
    """Under what a try is counted; numbers and addresses are not kept as they are."""
    return Key(what=limit.what, who=hashlib.sha256(who.encode()).digest())
