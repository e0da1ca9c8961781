"""One round of a monitor: incidents brought up to date, notifications sent, the heartbeat called; several
processes may run it."""

from __future__ import annotations

import structlog
from sqlalchemy.orm import Session, sessionmaker

from operations import monitor, operator_alerts
from operations.clock import database_now
from operations.notifiers import NotificationFailed, Notifiers

log = structlog.get_logger()

SECONDS = 15.0
"""Between two rounds."""
HEARTBEAT_SECONDS = 60.0
AT_ONCE = 10


def run_round(sessions: sessionmaker[Session], outlets: Notifiers) -> int:
    """Bring the incidents up to date, then send notifications; returns how many were delivered.

    No session is open while anything is sent.
    """
    with sessions.begin() as session:
        operator_alerts.update_incidents(session, addresses=outlets.addresses, now=database_now(session))
    with sessions.begin() as session:
        taken = operator_alerts.lease_notifications(session, now=database_now(session), limit=AT_ONCE)
    arrived = 0
    for notice in taken:
        try:
            outlets.notify(notice)
            delivered = True
        except NotificationFailed as error:
            log.error("alert not told", channel=notice.channel.value, code=error.code)
            delivered = False
        with sessions.begin() as session:
            operator_alerts.record_result(
                session, notice_id=notice.id, told=delivered, now=database_now(session)
            )
        arrived += delivered
    return arrived


def send_heartbeat(sessions: sessionmaker[Session], outlets: Notifiers) -> int:
    """Call the heartbeat's address if nothing is late beyond its bound; how many calls were made."""
    if outlets.heartbeat is None:
        return 0
    with sessions.begin() as session:
        late = monitor.read_status(session, now=database_now(session)).overdue()
    if late:
        log.warning("no heartbeat", late=sorted(late))
        return 0
    try:
        outlets.call_heartbeat()
    except NotificationFailed as error:
        log.error("heartbeat not taken", code=error.code)
        return 0
    return 1
