from __future__ import annotations

import pathlib

import pytest

from evaluation import ground_truth, metrics, threshold_sweep
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


def test_the_reference_alone_counts_what_the_whole_evaluation_counts(protocol_text: str) -> None:
    sizes = metrics.Sizes(normal=30, complication=20, arm_normal=5, arm_complication=5)
    whole = metrics.evaluate(
        protocol=protocol_text, sizes=sizes, seed=4, sent=(), practice=(), robustness=(), processes=1
    )
    kinds = (ground_truth.CourseKind.NORMAL, ground_truth.CourseKind.INFECTION)
    alone = metrics.reference(protocol=protocol_text, sizes=sizes, seed=4, kinds=kinds, processes=1)
    assert alone.by_kind == {kind: whole.reference[0].by_kind[kind] for kind in kinds}
