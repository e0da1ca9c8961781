from __future__ import annotations

import re

import pytest

from recovery.domain.clinical import protocol, symptoms


def test_every_sign_has_its_urgency(standard: protocol.Protocol) -> None:
    assert standard.urgency(symptoms.WarningSign.BREATHING) is symptoms.Level.EMERGENCY
    assert standard.urgency(symptoms.WarningSign.PUS) is symptoms.Level.ABNORMAL
    assert standard.urgency(symptoms.WarningSign.PATCHES) is symptoms.Level.WATCH


def test_nobody_signed_the_shipped_protocol(standard: protocol.Protocol) -> None:
    assert not standard.approval.signed
    assert "starting estimate" in standard.source


MALFORMED = [
    ("not TOML", "\n[approval]", "\n[approval", "[approval"),
    ("no version", 'version = "standard-2026-12"', "# none", "# The expected course"),
    ("unknown table", "[approval]", "[approval]\n[colour]", "[colour]"),
    ("unknown sign", '"pus", ', '"pus", "sneezing", ', "abnormal = ["),
    ("sign without urgency", 'watch = ["bumps", ', "watch = [", "[warning_signs]"),
    ("sign with two urgencies", 'watch = ["bumps"', 'watch = ["pus", "bumps"', "watch = ["),
    ("unknown level", 'level = "abnormal"\nmargin', 'level = "dire"\nmargin', 'level = "dire"'),
    ("text for a number", "apart_hours = 8", 'apart_hours = "8"', "apart_hours"),
    ("score beyond 10", "p97_5 = [9, 6, 4,", "p97_5 = [11, 6, 4,", "p97_5 = [11"),
    ("p90 below p50", "p90 = [7, 5, 3, 2, 1,", "p90 = [7, 2, 3, 2, 1,", "p90 = [7, 2"),
    ("a day missing", "p50 = [5, 3, 1, 1, 0, 0,", "p50 = [5, 3, 1, 1, 0,", "p50 = [5, 3, 1, 1, 0,"),
    ("misspelt bound", "above_p90 = 3", "above_p09 = 3", "[rules.persistence]"),
    ("unknown bound", "above_p90 = 3", "above_p90 = 3\nabove_p50 = 2", "above_p50"),
    ("factor beyond the cap", "cap = 2.0", "cap = 2.5", "cap = 2.5"),
    ("unknown area", "[modifiers.areas.neck]", "[modifiers.areas.nose]", "[modifiers.areas.nose]"),
    (
        "unknown acid",
        "[[modifiers.adjuncts.tca]]",
        "[[modifiers.adjuncts.phenol]]",
        "[[modifiers.adjuncts.ph",
    ),
    (
        "no acid is no entry",
        "[[modifiers.adjuncts.tca]]",
        "[[modifiers.adjuncts.none]]",
        "[[modifiers.adjuncts.n",
    ),
    (
        "an acid without a source",
        'source = "direction: after TCA',
        'src = "direction: after TCA',
        "[[modifiers.ad",
    ),
    ("unknown bound of a depth", "above_mm = 2.5", "over_mm = 2.5", "over_mm"),
    ("a curve carried on from none", 'carried_on = "rf"', 'carried_on = "fr"', 'carried_on = "fr"'),
    ("a curve of one further up", 'carried_on = "rf"', 'carried_on = "rf_deepest"', "carried_on"),
    ("a curve between itself", '["reference", "deep"]', '["reference", "medium"]', "between"),
    ("a curve between one", '["reference", "deep"]', '["reference"]', "between"),
    ("a curve that shrinks", "duration = 1.185", "duration = 0.9", "duration = 0.9"),
    (
        "a derived curve with a row of its own",
        "level = 1.045",
        "level = 1.045\npain.p50 = [0]",
        "[curves.deepest]",
    ),
    (
        "a row without a source",
        'source = "timing sourced: a minority',
        'src = "timing sourced: a',
        "[curves.ref",
    ),
    ("a gap in the answers", "score = 4\nleast = 3", "score = 4\nleast = 4", "least = 4"),
    ("answers that overlap", "score = 4\nleast = 3", "score = 4\nleast = 2", "least = 2"),
    ("answers that do not begin at none", "score = 0\nleast = 0", "score = 0\nleast = 1", "least = 1"),
    ("an answer outside its range", "score = 6\nleast = 5", "score = 8\nleast = 5", "least = 5"),
    ("answers that do not reach 10", "least = 8\nmost = 10", "least = 8\nmost = 9", "[[answers]]"),
    ("an answer beyond 10", "least = 8\nmost = 10", "least = 8\nmost = 11", "most = 11"),
    ("an unknown key of an answer", "score = 9", "score = 9\nword = 9", "word = 9"),
    (
        "combination milder than its sign",
        'signs = ["fever", "spreading_heat"]\nlevel = "emergency"',
        'signs = ["fever", "breathing"]\nlevel = "watch"',
        'level = "watch"',
    ),
]


@pytest.mark.parametrize(
    ("before", "after", "named"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED]
)
def test_a_malformed_protocol_is_refused_with_its_line(
    standard_text: str, before: str, after: str, named: str
) -> None:
    assert before in standard_text
    text = standard_text.replace(before, after, 1)
    with pytest.raises(protocol.ProtocolError) as caught:
        protocol.parse(text)
    found = re.match(r"line (\d+): ", str(caught.value))
    assert found is not None
    assert text.splitlines()[int(found.group(1)) - 1].startswith(named)


def test_a_wrong_score_is_named_by_its_own_line(standard_text: str) -> None:
    lines = standard_text.splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("p97_5 = [9, 6, 4"))
    lines[number] = lines[number].replace("[9,", "[11,")
    with pytest.raises(
        protocol.ProtocolError, match=rf"^line {number + 1}: curves\.reference\.redness\.p97_5"
    ):
        protocol.parse("\n".join(lines))


def test_the_five_answers_cover_every_score_once(standard: protocol.Protocol) -> None:
    assert standard.answers == {0: (0, 0), 2: (1, 2), 4: (3, 4), 6: (5, 7), 9: (8, 10)}


def test_a_protocol_has_the_answers_that_patients_are_asked_with(
    standard: protocol.Protocol, standard_text: str, older_text: str
) -> None:
    assert protocol.parse(standard_text, asked=standard.answers) == standard
    # Those of before had none: they take the answers for numbers.
    assert protocol.parse(older_text, asked=standard.answers).answers == {}
    others = {**standard.answers, 6: (5, 6), 9: (7, 10)}
    with pytest.raises(protocol.ProtocolError) as refused:
        protocol.parse(standard_text, asked=others)
    line = standard_text.splitlines().index("[[answers]]") + 1
    assert str(refused.value) == (
        f"line {line}: answers: must be the five that patients are asked with: "
        "0 (0-0), 2 (1-2), 4 (3-4), 6 (5-6), 9 (7-10)"
    )


def test_a_sign_that_a_protocol_does_not_know_yet_is_an_emergency(standard: protocol.Protocol) -> None:
    later = (symptoms.WarningSign.CHEST_PAIN, symptoms.WarningSign.SEIZURE, symptoms.WarningSign.SELF_HARM)
    assert [standard.urgency(sign) for sign in later] == [symptoms.Level.EMERGENCY] * 3


def test_a_protocol_of_before_does_not_know_numbness_and_takes_it_for_the_same_day(older_text: str) -> None:
    assert "numbness" not in older_text
    assert protocol.parse(older_text).urgency(symptoms.WarningSign.NUMBNESS) is symptoms.Level.ABNORMAL
