"""What a finding offers and prompts, from the shipped file and from others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recovery.domain.clinical.symptoms import Device, Level
from recovery.domain.patients import precautions
from recovery.domain.patients.consultation import CAUTIONS, Condition
from recovery.domain.patients.precautions import Beside, PrecautionsError, Prompt, TreatedWith

PROTOCOLS = Path(__file__).resolve().parents[4] / "config" / "protocols"
READ = precautions.parse((PROTOCOLS / "precautions.toml").read_text("utf-8"))


def treated(device: Device = Device.PEN, **more: str) -> TreatedWith:
    return TreatedWith(device=device, numbing=more.get("numbing"), topical=more.get("topical"))


def told(found: list[Prompt]) -> list[tuple[Condition, Beside | None]]:
    return [(prompt.condition, prompt.beside) for prompt in found]


def test_no_prompt_decides_and_every_entry_says_where_it_is_from() -> None:
    for prompt in READ.prompts:
        assert re.search(r"\b([Cc]onsider|ask)\b", prompt.say), prompt.say
    assert all([*(offer.source for offer in READ.offers), *(prompt.source for prompt in READ.prompts)])


def test_whoever_is_at_risk_is_offered_the_stricter_setting() -> None:
    offering = {offer.condition for offer in READ.offers}
    assert offering == {
        Condition.COLD_SORES, Condition.IMMUNE_TREATMENT, Condition.HIV_OR_TRANSPLANT,
        Condition.DIABETES_UNCONTROLLED, Condition.BLEEDING, Condition.KELOID,
    }  # fmt: skip
    stricter = READ.stricter_for([Condition.SUNBURN, Condition.COLD_SORES, Condition.KELOID])
    assert stricter is not None
    assert stricter.at_least is Level.ABNORMAL
    assert stricter.because == (Condition.KELOID, Condition.COLD_SORES), "in the order of the questions"
    assert READ.stricter_for([Condition.SUNBURN]) is None


def test_the_strictest_of_several_offers_holds() -> None:
    text = "\n".join(
        f'[[offer]]\ncondition = "{condition}"\nat_least = "{level}"\nsource = "a test"'
        for condition, level in (("keloid", "watch"), ("cold_sores", "abnormal"))
    )
    read = precautions.parse(text)
    for conditions, level in (
        ([Condition.KELOID], Level.WATCH),
        ([Condition.KELOID, Condition.COLD_SORES], Level.ABNORMAL),
    ):
        stricter = read.stricter_for(conditions)
        assert stricter is not None
        assert stricter.at_least is level


def test_every_caution_has_a_prompt() -> None:
    assert {prompt.condition for prompt in READ.prompts} >= CAUTIONS


@pytest.mark.parametrize(
    ("condition", "done", "beside"),
    [
        (Condition.G6PD_DEFICIENCY, treated(numbing="prilocaine cream"), Beside.NUMBING),
        (Condition.ANAESTHETIC_ALLERGY, treated(numbing="cream"), Beside.NUMBING),
        (Condition.TOPICAL_ALLERGY, treated(topical="vitamin C"), Beside.TOPICAL),
        (Condition.BREASTFEEDING, treated(topical="Retinal 0.1"), Beside.TOPICAL),
        (Condition.PACEMAKER, treated(Device.RF), None),
        (Condition.METAL_IMPLANT, treated(Device.RF), None),
    ],
)
def test_what_was_done_is_warned_of_only_beside_what_makes_it_matter(
    condition: Condition, done: TreatedWith, beside: Beside | None
) -> None:
    assert told(READ.warnings_for([condition], done)) == [(condition, beside)]
    assert READ.warnings_for([condition], treated(Device.ROLLER)) == []
    assert READ.warnings_for([Condition.SUNBURN], done) == []


@pytest.mark.parametrize(("numbing", "topical"), [("  ", None), (None, "hyaluron")])
def test_nothing_written_and_other_words_are_no_reason(numbing: str | None, topical: str | None) -> None:
    done = TreatedWith(device=Device.PEN, numbing=numbing, topical=topical)
    assert READ.warnings_for([Condition.BREASTFEEDING, Condition.G6PD_DEFICIENCY], done) == []


def test_before_a_treatment_everything_is_prompted() -> None:
    found = READ.prompts_for([Condition.G6PD_DEFICIENCY])
    assert told(found) == [(Condition.G6PD_DEFICIENCY, Beside.NUMBING), (Condition.G6PD_DEFICIENCY, None)]


ENTRY = '[[prompt]]\ncondition = "keloid"\nsay = "Consider."\nsource = "a test"\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (ENTRY.replace("keloid", "boredom"), r"line 2: prompt\.0\.condition: must be one of"),
        (ENTRY + 'devices = ["laser"]', r"line 5: prompt\.0\.devices: laser is none of"),
        (ENTRY + 'beside = "tea"', r"line 5: prompt\.0\.beside: must be one of"),
        (ENTRY + 'words = ["x"]', r"line 5: prompt\.0\.words: words are looked for beside"),
        (ENTRY + 'color = "red"', r"line 5: prompt\.0\.color: is not known"),
        (ENTRY.replace('say = "Consider."\n', ""), r"line 1: prompt\.0: say is missing"),
        (
            '[[offer]]\ncondition = "keloid"\nsource = "x"\nat_least = "emergency"',
            r"line 4: offer\.0\.at_least: must be one of",
        ),
        ("[[offers]]\n", "line 1: offers: is not known"),
        ("[[offer", "line 1: not valid TOML"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(PrecautionsError, match=complaint):
        precautions.parse(text)
