"""Endpoints and bodies: versions of the expected course, a draft's replay, publishing, and the director's
signature over all content."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask import Response

from api import auth, clinic_content, database, rate_limits
from api.app_state import state
from api.clinic import repeats
from api.clinic.patients.patients import get_own_clinic
from api.formats.request_bodies import Blueprint, Body, PlainText, Timestamp
from api.formats.responses import json
from api.openapi.document import Problem
from recovery.domain.clinic.staff_roles import Duty
from recovery.models.clinic.clinics import Clinic
from recovery.models.content import protocols as stored
from recovery.models.content.protocols import ProtocolVersion
from recovery.services.access import authentication
from recovery.services.access.rate_limits import SIGNATURES_OF_ACCOUNT
from recovery.services.content import content_differences, content_signing, protocols
from recovery.services.core import audit

MOST = 200
LONGEST = 60_000
"""Characters of a protocol's TOML; the shipped ones take a third of it."""

blueprint = Blueprint("protocols", __name__, url_prefix="/protocols", description="The expected course.")
blueprint.before_request(auth.require_staff)


class DraftIn(Body):
    """A protocol as TOML, in the form of the shipped ones."""

    text = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=LONGEST))


class PublishIn(Body):
    """From when it holds; the reason is needed where it flags more than the clinic's alert budget."""

    effective_from = Timestamp(load_default=None, allow_none=True)
    reason = PlainText(longest=1000, lines=True, load_default=None, allow_none=True)


class SignIn(Body):
    """The digest of what was read, as `GET /protocols/to-sign` gave it, and a code of the second factor."""

    digest = PlainText(required=True, shortest=64, longest=64)
    code = PlainText(required=True, longest=24)


class VersionOut(ma.Schema):
    """One version. `shipped` ones came with the product; a draft has no `published_at`."""

    version = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    shipped = ma.fields.Boolean(required=True)
    in_force = ma.fields.Boolean(required=True)
    created_at = Timestamp(required=True, allow_none=True)
    published_at = Timestamp(required=True, allow_none=True)
    effective_from = Timestamp(required=True, allow_none=True)
    figures = ma.fields.Dict(required=True, allow_none=True)
    reason = ma.fields.String(required=True, allow_none=True)


class VersionPage(ma.Schema):
    """The clinic's own versions, newest first, then the shipped ones."""

    items = ma.fields.List(ma.fields.Nested(VersionOut), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class ReplayOut(ma.Schema):
    """Flags per 100 treatments, as they were and as the draft would have raised them, by skin type too."""

    version = ma.fields.String(required=True)
    figures = ma.fields.Dict(required=True)


class ChangeOut(ma.Schema):
    """One wording or bound; a side is null where there is nothing."""

    part = ma.fields.String(required=True)
    place = ma.fields.String(required=True)
    before = ma.fields.String(required=True, allow_none=True)
    after = ma.fields.String(required=True, allow_none=True)


class ToSignOut(ma.Schema):
    """Everything a signature covers, each text by its name, and the digest over all of it.

    `changes` is what differs from what was signed last, which a live clinic runs on; null before the first
    signature. `signed` says that nothing waits for one.
    """

    protocol = ma.fields.String(required=True)
    texts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)
    digest = ma.fields.String(required=True)
    changes = ma.fields.List(ma.fields.Nested(ChangeOut), required=True, allow_none=True)
    signed = ma.fields.Boolean(required=True)
    signed_at = Timestamp(required=True, allow_none=True)
    signed_by = ma.fields.UUID(required=True, allow_none=True)


_VERSION = VersionOut()
_PAGE = VersionPage()
_REPLAY = ReplayOut()
_TO_SIGN = ToSignOut()


@blueprint.get("")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _PAGE)
def list_protocol_versions() -> Response:
    """Every version that a treatment can be or was held to."""
    session, clinic = database.current(), get_own_clinic()
    holds = _in_force(clinic)
    own = [_own(version, holds=holds) for version in stored.list_versions(session, clinic.id, limit=MOST)]
    shipped = [
        _shipped(protocol.version, protocol.title, holds=holds)
        for protocol in sorted(
            state().newest.protocols.values(), key=lambda protocol: protocol.version, reverse=True
        )
    ]
    return json({"items": [*own, *shipped], "next": None}, schema=_PAGE)


@blueprint.post("")
@blueprint.doc(security=[{"staff": []}], **repeats.DOC)
@blueprint.arguments(DraftIn())
@blueprint.response(201, _VERSION)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="there is a protocol of this version")
@repeats.once()
def create_protocol_draft(body: dict[str, Any]) -> Response:
    """Keep a draft. What cannot be read is refused with its line."""
    caller = auth.staff_for(Duty.DRAFTING)
    kept = protocols.save_draft(
        database.current(),
        clinic_id=caller.clinic_id,
        text=body["text"],
        content=state().newest,
        actor=audit.staff(caller.staff_id),
        now=database.request_time(),
    )
    return json(_own(kept, holds=""), schema=_VERSION, status=201)


@blueprint.post("/<version>/replay")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _REPLAY)
def replay_protocol_version(version: str) -> Response:
    """Judge the clinic's newest treatments again by this version. Nothing is stored."""
    comparison = protocols.replay_draft(
        database.current(), clinic_id=auth.staff().clinic_id, version=version, content=state().newest
    )
    return json({"version": version, "figures": comparison.figures()}, schema=_REPLAY)


@blueprint.post("/<version>/publish")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(PublishIn())
@blueprint.response(200, _VERSION)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="published already, or above the alert budget")
def publish_protocol_version(body: dict[str, Any], *, version: str) -> Response:
    """Let a draft hold for the treatments from a moment on; in a live clinic once it is signed."""
    caller = auth.staff_for(Duty.SIGNING)
    session, now, clinic = database.current(), database.request_time(), get_own_clinic()
    kept = protocols.publish(
        session,
        clinic=clinic,
        version=version,
        effective_from=body["effective_from"] or now,
        reason=body["reason"],
        content=state().newest,
        actor=audit.staff(caller.staff_id),
        now=now,
    )
    return json(_own(kept, holds=_in_force(clinic)), schema=_VERSION)


@blueprint.get("/to-sign")
@blueprint.doc(security=[{"staff": []}])
@blueprint.response(200, _TO_SIGN)
def get_content_to_sign() -> Response:
    """The newest curve with its rules, and every wording: what a live clinic runs on once it is signed."""
    return _signing()


@blueprint.post("/sign")
@blueprint.doc(security=[{"staff": []}])
@blueprint.arguments(SignIn())
@blueprint.response(200, _TO_SIGN)
@blueprint.alt_response(403, schema=Problem)
@blueprint.alt_response(409, schema=Problem, description="it changed since it was read")
def sign_content(body: dict[str, Any]) -> Response:
    """Sign what was read: from now on a live clinic runs on it, and on nothing that is changed later."""
    caller = auth.staff_for(Duty.SIGNING)
    rate_limits.enforce({SIGNATURES_OF_ACCOUNT: str(caller.staff_id)})
    session = database.current()
    content_signing.sign(
        session,
        clinic=get_own_clinic(),
        member=authentication.member_of(session, caller),
        read=body["digest"],
        code=body["code"],
        content=state().newest,
        now=database.request_time(),
    )
    return _signing()


def _signing() -> Response:
    session, clinic, content, now = (
        database.current(),
        get_own_clinic(),
        state().newest,
        database.request_time(),
    )
    what = content_signing.content_to_sign(session, clinic=clinic, content=content, now=now)
    standing = content_signing.get_status(session, clinic=clinic, content=content, now=now)
    signature = standing.signature if standing.holds else None
    changed = content_differences.list_changes(session, clinic=clinic, what=what, content=content, now=now)
    return json(
        {
            "protocol": what.protocol,
            "texts": what.texts,
            "digest": what.digest,
            "changes": None
            if changed is None
            else [
                {"part": part.name, "place": one.place, "before": one.before, "after": one.after}
                for part in changed
                for one in part.changes
            ],
            "signed": standing.holds,
            "signed_at": None if signature is None else signature.signed_at,
            "signed_by": None if signature is None else signature.signed_by,
        },
        schema=_TO_SIGN,
    )


def _in_force(clinic: Clinic) -> str:
    return protocols.current_version(
        database.current(),
        clinic=clinic,
        at=database.request_time(),
        content=clinic_content.running_or_shipped(),
    )


def _own(kept: ProtocolVersion, *, holds: str) -> dict[str, Any]:
    names = ("version", "title", "created_at", "published_at", "effective_from", "figures", "reason")
    fields = {name: getattr(kept, name) for name in names}
    return {**fields, "shipped": False, "in_force": kept.version == holds}


def _shipped(version: str, title: str, *, holds: str) -> dict[str, Any]:
    empty = dict.fromkeys(("created_at", "published_at", "effective_from", "figures", "reason"))
    return {"version": version, "title": title, "shipped": True, "in_force": version == holds, **empty}
