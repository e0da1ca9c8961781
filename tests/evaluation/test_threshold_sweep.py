from __future__ import annotations

import pathlib

import pytest

from evaluation import arms, ground_truth, metrics, threshold_sweep
from recovery.domain.clinical import protocol
from recovery.domain.core import toml_reader

SMALL = ("--normal", "20", "--complication", "60")


def test_one_bound_changes_and_nothing_else(protocol_text: str) -> None:
    changed = threshold_sweep.with_bound(protocol_text, key="rules.personal_band.limit", value=2.5)
    before, after = protocol.parse(protocol_text).rules, protocol.parse(changed).rules
    assert after.personal_band.limit == 2.5
    assert after.personal_band.fine_limit == before.personal_band.fine_limit
    assert (after.rebound, after.silence) == (before.rebound, before.silence)
    assert len(changed.splitlines()) == len(protocol_text.splitlines())


@pytest.mark.parametrize("key", ["rules.personal_band.nothing", "rules.nothing.limit", "rules.rebound.level"])
def test_a_bound_that_is_no_number_is_refused(protocol_text: str, key: str) -> None:
    with pytest.raises(toml_reader.TomlError):
        threshold_sweep.with_bound(protocol_text, key=key, value=1)


def test_a_wider_bound_flags_no_more(
    protocol_text: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "protocol.toml"
    path.write_text(protocol_text, encoding="utf-8")
    threshold_sweep.main(
        [str(path), "rules.personal_band.limit", "1", "20", *("--kind", "prolonged"), *SMALL]
    )
    head, _, tight, wide = capsys.readouterr().out.splitlines()
    assert head.startswith("| `rules.personal_band.limit` | normal | prolonged |")
    found = [float(row.split("|")[3].split("%")[0]) for row in (tight, wide)]
    assert found[0] > found[1]


def test_questions_for_nothing_and_slips_caught_stand_beside_what_they_buy(
    protocol_text: str, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "protocol.toml"
    path.write_text(protocol_text, encoding="utf-8")
    small = ("--normal", "300", "--complication", "5", "--arm", "text", "--kind", "infection")
    threshold_sweep.main([str(path), "rules.plausibility.agreeing", "1", "9", *small])
    head, _, few, many = capsys.readouterr().out.splitlines()
    assert head.endswith("| asked for nothing | slips caught |")
    asked = [[float(cell) for cell in row.split("|")[-3:-1]] for row in (few, many)]
    assert asked[0][0] <= asked[1][0]
    assert 0 < asked[0][1] <= asked[1][1]


def test_one_arm_alone_counts_what_the_whole_evaluation_counts(protocol_text: str) -> None:
    sizes = metrics.Sizes(normal=30, complication=20)
    none = metrics.Others(late=(), ticking=(), practice=(), robustness=())
    whole = metrics.evaluate(
        protocol=protocol_text, sizes=sizes, seed=4, shipped=(arms.TEXT,), others=none, processes=1
    )
    kinds = (ground_truth.CourseKind.NORMAL, ground_truth.CourseKind.INFECTION)
    for arm, figures in ((arms.TEXT, whole.shipped[0]), (whole.reference[0].arm, whole.reference[0])):
        alone = metrics.one_arm(
            arm=arm, protocol=protocol_text, sizes=sizes, seed=4, kinds=kinds, processes=1
        )
        for kind in kinds:
            assert alone.by_kind[kind].any_flag == figures.by_kind[kind].any_flag
            assert alone.by_kind[kind].texts == figures.by_kind[kind].texts
