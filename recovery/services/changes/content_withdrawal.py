"""Something dangerous in wordings, pages, hours or a version goes back at once to a form signed before: no
signature is needed.

It is told to the directors and managers of the clinic, and stands in its trail. What goes further than back
waits for a signature like any other change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from recovery.domain.content import course_plan
from recovery.domain.content.course_plan import CoursePlan
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.models.content import protocols as versions
from recovery.models.content import signatures, withdrawals
from recovery.models.content.follow_ups import ContentFollowUp, FollowUpKind
from recovery.models.content.withdrawals import ContentWithdrawal
from recovery.models.core import signed_content
from recovery.services.content import content_parts, content_signing, own_content, running_content
from recovery.services.content.content import Content
from recovery.services.core import audit
from recovery.services.core.audit import Actor

MOST_SIGNATURES = 20
"""So many signatures back something is looked for."""


class UnknownPart(LookupError):
    """There is nothing of this name that could be taken back."""


class NotSignedBefore(Exception):
    """Only what was signed before comes back at once."""


def version_of(part: str) -> str | None:
    """The version of the expected course that a part is; None where it is something else."""
    prefix = content_parts.PROTOCOL
    return part.removeprefix(prefix) if part.startswith(prefix) else None


def list_own_parts(session: Session, clinic: Clinic) -> Sequence[str]:
    """The names of all that is or was the clinic's own among what was signed, in their order."""
    if clinic.running_content is None or clinic.mode is not ClinicMode.LIVE:
        return []
    signed = signatures.list_signatures(session, clinic.id, limit=MOST_SIGNATURES)
    bundles = {clinic.running_content, *(one.bundle for one in signed if one.bundle is not None)}
    names = {name for bundle in bundles for name in signed_content.list_parts(session, bundle) or ()}
    return sorted(name for name in names if name.startswith(own_content.PREFIXES))


def list_forms(session: Session, *, clinic: Clinic, part: str, content: Content) -> Sequence[str | None]:
    """What one of the clinic's own parts may go back to at once, the newest first; None for what ships.

    What ships is what was signed of it. What was taken back is none of them until it is signed anew.
    Nothing where the clinic does not run on what was signed. Raises UnknownPart.
    """
    if not part.startswith(own_content.PREFIXES):
        raise UnknownPart(part)
    if clinic.running_content is None or clinic.mode is not ClinicMode.LIVE:
        return []
    running = running_content.read_parts(session, clinic.running_content, newest=content)
    shipped = own_content.shipped_form(running, part)
    taken_back = _taken_back(session, clinic, part, content=content)
    forms: dict[str | None, None] = {None: None} if part in running else {}
    for signature in signatures.list_signatures(session, clinic.id, limit=MOST_SIGNATURES):
        if signature.bundle is not None:
            signed = running_content.read_parts(session, signature.bundle, newest=content)
            form = _form(signed, part)
            since = taken_back.get(form)
            if since is not None and since >= signature.signed_at:
                continue
            if form is not None and form != _form(running, part):
                forms[None if form == shipped else form] = None
    return list(forms)


def withdraw_text(
    session: Session,
    *,
    clinic: Clinic,
    part: str,
    to: str | None,
    because: str,
    content: Content,
    actor: Actor,
    now: datetime,
) -> ContentWithdrawal:
    """Let one of the clinic's own texts or hours be as it was signed before, at once; None for what ships.

    What waits to be signed goes back with it. Raises UnknownPart, NotSignedBefore.
    """
    session.refresh(clinic, with_for_update=True)
    to = _chosen(list_forms(session, clinic=clinic, part=part, content=content), to)
    running = _running(session, clinic, content=content)
    parts = {name: text for name, text in running.items() if name != part}
    if to is not None:
        parts[part] = to
    own_content.put_back(session, clinic_id=clinic.id, part=part, to=to, by=actor.id, now=now)
    return _run(session, clinic, parts, part=part, because=because, content=content, actor=actor, now=now)


def withdraw_version(
    session: Session,
    *,
    clinic: Clinic,
    version: str,
    because: str,
    content: Content,
    actor: Actor,
    now: datetime,
) -> ContentWithdrawal:
    """Take a published version of the expected course back at once: the one before it holds again.

    Treatments that are held to it are held to that one as well, and the stricter of both counts: every report
    from now on, and by the worker the courses that are still followed. Raises UnknownPart; NotSignedBefore
    for the version a clinic began with.
    """
    session.refresh(clinic, with_for_update=True)
    kept = versions.get_for_update(session, clinic.id, version)
    if kept is None or kept.published_at is None or kept.withdrawn_at is not None:
        raise UnknownPart(version)
    running, part = _running(session, clinic, content=content), f"{content_parts.PROTOCOL}{version}"
    plan = course_plan.parse(running[content_parts.COURSE]) if running else None
    signed = plan is not None and version in {step.version for step in plan.steps}
    kept.beside = _before(session, clinic, version, plan if signed else None)
    kept.withdrawn_at, kept.withdrawn_by = now, actor.id
    session.flush()
    if plan is None or not signed:
        return _keep(session, clinic, part=part, before=None, because=because, actor=actor, now=now)
    steps = [step for step in plan.steps if step.version != version]
    after = CoursePlan(steps=steps, beside={**plan.beside, version: kept.beside})
    parts = {**running, content_parts.COURSE: course_plan.dump(after)}
    withdrawn = _run(
        session, clinic, parts, part=part, because=because, content=content, actor=actor, now=now
    )
    session.add(
        ContentFollowUp(
            clinic_id=clinic.id,
            kind=FollowUpKind.JUDGEMENTS,
            version=version,
            asked_at=now,
            asked_by=actor.id,
        )
    )
    session.flush()
    return withdrawn


def _form(parts: Mapping[str, str], part: str) -> str | None:
    """What stands for a part in a bundle."""
    return parts.get(part) or own_content.shipped_form(parts, part)


def _taken_back(
    session: Session, clinic: Clinic, part: str, *, content: Content
) -> Mapping[str | None, datetime]:
    """The forms of a part that were taken back, each with when that was last."""
    found: dict[str | None, datetime] = {}
    for row in withdrawals.list_of_part(session, clinic.id, part):
        if row.before is not None:
            ran = running_content.read_parts(session, row.before, newest=content)
            found[_form(ran, part)] = row.withdrawn_at
    return found


def _chosen(forms: Sequence[str | None], wanted: str | None) -> str | None:
    """The form that is meant; space around it is lost on its way through a form of a page."""
    for form in forms:
        if form == wanted or (form is not None and wanted is not None and form.strip() == wanted.strip()):
            return form
    raise NotSignedBefore


def _before(session: Session, clinic: Clinic, version: str, plan: CoursePlan | None) -> str:
    """The version that held before this one."""
    if plan is None:
        steps = [clinic.protocol, *(row.version for row in versions.list_published(session, clinic.id))]
    else:
        steps = [step.version for step in plan.steps]
    place = steps.index(version)
    if place == 0:
        raise NotSignedBefore
    return steps[place - 1]


def _running(session: Session, clinic: Clinic, *, content: Content) -> Mapping[str, str]:
    """The parts that a live clinic runs on; none where it does not run on what was signed."""
    if clinic.running_content is None or clinic.mode is not ClinicMode.LIVE:
        return {}
    return running_content.read_parts(session, clinic.running_content, newest=content)


def _run(
    session: Session,
    clinic: Clinic,
    parts: Mapping[str, str],
    *,
    part: str,
    because: str,
    content: Content,
    actor: Actor,
    now: datetime,
) -> ContentWithdrawal:
    before = clinic.running_content
    content_signing.run(session, clinic=clinic, parts=parts, content=content)
    return _keep(session, clinic, part=part, before=before, because=because, actor=actor, now=now)


def _keep(
    session: Session,
    clinic: Clinic,
    *,
    part: str,
    before: bytes | None,
    because: str,
    actor: Actor,
    now: datetime,
) -> ContentWithdrawal:
    kept = ContentWithdrawal(
        clinic_id=clinic.id,
        part=part,
        before=before,
        after=None if before is None else clinic.running_content,
        because=because,
        withdrawn_at=now,
        withdrawn_by=actor.id,
    )
    session.add(kept)
    session.flush()
    audit.record(
        session,
        clinic_id=clinic.id,
        actor=actor,
        action="content.withdraw",
        subject=("content_withdrawal", kept.id),
        now=now,
        detail={"part": part, "because": because},
    )
    return kept
