"""What somebody outside is told of, once for each incident, and in which words.

No word names a person or says anything about a skin: alerts travel by mail and webhook.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from operations.rules.standing import Lateness, Standing
from recovery.models.operations.alerts import News, Trouble


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One trouble that holds now. `subject` tells several of a kind apart: the reference of a flag.

    `mails` are people it concerns beside whoever runs the installation; `only_them`: nobody else hears of it.
    """

    trouble: Trouble
    subject: str = ""
    mails: tuple[str, ...] = ()
    only_them: bool = False


_LATE: Mapping[Lateness, Trouble] = {
    Lateness.WORKER: Trouble.WORKER_SILENT,
    Lateness.TEXTS: Trouble.TEXTS_LATE,
    Lateness.REVIEW: Trouble.REVIEW_LATE,
    Lateness.CARRIER: Trouble.CARRIER_AWAY,
    Lateness.CREDENTIALS: Trouble.CREDENTIALS_REFUSED,
}

_PATIENCE: Mapping[Trouble, timedelta] = {
    Trouble.WORKER_SILENT: timedelta(seconds=15),
    Trouble.REVIEW_LATE: timedelta(seconds=30),
    Trouble.CARRIER_AWAY: timedelta(seconds=30),
}
"""A restart and a hiccup of the carrier are over by then, and are not told."""

_SAID: Mapping[tuple[Trouble, News], str] = {
    (Trouble.WORKER_SILENT, News.RAISED): "No worker has been heard of for a while. No text leaves, and new "
    "reports do not become flags; the console's queue still lists them. Next: python manage.py doctor",
    (Trouble.WORKER_SILENT, News.RECOVERED): "A worker is at work again.",
    (Trouble.TEXTS_LATE, News.RAISED): "Texts leave more than five minutes late. "
    "Next: python manage.py doctor",
    (Trouble.TEXTS_LATE, News.RECOVERED): "Texts leave in time again.",
    (Trouble.REVIEW_LATE, News.RAISED): "Reports wait for their review for more than two minutes. The queue "
    "of the console lists the abnormal ones: somebody should look there now. Next: python manage.py doctor",
    (Trouble.REVIEW_LATE, News.RECOVERED): "Reports are reviewed in time again.",
    (
        Trouble.CARRIER_AWAY,
        News.RAISED,
    ): "The carrier of texts does not answer as it should. Texts wait, and "
    "go out later while they are of use. Next: python manage.py doctor",
    (Trouble.CARRIER_AWAY, News.RECOVERED): "The carrier of texts works again.",
    (Trouble.CREDENTIALS_REFUSED, News.RAISED): "The carrier does not accept our account, key or sender. No "
    "text leaves until somebody changes that. Next: python manage.py doctor",
    (Trouble.CREDENTIALS_REFUSED, News.RECOVERED): "The carrier accepts us again.",
    (Trouble.FLAG_UNSEEN, News.RAISED): "A check-in needs a nurse and nobody has taken it in time. "
    "Open the queue of the console now.",
    (Trouble.FLAG_UNSEEN, News.RECOVERED): "Somebody has taken the check-in that waited.",
    (Trouble.FLAG_HELD_LATE, News.RAISED): "A check-in that you took is past its due time. Please call, or "
    "give it back to the queue.",
    (Trouble.FLAG_HELD_LATE, News.RECOVERED): "Done.",
}


def of_standing(standing: Standing) -> list[Incident]:
    """The troubles of the installation as a whole."""
    return [Incident(trouble=_LATE[lateness]) for lateness in Lateness if lateness in standing.late()]


def patience(trouble: Trouble) -> timedelta:
    """How long it has to hold before anybody is told."""
    return _PATIENCE.get(trouble, timedelta())


def tells_the_end(trouble: Trouble) -> bool:
    """Whether its end is news: who has done the work knows."""
    return trouble is not Trouble.FLAG_HELD_LATE


def said(trouble: Trouble, news: News, *, subject: str) -> str:
    """One alert in words."""
    words = _SAID[trouble, news]
    return f"{words} Ref {subject}" if subject else words


def headline(trouble: Trouble, news: News) -> str:
    """The subject of a mail."""
    what = trouble.value.replace("_", " ")
    return f"Afterglow: {what}" if news is News.RAISED else f"Afterglow: over: {what}"


def wait_before_again(attempts: int) -> timedelta | None:
    """How long to wait after so many tries at telling; None when it is given up."""
    waits: Sequence[int] = (10, 20, 40, 120, 300, 600)
    return timedelta(seconds=waits[attempts - 1]) if attempts <= len(waits) else None
