"""The page behind the link in a text. It is the same for everyone: who opens it is known only after
sign-in, through the public API for patients, which is all that the page's script ever talks to."""

from __future__ import annotations

import json

from flask import Blueprint, Response, current_app, render_template
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from api.app_state import KEY, state
from api.companion import copy
from recovery.domain import symptoms
from recovery.domain.people import Language
from recovery.domain.symptoms import Level, Symptom, WarningSign

_COPY = "afterglow-companion"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

blueprint = Blueprint(
    "companion",
    __name__,
    static_folder="static",
    static_url_path="/companion/static",
    template_folder="templates",
)


class InvitationToken(BaseConverter):
    """Exactly the 22 characters of an invitation, so that no other address at the root is taken."""

    regex = "[A-Za-z0-9_-]{22}"


@blueprint.record_once
def _prepare(setup: BlueprintSetupState) -> None:
    setup.app.url_map.converters["invitation"] = InvitationToken
    setup.app.extensions[_COPY] = copy.read(Language.ENGLISH, content=setup.app.extensions[KEY].content)


@blueprint.get("/")
def front() -> str:
    """What this is, for whoever finds the host."""
    return render_template("companion/front.html", copy=_copy().words)


@blueprint.get("/check-in")
def check_in() -> str:
    """The page without an invitation: where a signed-in tab is after its token left the address bar."""
    return _page()


@blueprint.get("/<invitation:token>")
def invited(token: str) -> str:
    """The page. Link previews open it too, so it looks nothing up: the script hands the token in."""
    return _page()


@blueprint.after_request
def _guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    # The address of the page is a secret until it is spent.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _copy() -> copy.Copy:
    found = current_app.extensions[_COPY]
    if not isinstance(found, copy.Copy):
        raise TypeError("the page's words were not read")
    return found


def _page() -> str:
    shown, content = _copy(), state().content
    words = content.words_for(Language.ENGLISH)
    # Nobody is known yet, so the clinic's own protocol is not: a sign is shown with the greatest urgency
    # any protocol gives it. The answer to the report is judged by the treatment's own in any case.
    protocols = content.protocols.values()
    urgency = {sign: max((one.urgency(sign) for one in protocols), key=_rank) for sign in WarningSign}
    together = {signs for one in protocols for signs, level in one.together if level is Level.EMERGENCY}
    groups = [
        (level, [(sign, words.signs_patient[sign]) for sign in WarningSign if urgency[sign] is level])
        for level in (Level.EMERGENCY, Level.ABNORMAL, Level.WATCH)
    ]
    script = {
        "says": shown.words["says"] | {name: shown.words["urgent"][name] for name in ("call", "then")},
        "bands": [{"score": band.score, "label": shown.words["bands"][band.name]} for band in shown.bands],
        "symptoms": {symptom: shown.words["symptoms"][symptom] for symptom in Symptom},
        "required": symptoms.REQUIRED,
        "signs": words.signs_patient,
        "emergency": [sign for sign, _ in groups[0][1]],
        "together": sorted(sorted(signs) for signs in together),
    }
    return render_template(
        "companion/check_in.html",
        copy=shown.words,
        bands=shown.bands,
        required=[(symptom, words.symptoms_patient[symptom]) for symptom in symptoms.REQUIRED],
        optional=[
            (symptom, words.symptoms_patient[symptom])
            for symptom in Symptom
            if symptom not in symptoms.REQUIRED
        ],
        groups=groups,
        emergency_advice=words.advice[Level.EMERGENCY],
        script=json.dumps(script),
    )


def _rank(level: Level) -> int:
    return level.rank
