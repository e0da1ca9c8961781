"""A live clinic runs on what was signed last, whatever shipped or was changed since."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session, sessionmaker

from config import content_files
from recovery.domain.clinical.symptoms import WarningSign
from recovery.domain.content.knowledge_pages import KnowledgeTopic
from recovery.domain.core.language import Language
from recovery.domain.treatments.avoidance_rules import AvoidItem
from recovery.models.clinic.clinics import Clinic as ClinicRow
from recovery.models.clinic.clinics import ClinicMode
from recovery.models.core.signed_content import ContentBundle
from recovery.services.content import (
    avoidance,
    content_signing,
    knowledge_pages,
    running_content,
    wordings,
)
from recovery.services.content.content import Content, parse_content
from recovery.services.content.running_content import RunningContents, UnreadableContent
from recovery.services.core import audit
from tests.support.access.signing import sign
from tests.support.data.people import Clinic
from tests.support.older_content import without_sign

OWN = "{clinic}: We rang you. Please call {phone}. Ref {ref}"
OWN_PAGE = "# Nos soins\n\nSans frotter."


@pytest.fixture
def files() -> dict[str, Any]:
    """The shipped files as text."""
    return dataclasses.asdict(content_files.read_content_files())


def set_own(clinic: Clinic, *, now: datetime) -> None:
    """A wording, a page and hours of the clinic's own, which nobody has signed."""
    everywhere: dict[str, Any] = {
        "clinic_id": clinic.id, "content": clinic.content, "actor": audit.OPERATOR, "now": now
    }  # fmt: skip
    with clinic.sessions.begin() as session:
        wordings.save(session, language=Language.ENGLISH, key="tried_to_call", template=OWN, **everywhere)
        knowledge_pages.save_page(
            session, language=Language.FRENCH, topic=KnowledgeTopic.AFTERCARE, source=OWN_PAGE, **everywhere
        )
        avoidance.save(session, what=AvoidItem.SUN, hours=99, **everywhere)


def own_of(content: Content) -> tuple[str, str, int]:
    """What stands where `set_own` wrote."""
    sun = next(rule for rule in content.avoidance if rule.what is AvoidItem.SUN)
    return (
        content.catalogue_for(Language.ENGLISH).text("tried_to_call").template,
        content.pages_for(Language.FRENCH)[KnowledgeTopic.AFTERCARE].title,
        sun.hours,
    )


def running(clinic: Clinic, *, newest: Content | None = None) -> Content:
    with clinic.sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        return running_content.of_clinic(session, row, newest=newest or clinic.content)


def test_a_live_clinic_has_nothing_of_its_own_until_it_is_signed_and_keeps_it_until_the_next(
    clinic: Clinic, other_clinic: Clinic, content: Content, now: datetime
) -> None:
    shipped = own_of(content)
    set_own(clinic, now=now)
    assert own_of(running(clinic)) == shipped
    sign(clinic, now=now)
    signed = own_of(running(clinic))
    assert signed == (OWN, "Nos soins", 99)
    with clinic.sessions.begin() as session:
        wordings.reset(
            session, clinic_id=clinic.id, language=Language.ENGLISH, key="tried_to_call", content=content,
            actor=audit.OPERATOR, now=now,
        )  # fmt: skip
    assert own_of(running(clinic)) == signed
    assert own_of(running(other_clinic)) == shipped


def test_a_clinic_in_training_runs_on_the_newest_of_everything(
    clinic: Clinic, content: Content, now: datetime
) -> None:
    sign(clinic, now=now)
    set_own(clinic, now=now)
    with clinic.sessions.begin() as session:
        session.execute(update(ClinicRow).values(mode=ClinicMode.TRAINING))
    assert own_of(running(clinic)) == (OWN, "Nos soins", 99)
    assert running(clinic).course is None
    only_english = {Language.ENGLISH: content.catalogues[Language.ENGLISH]}
    newer = dataclasses.replace(content, catalogues=only_english)
    found = running(clinic, newest=newer).catalogue_for(Language.FRENCH)
    assert found.text("tried_to_call").template == OWN, "the clinic's own English where there is no other"


Change = Callable[[dict[str, Any]], dict[str, Any]]


def other_wording(files: dict[str, Any]) -> dict[str, Any]:
    english = files["catalogues"]["en"].replace("We tried to call you", "Ring, ring")
    return {"catalogues": files["catalogues"] | {"en": english}}


def other_rule(files: dict[str, Any]) -> dict[str, Any]:
    times = files["response_times"].replace("flags_per_100", "flags_per_100", 1)
    return {"response_times": times + "\n# stricter\n"}


def other_signs(files: dict[str, Any]) -> dict[str, Any]:
    english = files["signs"]["en"].replace('nurse = "fainting"', 'nurse = "blacking out"')
    return {"signs": files["signs"] | {"en": english}}


@pytest.mark.parametrize("change", [other_wording, other_rule, other_signs])
def test_an_upgrade_of_what_ships_leaves_a_live_clinic_on_what_it_signed(
    clinic: Clinic, files: dict[str, Any], now: datetime, change: Change
) -> None:
    changed = change(files)
    assert files | changed != files
    newer = parse_content(**files | changed)
    sign(clinic, now=now)
    with clinic.sessions() as session:
        row = session.get_one(ClinicRow, clinic.id)
        assert not content_signing.get_status(session, clinic=row, content=newer, now=now).holds
    before = running(clinic, newest=newer)
    assert before.sources == clinic.content.sources
    sign(clinic, now=now + timedelta(seconds=1), content=newer)
    assert running(clinic, newest=newer).sources == newer.sources != before.sources


def test_a_version_that_ships_no_more_stays_with_who_signed_it(
    clinic: Clinic, files: dict[str, Any], now: datetime
) -> None:
    sign(clinic, now=now)
    ((stem, text),) = [one for one in files["protocols"].items() if one[0] == max(files["protocols"])]
    newer = parse_content(**files | {"protocols": {"next": text.replace(stem, "next-1", 1)}})
    assert set(newer.protocols) == {"next-1"}
    found = running(clinic, newest=newer)
    assert found.course is not None
    assert found.course.version_at(now) == stem
    assert found.protocol(stem).title == clinic.content.protocol(stem).title
    sign(clinic, now=now + timedelta(seconds=1), content=newer)
    assert stem in running(clinic, newest=newer).protocols, "its treatments are held to it"


def test_signs_that_had_no_name_when_it_was_signed_are_spoken_of_in_general_words(
    clinic: Clinic, files: dict[str, Any], now: datetime
) -> None:
    sign(clinic, now=now)
    with clinic.sessions() as session:
        digest = session.get_one(ClinicRow, clinic.id).running_content
        assert digest is not None
        parts = dict(running_content.read_parts(session, digest, newest=clinic.content))
    before = without_sign(parts, WarningSign.NUMBING_REACTION)
    assert before != parts
    found = running_content.understand(before, newest=clinic.content)
    words = found.words_for(Language.FRENCH).signs
    assert words.nurse[WarningSign.NUMBING_REACTION] == "un signe d'alerte"
    assert WarningSign.NUMBING_REACTION not in words.text
    assert all(WarningSign.NUMBING_REACTION not in box.signs for box in words.listed.questions)
    assert found.words_for(Language.FRENCH).signs.text.keys() | {WarningSign.NUMBING_REACTION} == (
        clinic.content.words_for(Language.FRENCH).signs.text.keys()
    )


def test_what_was_understood_once_is_not_read_again_and_a_clinic_of_a_batch_is_asked_for_once(
    clinic: Clinic, other_clinic: Clinic, now: datetime
) -> None:
    assert sign(clinic, now=now) == sign(other_clinic, now=now), "who run the same share it"
    first = running(clinic)
    statements: list[str] = []
    with clinic.sessions() as session:
        event.listen(
            session.get_bind(),
            "before_cursor_execute",
            lambda *args: statements.append(args[2]),
        )
        contents = RunningContents(session, newest=clinic.content)
        assert contents.of(clinic.id) is first
        assert contents.of(other_clinic.id) is first
        assert contents.of(clinic.id) is first
    assert len(statements) == 2
    assert all("FROM clinic" in statement for statement in statements)
    with clinic.sessions() as session:
        assert session.query(ContentBundle).count() == 1


def test_a_bundle_that_is_not_there_or_cannot_be_read_is_told_and_only_word_to_staff_goes_without(
    clinic: Clinic, sessions: sessionmaker[Session], content: Content, now: datetime
) -> None:
    strange = b"\1" * 32
    with sessions.begin() as session:
        session.add(ContentBundle(digest=strange, parts={"texts en": (b"\2" * 32).hex()}))
        session.flush()
        session.execute(update(ClinicRow).values(running_content=strange))
    with sessions() as session:
        contents = RunningContents(session, newest=content)
        for _ in range(2):
            with pytest.raises(UnreadableContent):
                contents.of(clinic.id)
        assert contents.of_or_shipped(clinic.id) is content
        with pytest.raises(UnreadableContent):
            running_content.read_parts(session, b"\3" * 32, newest=content)
    with pytest.raises(UnreadableContent):
        running_content.understand({"texts en": "no TOML"}, newest=content)
