"""Finds all that is wrong with an installation, for `doctor`: machine, worker, carrier, clinics, backlog,
each in plain words with a next step.

Facts in, findings out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from operations.rules.installation_problems import (
    CarrierCheck,
    ClinicFacts,
    DatabaseFacts,
    InstallationFacts,
    InstallationProblem,
    ProblemCause,
)
from operations.rules.installation_status import DOUBT_LATE, InstallationStatus, Lateness, is_carrier_down
from recovery.domain.messaging import text_price
from recovery.domain.messaging.text_lifecycle import MessageState

CLOCK_OFF = timedelta(seconds=10)
LEAST_FREE = 500_000_000
"""Bytes of the disk under the data: the database stops when none are left."""
LEAST_JUDGED = 10
MOST_UNDELIVERED = 0.2
"""Share of a day's finished texts that no phone got, of at least so many, from which something is wrong."""


def find_problems(facts: InstallationFacts) -> list[InstallationProblem]:
    """Everything that is wrong, the most basic first; empty for a healthy installation."""
    problems = [*_machine(facts)]
    database = facts.database
    if database is not None and database.standing is not None:
        problems += [*_worker(database), *_carrier(facts, database.standing), *_clinics(facts, database)]
        problems += [*_backlog(database, explained={problem.cause for problem in problems})]
        problems += [*_outside(facts, database)]
    order = list(ProblemCause)
    return sorted(problems, key=lambda problem: order.index(problem.cause))


def _machine(facts: InstallationFacts) -> Iterator[InstallationProblem]:
    if not facts.started_before:
        yield InstallationProblem(
            cause=ProblemCause.NOTHING_HERE,
            text="Nothing was ever started here: there is no database yet.",
            remedy="python manage.py up      # or set DATABASE_URL and its two companions",
        )
    if facts.unreachable_database is not None:
        name, why = facts.unreachable_database
        yield InstallationProblem(
            cause=ProblemCause.DATABASE_AWAY,
            text=f"The database of {name} cannot be reached ({why}). Nothing works without it.",
            remedy=f"see that PostgreSQL runs and that {name} is right, then: python manage.py doctor",
        )
    if facts.disk_free < LEAST_FREE:
        yield InstallationProblem(
            cause=ProblemCause.DISK_FULL,
            text=f"Only {facts.disk_free // 1_000_000} MB are left on the disk of {facts.disk}. "
            "The database stops when it is full.",
            remedy=f"du -xh {facts.disk} | sort -h | tail      # then free some space",
        )
    database = facts.database
    if database is None:
        return
    if database.schema != database.expected_schema:
        yield InstallationProblem(
            cause=ProblemCause.SCHEMA_OTHER,
            text=f"The database has shape {database.schema or 'none'}, this version of the program wants "
            f"{database.expected_schema}.",
            remedy="python manage.py migrate      # where the shape is newer: start the newer program",
        )
    if abs(database.clock_off) > CLOCK_OFF:
        seconds = round(database.clock_off.total_seconds())
        yield InstallationProblem(
            cause=ProblemCause.CLOCK_WRONG,
            text=f"This machine's clock is {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} the "
            "database's. Due times and sign-ins go wrong.",
            remedy="timedatectl set-ntp true      # on both machines",
        )


def _worker(database: DatabaseFacts) -> Iterator[InstallationProblem]:
    standing = database.standing
    if standing is None or Lateness.WORKER not in standing.overdue():
        return
    start = "python -m worker      # or, for everything on this machine: python manage.py up"
    if standing.worker_seen_at is None:
        yield InstallationProblem(
            cause=ProblemCause.WORKER_NEVER,
            text="No worker has ever run on this database. No text leaves and no report reaches a nurse.",
            remedy=start,
        )
    elif standing.workers_alive:
        who = f" ({database.sick_worker})" if database.sick_worker else ""
        yield InstallationProblem(
            cause=ProblemCause.WORKER_STUCK,
            text=f"A worker{who} holds its place but has not moved for "
            f"{_ago(standing, standing.worker_seen_at)}: it is paused, or hangs.",
            remedy="kill -9 that process, then: python -m worker      # nothing is lost by it",
        )
    else:
        yield InstallationProblem(
            cause=ProblemCause.WORKER_STOPPED,
            text=f"No worker runs; the last was heard of {_ago(standing, standing.worker_seen_at)} ago. "
            "No text leaves and no report reaches a nurse.",
            remedy=start,
        )


def _carrier(facts: InstallationFacts, standing: InstallationStatus) -> Iterator[InstallationProblem]:
    code = f" ({facts.carrier_code})" if facts.carrier_code else ""
    if facts.carrier is CarrierCheck.REFUSES_US:
        yield InstallationProblem(
            cause=ProblemCause.CREDENTIALS,
            text=f"The carrier does not accept our account or key{code}. No text leaves until it does.",
            remedy="copy TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (or the API key) from Twilio's console "
            "into .env, restart",
        )
    elif facts.carrier is CarrierCheck.UNREACHABLE:
        yield InstallationProblem(
            cause=ProblemCause.CARRIER_UNREACHABLE,
            text=f"The carrier does not answer{code}: this machine's network, or an outage there.",
            remedy="curl -sS https://api.twilio.com > /dev/null && open https://status.twilio.com",
        )
    elif standing.refused_by:
        yield InstallationProblem(
            cause=ProblemCause.CREDENTIALS,
            text=f"The carrier did not take the worker's account, key or sender "
            f"({', '.join(sorted(set(standing.refused_by.values())))}), though it answers with the present "
            "settings.",
            remedy="restart the worker, so that it takes the present settings; else look at the sender there",
        )
    for account, circuit in standing.circuits.items():
        if is_carrier_down(circuit):
            until = "" if circuit.open_until is None else f" The next try is at {_clock(circuit.open_until)}."
            yield InstallationProblem(
                cause=ProblemCause.CIRCUIT_OPEN,
                text=f"{circuit.faults} hand-overs in a row to the carrier's account {_short(account)} "
                f"failed; it is left alone for a while.{until}",
                remedy="python manage.py worker status      # in_doubt says why; it goes on by itself",
            )
        elif circuit.paused_until is not None and circuit.paused_until - standing.at > timedelta(minutes=1):
            yield InstallationProblem(
                cause=ProblemCause.CARRIER_PAUSED,
                text=f"The carrier asked us to wait until {_clock(circuit.paused_until)}: too many texts at "
                "once for the account.",
                remedy="lower SMS_RATE in .env, or ask the carrier for a higher limit",
            )


def _clinics(facts: InstallationFacts, database: DatabaseFacts) -> Iterator[InstallationProblem]:
    live = [clinic for clinic in database.clinics if clinic.live]
    for clinic in database.clinics:
        if clinic.stopped_since is not None:
            yield InstallationProblem(
                cause=ProblemCause.STOP_SWITCH,
                text=f"The stop switch of {clinic.name} is on since {_clock(clinic.stopped_since)}: none of "
                "its texts leaves.",
                remedy=f'python manage.py texts resume --clinic {clinic.id} --because "..."',
            )
    for clinic in live:
        if not clinic.content_readable:
            yield InstallationProblem(
                cause=ProblemCause.CONTENT_UNREADABLE,
                text=f"This program cannot read what the medical director of {clinic.name} signed: its "
                "patients get no text and no answer.",
                remedy="start the program of before; or its director signs anew: Clinic, The expected course",
            )
        if not clinic.has_hours:
            yield InstallationProblem(
                cause=ProblemCause.HOURS_MISSING,
                text=f"{clinic.name} has no opening hours in the coming weeks: due times cannot be kept.",
                remedy="set its weekly hours and holidays: PATCH /api/v1/clinic, or in the console",
            )
        if not clinic.on_call:
            yield InstallationProblem(
                cause=ProblemCause.ON_CALL_MISSING,
                text=f"{clinic.name} has no on-call number of its own: an emergency at night is texted to "
                "the front desk.",
                remedy="set its on-call number: PATCH /api/v1/clinic, or in the console",
            )
    real = [clinic for clinic in live if not clinic.demonstration]
    if real and not facts.texts_leave:
        yield InstallationProblem(
            cause=ProblemCause.CONSOLE_BUT_LIVE,
            text=f"{_names(real)} is live, but texts go to the terminal only: no patient gets any.",
            remedy="SMS_GATEWAY=twilio in .env with the TWILIO_ settings, then restart web and worker",
        )
    yield from _addresses(facts, live)
    if not database.clinics:
        yield InstallationProblem(
            cause=ProblemCause.NO_CLINIC,
            text="There is no clinic yet.",
            remedy="python manage.py clinic add --help",
        )
    elif not live:
        yield InstallationProblem(
            cause=ProblemCause.ONLY_TRAINING,
            text="Every clinic is in training, and texts no patient.",
            remedy="GET /api/v1/clinic/readiness says what is missing before a clinic goes live",
        )


def _addresses(facts: InstallationFacts, live: Sequence[ClinicFacts]) -> Iterator[InstallationProblem]:
    if facts.texts_leave and facts.public_is_local:
        yield InstallationProblem(
            cause=ProblemCause.RECEIPTS_CANNOT_COME,
            text="PUBLIC_URL is an address of this machine: patients' links do not open, and the carrier's "
            "receipts and patients' answers cannot arrive.",
            remedy="PUBLIC_URL=https://... in .env (the address the carrier reaches), then restart",
        )
    if not (facts.texts_leave and live):
        return
    price, shorter = facts.price, "LINK_URL=https://... in .env: a shorter host that leads to the same place"
    if price.link_length > facts.longest_link:
        yield InstallationProblem(
            cause=ProblemCause.LINK_TOO_LONG,
            text=f"Links in texts have {price.link_length} characters, and {facts.longest_link} may be: some "
            f"texts take more than {text_price.MOST_SEGMENTS} segments ({', '.join(price.too_dear)}).",
            remedy=shorter,
        )
    elif price.course > price.short_course:
        yield InstallationProblem(
            cause=ProblemCause.LINKS_COST_MORE,
            text=f"Links in texts have {price.link_length} characters: the texts of a course take "
            f"{price.course} segments instead of {price.short_course}, a check-in {price.check_in}.",
            remedy=shorter,
        )


def _backlog(database: DatabaseFacts, *, explained: set[ProblemCause]) -> Iterator[InstallationProblem]:
    standing = database.standing
    if standing is None:
        return
    late = standing.overdue()
    stopped = explained & {ProblemCause.WORKER_NEVER, ProblemCause.WORKER_STOPPED, ProblemCause.WORKER_STUCK}
    away = explained & {ProblemCause.CREDENTIALS, ProblemCause.CARRIER_UNREACHABLE, ProblemCause.CIRCUIT_OPEN}
    if Lateness.TEXTS in late and standing.text_due_since is not None:
        why = "for the reason above" if stopped or away else "more is due than SMS_RATE lets out, or it hangs"
        yield InstallationProblem(
            cause=ProblemCause.TEXTS_LATE,
            text=f"{standing.texts_due} texts are due, the oldest for "
            f"{_ago(standing, standing.text_due_since)}: {why}.",
            remedy="python manage.py worker status      # then raise SMS_RATE, or run one worker more",
        )
    if Lateness.REVIEW in late and standing.review_since is not None:
        why = "for the reason above" if stopped else "the worker's log names them as 'not reviewed'"
        yield InstallationProblem(
            cause=ProblemCause.REVIEW_LATE,
            text=f"{standing.unreviewed} reports wait for their review, the oldest for "
            f"{_ago(standing, standing.review_since)}: {why}. The queue lists the abnormal ones.",
            remedy="start a worker, or read its log      # they lie open on the console meanwhile",
        )
    if standing.doubt_since is not None and standing.at - standing.doubt_since > DOUBT_LATE:
        yield InstallationProblem(
            cause=ProblemCause.MANY_IN_DOUBT,
            text=f"{standing.texts.get(MessageState.IN_DOUBT, 0)} texts may or may not have gone out, the "
            f"oldest for {_ago(standing, standing.doubt_since)}; the carrier's records should have told.",
            remedy="python manage.py worker status      # in_doubt, with the reason of each",
        )
    yield from _ends(database, standing)


def _ends(database: DatabaseFacts, standing: InstallationStatus) -> Iterator[InstallationProblem]:
    if database.quarantined:
        yield InstallationProblem(
            cause=ProblemCause.PUT_ASIDE,
            text=f"{database.quarantined} texts of the last day were put aside: they could not be put into "
            "words, were repeated too often, or failed on our side five times.",
            remedy="python manage.py messages explain TREATMENT      # says why, text by text",
        )
    lost = sum(
        standing.texts_last_day.get(state, 0) for state in (MessageState.UNDELIVERED, MessageState.FAILED)
    )
    ended = lost + standing.texts_last_day.get(MessageState.DELIVERED, 0)
    if ended >= LEAST_JUDGED and lost / ended > MOST_UNDELIVERED:
        yield InstallationProblem(
            cause=ProblemCause.UNDELIVERED,
            text=f"{lost} of {ended} texts of the last day reached no phone: wrong numbers, or a sender the "
            "networks block.",
            remedy="open Twilio's error log, and the follow-up tasks in the console (undeliverable)",
        )
    if database.over_budget:
        yield InstallationProblem(
            cause=ProblemCause.BUDGET_USED,
            text=f"{database.over_budget} texts wait because their clinic's texts for the day are used up.",
            remedy="clinic.texts_per_day or config/messages/schedule.toml, if that many are meant",
        )
    if standing.flags_overdue:
        yield InstallationProblem(
            cause=ProblemCause.FLAGS_OVERDUE,
            text=f"{standing.flags_overdue} of {standing.flags_open} flags are past their due time.",
            remedy="somebody opens the console's queue: this is work for a nurse, not for a machine",
        )


def _outside(facts: InstallationFacts, database: DatabaseFacts) -> Iterator[InstallationProblem]:
    if database.alerts_lost:
        yield InstallationProblem(
            cause=ProblemCause.ALERTS_LOST,
            text=f"{database.alerts_lost} alerts of the last day reached nobody, after seven tries each: the "
            "webhook or the mail server refuses them, or is gone.",
            remedy="try ALERT_WEBHOOK and SMTP_URL by hand; the log says 'alert not told' with the reason",
        )
    if any(clinic.live and not clinic.demonstration for clinic in database.clinics) and not (
        facts.heartbeat and facts.alerts
    ):
        missing = [
            name
            for name, given in (
                ("HEARTBEAT_URL", facts.heartbeat),
                ("ALERT_WEBHOOK or ALERT_EMAIL", facts.alerts),
            )
            if not given
        ]
        yield InstallationProblem(
            cause=ProblemCause.NOBODY_TOLD,
            text=f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set: nobody outside "
            "hears when this stops.",
            remedy="set them in .env; config/example.env says how",
        )


def _ago(standing: InstallationStatus, since: datetime) -> str:
    seconds = max(0, round((standing.at - since).total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"


def _clock(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M UTC")


def _short(account: str) -> str:
    return account if len(account) < 12 else f"{account[:4]}...{account[-4:]}"


def _names(clinics: Sequence[ClinicFacts]) -> str:
    first = clinics[0].name
    return first if len(clinics) == 1 else f"{first} (and {len(clinics) - 1} more)"
