"""`protocol check`, `replay` and `publish`, and `evaluate`: files read, courses replayed, figures printed."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from commands.line_files import rewrite
from commands.shipped_content import shipped
from config import content_files as files
from evaluation import command, metrics
from recovery.domain.clinical import protocol
from recovery.domain.review import course_replay
from recovery.models.clinic import clinics
from recovery.services.clinic.clinics import UnknownClinic
from recovery.services.content import protocols
from recovery.services.core import audit


def check(given: Namespace) -> int:
    """`protocol check FILE`: whether the file is a protocol; what is wrong comes with its line."""
    parsed = protocol.parse(_text(given.file), asked=shipped().answers)
    print(f"{parsed.version}: {parsed.title}")  # noqa: T201  (the command's answer)
    return 0


def replay_courses(given: Namespace) -> int:
    """`protocol replay --courses --out [--protocol]`: one line in, one line out, in the same order.

    A line that cannot be read ends it with status 2, its number on standard error, and no output file.
    """
    held_to, schedule = _protocol(given.protocol), shipped().schedule
    try:
        rewrite(
            Path(given.courses),
            Path(given.out),
            turned=lambda lines: course_replay.replay_lines(lines, protocol=held_to, schedule=schedule),
        )
    except course_replay.ReplayError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def replay_stored(session: Session, given: Namespace) -> dict[str, Any]:
    """`protocol replay --clinic ID --protocol FILE`: a draft over the clinic's stored reports."""
    clinic_id = UUID(given.clinic)
    if clinics.get(session, clinic_id) is None:
        raise UnknownClinic
    candidate = _protocol(given.protocol)
    comparison = protocols.compare(session, clinic_id=clinic_id, candidate=candidate, content=shipped())
    return {"draft": candidate.version, **comparison.figures()}


def publish(session: Session, given: Namespace, *, now: datetime) -> dict[str, Any]:
    """`protocol publish --clinic ID FILE`: draft and publish in one step, within the alert budget."""
    clinic = clinics.get(session, UUID(given.clinic))
    if clinic is None:
        raise UnknownClinic
    content = shipped()
    kept = protocols.save_draft(
        session,
        clinic_id=clinic.id,
        text=_text(given.file),
        content=content,
        actor=audit.OPERATOR,
        now=now,
    )
    try:
        kept = protocols.publish(
            session,
            clinic=clinic,
            version=kept.version,
            effective_from=now if given.effective_from is None else _moment(given.effective_from),
            reason=given.because,
            content=content,
            actor=audit.OPERATOR,
            now=now,
        )
    except protocols.AboveAlertBudget as refusal:
        raise AboveBudget(refusal) from refusal
    return {"version": kept.version, "effective_from": str(kept.effective_from), "figures": kept.figures}


class AboveBudget(ValueError):
    """A refusal in words, with the figures it rests on."""

    def __init__(self, refusal: protocols.AboveAlertBudget) -> None:
        figures = refusal.comparison.figures()["all"]
        super().__init__(
            f"{refusal.comparison.version} would flag {figures['draft']['any_per_100']} of 100 treatments, "
            f"the current course {figures['current']['any_per_100']}; the alert budget is "
            f"{refusal.budget:g}. Publish it with --because TEXT; the reason is kept."
        )


def add_evaluate_arguments(evaluate: ArgumentParser) -> None:
    """What `evaluate` takes."""
    evaluate.add_argument("--protocol", help="a protocol's file; the newest that ships without it")
    evaluate.add_argument("--normal", type=int, default=12_000, help="normal courses")
    evaluate.add_argument("--complication", type=int, default=4_000, help="courses of each complication")
    evaluate.add_argument("--arm-normal", type=int, default=1_500, help="the same of every other arm")
    evaluate.add_argument("--arm-complication", type=int, default=500)
    evaluate.add_argument("--worlds", type=int, default=20, help="worlds drawn around what ships")
    evaluate.add_argument("--seed", type=int, default=1)
    evaluate.add_argument("--processes", type=int, default=2)
    evaluate.add_argument("--no-arms", action="store_true", help="what ships and the reference only")
    evaluate.add_argument("--first-simulation", action="store_true", help="naive rules, as first published")


def evaluate(given: Namespace) -> int:
    """`evaluate`: what the rules flag and find on simulated courses, as a page of tables."""
    if given.first_simulation:
        print(command.run_first_simulation())  # noqa: T201
        return 0
    page = command.run(
        protocol=_newest_text() if given.protocol is None else _text(given.protocol),
        sizes=metrics.Sizes(
            normal=given.normal,
            complication=given.complication,
            arm_normal=given.arm_normal,
            arm_complication=given.arm_complication,
        ),
        seed=given.seed,
        processes=given.processes,
        with_arms=not given.no_arms,
        worlds=given.worlds,
    )
    print(page)  # noqa: T201
    return 0


def _newest_text() -> str:
    content = shipped()
    newest = max(content.protocols)
    return next(
        text
        for text in files.read_content_files().protocols.values()
        if protocol.parse(text).version == newest
    )


def _protocol(file: str | None) -> protocol.Protocol:
    if file is not None:
        return protocol.parse(_text(file))
    content = shipped()
    return content.protocols[max(content.protocols)]


def _text(file: str) -> str:
    try:
        return Path(file).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{file} is not UTF-8 text") from error


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("--from needs an offset from UTC, like 2027-01-01T00:00:00+01:00")
    return moment
