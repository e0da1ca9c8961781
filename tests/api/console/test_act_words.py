"""Every act that is written down anywhere has words, and no words are for an act that nobody does."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from api.console import act_words
from recovery.models.core.audit import ActorKind, AuditEntry
from recovery.models.flags.flags import EventKind
from recovery.models.read_models.audit_trail import ActKind
from recovery.models.tasks.task_events import TaskEventKind

PROJECT = Path(__file__).resolve().parents[3]
ACT = re.compile(r"[a-z]+\.[a-z_]+")
BY_NURSES = set(EventKind) - {
    EventKind.OPENED, EventKind.EXTENDED, EventKind.RAISED, EventKind.ESCALATED, EventKind.DUE_MOVED,
}  # fmt: skip
"""What a nurse does to a flag is audited under its kind; what the worker does is not."""

TO_TASKS = set(TaskEventKind) - {
    TaskEventKind.EXTENDED, TaskEventKind.RAISED, TaskEventKind.ESCALATED, TaskEventKind.DUE_MOVED,
}  # fmt: skip
"""So is what a nurse does to a task."""

NO_ACTS = (".css", ".html", ".id", ".js", ".tab", ".http_client")
"""Files and modules, which look like acts; so do the names of pages."""


def written_down() -> set[str]:
    """Every constant of the code that looks like an act."""
    found: set[str] = set()
    for package in ("recovery", "api"):
        for path in (PROJECT / package).rglob("*.py"):
            if path.name == "act_words.py":
                continue
            words = [
                node.value
                for node in ast.walk(ast.parse(path.read_text("utf-8")))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            ]
            found |= {word for word in words if ACT.fullmatch(word)}
    return found


def entry(action: str, **detail: Any) -> AuditEntry:
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return AuditEntry(action=action, actor_kind=ActorKind.NOBODY, at=at, detail=detail)


def test_every_act_that_is_written_down_has_words() -> None:
    acts = {name for name in written_down() if not name.endswith(NO_ACTS) and not name.startswith("console.")}
    acts |= {f"flag.{kind.value}" for kind in BY_NURSES} | {f"task.{kind.value}" for kind in TO_TASKS}
    assert acts == set(act_words.ACTS)


def test_what_a_later_program_wrote_down_is_told_by_its_name() -> None:
    assert act_words.act(entry("flag.read")) == "Read the flag"
    assert act_words.act(entry("flag.of_tomorrow")) == "flag.of_tomorrow"


def test_every_word_stands_for_one_thing() -> None:
    assert set(act_words.ACTORS) == set(ActorKind)
    assert set(act_words.KINDS) == set(ActKind)


@pytest.mark.parametrize(
    ("told", "more"),
    [
        (entry("staff.sign_in_refused", because="password", last=""), "wrong password or code"),
        (
            entry("staff.sign_in_refused", because="password", last="yes"),
            "wrong password or code; further ones within the hour are counted, not listed",
        ),
        (
            entry("access.refused", asked="GET /console/figures", role="nurse", last=""),
            "nurse: GET /console/figures",
        ),
        (entry("treatment.correct", changed="depth_mm, lot"), "depth mm, lot"),
        (entry("treatment.withdraw", changed="withdrawn_at"), ""),
        (entry("patient.read"), ""),
    ],
)
def test_what_else_was_kept_is_told_in_words(told: AuditEntry, more: str) -> None:
    assert act_words.more(told) == more
    assert act_words.actor(told, None) == "nobody we know"
    assert act_words.actor(told, "Robin Sample") == "Robin Sample"
