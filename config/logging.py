"""Structured logs: one JSON object a line on standard error, with nothing in it that names a patient."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEYS = re.compile(
    r"phone|^to$|^from$|body|token|secret|password|authorization|cookie|name$|email|note|comment|score|"
    r"warning_sign|finding|year_of_birth|pin$|^totp$|url$",
    re.IGNORECASE,
)
_ALLOWED_KEYS = frozenset({"logger_name", "tick_name", "hostname"})
_NUMBERS = re.compile(r"\+?\d[\d\s().-]{6,}\d")
_TOKENS = re.compile(r"ag_[0-9a-f]{32}_[\w-]+|(?<=/)[\w-]{22}(?=\b)")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
HIDDEN = "[hidden]"


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide values under telling names, and phone numbers and tokens wherever they stand."""
    for key, value in event.items():
        if key in ("timestamp", "event", "level"):
            if key == "event":
                event[key] = _scrub(value)
        elif _SECRET_KEYS.search(key) and key not in _ALLOWED_KEYS:
            event[key] = HIDDEN
        else:
            event[key] = _scrub(value)
    return event


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        if _UUID.fullmatch(value) or _TIME.match(value):
            return value
        kept: list[str] = []

        def keep(found: re.Match[str]) -> str:
            kept.append(found.group())
            return f"\x00{len(kept) - 1}\x00"

        masked = _UUID.sub(keep, value)
        masked = _NUMBERS.sub(HIDDEN, _TOKENS.sub(HIDDEN, masked))
        return re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found.group(1))], masked)
    if isinstance(value, dict):
        return {key: HIDDEN if _SECRET_KEYS.search(str(key)) else _scrub(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub(item) for item in value]
    return value


def configure(*, level: str) -> None:
    """Send every log line of this process, ours and the libraries', through the same redaction."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # The carrier's client logs addresses and numbers, APScheduler every run.
    for noisy in ("twilio.http_client", "apscheduler", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
