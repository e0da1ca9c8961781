"""All content files understood at once: protocols, wordings, schedule, words and the reader, as one object
that use cases are handed."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from recovery.domain.clinical import protocol
from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import AnswerRanges
from recovery.domain.content import (
    aftercare_tips,
    check_in,
    content_changes,
    finding_wording,
    knowledge_pages,
    sign_wording,
)
from recovery.domain.content import wording_rules as rules
from recovery.domain.content.course_plan import CoursePlan
from recovery.domain.core.language import Language
from recovery.domain.flags import flag_lifecycle
from recovery.domain.inbound import lexicon, reader_bounds, text_classifier, text_cleaning, vocabulary
from recovery.domain.inbound.text_reader import TextReader
from recovery.domain.messaging import catalogue, text_schedule
from recovery.domain.patients import consent
from recovery.domain.patients import precautions as precaution_rules
from recovery.domain.review import escalation
from recovery.domain.review.silence import SilenceSchedule
from recovery.domain.review.silence import parse as silence_of
from recovery.domain.treatments import avoidance_rules
from recovery.services.content import content_parts


class UnknownProtocol(LookupError):
    """No protocol has this version."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """Protocols by version, wordings and their rules by language, the schedule, response times, by what
    words patients are understood, what follows when they are silent, what a check-in asks, and what helps
    and what to avoid after a treatment, what a consultation's findings prompt, what patients agree to, the
    pages on micro-needling, and the words of the patient's page by their keys.

    `protocol_sources` are the protocols' texts by version, `sources` those of everything else a clinic's
    medical director signs, by name. `course` says which version holds when, where that was signed.
    """

    protocols: Mapping[str, protocol.Protocol]
    response_times: flag_lifecycle.ResponseTimes
    escalation: escalation.EscalationSchedule
    silence: SilenceSchedule
    schedule: text_schedule.TextSchedule
    catalogues: Mapping[Language, catalogue.Catalogue]
    words: Mapping[Language, finding_wording.FindingWords]
    wording_rules: Mapping[Language, rules.WordingRules]
    reader: TextReader
    check_in_bands: tuple[check_in.AnswerBand, ...]
    check_in_words: Mapping[Language, check_in.CheckInWords]
    avoidance: tuple[avoidance_rules.AvoidanceRule, ...]
    precautions: precaution_rules.Precautions
    care: Mapping[Language, aftercare_tips.Aftercare]
    consents: Mapping[Language, consent.ConsentStatements]
    pages: Mapping[Language, Mapping[knowledge_pages.KnowledgeTopic, knowledge_pages.KnowledgePage]]
    page_words: Mapping[Language, Mapping[str, str]]
    protocol_sources: Mapping[str, str]
    sources: Mapping[str, str]
    course: CoursePlan | None = None

    @property
    def answers(self) -> AnswerRanges:
        """The five answers of a check-in: what each is sent as, and the scores that it stands for."""
        return check_in.answer_ranges(self.check_in_bands)

    def beside(self, version: str) -> Protocol | None:
        """What treatments of a version that was withdrawn are held to as well: the stricter of both holds."""
        other = None if self.course is None else self.course.beside.get(version)
        return None if other is None else self.protocol(other)

    def protocol(self, version: str) -> Protocol:
        """The protocol of this version. Raises UnknownProtocol."""
        try:
            return self.protocols[version]
        except KeyError:
            raise UnknownProtocol(version) from None

    def catalogue_for(self, language: Language) -> catalogue.Catalogue:
        """The texts in this language, in English where it has none."""
        return self.catalogues.get(language) or self.catalogues[Language.ENGLISH]

    def words_for(self, language: Language) -> finding_wording.FindingWords:
        """The words of findings in this language, in English where it has none."""
        return self.words.get(language) or self.words[Language.ENGLISH]

    def check_in_for(self, language: Language) -> check_in.CheckInWords:
        """The words of a check-in in this language, in English where it has none."""
        return self.check_in_words.get(language) or self.check_in_words[Language.ENGLISH]

    def care_for(self, language: Language) -> aftercare_tips.Aftercare:
        """What helps after a treatment, in this language, in English where it has none."""
        return self.care.get(language) or self.care[Language.ENGLISH]

    def pages_for(
        self, language: Language
    ) -> Mapping[knowledge_pages.KnowledgeTopic, knowledge_pages.KnowledgePage]:
        """The pages on micro-needling in this language, in English where it has none."""
        return self.pages.get(language) or self.pages[Language.ENGLISH]

    def consents_for(self, language: Language) -> consent.ConsentStatements:
        """What patients agree to, in this language, in English where it has none."""
        return self.consents.get(language) or self.consents[Language.ENGLISH]


def parse_content(
    *,
    protocols: Mapping[str, str],
    response_times: str,
    silence: str,
    schedule: str,
    catalogues: Mapping[str, str],
    sign_list: str,
    signs: Mapping[str, str],
    findings: Mapping[str, str],
    wording_rules_of_all: str,
    wording_rules: Mapping[str, str],
    inbound: Mapping[str, str],
    lexicons: Mapping[str, str],
    reader_weights: str,
    reader_limits: str,
    reader_figures: str,
    check_in_bands: str,
    check_in_words: Mapping[str, str],
    avoidance: str,
    precautions: str,
    care: Mapping[str, str],
    consents: Mapping[str, str],
    pages: Mapping[str, Mapping[str, str]],
    page_words: Mapping[str, str],
    older: bool = False,
) -> Content:
    """Parse the content files. Raises the parsers' errors, each naming the place that is wrong.

    `older`: the texts were accepted by the program of their time. What had no name then may be missing.
    """
    given = dict(locals())
    bands = check_in.parse_bands(check_in_bands)
    spoken = {Language(name): catalogue.parse(text) for name, text in catalogues.items()}
    listed = sign_wording.parse_list(sign_list, older=older)
    sign_words = {name: sign_wording.parse(text, listed=listed, older=older) for name, text in signs.items()}
    asked = None if older else check_in.answer_ranges(bands)
    curves = {text: protocol.parse(text, asked=asked, older=older) for text in protocols.values()}
    return Content(
        protocols={curve.version: curve for curve in curves.values()},
        response_times=flag_lifecycle.parse_response_times(response_times),
        escalation=escalation.parse(response_times),
        silence=silence_of(silence),
        schedule=text_schedule.parse(schedule),
        catalogues=spoken,
        words={
            Language(name): finding_wording.parse(text, signs=sign_words[name])
            for name, text in findings.items()
        },
        wording_rules={
            Language(name): rules.parse(wording_rules_of_all, text) for name, text in wording_rules.items()
        },
        reader=TextReader(
            vocabulary=_vocabulary(_items(inbound)),
            lexicon=_lexicon(_items(lexicons)),
            classifier=_classifier(reader_weights),
            bounds=reader_bounds.parse(reader_limits),
            own=text_cleaning.own_runs(
                wording.template for parsed in spoken.values() for wording in parsed.texts.values()
            ),
        ),
        check_in_bands=bands,
        check_in_words={
            Language(name): check_in.parse(text, bands=bands) for name, text in check_in_words.items()
        },
        avoidance=avoidance_rules.parse(avoidance),
        precautions=precaution_rules.parse(precautions),
        care={Language(name): aftercare_tips.parse(text) for name, text in care.items()},
        consents={Language(name): consent.parse(text) for name, text in consents.items()},
        pages={
            Language(name): knowledge_pages.parse_all(texts, older=older) for name, texts in pages.items()
        },
        page_words={Language(name): _page_words(text) for name, text in page_words.items()},
        protocol_sources={curve.version: text for text, curve in curves.items()},
        sources=content_parts.name_parts(given),
    )


def _page_words(text: str) -> Mapping[str, str]:
    """The words by the names on the way to them, as the page asks for them: `home.start`."""
    found = content_changes.places_of(text)
    return {place.replace(content_changes.BETWEEN, "."): said for place, said in found.items()}


# What is large and nearly always alike is understood once, whoever has signed it.


@functools.lru_cache(maxsize=4)
def _classifier(weights: str) -> text_classifier.TextClassifier:
    return text_classifier.parse(weights)


@functools.lru_cache(maxsize=4)
def _vocabulary(texts: tuple[tuple[str, str], ...]) -> vocabulary.Vocabulary:
    return vocabulary.parse(dict(texts))


@functools.lru_cache(maxsize=4)
def _lexicon(texts: tuple[tuple[str, str], ...]) -> lexicon.Lexicon:
    return lexicon.parse(dict(texts))


def _items(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(texts.items())
