"""Tries counted against their limits before anything slow happens; whose address a request counts for behind
proxies."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from flask import request

from api import database
from recovery.services.access import rate_limits
from recovery.services.access.rate_limits import RateLimit, TooManyTries


def address() -> str:
    """Where the request came from, as the proxies we trust say; of IPv6 the network one household has.

    What a caller writes into X-Forwarded-For itself lies beyond the trusted hops and is not looked at.
    """
    given = request.remote_addr or ""
    try:
        address = ipaddress.ip_address(given.partition("%")[0])
    except ValueError:
        return given[:64]
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def enforce(wanted: Mapping[RateLimit, str]) -> None:
    """Count this try under each limit and keep the count whatever comes of it. Raises TooManyTries."""
    try:
        rate_limits.enforce(database.current(), wanted, now=database.request_time())
    except TooManyTries:
        database.commit_before_waiting()
        raise
    database.commit_before_waiting()


def enforce_for_staff(email: str) -> None:
    """Count a sign-in to an account of staff and keep the count. Raises TooManyTries."""
    try:
        rate_limits.enforce_for_staff(
            database.current(), email=email, address=address(), now=database.request_time()
        )
    except TooManyTries:
        database.commit_before_waiting()
        raise
    database.commit_before_waiting()


def record_staff_sign_in(email: str) -> None:
    """The sign-in that was counted last worked."""
    rate_limits.record_staff_sign_in(
        database.current(), email=email, address=address(), now=database.request_time()
    )
