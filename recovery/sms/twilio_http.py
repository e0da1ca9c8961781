"""The HTTP client to Twilio: kept connections, timeouts, no retries, nothing in the logs, a short word for
each failure, dates."""

from __future__ import annotations

import email.utils
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
import requests.adapters
import urllib3.exceptions
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response

PUBLIC_API = "https://api.twilio.com"
LONGEST_PAUSE = timedelta(days=1)
"""What a carrier may ask for; nobody waits longer."""

_CONNECTIONS = 64
"""Kept open: more than a worker has threads that send and look up, so that none is closed and made anew."""


@dataclass(frozen=True, kw_only=True)
class HttpReply:
    """What came back, unread. `headers` are looked up without regard to case."""

    status: int
    text: str
    headers: Mapping[str, str]

    def json(self) -> dict[str, Any] | None:
        """The body as a JSON object, None where it is anything else."""
        try:
            fields = json.loads(self.text)
        except (ValueError, RecursionError):
            return None
        return fields if isinstance(fields, dict) else None


class Transport(TwilioHttpClient):  # type: ignore[misc]  # the client carries no types
    """Twilio's own HTTP client with what it leaves open decided.

    A request is tried once. Proxies, certificates and passwords are not picked up from the process
    environment. `api_base` replaces scheme, host and port of every request.
    """

    def __init__(self, *, api_base: str | None, connect_timeout: float, read_timeout: float) -> None:
        super().__init__(max_retries=0)
        # The client's own check takes one number only; requests takes the pair.
        self.timeout = (connect_timeout, read_timeout)
        self._base = _base(api_base)
        self.session.trust_env = False
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=_CONNECTIONS, max_retries=0)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)
        _quieten()

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """As the parent's, at `api_base` where one is given."""
        if self._base is not None:
            scheme, host = self._base
            url = urlunsplit(urlsplit(url)._replace(scheme=scheme, netloc=host))
        return super().request(method, url, *args, **kwargs)

    def log_request(self, kwargs: Mapping[str, Any]) -> None:
        """Nothing: the parent would write the address, and with it phone numbers, to the log."""

    def log_response(self, status_code: int, response: requests.Response) -> None:
        """Nothing, as above."""

    def close(self) -> None:
        """Close kept connections."""
        self.session.close()


def never_sent(failure: requests.RequestException) -> bool:
    """Whether this failure proves that no request was written: no connection was ever established.

    Refused, unknown host, connecting timed out, or the certificate did not hold. A reset, a broken
    pipe or a read timeout proves nothing.
    """
    if isinstance(failure, requests.ConnectTimeout):
        return True
    reason = getattr(failure.args[0], "reason", None) if failure.args else None
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return True
    cause = reason.args[0] if isinstance(reason, urllib3.exceptions.SSLError) and reason.args else None
    return isinstance(cause, ssl.SSLCertVerificationError)


def code_of(failure: requests.RequestException) -> str:
    """A short word for a failure; its own text would name addresses."""
    if isinstance(failure, requests.ConnectTimeout):
        return "connect_timeout"
    if isinstance(failure, requests.Timeout):
        return "timeout"
    if isinstance(failure, requests.exceptions.SSLError):
        return "tls"
    if never_sent(failure):
        return "connect"
    if isinstance(failure, requests.ConnectionError):
        return "reset"
    return "network"


def _base(api_base: str | None) -> tuple[str, str] | None:
    if api_base is None:
        return None
    parts = urlsplit(api_base)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise ValueError("api_base is a scheme and a host, like http://127.0.0.1:4010")
    return parts.scheme, parts.netloc


def _quieten() -> None:
    """Addresses hold the account and phone numbers; below ERROR these loggers write them."""
    for name in ("twilio.http_client", "urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).setLevel(logging.ERROR)


def retry_after(reply: HttpReply) -> timedelta | None:
    """The wait asked for, at most a day. A date is held against the answer's own Date header."""
    value = str(reply.headers.get("Retry-After", "")).strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST_PAUSE)
    until, now = http_date(value), http_date(str(reply.headers.get("Date", "")))
    if until is None or now is None:
        return None
    return min(max(until - now, timedelta(0)), LONGEST_PAUSE)


def http_date(value: str) -> datetime | None:
    """An RFC 2822 or HTTP date as an aware time; without an offset it is UTC."""
    try:
        parsed = email.utils.parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)
