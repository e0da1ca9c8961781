"""Which version of the expected course a clinic's treatments are held to, from when on: the plan as text and
back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime


class PlanError(ValueError):
    """The text is not a plan."""


@dataclass(frozen=True, kw_only=True)
class CourseStep:
    """One version, and from which moment on; without one from the beginning."""

    version: str
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class CoursePlan:
    """The versions in the order in which they take effect; the first from the beginning.

    `beside`: versions that were withdrawn, each with the one that its treatments are held to as well.
    """

    steps: Sequence[CourseStep]
    beside: Mapping[str, str] = field(default_factory=dict)

    def version_at(self, at: datetime) -> str:
        """The version that a treatment of this moment is held to."""
        *_, last = (step.version for step in self.steps if step.since is None or step.since <= at)
        return last


def dump(plan: CoursePlan) -> str:
    """The plan as text, the same for the same plan."""
    rows: list[dict[str, str | None]] = [
        {
            "version": step.version,
            "since": None if step.since is None else step.since.astimezone(UTC).isoformat(),
        }
        for step in plan.steps
    ]
    rows += [{"version": version, "beside": other} for version, other in sorted(plan.beside.items())]
    return json.dumps(rows, indent=1, ensure_ascii=False) + "\n"


def parse(text: str) -> CoursePlan:
    """The plan from its text. Raises PlanError."""
    try:
        rows = json.loads(text)
        steps = [
            CourseStep(
                version=row["version"],
                since=None if row["since"] is None else datetime.fromisoformat(row["since"]),
            )
            for row in rows
            if "beside" not in row
        ]
        beside = {row["version"]: row["beside"] for row in rows if "beside" in row}
    except (KeyError, TypeError, ValueError) as error:
        raise PlanError(f"not a plan of the expected course: {error!r}") from error
    if not steps or steps[0].since is not None:
        raise PlanError("a plan begins with a version that holds from the beginning")
    return CoursePlan(steps=steps, beside=beside)
