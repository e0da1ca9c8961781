"""Pages of the expected course: curve and rules, versions, a draft's replay, publishing, withdrawing, and the
page a director signs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api import app_state, auth, clinic_content, database, rate_limits
from api.console import console_blueprint, course_chart, page_layout
from api.console.content import figure_tables
from recovery.domain.clinic.staff_roles import MAY, Duty
from recovery.domain.clinical import chart_series, rule_descriptions
from recovery.domain.clinical.bands import BandTable, Curve
from recovery.domain.clinical.protocol import Protocol, ProtocolError
from recovery.domain.clinical.symptoms import Level, WarningSign
from recovery.domain.content import content_changes
from recovery.domain.content.content_changes import Change
from recovery.domain.content.knowledge_pages import KnowledgePage, KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.messaging import text_price
from recovery.models.clinic import clinics
from recovery.models.clinic.clinics import Clinic
from recovery.models.content import follow_ups, withdrawals
from recovery.models.content import protocols as stored
from recovery.services.access import authentication, credentials
from recovery.services.access.rate_limits import SIGNATURES_OF_ACCOUNT, TooManyTries
from recovery.services.access.second_factor import WrongTotpCode
from recovery.services.changes import content_withdrawal
from recovery.services.clinic import clinic_setup
from recovery.services.content import (
    content_differences,
    content_signing,
    knowledge_pages,
    protocols,
    wordings,
)
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.content.protocols import ReplayComparison
from recovery.services.core import audit

MOST_VERSIONS = 50
MOST_ROUNDS = 3
"""So many signatures and withdrawals back it is told how far what follows from them has come."""
_WRONG_CODE = "This is not the code that your authenticator shows now, or it was used already."
LONGEST_TEXT = 60_000
Answer = str | tuple[str, int] | AnyResponse


@dataclass(frozen=True, kw_only=True)
class CurveChart:
    """One curve of a protocol. A row is a symptom, its name, its band drawn, and the figures by day."""

    name: str
    title: str
    rows: Sequence[tuple[str, str, Markup, Sequence[str]]]
    days: Sequence[str]


@console_blueprint.blueprint.get("/course")
def course_page() -> Answer:
    """The curve in force, its rules, and the versions there are."""
    return _course()


@console_blueprint.blueprint.post("/course/drafts")
def draft_course() -> Answer:
    """Keep a draft; what cannot be read is refused with its line, and the text stays in the form."""
    caller, text = auth.staff_for(Duty.DRAFTING), request.form.get("text", "")[: LONGEST_TEXT + 1]
    try:
        if len(text) > LONGEST_TEXT:
            raise ProtocolError(f"longer than {LONGEST_TEXT} characters")
        kept = protocols.save_draft(
            database.current(),
            clinic_id=caller.clinic_id,
            text=text.replace("\r\n", "\n"),
            content=app_state.state().newest,
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    except ProtocolError as error:
        return _course(trouble=str(error), text=text), HTTPStatus.UNPROCESSABLE_ENTITY
    except protocols.VersionTaken:
        return _course(trouble="There is a version of this name. Name a new one.", text=text), 409
    return redirect(
        url_for("console.version_page", version=kept.version, done="drafted"), code=HTTPStatus.SEE_OTHER
    )


@console_blueprint.blueprint.get("/course/versions/<version>")
def version_page(version: str) -> Answer:
    """One version: its curve, its rules, and what it would have flagged among the clinic's treatments."""
    return _version(version)


@console_blueprint.blueprint.post("/course/versions/<version>/publish")
def publish_course(version: str) -> Answer:
    """Let it hold for the treatments from now on."""
    caller, now = auth.staff_for(Duty.SIGNING), database.request_time()
    reason = request.form.get("reason", "").strip()[:1000] or None
    try:
        protocols.publish(
            database.current(),
            clinic=_own(),
            version=version,
            effective_from=now,
            reason=reason,
            content=app_state.state().newest,
            actor=audit.staff(caller.staff_id),
            now=now,
        )
    except UnknownProtocol:
        raise NotFound from None
    except protocols.AlreadyPublished:
        return _version(version, trouble="It is published already; a published version does not change."), 409
    except protocols.AboveAlertBudget as error:
        error_text = f"It would flag more than the alert budget of {error.budget:g} in 100. Say why."
        return _version(version, trouble=error_text), HTTPStatus.CONFLICT
    return redirect(url_for("console.course_page", done="published"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.post("/course/versions/<version>/withdraw")
def withdraw_course(version: str) -> Answer:
    """Take a published version back at once."""
    caller = auth.staff_for(Duty.WITHDRAWING)
    because = request.form.get("because", "").strip()[:1000]
    if not because:
        return _version(version, trouble="Say why: it is kept."), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        content_withdrawal.withdraw_version(
            database.current(),
            clinic=_own(),
            version=version,
            because=because,
            content=app_state.state().newest,
            actor=audit.staff(caller.staff_id),
            now=database.request_time(),
        )
    except content_withdrawal.UnknownPart:
        raise NotFound from None
    return redirect(url_for("console.course_page", done="taken_back"), code=HTTPStatus.SEE_OTHER)


@console_blueprint.blueprint.get("/course/sign")
def sign_page() -> Answer:
    """Everything a signature covers, to be read, printed and signed."""
    return _sign()


@console_blueprint.blueprint.post("/course/sign")
def sign_course() -> Answer:
    """Put a signature under what was read."""
    caller = auth.staff_for(Duty.SIGNING)
    try:
        rate_limits.enforce({SIGNATURES_OF_ACCOUNT: str(caller.staff_id)})
        content_signing.sign(
            database.current(),
            clinic=_own(),
            member=authentication.member_of(database.current(), caller),
            read=request.form.get("digest", "")[:64],
            code="".join(request.form.get("code", "")[:24].split()),
            content=app_state.state().newest,
            now=database.request_time(),
        )
    except content_signing.ChangedSinceRead:
        return _sign(trouble="It changed since you read it. Read it again below."), HTTPStatus.CONFLICT
    except WrongTotpCode:
        return _sign(trouble=_WRONG_CODE), HTTPStatus.UNPROCESSABLE_ENTITY
    except TooManyTries:
        return _sign(trouble="Too many tries. Try again in a quarter of an hour."), 429
    return redirect(url_for("console.sign_page", done="signed"), code=HTTPStatus.SEE_OTHER)


def _course(*, trouble: str | None = None, text: str = "") -> str:
    session, clinic, now = database.current(), _own(), database.request_time()
    content, running = app_state.state().newest, clinic_content.running_or_shipped()
    in_force = protocols.current_version(session, clinic=clinic, at=now, content=running)
    return render_template(
        "console/course.html",
        **page_layout.page_context(auth.staff()),
        standing=content_signing.get_status(session, clinic=clinic, content=content, now=now),
        in_force=in_force,
        own=stored.list_versions(session, clinic.id, limit=MOST_VERSIONS),
        shipped=sorted(content.protocols.values(), key=lambda protocol: protocol.version, reverse=True),
        may_sign=_may_sign(),
        may_draft=auth.staff().role in MAY[Duty.DRAFTING],
        trouble=trouble,
        text=text,
        **_understood(in_force, content=running),
    )


def _version(version: str, *, trouble: str | None = None) -> str:
    session, clinic, content = database.current(), _own(), app_state.state().newest
    try:
        understood = _understood(version, content=content)
    except UnknownProtocol:
        raise NotFound from None
    replay = protocols.replay_draft(session, clinic_id=clinic.id, version=version, content=content)
    return render_template(
        "console/version.html",
        **page_layout.page_context(auth.staff()),
        version=version,
        kept=stored.get(session, clinic.id, version),
        replay=replay_figures(replay),
        budget=clinic.flags_per_100 or content.response_times.flags_per_100,
        differs=_differences(version),
        may_sign=_may_sign(),
        may_draft=auth.staff().role in MAY[Duty.DRAFTING],
        may_withdraw=auth.staff().role in MAY[Duty.WITHDRAWING],
        trouble=trouble,
        **understood,
    )


def _differences(version: str) -> Sequence[Change] | None:
    """Where a version differs from the one in force, as the clinic runs on it; None for that one itself."""
    session, clinic, running = database.current(), _own(), clinic_content.running_or_shipped()
    in_force = protocols.current_version(session, clinic=clinic, at=database.request_time(), content=running)
    if in_force == version:
        return None
    texts = [
        protocols.text_of(session, clinic_id=clinic.id, version=one, content=content)
        for one, content in ((in_force, running), (version, app_state.state().newest))
    ]
    before, after = ({version: content_changes.places_of(text)} for text in texts)
    return [one for part in content_changes.compare(before, after) for one in part.changes]


def _sign(*, trouble: str | None = None) -> str:
    session, clinic, now, content = (
        database.current(),
        _own(),
        database.request_time(),
        app_state.state().newest,
    )
    what = content_signing.content_to_sign(session, clinic=clinic, content=content, now=now)
    standing = content_signing.get_status(session, clinic=clinic, content=content, now=now)
    names = clinics.staff_names(session, clinic.id)
    replay = protocols.replay_draft(session, clinic_id=clinic.id, version=what.protocol, content=content)
    return render_template(
        "console/sign.html",
        **page_layout.page_context(auth.staff()),
        what=what,
        standing=standing,
        signed_by=None if standing.signature is None else names.get(standing.signature.signed_by),
        purpose=_purpose(),
        understood=list(figure_tables.read_blocks(what.parts["figures of the reader"])),
        wordings=_wordings(),
        withdrawn=withdrawals.list_newest(session, clinic.id, limit=MOST_VERSIONS),
        followed=follow_ups.list_newest(session, clinic.id, limit=MOST_ROUNDS),
        names=names,
        changed=content_differences.list_changes(session, clinic=clinic, what=what, content=content, now=now),
        replay=replay_figures(replay),
        price=_price(clinic, content=content),
        may_sign=_may_sign(),
        may_withdraw=auth.staff().role in MAY[Duty.WITHDRAWING],
        trouble=trouble,
        **_understood(what.protocol, content=content),
    )


def _price(clinic: Clinic, *, content: Content) -> str:
    """What the clinic's texts cost with this installation's links."""
    link_length = credentials.link_length(app_state.state().settings.links_at)
    return text_price.describe(
        clinic_setup.price_of(database.current(), clinic=clinic, content=content, link_length=link_length)
    )


def _purpose() -> KnowledgePage:
    """What the product is for and is not, as the clinic's patients read it in English."""
    session, content = database.current(), app_state.state().newest
    pages = knowledge_pages.list_pages(
        session, auth.staff().clinic_id, language=Language.ENGLISH, content=content
    )
    (purpose,) = (one.page for one in pages if one.topic is KnowledgeTopic.PURPOSE)
    return purpose


def _understood(version: str, *, content: Content) -> dict[str, Any]:
    """The parts of a protocol that people read. Raises UnknownProtocol."""
    protocol = protocols.get_protocol(
        database.current(), clinic_id=auth.staff().clinic_id, version=version, content=content
    )
    return {
        "protocol": protocol,
        "curves": [_drawn(curve, protocol, number) for number, curve in enumerate(_usual_first(protocol))],
        "rules": rule_descriptions.describe_rules(protocol),
        "signs": _signs(protocol),
    }


def _usual_first(protocol: Protocol) -> list[Curve]:
    """Last in a protocol stands the curve for whatever no other one is for: the one most patients have."""
    *special, usual = protocol.curves.curves
    return [usual, *special]


def _drawn(curve: Curve, protocol: Protocol, number: int) -> CurveChart:
    hours = protocol.curves.hours
    table = BandTable(hours=hours, bands=curve.bands)
    names = app_state.state().newest.words_for(Language.ENGLISH).symptoms_nurse
    rows = []
    for symptom, bands in curve.bands.items():
        series = chart_series.build_series(symptom, seen=(), table=table, last_hour=hours[-1])
        name = names[symptom].capitalize()
        drawing = course_chart.spark(series, ident=f"curve-{number}-{symptom.value}", name=name)
        cells = [f"{band.p50:g} / {band.p90:g} / {band.p97_5:g}" for band in bands]
        rows.append((symptom.value, name, drawing, cells))
    return CurveChart(
        name=curve.name, title=curve.title, rows=rows, days=[f"{hour / 24:.0f}" for hour in hours]
    )


def _signs(protocol: Protocol) -> list[tuple[str, list[str]]]:
    names = app_state.state().newest.words_for(Language.ENGLISH).signs.nurse
    by_level: dict[Level, list[WarningSign]] = {}
    for sign, level in protocol.urgencies.items():
        by_level.setdefault(level, []).append(sign)
    return [
        (rule_descriptions.URGENCY[level], [names[sign] for sign in by_level[level]])
        for level in sorted(by_level, key=lambda level: level.rank, reverse=True)
    ]


def _wordings() -> Mapping[str, Sequence[tuple[str, str, str]]]:
    """Every text by language: when it goes out, its words, and whether they are the clinic's own."""
    by_language: dict[str, list[tuple[str, str, str]]] = {}
    for wording in wordings.list_wordings(
        database.current(), auth.staff().clinic_id, content=app_state.state().newest
    ):
        own = "" if wording.saved_at is None else "own words"
        by_language.setdefault(wording.language.value, []).append(
            (wording.text.when, wording.text.template, own)
        )
    return by_language


def replay_figures(replay: ReplayComparison) -> list[tuple[str, dict[str, Any]]]:
    labels = {"all": "All treatments", "I-III": "Skin types I to III", "IV-VI": "Skin types IV to VI"}
    return [
        (labels.get(name, "Skin type not recorded"), figures)
        for name, figures in replay.figures().items()
        if name == "all" or figures["treatments"]
    ]


def _may_sign() -> bool:
    return auth.staff().role in MAY[Duty.SIGNING]


def _own() -> Clinic:
    return clinics.get_one(database.current(), auth.staff().clinic_id)
