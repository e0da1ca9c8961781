"""Conditions speak against a treatment or ask for care, never both, in the order of the questions."""

from __future__ import annotations

from recovery.domain.patients import consultation
from recovery.domain.patients.consultation import CAUTIONS, Condition


def test_every_condition_is_listed_in_one_of_two_ways() -> None:
    backwards = list(Condition)[::-1]
    against, care = consultation.contraindications(backwards), consultation.cautions(backwards)
    assert {*against} | {*care} == {*Condition}
    assert not {*against} & {*care}
    assert {*care} == CAUTIONS
    assert sorted([*against, *care], key=list(Condition).index) == list(Condition)
    assert [*against] == sorted(against, key=list(Condition).index)


def test_what_was_not_ticked_is_not_told() -> None:
    assert consultation.contraindications([Condition.SUNBURN, Condition.KELOID]) == [Condition.KELOID]
    assert consultation.cautions([Condition.PACEMAKER, Condition.KELOID]) == [Condition.PACEMAKER]
    assert consultation.cautions([]) == consultation.contraindications([]) == []
