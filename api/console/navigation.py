"""The places at the top of the console in their order: whose each is, how many wait there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from flask import g
from sqlalchemy.orm import Session

from recovery.domain.clinic.rooms import Room
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.models.clinic import clinics
from recovery.models.flags.queue_rows import QueueTotals
from recovery.models.inbound import inbound_texts
from recovery.models.tasks import tasks
from recovery.services.access.authentication import StaffCaller
from recovery.services.read_models import flag_queue
from recovery.services.tasks.tasks import FOLLOW_UP


class PlaceCount(NamedTuple):
    """How many wait in a place, and whether one of them is past its time."""

    waiting: int
    late: bool


@dataclass(frozen=True, kw_only=True)
class NavigationPlace:
    """One entry of the navigation: where it leads, and whose it is; without a duty everybody's.

    `pages` are further endpoints that belong to it; `count` says how many wait there.
    """

    endpoint: str
    label: str
    pages: frozenset[str] = frozenset()
    duty: Duty | None = None
    count: Callable[[Session, StaffCaller, datetime], PlaceCount] | None = None


@dataclass(frozen=True, kw_only=True)
class NavigationLink:
    """A place as one caller sees it on one page."""

    endpoint: str
    label: str
    here: bool
    count: PlaceCount | None


def queue_totals(session: Session, caller: StaffCaller, now: datetime) -> QueueTotals:
    """The figures of the queue, counted once a request."""
    if "queue_totals" not in g:
        g.queue_totals = flag_queue.count_totals(session, caller, room=_room(session, caller), now=now)
    counted: QueueTotals = g.queue_totals
    return counted


def _room(session: Session, caller: StaffCaller) -> Room:
    """What the figures of the navigation count: in a live clinic its real patients, on every page."""
    return clinics.room_of(session, caller.clinic_id)


def _flags(session: Session, caller: StaffCaller, now: datetime) -> PlaceCount:
    totals = queue_totals(session, caller, now)
    return PlaceCount(totals.unresolved, totals.overdue > 0)


def _follow_up(session: Session, caller: StaffCaller, now: datetime) -> PlaceCount:
    totals = tasks.count_open(
        session, caller.clinic_id, kinds=FOLLOW_UP, room=_room(session, caller), now=now
    )
    return PlaceCount(totals.open, totals.overdue > 0)


def _to_read(session: Session, caller: StaffCaller, now: datetime) -> PlaceCount:
    room = _room(session, caller)
    unread = inbound_texts.count_unread(session, caller.clinic_id, room=room)
    late = unread > 0 and inbound_texts.count_unread(session, caller.clinic_id, room=room, overdue_at=now) > 0
    return PlaceCount(unread, late)


_FLAG_STEPS = tuple(
    f"console.{step}"
    for step in (
        "claim", "release", "hand_over", "contact", "note", "text", "resolve", "reopen", "undo",
    )
)  # fmt: skip

_OF_PATIENTS = frozenset(
    f"console.{page}"
    for page in (
        "enrol_form", "enrol", "patient", "desk", "record_form", "record_treatment", "correct_form",
        "correct_treatment", "withdraw_treatment", "change_form", "change_patient", "end_patient",
        "import_form", "import_patients", "import_others", "import_columns_file",
        "consultation_page", "record_consultation", "series_page", "agree_series",
        "texts_page", "open_told_flag", "record_complication", "record_page",
    )
)  # fmt: skip

PLACES = (
    NavigationPlace(
        endpoint="console.home",
        label="Queue",
        pages=frozenset({"console.flag", "console.closed_flags_page", *_FLAG_STEPS}),
        count=_flags,
    ),
    NavigationPlace(
        endpoint="console.follow_up_page",
        label="Follow-up",
        pages=frozenset(
            f"console.{page}"
            for page in (
                "task_page",
                "claim_task",
                "release_task",
                "undo_task",
                "text_task",
                "give_task",
                "send_again",
                "follow_up_done",
            )
        ),
        count=_follow_up,
    ),
    NavigationPlace(
        endpoint="console.to_read_page",
        label="To read",
        pages=frozenset({"console.to_read_done"}),
        count=_to_read,
    ),
    NavigationPlace(endpoint="console.patients_page", label="Patients", pages=_OF_PATIENTS),
    NavigationPlace(
        endpoint="console.figures_page",
        label="Figures",
        pages=frozenset({"console.figure_rows_page"}),
        duty=Duty.SETTING_UP,
    ),
    NavigationPlace(
        endpoint="console.clinic_page",
        label="Clinic",
        pages=frozenset(
            f"console.{page}"
            for page in (
                "audit_page",
                "clinic_live",
                "decide_role",
                "withdraw_course",
                "withdraw_wording",
                "withdrawals_page",
                "withdrawal_form",
                "withdraw_part",
                "clinic_texts",
                "hours_page",
                "save_hours",
                "people_page",
                "add_person",
                "change_person",
                "invite_again",
                "sign_person_out",
                "remove_second_factor",
                "decide_role",
                "own_phone_page",
                "practice_page",
                "start_practice",
                "name_phone",
                "prove_phone",
                "calibration_page",
                "course_page",
                "curve_page",
                "change_curve",
                "draft_course",
                "version_page",
                "publish_course",
                "withdraw_course",
                "sign_page",
                "sign_course",
                "wordings_page",
                "wording_page",
                "save_wording",
                "withdraw_wording",
            )
        ),
    ),
)


def list_links(
    session: Session, caller: StaffCaller, *, endpoint: str | None, now: datetime
) -> list[NavigationLink]:
    """What the caller may go to, from the page of `endpoint`."""
    return [
        NavigationLink(
            endpoint=place.endpoint,
            label=place.label,
            here=endpoint == place.endpoint or endpoint in place.pages,
            count=None if place.count is None else place.count(session, caller, now),
        )
        for place in PLACES
        if place.duty is None or caller.role in MAY[place.duty]
    ]
