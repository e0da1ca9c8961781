from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from recovery.domain.core.language import Language
from recovery.models.content import wordings
from recovery.models.content.wordings import ClinicWording
from tests.support.data.people import Clinic

DAY = timedelta(days=1)
KEY = "tried_to_call"


def _save(
    session: Session,
    clinic_id: UUID,
    template: str,
    *,
    at: datetime,
    language: Language = Language.ENGLISH,
    key: str = KEY,
    by: UUID | None = None,
) -> None:
    wordings.save(
        session,
        ClinicWording(
            clinic_id=clinic_id, language=language, key=key, template=template, saved_at=at, saved_by=by
        ),
    )


def _templates(session: Session, *clinic_ids: UUID) -> set[tuple[UUID, Language, str, str | None]]:
    session.expire_all()
    rows = wordings.list_for_clinics(session, clinic_ids)
    return {(row.clinic_id, row.language, row.key, row.template) for row in rows}


def test_new_words_take_the_place_of_those_before(session: Session, clinic: Clinic, now: datetime) -> None:
    _save(session, clinic.id, "old words", at=now)
    _save(session, clinic.id, "new words", at=now + DAY, by=clinic.nurse.id)
    (row,) = wordings.list_for_clinics(session, [clinic.id])
    assert (row.template, row.saved_at, row.saved_by) == ("new words", now + DAY, clinic.nurse.id)


def test_words_belong_to_one_key_language_and_clinic(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    _save(session, clinic.id, "one", at=now)
    _save(session, clinic.id, "two", at=now, language=Language.SPANISH)
    _save(session, clinic.id, "three", at=now, key="seen")
    _save(session, other_clinic.id, "four", at=now)
    own = {
        (clinic.id, Language.ENGLISH, KEY, "one"),
        (clinic.id, Language.SPANISH, KEY, "two"),
        (clinic.id, Language.ENGLISH, "seen", "three"),
    }
    foreign = {(other_clinic.id, Language.ENGLISH, KEY, "four")}
    assert _templates(session, clinic.id) == own
    assert _templates(session, clinic.id, other_clinic.id) == own | foreign
    assert _templates(session) == set()


def test_removed_words_are_gone_once_and_can_be_saved_anew(
    session: Session, clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    _save(session, clinic.id, "one", at=now)
    _save(session, clinic.id, "two", at=now, language=Language.SPANISH)

    def remove(clinic_id: UUID) -> bool:
        return wordings.remove(
            session, clinic_id, language=Language.ENGLISH, key=KEY, by=clinic.nurse.id, now=now + DAY
        )

    assert not remove(other_clinic.id)
    assert remove(clinic.id)
    assert not remove(clinic.id)
    assert _templates(session, clinic.id) == {(clinic.id, Language.SPANISH, KEY, "two")}
    kept = session.get_one(ClinicWording, (clinic.id, Language.ENGLISH, KEY))
    assert (kept.template, kept.saved_at, kept.saved_by) == (None, now + DAY, clinic.nurse.id)
    _save(session, clinic.id, "three", at=now)
    assert (clinic.id, Language.ENGLISH, KEY, "three") in _templates(session, clinic.id)
