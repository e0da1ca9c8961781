"""Endpoints and bodies: taking back at once what turned out to be dangerous, to a form that was signed
before."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, database
from api.app_state import state
from api.clinic import repeats
from api.clinic.patients.patients import get_own_clinic
from api.formats.request_bodies import Blueprint, Body, PlainText, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.domain.content.knowledge_pages import LONGEST_PAGE
from recovery.models.content import withdrawals as stored
from recovery.models.content.withdrawals import ContentWithdrawal
from recovery.services.changes import content_withdrawal
from recovery.services.core import audit

MOST = 50
LONGEST_REASON = 1000

blueprint = Blueprint(
    "withdrawals",
    __name__,
    url_prefix="/clinic/withdrawals",
    description="What was taken back at once, without a signature.",
)
blueprint.before_request(auth.require_staff)


class PartQuery(ma.Schema):
    """A part of what is signed, as `GET /protocols/to-sign` names it: one of the clinic's own."""

    part = PlainText(required=True, longest=200)


class WithdrawalIn(Body):
    """What goes back, and to which of its forms; null is what ships. Without `to` a version of the expected
    course is meant, `protocol` and its name: the one before it holds again."""

    part = PlainText(required=True, longest=200)
    to = PlainText(longest=LONGEST_PAGE, lines=True, load_default=None, allow_none=True)
    because = PlainText(required=True, longest=LONGEST_REASON, lines=True)


class WithdrawalOut(ma.Schema):
    """One withdrawal. `before` and `after` are the digests of what ran; null for what never did."""

    part = ma.fields.String(required=True)
    before = ma.fields.String(required=True, allow_none=True)
    after = ma.fields.String(required=True, allow_none=True)
    because = ma.fields.String(required=True)
    withdrawn_at = Timestamp(required=True)
    withdrawn_by = ma.fields.UUID(required=True, allow_none=True)


class WithdrawalPage(ma.Schema):
    """The newest."""

    items = ma.fields.List(ma.fields.Nested(WithdrawalOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class FormsOut(ma.Schema):
    """What a part may go back to at once; null for what ships."""

    items = ma.fields.List(ma.fields.String(allow_none=True), required=True)
    next = ma.fields.String(required=True, allow_none=True)


_ONE = WithdrawalOut()
_PAGE = WithdrawalPage()
_FORMS = FormsOut()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PAGE)
def list_withdrawals() -> Response:
    """What was taken back, newest first."""
    rows = stored.list_newest(database.current(), auth.staff().clinic_id, limit=MOST)
    return json({"items": [_shown(row) for row in rows], "next": None}, schema=_PAGE)


@blueprint.get("/forms")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(PartQuery(), location="query")
@blueprint.response(200, _FORMS)
@blueprint.alt_response(404, schema=Problem, description="no part of the clinic's own")
def list_signed_forms(query: dict[str, Any]) -> Response:
    """The forms of one of the clinic's own parts that were signed before."""
    forms = content_withdrawal.list_forms(
        database.current(), clinic=get_own_clinic(), part=query["part"], content=state().newest
    )
    return json({"items": forms, "next": None}, schema=_FORMS)


@blueprint.post("")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(WithdrawalIn())
@blueprint.response(201, _ONE)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(404, schema=Problem, description="no such part of the clinic's own, or version")
@blueprint.alt_response(409, schema=Problem, description="nothing that was signed before")
@repeats.once()
def withdraw_content(body: dict[str, Any]) -> Response:
    """Take something back at once. The clinic's directors and managers are told."""
    caller = auth.staff_for(Duty.WITHDRAWING)
    everywhere: dict[str, Any] = {
        "clinic": get_own_clinic(),
        "because": body["because"],
        "content": state().newest,
        "actor": audit.staff(caller.staff_id),
        "now": database.request_time(),
    }
    version = content_withdrawal.version_of(body["part"])
    if version is not None:
        row = content_withdrawal.withdraw_version(database.current(), version=version, **everywhere)
    else:
        row = content_withdrawal.withdraw_text(
            database.current(), part=body["part"], to=body["to"], **everywhere
        )
    return json(_shown(row), schema=_ONE, status=201)


def _shown(row: ContentWithdrawal) -> dict[str, Any]:
    names = ("part", "because", "withdrawn_at", "withdrawn_by")
    return {
        **{name: getattr(row, name) for name in names},
        "before": None if row.before is None else row.before.hex(),
        "after": None if row.after is None else row.after.hex(),
    }
