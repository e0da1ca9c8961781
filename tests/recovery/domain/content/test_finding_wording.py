from __future__ import annotations

import dataclasses
import pathlib
import re
from itertools import product

import pytest

from recovery.domain.clinical import assessment, symptoms
from recovery.domain.clinical.findings import SignMention
from recovery.domain.content import finding_wording, sign_wording
from recovery.domain.content.emergency_text import HelpLine
from recovery.domain.flags.flag_lifecycle import FollowUpState

ROOT = pathlib.Path(__file__).parents[4]
LANGUAGES = sorted(path.parent.name for path in ROOT.glob("config/messages/*/findings.toml"))


@pytest.fixture(scope="module", params=LANGUAGES)
def words(request: pytest.FixtureRequest, sign_list: sign_wording.SignList) -> finding_wording.FindingWords:
    signs = (ROOT / "config/messages" / request.param / "signs.toml").read_text(encoding="utf-8")
    text = (ROOT / "config/messages" / request.param / "findings.toml").read_text(encoding="utf-8")
    return finding_wording.parse(text, signs=sign_wording.parse(signs, listed=sign_list))


def finding(rule: assessment.AssessmentRule) -> assessment.Finding:
    return assessment.Finding(
        rule=rule,
        level=symptoms.Level.WATCH,
        day=4,
        symptom=symptoms.Symptom.REDNESS,
        sign=symptoms.WarningSign.PUS,
        value=6.0,
        bound=2.5,
        reference=1.0,
        count=3,
        several=(symptoms.Symptom.REDNESS, symptoms.Symptom.SWELLING),
    )


def test_the_nurse_reads_figures(english: finding_wording.FindingWords) -> None:
    said = finding_wording.render_for_nurse(finding(assessment.AssessmentRule.PERSISTENCE), english)
    assert said == "redness 6 on day 4; expected at most 2; third report above the band"


def test_the_nurse_reads_the_scores_that_an_answer_in_words_stands_for(
    english: finding_wording.FindingWords,
) -> None:
    numbers = finding(assessment.AssessmentRule.REBOUND)
    words = dataclasses.replace(numbers, value_range=(5, 7), reference=1.5, reference_range=(1, 2))
    after = "on day 4; expected at most 2; back after it had fallen to"
    assert finding_wording.render_for_nurse(numbers, english) == f"redness 6 {after} 1"
    assert finding_wording.render_for_nurse(words, english) == f"redness 5-7 {after} 1-2"


def test_the_nurse_reads_where_it_is_strongest_and_words_of_before_say_nothing_of_it(
    english: finding_wording.FindingWords,
) -> None:
    told = dataclasses.replace(
        finding(assessment.AssessmentRule.LATE), value=6.0, strongest=symptoms.Area.NECK
    )
    said = finding_wording.render_for_nurse(told, english)
    assert said == "redness 6, strongest on the neck, on day 4; expected at most 2 by now"
    assert "neck" not in finding_wording.render_for_patient(told, english)
    before = dataclasses.replace(english, where={})
    assert finding_wording.render_for_nurse(told, before) == "redness 6 on day 4; expected at most 2 by now"


@pytest.mark.parametrize("area", symptoms.Area)
def test_every_area_has_words_in_every_language(
    words: finding_wording.FindingWords, area: symptoms.Area
) -> None:
    told = dataclasses.replace(finding(assessment.AssessmentRule.FAR_ABOVE), strongest=area)
    plain = finding_wording.render_for_nurse(finding(assessment.AssessmentRule.FAR_ABOVE), words)
    assert finding_wording.render_for_nurse(told, words) == plain.replace(" 6", f" 6{words.where[area]}", 1)
    assert words.where[area].startswith(", ")


def test_words_of_before_areas_were_asked_are_still_read(english_signs: sign_wording.SignWords) -> None:
    text = (ROOT / "config/messages/en/findings.toml").read_text(encoding="utf-8")
    begins, ends = text.index("[nurse.where]"), text.index("[patient.findings]")
    older = (text[:begins] + text[ends:]).replace("{where}", "")
    assert finding_wording.parse(older, signs=english_signs).where == {}


def test_the_patient_reads_a_calm_sentence_without_figures(english: finding_wording.FindingWords) -> None:
    said = finding_wording.render_for_patient(finding(assessment.AssessmentRule.FAR_ABOVE), english)
    assert "redness or change from your usual color (redder, darker or purple)" in said
    assert not re.search(r"[0-35-9]", said)


def test_signs_that_are_worse_together_are_told_together(english: finding_wording.FindingWords) -> None:
    together = assessment.Finding(
        rule=assessment.AssessmentRule.WARNING_SIGN,
        level=symptoms.Level.EMERGENCY,
        day=2,
        sign=symptoms.WarningSign.FEVER,
        signs=(symptoms.WarningSign.SPREADING_HEAT, symptoms.WarningSign.FEVER),
    )
    assert finding_wording.render_for_nurse(together, english) == (
        "hot, spreading area or streak and fever of 38 C (100.4 F) or more together on day 2"
    )


def test_a_tick_stands_for_all_that_its_box_asks_for_and_words_for_what_they_name(
    english: finding_wording.FindingWords,
) -> None:
    ticked = assessment.Finding(
        rule=assessment.AssessmentRule.WARNING_SIGN,
        level=symptoms.Level.EMERGENCY,
        day=1,
        sign=symptoms.WarningSign.CHEST_PAIN,
    )
    written = dataclasses.replace(ticked, said=SignMention.NAMED)
    assert finding_wording.render_for_nurse(ticked, english) == (
        "chest pain or tightness / racing or pounding heart on day 1"
    )
    assert finding_wording.render_for_patient(ticked, english) == (
        "You told us about chest pain or tightness, or a racing or pounding heart. "
        "What to do now is shown here."
    )
    for render in (finding_wording.render_for_nurse, finding_wording.render_for_patient):
        assert "chest pain or tightness" in render(written, english)
        assert "heart" not in render(written, english)


def test_many_reports_running_are_counted(english: finding_wording.FindingWords) -> None:
    nine = assessment.Finding(
        rule=assessment.AssessmentRule.PERSISTENCE,
        level=symptoms.Level.WATCH,
        day=9,
        symptom=symptoms.Symptom.PAIN,
        value=2,
        bound=1,
        count=9,
    )
    assert finding_wording.render_for_nurse(nine, english).endswith("9th report above the band")


def test_every_rule_has_words_in_every_language(words: finding_wording.FindingWords) -> None:
    for rule in assessment.AssessmentRule:
        for said in (
            finding_wording.render_for_nurse(finding(rule), words),
            finding_wording.render_for_patient(finding(rule), words),
        ):
            assert said.strip()
            assert "{" not in said


def test_advice_never_says_that_all_is_clear(words: finding_wording.FindingWords) -> None:
    for level, day, state, doubt, (held, at), overdue in product(
        symptoms.Level,
        (0, 1, 7, 28),
        FollowUpState,
        (False, True),
        ((False, None), (True, None), (True, "Mon 9 AM")),
        (False, True),
    ):
        for judged in ([], ["redness"], ["redness", "pain"]):
            said = finding_wording.render_advice(
                level,
                day=day,
                judged=judged,
                doubt=doubt,
                held=held,
                asked_at=at,
                state=state,
                overdue=overdue,
                help_line=None,
                unsure=overdue,
                words=words,
            ).lower()
            assert said
            assert "{" not in said
            for phrase in ("all clear", "nothing wrong", "all is well", "todo bien", "tout va bien"):
                assert phrase not in said


def expected_advice(
    words: finding_wording.FindingWords,
    *,
    day: int = 2,
    judged: tuple[str, ...] = (),
    doubt: bool = False,
    held: bool = False,
    asked_at: str | None = None,
) -> str:
    return finding_wording.render_advice(
        symptoms.Level.EXPECTED,
        day=day,
        judged=judged,
        doubt=doubt,
        held=held,
        asked_at=asked_at,
        state=FollowUpState.NONE,
        overdue=False,
        help_line=None,
        unsure=False,
        words=words,
    )


def test_advice_calls_expected_only_what_was_judged_on_its_day(english: finding_wording.FindingWords) -> None:
    said = expected_advice(english, judged=("redness", "swelling"))
    assert said.startswith("As expected for day 2: redness and swelling.")
    for not_judged in (
        expected_advice(english),
        expected_advice(english, judged=("redness",), doubt=True),
        expected_advice(english, day=0, judged=("redness",)),
        expected_advice(english, judged=("redness",), held=True),
        expected_advice(english, judged=("redness",), held=True, asked_at="Mon 9 AM"),
    ):
        assert "expected" not in not_judged.lower()


def test_what_is_asked_about_once_more_says_when_unless_its_moment_is_over(
    words: finding_wording.FindingWords,
) -> None:
    judged = ("redness",)
    assert "Mon 9 AM" in expected_advice(words, judged=judged, held=True, asked_at="Mon 9 AM")
    assert expected_advice(words, judged=judged, held=True) == words.advice[symptoms.Level.EXPECTED]
    doubtful = expected_advice(words, judged=judged, held=True, asked_at="Mon 9 AM", doubt=True)
    assert doubtful == words.of_report["doubt"], "an entry that may be a slip is asked about first"


def emergency_advice(
    words: finding_wording.FindingWords, state: FollowUpState, *, help_line: HelpLine, unsure: bool
) -> str:
    return finding_wording.render_advice(
        symptoms.Level.EMERGENCY,
        day=1,
        judged=[],
        doubt=False,
        held=False,
        asked_at=None,
        state=state,
        overdue=False,
        help_line=help_line,
        unsure=unsure,
        words=words,
    )


def test_an_emergency_in_doubt_is_told_conditionally_until_it_is_closed(
    english: finding_wording.FindingWords,
) -> None:
    for state in FollowUpState:
        said = emergency_advice(english, state, help_line=HelpLine.EMERGENCY, unsure=True)
        assert ("may mean an emergency. If" in said) is (state is not FollowUpState.CLOSED)


def test_whoever_told_of_self_harm_alone_is_answered_kindly_until_it_is_closed(
    english: finding_wording.FindingWords,
) -> None:
    for state in FollowUpState:
        said = emergency_advice(english, state, help_line=HelpLine.CRISIS, unsure=False)
        assert (said == english.advice_self_harm) is (state is not FollowUpState.CLOSED)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('itch = "{symptom} {value}', 'itch = "{symptom} {colour}', "colour"),
        ('pain = "pain"\n', "", "pain is missing"),
        ('language = "en"', 'language = ""', "must be a text"),
        ('later = "{count}th"', 'later = "{count"', "later"),
        ("[advice.days]", "[advice.dias]", "days is missing"),
        ('[advice.days]\nexpected = "', '[advice.days]\nexpected = "Day {day}. ', "leaves day open"),
    ],
)
def test_words_that_lack_something_are_refused_with_the_line(
    english_signs: sign_wording.SignWords, before: str, after: str, message: str
) -> None:
    text = (ROOT / "config/messages/en/findings.toml").read_text(encoding="utf-8")
    assert before in text
    with pytest.raises(finding_wording.WordsError, match=rf"^line \d+: .*{message}"):
        finding_wording.parse(text.replace(before, after, 1), signs=english_signs)
