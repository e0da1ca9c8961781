"""A manager sets the clinic up: name, hours and numbers, all that is wrong named at once; its readiness,
going live."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, cast

from sqlalchemy.orm import Session

from recovery.domain.clinic import clinic_readiness, opening_hours, places
from recovery.domain.clinic.clinic_readiness import ReadinessCheck
from recovery.domain.clinic.opening_hours import HoursError
from recovery.domain.messaging import text_price
from recovery.domain.messaging.text_price import TextPrice
from recovery.models.clinic import clinics, staff_phones
from recovery.models.clinic.clinics import Clinic, ClinicMode
from recovery.models.inbound import inbound_texts
from recovery.services.content import content_signing, own_content
from recovery.services.content.content import Content
from recovery.services.core import audit, phone_numbers
from recovery.services.core.audit import Actor


class ClinicChanges(TypedDict, total=False):
    """What changes; what is left out stays. Phones with their country code; no `crisis_number` for the usual
    line of the clinic's country."""

    name: str
    text_name: str
    phone: str
    time_zone: str
    weekly_hours: Mapping[str, Any]
    holidays: Mapping[str, Any]
    out_of_hours_phone: str
    on_call_phone: str
    emergency_number: str
    crisis_number: str | None
    texts_per_day: int | None
    flags_per_100: float | None


_CRISIS_NUMBER = re.compile(r"\+?[0-9]{2,16}")
_PHONES = ("phone", "out_of_hours_phone", "on_call_phone")


class NotReady(Exception):
    """The clinic may not follow patients yet; `missing` says what is wanted."""

    def __init__(self, missing: Sequence[ReadinessCheck]) -> None:
        super().__init__()
        self.missing = missing


class WrongSetting(ValueError):
    """Some of the clinic's hours or numbers cannot be used; `wrong` says which and why, all at once."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__("; ".join(wrong.values()))
        self.wrong = dict(wrong)


def update_clinic(
    session: Session, *, clinic: Clinic, changes: ClinicChanges, actor: Actor, now: datetime
) -> Clinic:
    """Keep what is new. Hours hold for everything that falls due from now on.

    Raises WrongSetting.
    """
    session.refresh(clinic, with_for_update=True)
    understood = require_usable(clinic, cast(Mapping[str, Any], changes))
    changed = sorted(name for name, value in understood.items() if getattr(clinic, name) != value)
    for name in changed:
        setattr(clinic, name, understood[name])
    if changed:
        session.flush()
        _note(session, clinic, "clinic.change", actor=actor, now=now, detail={"changed": ", ".join(changed)})
    return clinic


def require_usable(clinic: Clinic, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as they are kept. Raises WrongSetting, which names all that cannot be used."""
    understood = dict(changes)
    wrong = _find_wrong_hours(clinic, understood)
    for name in (*_PHONES, "crisis_number"):
        if name not in understood:
            continue
        try:
            understood[name] = _number(name, understood[name], clinic=clinic)
        except ValueError as error:
            wrong[name] = str(error)
    if wrong:
        raise WrongSetting(wrong)
    return understood


def read_readiness(
    session: Session,
    *,
    clinic: Clinic,
    content: Content,
    real_carrier: bool,
    alerts_leave: bool,
    link_length: int,
    now: datetime,
) -> clinic_readiness.ReadinessFacts:
    """What is known of a clinic that wants to go live. `link_length` in characters, token included."""
    opening = opening_hours.parse(
        time_zone=clinic.time_zone, weekly=clinic.weekly_hours, holidays=clinic.holidays
    )
    proved = staff_phones.proved_numbers(session, clinic.id)
    price = price_of(session, clinic=clinic, content=content, link_length=link_length)
    return clinic_readiness.ReadinessFacts(
        has_opening_hours=opening.next_opening(now) is not None,
        own_numbers=clinic.phone not in (clinic.on_call_phone, clinic.out_of_hours_phone),
        second_factors=clinics.count_second_factors(session, clinic.id),
        signed=content_signing.get_status(session, clinic=clinic, content=content, now=now).holds,
        real_carrier=real_carrier,
        alerts_leave=alerts_leave,
        links_fit=not price.too_dear,
        links_told=text_price.describe(price),
        test_text_delivered=bool(proved),
        stop_understood=inbound_texts.has_stop_from(session, clinic.id, proved),
    )


def price_of(session: Session, *, clinic: Clinic, content: Content, link_length: int) -> TextPrice:
    """What the clinic's texts cost as they would be signed now, its own wordings included."""
    texts = own_content.read_own(session, clinic.id).over(content).catalogues.values()
    return text_price.price_texts(texts, schedule=content.schedule, link_length=link_length)


def go_live(
    session: Session, *, clinic: Clinic, facts: clinic_readiness.ReadinessFacts, actor: Actor, now: datetime
) -> Clinic:
    """From here on the clinic texts its patients. Raises NotReady."""
    if clinic.mode is ClinicMode.LIVE:
        return clinic
    if missing := clinic_readiness.list_unmet(facts):
        raise NotReady(missing)
    clinic.mode, clinic.live_since = ClinicMode.LIVE, now
    session.flush()
    _note(session, clinic, "clinic.go_live", actor=actor, now=now)
    return clinic


def _number(name: str, number: str | None, *, clinic: Clinic) -> str | None:
    """Raises ValueError, which says why."""
    if name != "crisis_number":
        return phone_numbers.to_e164(number or "", like=clinic.phone)
    # A short line is no phone number of a country, so its digits are all that is looked at.
    plain = "".join((number or "").split())
    if plain and not _CRISIS_NUMBER.fullmatch(plain):
        raise ValueError("Digits only, like 988, or a number with its country code.")
    return plain or None


def _find_wrong_hours(clinic: Clinic, changes: Mapping[str, Any]) -> dict[str, str]:
    """By name, why hours cannot be used. What is wrong is left out while the others are looked at."""
    names = ("time_zone", "weekly_hours", "holidays")
    kept = {name: getattr(clinic, name) for name in names}
    wrong = {}
    for name in names:
        if name not in changes:
            continue
        tried = {**kept, name: changes[name]}
        try:
            places.zone_of_place(tried["time_zone"], kept=[clinic.time_zone])
            opening_hours.parse(
                time_zone=tried["time_zone"], weekly=tried["weekly_hours"], holidays=tried["holidays"]
            )
        except HoursError as error:
            wrong[name] = str(error)
        else:
            kept = tried
    return wrong


def _note(
    session: Session,
    clinic: Clinic,
    action: str,
    *,
    actor: Actor,
    now: datetime,
    detail: dict[str, str] | None = None,
) -> None:
    audit.record(
        session,
        clinic_id=clinic.id,
        actor=actor,
        action=action,
        subject=("clinic", clinic.id),
        now=now,
        detail=detail,
    )
