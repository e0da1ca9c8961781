from __future__ import annotations

import pathlib
import tomllib

import pytest

from recovery.domain.clinical.protocol import Protocol
from recovery.domain.clinical.symptoms import Level
from recovery.domain.content import knowledge_pages, readability
from recovery.domain.content.knowledge_pages import LISTS, LONGEST_PAGE, KnowledgeTopic, PageFault
from recovery.domain.core.language import Language
from recovery.services.content.content import Content

ROOT = pathlib.Path(__file__).parents[4]
FACTS = tomllib.loads((ROOT / "tests/recovery/domain/facts.toml").read_text("utf-8"))["facts"]
HIGHEST_GRADE = 6.0


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("number", range(1, 16))
def test_every_fact_has_its_sentence_in_every_language(
    content: Content, language: Language, number: int
) -> None:
    fact = FACTS[str(number)]
    page = content.pages[language][KnowledgeTopic(fact["page"])]
    said = [line for block in page.blocks for line in (block.text, *block.items)]
    for sentence in fact[language]:
        assert any(sentence in line for line in said), sentence


def test_the_facts_are_all_there_and_nothing_stands_for_two() -> None:
    assert sorted(map(int, FACTS)) == list(range(1, 16))
    for language in Language:
        told = [sentence for fact in FACTS.values() for sentence in fact[language]]
        assert len(told) == len(set(told))


def test_english_pages_and_tips_read_at_grade_6_or_below(content: Content, standard: Protocol) -> None:
    syllables = content.wording_rules[Language.ENGLISH].syllables
    lists = {
        name: content.words[Language.ENGLISH].signs.asked_at(level, urgency=standard.urgency)
        for name, level in zip(LISTS, (Level.EMERGENCY, Level.ABNORMAL), strict=True)
    }
    pages: dict[str, str] = {
        topic: knowledge_pages.fill(page, lists).sentences
        for topic, page in content.pages[Language.ENGLISH].items()
    }
    tips = {f"day {tip.day}": tip.text for tip in content.care[Language.ENGLISH].tips}
    grades = {
        name: readability.school_grade(text, syllables=syllables) for name, text in {**pages, **tips}.items()
    }
    assert len(grades) == len(KnowledgeTopic) + 8
    assert {name: grade for name, grade in grades.items() if grade > HIGHEST_GRADE} == {}


def test_every_language_has_the_same_pages_and_tips(content: Content) -> None:
    shape = {
        language: [(topic, len(page.blocks)) for topic, page in pages.items()]
        for language, pages in content.pages.items()
    }
    assert set(shape) == set(Language)
    assert len({str(one) for one in shape.values()}) == 1
    assert len({tuple(tip.day for tip in care.tips) for care in content.care.values()}) == 1


def test_nothing_promises_that_all_is_clear(content: Content) -> None:
    said = " ".join(page.sentences.lower() for pages in content.pages.values() for page in pages.values())
    for promise in ("all clear", "completely safe", "no risk", "sin riesgo", "sans risque", "painless"):
        assert promise not in said


def test_a_point_that_is_a_place_becomes_the_points_of_its_list() -> None:
    page = knowledge_pages.parse("# Call\n\nCall for:\n\n- {emergency_signs}\n- one more\n")
    filled = knowledge_pages.fill(page, {"emergency_signs": ("a", "b")})
    assert [(block.text, block.items) for block in filled.blocks] == [
        ("Call for:", ()),
        ("", ("a", "b", "one more")),
    ]
    assert filled.source == page.source


def test_a_page_is_a_title_with_paragraphs_and_lists() -> None:
    page = knowledge_pages.parse("# Care\r\n\r\nKeep it\nclean.\r\n\r\n- one\n- two\n")
    assert page.title == "Care"
    assert [(block.text, block.items) for block in page.blocks] == [
        ("Keep it clean.", ()),
        ("", ("one", "two")),
    ]
    assert page.sentences == "Care. Keep it clean. one. two."
    assert knowledge_pages.parse(page.source) == page


@pytest.mark.parametrize(
    "source",
    ["", "   ", "Care\n\nKeep it clean.", "# Care", "# \n\nText.", f"# {'x' * 81}\n\nText.",
     "# A\nB\n\nText.",
     "# A\n\n- one\nand more", "# A\n\n- {unknown_signs}",
     "# A\n\n## B\n\nText.", f"# A\n\n{'x' * LONGEST_PAGE}"],
)  # fmt: skip
def test_what_is_not_a_page_is_refused_with_a_reason(source: str) -> None:
    with pytest.raises(PageFault, match=r"^[A-Z].*\S$"):
        knowledge_pages.parse(source)


RARE = {
    Language.ENGLISH: ("burn", "scar", "allergy", "granuloma", "infection", "dark or light patches"),
    Language.SPANISH: ("quemadura", "cicatriz", "alergia", "granuloma", "infección", "manchas"),
    Language.FRENCH: ("brûlure", "cicatrice", "allergie", "granulome", "infection", "taches"),
}
ONLY_WHAT_IS_GIVEN = {
    Language.ENGLISH: "only what your clinic gave you",
    Language.SPANISH: "solo lo que su clínica le dio",
    Language.FRENCH: "que ce que votre clinique vous a donné",
}
GOES_IN_BETTER = {
    Language.ENGLISH: "goes in better",
    Language.SPANISH: "se absorben mejor",
    Language.FRENCH: "pénètrent mieux",
}


@pytest.mark.parametrize("language", list(Language))
def test_what_can_go_wrong_is_named_and_nothing_is_sold_without_its_risk(
    content: Content, language: Language
) -> None:
    pages = content.pages[language]
    effects = pages[KnowledgeTopic.SIDE_EFFECTS].sentences
    assert [word for word in RARE[language] if word not in effects] == []
    praising = [page.sentences for page in pages.values() if GOES_IN_BETTER[language] in page.sentences]
    assert len(praising) == 2
    assert all(ONLY_WHAT_IS_GIVEN[language] in page for page in praising)
