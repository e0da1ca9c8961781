"""Which incidents a status holds, how long each waits before anybody is told, and the words of an alert.

No word names a person or says anything about a skin: alerts travel by mail and webhook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from operations.rules.installation_status import InstallationStatus, Lateness
from recovery.models.operations.alerts import IncidentChange, IncidentKind


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One trouble that holds now. `subject` tells several of a kind apart: the reference of a flag.

    `mails` are people it concerns beside whoever runs the installation; `only_them`: nobody else hears of it.
    """

    trouble: IncidentKind
    subject: str = ""
    emails: tuple[str, ...] = ()
    exclusive: bool = False


_LATE: Mapping[Lateness, IncidentKind] = {
    Lateness.WORKER: IncidentKind.WORKER_SILENT,
    Lateness.TEXTS: IncidentKind.TEXTS_LATE,
    Lateness.REVIEW: IncidentKind.REVIEW_LATE,
    Lateness.CARRIER: IncidentKind.CARRIER_AWAY,
    Lateness.CREDENTIALS: IncidentKind.CREDENTIALS_REFUSED,
}

_PATIENCE: Mapping[IncidentKind, timedelta] = {
    IncidentKind.WORKER_SILENT: timedelta(seconds=15),
    IncidentKind.REVIEW_LATE: timedelta(seconds=30),
    IncidentKind.CARRIER_AWAY: timedelta(seconds=30),
}
"""Short restarts and carrier faults end within this time and raise no alert."""

_SAID: Mapping[tuple[IncidentKind, IncidentChange], str] = {
    (
        IncidentKind.WORKER_SILENT,
        IncidentChange.RAISED,
    ): "No worker has been heard of for a while. No text leaves, and new "
    "reports do not become flags; the console's queue still lists them. Next: python manage.py doctor",
    (IncidentKind.WORKER_SILENT, IncidentChange.RECOVERED): "A worker is at work again.",
    (IncidentKind.TEXTS_LATE, IncidentChange.RAISED): "Texts leave more than five minutes late. "
    "Next: python manage.py doctor",
    (IncidentKind.TEXTS_LATE, IncidentChange.RECOVERED): "Texts leave in time again.",
    (
        IncidentKind.REVIEW_LATE,
        IncidentChange.RAISED,
    ): "Reports wait for their review for more than two minutes. The queue "
    "of the console lists the abnormal ones: somebody should look there now. Next: python manage.py doctor",
    (IncidentKind.REVIEW_LATE, IncidentChange.RECOVERED): "Reports are reviewed in time again.",
    (
        IncidentKind.CARRIER_AWAY,
        IncidentChange.RAISED,
    ): "The carrier of texts does not answer as it should. Texts wait, and "
    "go out later while they are of use. Next: python manage.py doctor",
    (IncidentKind.CARRIER_AWAY, IncidentChange.RECOVERED): "The carrier of texts works again.",
    (
        IncidentKind.CREDENTIALS_REFUSED,
        IncidentChange.RAISED,
    ): "The carrier does not accept our account, key or sender. No "
    "text leaves until somebody changes that. Next: python manage.py doctor",
    (IncidentKind.CREDENTIALS_REFUSED, IncidentChange.RECOVERED): "The carrier accepts us again.",
    (
        IncidentKind.FLAG_UNSEEN,
        IncidentChange.RAISED,
    ): "A check-in or a text needs a nurse and nobody has taken it in time. "
    "Open the queue of the console now.",
    (IncidentKind.FLAG_UNSEEN, IncidentChange.RECOVERED): "Somebody has taken what waited.",
    (
        IncidentKind.FLAG_HELD_LATE,
        IncidentChange.RAISED,
    ): "What you took is past its due time. Please call, or give it back to the queue.",
    (IncidentKind.FLAG_HELD_LATE, IncidentChange.RECOVERED): "Done.",
    (
        IncidentKind.CONTENT_WITHDRAWN,
        IncidentChange.RAISED,
    ): "Something that was signed was taken back at once to an earlier form. What and why "
    "stands in the console, under what is signed.",
    (IncidentKind.CONTENT_WITHDRAWN, IncidentChange.RECOVERED): "It was taken back a day ago.",
    (
        IncidentKind.CONTENT_FOLLOWED,
        IncidentChange.RAISED,
    ): "The courses that were held to a version that was taken back have been judged anew. How many stands "
    "in the console, under what is signed.",
    (IncidentKind.CONTENT_FOLLOWED, IncidentChange.RECOVERED): "They were judged anew a day ago.",
    (
        IncidentKind.ROLE_PROPOSED,
        IncidentChange.RAISED,
    ): "A role was proposed that a second person has to confirm. Look at the people of your clinic in the "
    "console.",
    (IncidentKind.ROLE_PROPOSED, IncidentChange.RECOVERED): "The proposal was decided.",
    (
        IncidentKind.ROLE_GIVEN,
        IncidentChange.RAISED,
    ): "A role that was proposed has been given. Look at the people of your clinic in the console.",
    (IncidentKind.ROLE_GIVEN, IncidentChange.RECOVERED): "The role was given a day ago.",
    (
        IncidentKind.STRAY_DANGER,
        IncidentChange.RAISED,
    ): "A text from a number that no clinic knows may name danger, and no clinic may read it. Next: "
    "python manage.py texts stray, then python manage.py texts give",
    (IncidentKind.STRAY_DANGER, IncidentChange.RECOVERED): "Somebody has seen to it.",
}


NEWS = (
    IncidentKind.CONTENT_WITHDRAWN,
    IncidentKind.CONTENT_FOLLOWED,
    IncidentKind.ROLE_PROPOSED,
    IncidentKind.ROLE_GIVEN,
)
"""What the managers and directors of a clinic hear of, and nobody else."""


def list_incidents(standing: InstallationStatus) -> list[Incident]:
    """The troubles of the installation as a whole."""
    return [Incident(trouble=_LATE[lateness]) for lateness in Lateness if lateness in standing.overdue()]


def notification_delay(trouble: IncidentKind) -> timedelta:
    """How long it has to hold before anybody is told."""
    return _PATIENCE.get(trouble, timedelta())


def notifies_recovery(trouble: IncidentKind) -> bool:
    """Whether recovery is notified too; not for flags, whose holder knows, nor for news that has no end."""
    return trouble not in (IncidentKind.FLAG_HELD_LATE, *NEWS)


def render_alert(trouble: IncidentKind, news: IncidentChange, *, subject: str) -> str:
    """One alert in words."""
    words = _SAID[trouble, news]
    return f"{words} Ref {subject}" if subject else words


def render_subject(trouble: IncidentKind, news: IncidentChange) -> str:
    """The subject of a mail."""
    what = trouble.value.replace("_", " ")
    return f"Afterglow: {what}" if news is IncidentChange.RAISED else f"Afterglow: over: {what}"


def retry_delay(attempts: int) -> timedelta | None:
    """How long to wait after so many failed attempts; None when it is given up."""
    waits: Sequence[int] = (10, 20, 40, 120, 300, 600)
    return timedelta(seconds=waits[attempts - 1]) if attempts <= len(waits) else None
