"""Page of the queue: who needs someone first, and why; narrowed, page by page, kept current."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from flask import Response, redirect, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import auth, clinic_content, database
from api.console import (
    console_blueprint,
    course_chart,
    formatting,
    labels,
    navigation,
    page_layout,
    practice_room,
)
from recovery.domain.clinic.rooms import Room
from recovery.domain.flags.flag_lifecycle import UNDO_WITHIN, Urgency
from recovery.models.flags.queue_rows import HolderFilter, QueueFilter
from recovery.models.training import training_week
from recovery.services.core import audit
from recovery.services.read_models import flag_queue
from recovery.services.read_models.flag_queue import Cursor, QueueItem

Word = TypeVar("Word", HolderFilter, Urgency)

ROWS = 25
"""With their curves about 80 kB."""

REVIEW_LATE = timedelta(minutes=2)
"""A report that waits longer than this for the worker is warned of."""


@console_blueprint.blueprint.get("")
def home() -> Response:
    """One page of the queue."""
    caller, now = auth.staff(), database.request_time()
    frame = page_layout.page_context(caller)
    room = practice_room.asked_room()
    narrowing = QueueFilter(
        staff_id=caller.staff_id,
        room=room,
        whose=_chosen(HolderFilter, request.args.get("whose")) or HolderFilter.ALL,
        urgency=_chosen(Urgency, request.args.get("urgency")),
    )
    found = flag_queue.read_queue(
        database.current(),
        caller=caller,
        content=clinic_content.running_or_shipped(),
        narrowing=narrowing,
        after=_cursor(request.args.get("after")),
        limit=ROWS,
        now=now,
        totals=None if room is Room.PRACTICE else navigation.queue_totals(database.current(), caller, now),
        reports_refused=clinic_content.is_unreadable(),
    )
    groups = [(urgency, list(rows)) for urgency, rows in groupby(found.waiting, key=lambda row: row.urgency)]
    return page_layout.render_live_page(
        "console/queue.html",
        note_reading=lambda: audit.read_list(
            database.current(), caller.clinic_id, caller.staff_id, action="flag.list", now=now
        ),
        **frame,
        practised=training_week.training_flag_ids(database.current(), caller.clinic_id),
        queue=found,
        in_practice_room=room is Room.PRACTICE,
        groups=groups,
        urgencies=list(Urgency),
        total=sum(found.counts.values()),
        narrowing=narrowing,
        narrow=_narrowed(narrowing),
        sparks={
            row.flag_id: _spark(row, frame["say"]) for row in found.waiting if isinstance(row, QueueItem)
        },
        kinds=labels.TASKS,
        task_id=_uuid(request.args.get("task")),
        worker_late=found.lanes.worker_late,
        review_late=bool(found.not_reviewed) and now - found.not_reviewed[0].since > REVIEW_LATE,
        older=None if found.next is None else _narrowed(narrowing)(after=_written(found.next)),
        first=request.args.get("after") is None,
        done_flag=_uuid(request.args.get("flag")),
        minute=UNDO_WITHIN,
    )


@console_blueprint.blueprint.get("/")
def home_with_slash() -> AnyResponse:
    """The queue has one address."""
    return redirect(url_for("console.home"), code=HTTPStatus.PERMANENT_REDIRECT)


def _narrowed(narrowing: QueueFilter) -> Callable[..., str]:
    """Makes addresses of the queue that keep what it is narrowed to, but for what is given."""
    kept: dict[str, Any] = {
        "room": practice_room.kept_in_address(narrowing.room),
        "whose": None if narrowing.whose is HolderFilter.ALL else narrowing.whose.value,
        "urgency": None if narrowing.urgency is None else narrowing.urgency.value,
    }

    def address(**changed: str | None) -> str:
        return url_for("console.home", **{**kept, **changed})

    return address


def _chosen(kind: type[Word], word: str | None) -> Word | None:
    try:
        return None if word is None else kind(word)
    except ValueError:
        raise NotFound from None


def _spark(row: QueueItem, say: formatting.PageFormatter) -> Markup:
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
