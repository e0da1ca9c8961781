"""The queue: who needs someone first, and why."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import groupby
from uuid import UUID

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, database
from api.console import course_chart, follow_up, page_frame, saying, site
from recovery.domain.triage import Urgency
from recovery.services import queue
from recovery.services.queue import Cursor, Waiting

ROWS = 50
WORKER_LATE = timedelta(seconds=60)
"""A worker that was not heard of for longer than this is reported to the nurse."""


@site.blueprint.get("")
def home() -> str:
    """One page of the queue."""
    caller, now = auth.staff(), database.now()
    frame = page_frame.frame(caller)
    found = queue.read_queue(
        database.current(),
        caller=caller,
        content=app_state.state().content,
        after=_cursor(request.args.get("after")),
        limit=ROWS,
        now=now,
    )
    seen = found.worker_seen_at
    groups = [(urgency, list(rows)) for urgency, rows in groupby(found.waiting, key=lambda row: row.urgency)]
    return render_template(
        "console/queue.html",
        **frame,
        queue=found,
        follow_up=follow_up.section(caller),
        groups=groups,
        urgencies=list(Urgency),
        total=sum(found.counts.values()),
        sparks={row.flag_id: _spark(row, frame["say"]) for row in found.waiting},
        worker_late=seen is None or now - seen > WORKER_LATE,
        older=None if found.next is None else url_for("console.home", after=_written(found.next)),
        first=request.args.get("after") is None,
        done=page_frame.done(),
        done_flag=_uuid(request.args.get("flag")),
    )


@site.blueprint.get("/")
def home_with_slash() -> AnyResponse:
    """The queue has one address."""
    return redirect(url_for("console.home"), code=HTTPStatus.PERMANENT_REDIRECT)


def _spark(row: Waiting, say: saying.Saying) -> Markup:
    return course_chart.spark(row.course, ident=f"spark-{row.flag_id}", name=say.symptom(row.course.symptom))


def _written(cursor: Cursor) -> str:
    rank, due_at, flag_id = cursor
    return base64.urlsafe_b64encode(f"{rank} {due_at.isoformat()} {flag_id}".encode()).decode().rstrip("=")


def _cursor(text: str | None) -> Cursor | None:
    """The cursor that `_written` wrote. Raises NotFound for anything else."""
    if text is None:
        return None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        rank, due_at, flag_id = plain.split(" ")
        moment = datetime.fromisoformat(due_at)
        cursor = int(rank), moment, UUID(flag_id)
    except (ValueError, binascii.Error):
        raise NotFound from None
    if moment.tzinfo is None or cursor[0] not in range(len(Urgency)):
        raise NotFound
    return cursor


def _uuid(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None
