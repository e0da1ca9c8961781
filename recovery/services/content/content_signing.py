"""A medical director signs what patients are judged by and what they read, as one thing, which then binds."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.content import course_plan
from recovery.domain.content.course_plan import CoursePlan, CourseStep
from recovery.models.clinic.clinics import Clinic, ClinicMode, Staff
from recovery.models.content import protocols as own_protocols
from recovery.models.content import signatures
from recovery.models.content.follow_ups import ContentFollowUp, FollowUpKind
from recovery.models.content.signatures import ContentSignature
from recovery.models.core import signed_content
from recovery.services.access import second_factor
from recovery.services.content import content_parts, own_content, running_content
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.core import audit


class ChangedSinceRead(Exception):
    """What is to be signed is no longer what was read; read it again."""


@dataclass(frozen=True, kw_only=True)
class ContentToSign:
    """Everything a signature covers, each text by its name; `protocol` is the version for today's treatments.

    `digest` is the SHA-256 over all of it, in hexadecimal.
    """

    protocol: str
    parts: Mapping[str, str]
    digest: str

    @property
    def texts(self) -> Mapping[str, str]:
        """The parts as people read them: the weights are too long, and are told by their digest."""
        weights = self.parts.get(content_parts.WEIGHTS, "")
        return {**self.parts, content_parts.WEIGHTS: content_parts.digest_of(weights).hex()}


@dataclass(frozen=True, kw_only=True)
class SignatureStatus:
    """The newest signature, if there is one, and whether what was signed is all that there is.

    Where `holds` is false something was changed since, and waits for a signature.
    """

    signature: ContentSignature | None
    holds: bool


def content_to_sign(session: Session, *, clinic: Clinic, content: Content, now: datetime) -> ContentToSign:
    """The newest of what ships (`content`) and of the clinic's own: what a signature would let run."""
    plan = _plan(session, clinic)
    parts = {
        **content.sources,
        **own_content.read_own(session, clinic.id).parts(),
        content_parts.COURSE: course_plan.dump(plan),
        **_protocols(session, clinic, plan, content=content),
    }
    return ContentToSign(protocol=plan.version_at(now), parts=parts, digest=bundle_digest(parts).hex())


def sign(
    session: Session,
    *,
    clinic: Clinic,
    member: Staff,
    read: str,
    code: str | None,
    content: Content,
    now: datetime,
) -> ContentSignature:
    """Put a signature under what was read, which a live clinic runs on from now on; `read` is its digest.

    `code` is of the member's second factor, asked for anew: a browser that was left open does not sign.
    Raises ChangedSinceRead, WrongTotpCode.
    """
    session.refresh(clinic, with_for_update=True)
    standing = content_to_sign(session, clinic=clinic, content=content, now=now)
    if standing.digest != read:
        raise ChangedSinceRead
    if not second_factor.verify_code(session, member, code, now=now):
        raise second_factor.WrongTotpCode
    before = clinic.running_content
    digest = run(session, clinic=clinic, parts=standing.parts, content=content)
    signature = ContentSignature(
        clinic_id=clinic.id,
        protocol=standing.protocol,
        digest=digest,
        bundle=digest,
        signed_at=now,
        signed_by=member.id,
    )
    session.add(signature)
    if clinic.mode is ClinicMode.LIVE and digest != before:
        # Texts that were planned by what ran before follow what was signed.
        session.add(
            ContentFollowUp(
                clinic_id=clinic.id, kind=FollowUpKind.PLANS, before=before, asked_at=now, asked_by=member.id
            )
        )
    session.flush()
    audit.record(
        session,
        clinic_id=clinic.id,
        actor=audit.staff(member.id),
        action="content.sign",
        subject=("content_signature", signature.id),
        now=now,
        detail={"digest": standing.digest, "protocol": standing.protocol},
    )
    return signature


def run(session: Session, *, clinic: Clinic, parts: Mapping[str, str], content: Content) -> bytes:
    """Keep these parts as one bundle and let the clinic run on it; its digest.

    Raises UnreadableContent: nothing is run on that could not be read again.
    """
    running_content.understand(parts, newest=content)
    digest = bundle_digest(parts)
    digests = {name: content_parts.digest_of(text) for name, text in parts.items()}
    texts = {content_parts.digest_of(text): text for text in parts.values()}
    signed_content.keep(session, digest=digest, parts=digests, texts=texts)
    clinic.running_content = digest
    session.flush()
    return digest


def get_status(session: Session, *, clinic: Clinic, content: Content, now: datetime) -> SignatureStatus:
    """Whether all that there is was signed. Any change of a curve, a rule or a wording waits for it anew."""
    newest = signatures.get_newest(session, clinic.id)
    if newest is None or clinic.running_content is None:
        return SignatureStatus(signature=newest, holds=False)
    digest = content_to_sign(session, clinic=clinic, content=content, now=now).digest
    return SignatureStatus(signature=newest, holds=clinic.running_content == bytes.fromhex(digest))


def bundle_digest(parts: Mapping[str, str]) -> bytes:
    """By what a bundle of these texts is known."""
    digests = {name: content_parts.digest_of(text).hex() for name, text in parts.items()}
    return hashlib.sha256(json.dumps(digests, sort_keys=True, ensure_ascii=False).encode()).digest()


def _plan(session: Session, clinic: Clinic) -> CoursePlan:
    """The version that the clinic began with, and every one that it published, also for a later day."""
    published = own_protocols.list_published(session, clinic.id)
    own = [
        CourseStep(version=row.version, since=row.effective_from)
        for row in published
        if row.withdrawn_at is None
    ]
    return CoursePlan(
        steps=(CourseStep(version=clinic.protocol, since=None), *own),
        beside={row.version: row.beside for row in published if row.beside is not None},
    )


def _protocols(session: Session, clinic: Clinic, plan: CoursePlan, *, content: Content) -> dict[str, str]:
    """The versions of the plan, and all that a treatment of the clinic is or was held to."""
    signed: Mapping[str, str] = {}
    if clinic.running_content is not None:
        with contextlib.suppress(running_content.UnreadableContent):
            signed = running_content.read_parts(session, clinic.running_content, newest=content)
    before = {name.removeprefix(content_parts.PROTOCOL) for name in signed if _is_protocol(name)}
    wanted = {step.version for step in plan.steps} | before | {*plan.beside, *plan.beside.values()}
    wanted |= set(own_protocols.versions_of_treatments(session, clinic.id))
    return {
        f"{content_parts.PROTOCOL}{version}": _source(session, clinic.id, version, signed, content=content)
        for version in sorted(wanted)
    }


def _is_protocol(name: str) -> bool:
    return name.startswith(content_parts.PROTOCOL)


def _source(
    session: Session, clinic_id: UUID, version: str, signed: Mapping[str, str], *, content: Content
) -> str:
    shipped = content.protocol_sources.get(version)
    if shipped is not None:
        return shipped
    own = own_protocols.get(session, clinic_id, version)
    if own is not None:
        return own.body
    # It shipped once, and treatments are still held to it.
    before = signed.get(f"{content_parts.PROTOCOL}{version}")
    if before is None:
        raise UnknownProtocol(version)
    return before
