"""Structured logs, one JSON object a line: numbers, tokens and secrets redacted, exceptions without their
words."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

import structlog

_SECRET_KEYS = re.compile(
    r"phone|^to$|^from$|body|token|secret|password|authorization|cookie|name$|email|note|comment|score|"
    r"warning_sign|finding|year_of_birth|pin$|^totp$|url$|invitation|link|^reference$|^patient$|answer",
    re.IGNORECASE,
)
_ALLOWED_KEYS = frozenset({"logger_name", "tick_name", "hostname"})
_OUR_WORDS = frozenset({"timestamp", "level", "error_class"})
_NUMBERS = re.compile(r"\+?\d[\d\s().-]{6,}\d")
_TOKENS = re.compile(
    r"ag_[0-9a-f]{32}_[\w-]+|(?<=/)[\w-]{22}(?![\w-])|"
    r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{22}(?![\w-])"
)
_PLAIN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|"
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)?"
)
"""Ids and times, which look like numbers and say nothing of anyone."""
_LONGEST_COUNT = 10**9
HIDDEN = "[hidden]"


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide values under telling names, and phone numbers and tokens wherever they stand."""
    for key, value in list(event.items()):
        if key not in _OUR_WORDS and not key.startswith("_"):
            event[key] = _hidden_or_scrubbed(key, value)
    return event


def strip_exception_text(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """An exception as its classes and the places it passed: its message may quote what a patient wrote."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        places = traceback.extract_tb(error.__traceback__)
        event["exception"] = {
            "classes": list(_classes(error)),
            "places": [f"{place.filename}:{place.lineno} {place.name}" for place in places],
        }
    return event


def _classes(error: BaseException) -> Iterator[str]:
    link: BaseException | None = error
    while link is not None:
        yield f"{type(link).__module__}.{type(link).__qualname__}"
        link = link.__cause__ or link.__context__


def _hidden_or_scrubbed(key: str, value: Any) -> Any:
    if _SECRET_KEYS.search(key) and key not in _ALLOWED_KEYS:
        return HIDDEN
    return _scrub(value)


def _scrub(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LONGEST_COUNT else HIDDEN
    if isinstance(value, Mapping):
        return {_scrub_text(str(key)): _hidden_or_scrubbed(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrub(item) for item in value]
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, bytes | bytearray | memoryview):
        return HIDDEN
    return _scrub_text(str(value))


def _scrub_text(text: str) -> str:
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found.group())
        return f"\x00{len(kept) - 1}\x00"

    masked = _NUMBERS.sub(HIDDEN, _TOKENS.sub(HIDDEN, _PLAIN.sub(keep, text.replace("\x00", ""))))
    return re.sub(r"\x00(\d+)\x00", lambda found: kept[int(found.group(1))], masked)


def configure(*, level: str) -> None:
    """Send every log line of this process, ours and the libraries', through the same redaction."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        strip_exception_text,
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
