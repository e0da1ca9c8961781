"""Counting tries before anything slow or telling happens, and who they are counted for."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from flask import request

from api import database
from recovery.services.access import limits
from recovery.services.access.limits import Limit, TooManyTries


def address() -> str:
    """Where the request came from, as the proxies we trust say; of IPv6 the network one household has.

    What a caller writes into X-Forwarded-For itself lies beyond the trusted hops and is not looked at.
    """
    told = request.remote_addr or ""
    try:
        found = ipaddress.ip_address(told.partition("%")[0])
    except ValueError:
        return told[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def allow(wanted: Mapping[Limit, str]) -> None:
    """Count this try under each limit and keep the count whatever comes of it. Raises TooManyTries."""
    try:
        limits.require(database.current(), wanted, now=database.now())
    except TooManyTries:
        database.commit_before_waiting()
        raise
    database.commit_before_waiting()


def allow_staff(email: str) -> None:
    """Count a sign-in to an account of staff and keep the count. Raises TooManyTries."""
    try:
        limits.require_staff(database.current(), email=email, address=address(), now=database.now())
    except TooManyTries:
        database.commit_before_waiting()
        raise
    database.commit_before_waiting()


def staff_came_in(email: str) -> None:
    """The sign-in that was counted last worked."""
    limits.staff_came_in(database.current(), email=email, address=address(), now=database.now())
