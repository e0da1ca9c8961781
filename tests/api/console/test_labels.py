"""Every word that the pages show has a label, and every label a word."""

from __future__ import annotations

import re

from api.console import labels
from recovery.domain.clinic.staff_roles import Role
from recovery.domain.clinical.findings import AssessmentRule
from recovery.domain.clinical.symptoms import Acid, Area, Device, Level
from recovery.domain.core.language import Language
from recovery.domain.flags.flag_lifecycle import FlagOutcome, FlagState, Urgency
from recovery.domain.inbound.no_answer import NoAnswer
from recovery.domain.messaging.text_lifecycle import MessageState
from recovery.domain.patients.consent import ConsentKind, EndReason
from recovery.domain.patients.consultation import Condition
from recovery.domain.patients.contact import AnswersBy
from recovery.domain.patients.precautions import Beside
from recovery.domain.review.escalation import EscalationStep
from recovery.domain.treatments.indication import Indication
from recovery.models.reports.reports import DeviceClock
from recovery.services.changes.ended_follow_up import Ending
from recovery.services.content.content import Content
from recovery.services.flags.escalation_results import EscalationResult
from recovery.services.flags.flag_work import ContactResult

_ASKS = re.compile(r"day\d+_link")


def test_every_word_of_the_domain_has_words_here() -> None:
    for words, kind in (
        (labels.URGENCIES, Urgency),
        (labels.LEVELS, Level),
        (labels.STATES, FlagState),
        (labels.OUTCOMES, FlagOutcome),
        (labels.CONTACTS, ContactResult),
        (labels.RULES, AssessmentRule),
        (labels.TEXT_STATES, MessageState),
        (labels.LANGUAGES, Language),
        (labels.ANSWERS, AnswersBy),
        (labels.DEVICES, Device),
        (labels.ACIDS, Acid),
        (labels.CLOCKS, DeviceClock),
        (labels.TRIED, EscalationStep),
        (labels.INDICATIONS, Indication),
        (labels.CONDITIONS, Condition),
        (labels.BESIDES, Beside),
        (labels.ENDINGS, Ending),
        (labels.END_REASONS, EndReason),
        (labels.CONSENTS, ConsentKind),
        (labels.AREAS, Area),
        (labels.ROLES, Role),
    ):
        assert set(words) == set(kind)
    assert set(labels.UNANSWERED) <= set(NoAnswer)


def test_of_an_escalation_no_more_is_said_than_what_came_of_it() -> None:
    mailed = set(EscalationResult) - {EscalationResult.ARRIVED, EscalationResult.OPERATOR}
    assert set(labels.TOLD) == {
        *((EscalationStep.HOLDER, result) for result in mailed),
        *((EscalationStep.ON_CALL, result) for result in {*mailed, EscalationResult.ARRIVED}),
        *((EscalationStep.MANAGER, result) for result in {*mailed, EscalationResult.OPERATOR}),
    }
    assert len(set(labels.TOLD.values()) | set(labels.TRIED.values())) == len(labels.TOLD) + len(labels.TRIED)


def test_every_text_of_the_catalogue_has_a_name_of_its_own_words(content: Content) -> None:
    keys = content.catalogue_for(Language.ENGLISH).texts
    assert [key for key in keys if key not in labels.TEMPLATES and not _ASKS.fullmatch(key)] == []
    assert set(labels.TEMPLATES) <= set(keys)
