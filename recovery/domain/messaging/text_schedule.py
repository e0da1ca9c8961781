"""Which text is due when in the patient's own zone: the steps read from TOML, planned for one treatment past
quiet hours.

The steps, their hours and the limits are data (config/messages/schedule.toml). A step whose moment
falls into quiet hours moves to the next allowed time; one that would then come after it is useful is
dropped, and the plan says why.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from recovery.domain.clinic.opening_hours import local_to_utc
from recovery.domain.messaging.unsent_reasons import UnsentReason
from recovery.domain.patients.consent import ConsentKind
from recovery.domain.patients.contact import AnswersBy

_NIGHT = timedelta(hours=12)
"""A recovery day begins twelve hours after the treatment and its like (`symptoms.recovery_day`)."""


class ScheduleError(ValueError):
    """A schedule that cannot be read; the message names the step."""


@dataclass(frozen=True, kw_only=True)
class ScheduleStep:
    """One text of the plan, relative to the treatment, or to the next session.

    Either `day` at a local time, or `after` the treatment with a latest local time on its day, or
    `days_before_session` at a local time. It is useful until the local time `until` of its day, or of a day
    `useful_days` later. `consent_version` is the first version of our statement of consent that says that it
    comes. `last_session_only`: not of use once the patient had a later session, whose own steps come sooner.
    """

    name: str
    template: str
    answers_by: AnswersBy | None
    day: int | None
    at: time | None
    after: timedelta | None
    latest: time | None
    until: time
    useful_days: int = 0
    days_before_session: int | None = None
    consent: ConsentKind = ConsentKind.RECOVERY_TEXTS
    consent_version: int = 1
    last_session_only: bool = False


@dataclass(frozen=True, kw_only=True)
class SendLimits:
    """How many texts a day may have, in the local day of the patient or of the clinic.

    `texts_per_day` bounds what we send of our own accord to one patient; `identical_per_day` how often
    one wording reaches one patient unasked, `codes_per_day` the same for sign-in codes. What a patient
    writes is answered `answers_per_hour` times, emergency words `emergency_answers_per_hour` times. Past
    `clinic_budget_per_day` a clinic sends nothing of its own accord, past `reserve` times as many nothing
    at all.
    """

    texts_per_day: int
    identical_per_day: int
    codes_per_day: int
    answers_per_hour: int
    emergency_answers_per_hour: int
    clinic_budget_per_day: int
    reserve: int


@dataclass(frozen=True, kw_only=True)
class AgainStep:
    """A check-in beside the plan: useful until the local time `until` at least, and of which the statement of
    consent tells since its version `consent_version`."""

    until: time
    consent_version: int


@dataclass(frozen=True, kw_only=True)
class TextSchedule:
    """The steps of the plan, the hours in which texts may go out, and how many."""

    quiet_until: time
    quiet_from: time
    limits: SendLimits
    again: AgainStep
    steps: tuple[ScheduleStep, ...]

    def consent_for(self, template: str) -> ConsentKind:
        """What a patient has to have agreed to for this wording."""
        wanted = (step.consent for step in self.steps if step.template == template)
        return next(wanted, ConsentKind.RECOVERY_TEXTS)


@dataclass(frozen=True, kw_only=True)
class AgainMoment:
    """When a check-in beside the plan is due, and until when it may be answered; UTC."""

    due_at: datetime
    useful_until: datetime


@dataclass(frozen=True, kw_only=True)
class PlannedText:
    """A step at its moments, both UTC. `dropped` says why it will not go out, if it will not."""

    step: ScheduleStep
    due_at: datetime
    useful_until: datetime
    dropped: UnsentReason | None = None


def parse(text: str) -> TextSchedule:
    """Read a schedule. Raises ScheduleError naming the step that is wrong."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScheduleError(f"schedule: {error}") from error
    steps = tuple(_step(entry) for entry in data.get("step", []))
    names = [step.name for step in steps]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ScheduleError(f"step {min(twice)!r} stands twice")
    try:
        return TextSchedule(
            quiet_until=_time(data["quiet_until"]),
            quiet_from=_time(data["quiet_from"]),
            limits=_limits(data["limits"]),
            again=_again(data["again"]),
            steps=steps,
        )
    except KeyError as error:
        raise ScheduleError(f"schedule: {error.args[0]} is missing") from error


def plan(
    schedule: TextSchedule,
    *,
    performed_at: datetime,
    zone: ZoneInfo,
    answers_by: AnswersBy,
    now: datetime,
    next_session_on: date | None = None,
    agreed_version: int | None = None,
) -> Sequence[PlannedText]:
    """Every step of the plan for one treatment, those that will not go out with their reason.

    `next_session_on` is the day in `zone` that is agreed for the patient's next session. `agreed_version` is
    that of the words in which the patient agreed to recovery texts: steps of which those did not tell are not
    in the plan. None, where nothing was agreed to, leaves out none.
    """
    return [
        _place(schedule, step, performed_at=performed_at, zone=zone, now=now, next_session_on=next_session_on)
        for step in schedule.steps
        if step.answers_by in (None, answers_by) and told_of(step.consent_version, agreed_version)
    ]


def told_of(consent_version: int, agreed_version: int | None) -> bool:
    """Whether a patient who agreed in that version was told of what this one says first."""
    return agreed_version is None or agreed_version >= consent_version


def place_again(
    schedule: TextSchedule,
    *,
    from_at: datetime,
    latest: datetime,
    open_until: datetime,
    open_for: timedelta,
    zone: ZoneInfo,
) -> AgainMoment | None:
    """A check-in beside the plan, at the first allowed time from `from_at` on; None where that is after
    `latest`. It may be answered until the evening, `open_until` at least and `open_for` in any case."""
    due = next_allowed_time(schedule, at=from_at, zone=zone)
    if due > latest:
        return None
    evening = local_to_utc(due.astimezone(zone).date(), at=schedule.again.until, zone=zone)
    return AgainMoment(due_at=due, useful_until=max(evening, open_until, due + open_for))


def again_template(answers_by: AnswersBy) -> str:
    """The wording of a check-in beside the plan."""
    return f"again_{answers_by.value}"


def next_allowed_time(schedule: TextSchedule, *, at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself inside the allowed hours of the patient's day, else the next moment they begin."""
    local = at.astimezone(zone)
    if local.time() < schedule.quiet_until:
        return local_to_utc(local.date(), at=schedule.quiet_until, zone=zone)
    if local.time() >= schedule.quiet_from:
        return local_to_utc(local.date() + timedelta(days=1), at=schedule.quiet_until, zone=zone)
    return at


def _place(
    schedule: TextSchedule,
    step: ScheduleStep,
    *,
    performed_at: datetime,
    zone: ZoneInfo,
    now: datetime,
    next_session_on: date | None,
) -> PlannedText:
    if step.days_before_session is None or step.at is None:
        due = _due(step, performed_at=performed_at, zone=zone)
    elif next_session_on is None:
        reason = UnsentReason.NO_SESSION_AGREED
        return PlannedText(step=step, due_at=performed_at, useful_until=performed_at, dropped=reason)
    else:
        due = local_to_utc(next_session_on - timedelta(days=step.days_before_session), at=step.at, zone=zone)
    until = local_to_utc(
        due.astimezone(zone).date() + timedelta(days=step.useful_days), at=step.until, zone=zone
    )
    if until <= now:
        return PlannedText(step=step, due_at=due, useful_until=until, dropped=UnsentReason.MOMENT_PASSED)
    due = next_allowed_time(schedule, at=max(due, now) if due < now else due, zone=zone)
    dropped = UnsentReason.NO_HOUR_LEFT if due >= until else None
    return PlannedText(step=step, due_at=due, useful_until=until, dropped=dropped)


def _due(step: ScheduleStep, *, performed_at: datetime, zone: ZoneInfo) -> datetime:
    local = performed_at.astimezone(zone).replace(tzinfo=None)
    if step.after is not None:
        due = performed_at + step.after
        if step.latest is None:
            return due
        latest = local_to_utc(local.date(), at=step.latest, zone=zone)
        return min(due, latest) if latest > performed_at else performed_at
    if step.day is None or step.at is None:
        raise ScheduleError(f"step {step.name!r} has neither a day nor a delay")
    # After a treatment late in the evening the next morning still belongs to day 0. Told by the wall
    # clock, so that a clock change on the way neither doubles a morning nor leaves one out.
    morning_after = datetime.combine(local.date() + timedelta(days=1), step.at)
    late = 1 if morning_after - local < _NIGHT else 0
    return local_to_utc(local.date() + timedelta(days=step.day + late), at=step.at, zone=zone)


def _again(entry: Mapping[str, Any]) -> AgainStep:
    if wrong := sorted({"until", "consent_version"} ^ set(entry)):
        raise ScheduleError(f"again: {wrong[0]!r} is missing or unknown")
    version = entry["consent_version"]
    if type(version) is not int or version < 1:
        raise ScheduleError("again: 'consent_version' is a whole number from 1")
    try:
        return AgainStep(until=_time(entry["until"]), consent_version=version)
    except (TypeError, ValueError) as error:
        raise ScheduleError(f"again: {error}") from error


def _limits(entry: Mapping[str, Any]) -> SendLimits:
    names = {field.name for field in fields(SendLimits)}
    if wrong := sorted(names ^ set(entry)):
        raise ScheduleError(f"limits: {wrong[0]!r} is missing or unknown")
    for name, value in entry.items():
        if type(value) is not int or value < 1:
            raise ScheduleError(f"limits: {name!r} is a whole number from 1")
    return SendLimits(**entry)


def _step(entry: Mapping[str, Any]) -> ScheduleStep:
    name = entry.get("name")
    if not isinstance(name, str):
        raise ScheduleError("a step has no name")
    unknown = set(entry) - {
        "name", "template", "answers_by", "day", "at", "after_hours", "latest", "until",
        "useful_days", "days_before_session", "consent", "consent_version", "last_session_only",
    }  # fmt: skip
    if unknown:
        raise ScheduleError(f"step {name!r}: unknown {min(unknown)!r}")
    relative, before = "after_hours" in entry, "days_before_session" in entry
    dated = ("day" in entry or before) and "at" in entry
    if relative == dated or (before and "day" in entry):
        raise ScheduleError(f"step {name!r} needs either day and at, or after_hours, or days_before_session")
    try:
        answers_by = entry.get("answers_by")
        return ScheduleStep(
            name=name,
            template=str(entry.get("template", name)),
            answers_by=None if answers_by is None else AnswersBy(answers_by),
            day=entry.get("day"),
            at=_time(entry["at"]) if dated else None,
            after=timedelta(hours=entry["after_hours"]) if relative else None,
            latest=_time(entry["latest"]) if "latest" in entry else None,
            until=_time(entry["until"]),
            useful_days=int(entry.get("useful_days", 0)),
            days_before_session=int(entry["days_before_session"]) if before else None,
            consent=ConsentKind(entry.get("consent", ConsentKind.RECOVERY_TEXTS)),
            consent_version=int(entry.get("consent_version", 1)),
            last_session_only=_flag(entry, "last_session_only"),
        )
    except KeyError as error:
        raise ScheduleError(f"step {name!r}: {error.args[0]} is missing") from error
    except (TypeError, ValueError) as error:
        raise ScheduleError(f"step {name!r}: {error}") from error


def _flag(entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key, False)
    if type(value) is not bool:
        raise ValueError(f"{key!r} is true or false")
    return value


def _time(value: Any) -> time:
    if isinstance(value, time):
        return value
    return time.fromisoformat(value)
