"""The least that a web server can do for a report, as WSGI: the product's own two statements and nothing
else.

No routing, no validation, no assessment, no words: what comes is stored, every tenth time as abnormal.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
import sqlalchemy as sa
from psycopg.types.json import Jsonb

from recovery.models.read_models import report_fast_path

_PERFORMED_AT, _PATIENT_ID, _PROTOCOL, _COURSE_VERSION = (
    report_fast_path.READ.columns.index(name)
    for name in ("performed_at", "patient_id", "protocol", "course_version")
)
"""Where the read says so."""

Headers = list[tuple[str, str]]
_own = threading.local()


def application(environ: dict[str, Any], start: Callable[[str, Headers], Any]) -> Iterable[bytes]:
    """WSGI. Anything unexpected is an exception: the benchmark counts answers."""
    if environ["PATH_INFO"] == "/readyz":
        start("200 OK", [("Content-Length", "2")])
        return [b"{}"]
    parts = environ["PATH_INFO"].split("/")
    treatment_id, report_id = UUID(parts[5]), UUID(parts[7])
    token = environ["HTTP_AUTHORIZATION"][7:]
    clinic_id = UUID(hex=token[3:35])
    token_hash = hashlib.sha256(token.encode()).digest()
    body = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    now = datetime.now(UTC)
    with _connection().cursor() as cursor:
        who = {"clinic_id": clinic_id, "token_hash": token_hash, "treatment_id": treatment_id, "now": now}
        report_fast_path.READ.execute(cursor, who)
        known = cursor.fetchall()[0]
        seen_at = datetime.fromisoformat(body["seen_at"])
        abnormal = bool(body["warning_signs"])
        answer = orjson.dumps({"id": report_id, "received_at": now} | body)
        report_fast_path.WRITE.execute(
            cursor,
            who | {
                "patient_id": known[_PATIENT_ID], "report_id": report_id, "seen_at": seen_at,
                "course_version": known[_COURSE_VERSION], "clock": "trusted",
                "hours": (seen_at - known[_PERFORMED_AT]).total_seconds() / 3600,
                "scale": "numbers", "strongest": None, "open_matter": None,
                "scores": Jsonb(body["scores"]), "warning_signs": body["warning_signs"], "confirmed": [],
                "body": Jsonb(body), "answer": answer, "level": "abnormal" if abnormal else "expected",
                "day": 3, "findings": Jsonb([{"rule": "warning_sign"}] if abnormal else []),
                "protocol": known[_PROTOCOL], "comment": "", "touch": None,
                "wake": "afterglow_review" if abnormal else None,
            },
        )  # fmt: skip
        status = "409 Conflict" if cursor.fetchone() is None else "201 Created"
    start(status, [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]


def _connection() -> psycopg.Connection[Any]:
    """One connection a thread."""
    if not hasattr(_own, "connection"):
        url = sa.make_url(os.environ["DATABASE_API_URL"])
        _own.connection = psycopg.connect(
            host=str(url.query["host"]), port=str(url.query["port"]), user=url.username,
            dbname=url.database, autocommit=True, options="-c timezone=UTC",
        )  # fmt: skip
    connection: psycopg.Connection[Any] = _own.connection
    return connection
