"""Mails to one member of staff about their own account, sent at once."""

from __future__ import annotations

import structlog

from operations.notifiers import NotificationFailed, Notifiers

log = structlog.get_logger()


def invite(outlets: Notifiers, *, to: str, clinic: str, address: str) -> bool | None:
    """Mail a way in. None where no mail server is set up, False where the mail did not leave."""
    return _mailed(
        outlets,
        to=to,
        subject="Your way into Afterglow",
        text=f"{clinic} follows its patients with Afterglow, and you are on its staff.\n\n"
        f"Choose your password here; the link works once, for three days:\n{address}\n\n"
        "If you did not expect this, tell the clinic and do not open the link.\n",
    )


def tell_of_changed_factor(outlets: Notifiers, *, to: str, clinic: str) -> bool | None:
    """Mail that somebody else changed a second factor, for who did not ask for it. Answers like `invite`."""
    return _mailed(
        outlets,
        to=to,
        subject="Your second factor was changed",
        text=f"Somebody who may has changed your second factor for Afterglow at {clinic}, and you are\n"
        "signed out everywhere. Where it was removed you set up a new one when you sign in next.\n\n"
        "If you did not ask for this, tell the clinic now.\n",
    )


def _mailed(outlets: Notifiers, *, to: str, subject: str, text: str) -> bool | None:
    if not outlets.can_mail:
        return None
    try:
        outlets.mail(to=to, subject=subject, text=text)
    except NotificationFailed as error:
        log.warning("mail about an account not sent", code=error.code)
        return False
    return True
