"""How often a number, an address or an account may try something: every limit, and one try counted in the
database for everyone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from recovery.models.access import rate_limits
from recovery.models.access.rate_limits import CounterKey

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class TooManyTries(Exception):
    """Tried too often; `wait` says how long to leave it."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


@dataclass(frozen=True, kw_only=True)
class RateLimit:
    """At most so many tries from the first one until the window is over."""

    what: str
    most: int
    window: timedelta


# An address may be that of a whole clinic or of a phone network, so its limits are wide: they bound a
# machine. A number's are narrow: they bound guesses at one person.
CODES_OF_NUMBER = RateLimit(what="codes of a number", most=3, window=timedelta(minutes=15))
CODES_OF_NUMBER_A_DAY = RateLimit(what="codes of a number a day", most=10, window=_DAY)
CODES_OF_ADDRESS = RateLimit(what="codes of an address", most=60, window=_HOUR)
CODES_OF_ADDRESS_A_DAY = RateLimit(what="codes of an address a day", most=300, window=_DAY)
SIGN_INS_OF_NUMBER = RateLimit(what="sign-ins of a number a day", most=10, window=_DAY)
SIGN_INS_OF_ADDRESS = RateLimit(what="sign-ins of an address", most=120, window=_HOUR)
RENEWALS_OF_INVITATION = RateLimit(what="renewals of an invitation a day", most=3, window=_DAY)
RECEPTIONS_OF_ADDRESS = RateLimit(what="receptions of an address", most=600, window=_HOUR)
RENEWALS_OF_ADDRESS = RateLimit(what="renewals of an address", most=60, window=_HOUR)

STAFF_OF_ADDRESS = RateLimit(what="staff sign-ins of an address", most=60, window=timedelta(minutes=15))
STAFF_OF_ACCOUNT_THERE = RateLimit(
    what="staff sign-ins of an account there", most=10, window=timedelta(minutes=15)
)
STAFF_OF_ACCOUNT = RateLimit(what="staff sign-ins of an account", most=30, window=_HOUR)
STAFF_PHONE_CODES = RateLimit(what="codes to a phone of staff a day", most=10, window=_DAY)
SIGNATURES_OF_ACCOUNT = RateLimit(what="signatures of an account", most=10, window=timedelta(minutes=15))
STAFF_KNOWN_THERE = RateLimit(what="staff known there", most=1, window=timedelta(days=30))
"""Not a limit: remembers the addresses an account signed in from."""


def enforce(session: Session, wanted: Mapping[RateLimit, str], *, now: datetime) -> None:
    """Count one try under each limit, for whom is given with it. The caller commits the counts in any case.

    Raises TooManyTries where one of them is past its limit.
    """
    keys = {key_of(limit, who): limit for limit, who in wanted.items()}
    counted = rate_limits.count_tries(
        session, {key: now + limit.window for key, limit in keys.items()}, now=now
    )
    over = [counted[key].ends_at - now for key, limit in keys.items() if counted[key].tries > limit.most]
    rate_limits.delete_expired(session, now=now)
    if over:
        raise TooManyTries(max(over))


def enforce_for_staff(session: Session, *, email: str, address: str, now: datetime) -> None:
    """Count a sign-in to an account of staff. The caller commits the count. Raises TooManyTries.

    Guesses from many addresses slow each other down, but not someone who signs in from where they did
    before: nobody can be locked out of their own desk by guesses from elsewhere.
    """
    account, there = _account(email, address)
    wanted = {STAFF_OF_ADDRESS: address, STAFF_OF_ACCOUNT_THERE: there}
    if not rate_limits.current_count(session, key_of(STAFF_KNOWN_THERE, there), now=now):
        wanted[STAFF_OF_ACCOUNT] = account
    enforce(session, wanted, now=now)


def record_staff_sign_in(session: Session, *, email: str, address: str, now: datetime) -> None:
    """The last sign-in worked: it does not count, and the address is known from here on."""
    account, there = _account(email, address)
    known = key_of(STAFF_KNOWN_THERE, there)
    given = {STAFF_OF_ADDRESS: address, STAFF_OF_ACCOUNT_THERE: there}
    if not rate_limits.current_count(session, known, now=now):
        given[STAFF_OF_ACCOUNT] = account
    rate_limits.uncount_tries(session, [key_of(limit, who) for limit, who in given.items()])
    rate_limits.count_tries(session, {known: now + STAFF_KNOWN_THERE.window}, now=now)


def uncount(session: Session, limit: RateLimit, who: str) -> None:
    """A try that turned out to be right does not count."""
    rate_limits.uncount_tries(session, [key_of(limit, who)])


def _account(email: str, address: str) -> tuple[str, str]:
    account = email.strip().lower()
    return account, f"{account} {address}"


def key_of(limit: RateLimit, who: str) -> CounterKey:
    """Under what a try is counted; numbers and addresses are not kept as they are."""
    return CounterKey(what=limit.what, who=hashlib.sha256(who.encode()).digest())
