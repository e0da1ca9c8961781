"""The types of what can be wrong with an installation (causes, problems), and of the facts that are looked at
to find out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from operations.rules.installation_status import InstallationStatus
from recovery.domain.messaging.text_price import TextPrice


class ProblemCause(StrEnum):
    """What can be wrong, most basic first: what stands higher explains what stands lower."""

    NOTHING_HERE = "nothing_here"
    DATABASE_AWAY = "database_away"
    SCHEMA_OTHER = "schema_other"
    DISK_FULL = "disk_full"
    CLOCK_WRONG = "clock_wrong"
    WORKER_NEVER = "worker_never"
    WORKER_STOPPED = "worker_stopped"
    WORKER_STUCK = "worker_stuck"
    CREDENTIALS = "credentials"
    CARRIER_UNREACHABLE = "carrier_unreachable"
    CIRCUIT_OPEN = "circuit_open"
    CARRIER_PAUSED = "carrier_paused"
    STOP_SWITCH = "stop_switch"
    CONTENT_UNREADABLE = "content_unreadable"
    CONSOLE_BUT_LIVE = "console_but_live"
    RECEIPTS_CANNOT_COME = "receipts_cannot_come"
    LINK_TOO_LONG = "link_too_long"
    LINKS_COST_MORE = "links_cost_more"
    NO_CLINIC = "no_clinic"
    HOURS_MISSING = "hours_missing"
    ON_CALL_MISSING = "on_call_missing"
    TEXTS_LATE = "texts_late"
    REVIEW_LATE = "review_late"
    MANY_IN_DOUBT = "many_in_doubt"
    PUT_ASIDE = "put_aside"
    UNDELIVERED = "undelivered"
    BUDGET_USED = "budget_used"
    FLAGS_OVERDUE = "flags_overdue"
    ALERTS_LOST = "alerts_lost"
    NOBODY_TOLD = "nobody_told"
    ONLY_TRAINING = "only_training"


ADVICE_ONLY = frozenset(
    {
        ProblemCause.BUDGET_USED,
        ProblemCause.NOBODY_TOLD,
        ProblemCause.ONLY_TRAINING,
        ProblemCause.NO_CLINIC,
        ProblemCause.LINKS_COST_MORE,
    }
)
"""Worth saying, but not broken."""


@dataclass(frozen=True, kw_only=True)
class InstallationProblem:
    """One cause: `says` what it is and what follows, `next` is the command or setting to go on with."""

    cause: ProblemCause
    text: str
    remedy: str

    @property
    def broken(self) -> bool:
        """Whether the installation is not healthy with it."""
        return self.cause not in ADVICE_ONLY


@dataclass(frozen=True, kw_only=True)
class ClinicFacts:
    """One clinic. `has_hours`: it opens within the coming weeks; `on_call` is a number of its own.

    `content_readable`: this program understands what its medical director signed.
    """

    id: str
    name: str
    live: bool
    demonstration: bool
    stopped_since: datetime | None
    has_hours: bool
    on_call: bool
    content_readable: bool = True


class CarrierCheck(StrEnum):
    """How the carrier answered a question that needs our credentials and changes nothing."""

    WORKS = "works"
    REFUSES_US = "refuses_us"
    UNREACHABLE = "unreachable"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, kw_only=True)
class DatabaseFacts:
    """What the database says of itself. `clock_off` is this machine's clock minus the database's."""

    schema: str | None
    expected_schema: str
    clock_off: timedelta
    standing: InstallationStatus | None
    clinics: Sequence[ClinicFacts] = ()
    quarantined: int = 0
    over_budget: int = 0
    alerts_lost: int = 0
    sick_worker: str | None = None


@dataclass(frozen=True, kw_only=True)
class InstallationFacts:
    """All that is looked at. `away` names the settings of databases that cannot be reached, with why.

    `texts_leave`: the gateway is a real carrier. `public_is_local`: receipts are sent to this machine only.
    `price` is what the shipped texts cost with the links of this installation, `longest_link` in characters
    the longest that may be, the token included. `disk_free` in bytes.
    """

    started_before: bool
    unreachable_database: tuple[str, str] | None
    database: DatabaseFacts | None
    texts_leave: bool
    carrier: CarrierCheck
    carrier_code: str | None
    public_is_local: bool
    price: TextPrice
    longest_link: int
    disk_free: int
    disk: str
    heartbeat: bool
    alerts: bool
