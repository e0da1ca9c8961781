"""A medical director signs what patients are judged by and what they read, as one thing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.models.clinic.clinics import Clinic
from recovery.models.content import avoidances, clinic_pages, signatures, wordings
from recovery.models.content import protocols as own_protocols
from recovery.models.content.signatures import ContentSignature
from recovery.services.content import protocols
from recovery.services.content.content import Content, UnknownProtocol
from recovery.services.core import audit
from recovery.services.core.audit import Actor


class ChangedSinceRead(Exception):
    """What is to be signed is no longer what was read; read it again."""


@dataclass(frozen=True, kw_only=True)
class ContentToSign:
    """Everything a signature covers: the version in force, and each text by its name.

    `digest` is the SHA-256 over all of it, in hexadecimal.
    """

    protocol: str
    texts: Mapping[str, str]
    digest: str


@dataclass(frozen=True, kw_only=True)
class SignatureStatus:
    """The newest signature, if there is one, and whether it covers what holds now."""

    signature: ContentSignature | None
    holds: bool


def content_to_sign(session: Session, *, clinic: Clinic, content: Content, now: datetime) -> ContentToSign:
    """What holds for the clinic's next patient."""
    version = protocols.current_version(session, clinic=clinic, at=now)
    texts = dict(content.sources)
    texts[f"protocol {version}"] = _source(session, clinic.id, version, content=content)
    for row in wordings.list_for_clinics(session, {clinic.id}):
        if row.template is not None:
            texts[f"own wording {row.language.value} {row.key}"] = row.template
    for language in content.catalogues:
        for topic, page in clinic_pages.list_for_language(session, clinic.id, language).items():
            texts[f"own page {language.value} {topic.value}"] = page.source or ""
    for what, own in avoidances.list_by_item(session, clinic.id).items():
        texts[f"own hours to avoid {what.value}"] = str(own.hours)
    canonical = json.dumps({"protocol": version, "texts": texts}, sort_keys=True, ensure_ascii=False)
    return ContentToSign(protocol=version, texts=texts, digest=hashlib.sha256(canonical.encode()).hexdigest())


def sign(
    session: Session, *, clinic: Clinic, read: str, content: Content, actor: Actor, now: datetime
) -> ContentSignature:
    """Put a signature under what was read; `read` is its digest. Raises ChangedSinceRead."""
    standing = content_to_sign(session, clinic=clinic, content=content, now=now)
    if standing.digest != read or actor.id is None:
        raise ChangedSinceRead
    signature = ContentSignature(
        clinic_id=clinic.id,
        protocol=standing.protocol,
        digest=bytes.fromhex(standing.digest),
        signed=dict(standing.texts),
        signed_at=now,
        signed_by=actor.id,
    )
    session.add(signature)
    session.flush()
    audit.record(
        session,
        clinic_id=clinic.id,
        actor=actor,
        action="content.sign",
        subject=("content_signature", signature.id),
        now=now,
        detail={"digest": standing.digest, "protocol": standing.protocol},
    )
    return signature


def get_status(session: Session, *, clinic: Clinic, content: Content, now: datetime) -> SignatureStatus:
    """Whether what holds now is signed. Any change of a curve, a rule or a wording unsigns."""
    newest = signatures.get_newest(session, clinic.id)
    if newest is None:
        return SignatureStatus(signature=None, holds=False)
    digest = content_to_sign(session, clinic=clinic, content=content, now=now).digest
    return SignatureStatus(signature=newest, holds=newest.digest == bytes.fromhex(digest))


def _source(session: Session, clinic_id: UUID, version: str, *, content: Content) -> str:
    shipped = content.protocol_sources.get(version)
    if shipped is not None:
        return shipped
    own = own_protocols.get(session, clinic_id, version)
    if own is None:
        raise UnknownProtocol(version)
    return own.body
