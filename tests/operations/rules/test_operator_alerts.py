"""What somebody outside is told of, in which words, and how often it is tried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest

from operations.rules import operator_alerts
from operations.rules.installation_status import InstallationStatus, Lateness
from operations.rules.operator_alerts import Incident
from recovery.models.operations.alerts import IncidentChange, IncidentKind

Status = Callable[..., InstallationStatus]


def test_everything_that_can_be_told_has_words_without_a_person_in_them() -> None:
    for trouble in IncidentKind:
        for news in IncidentChange:
            words = operator_alerts.render_alert(trouble, news, subject="ab12cd")
            assert words.endswith("Ref ab12cd")
            assert operator_alerts.render_subject(trouble, news).startswith("Afterglow: ")


def test_an_incident_about_nothing_in_particular_has_no_reference() -> None:
    words = operator_alerts.render_alert(IncidentKind.TEXTS_LATE, IncidentChange.RECOVERED, subject="")
    assert words == "Texts leave in time again."


def test_no_two_alerts_read_alike() -> None:
    pairs = [(trouble, news) for trouble in IncidentKind for news in IncidentChange]
    assert len({operator_alerts.render_alert(*pair, subject="") for pair in pairs}) == len(pairs)
    assert len({operator_alerts.render_subject(*pair) for pair in pairs}) == len(pairs)


def test_the_subject_of_a_mail_says_what_it_is_about_and_whether_it_is_over() -> None:
    late = IncidentKind.REVIEW_LATE
    assert operator_alerts.render_subject(late, IncidentChange.RAISED) == "Afterglow: review late"
    assert operator_alerts.render_subject(late, IncidentChange.RECOVERED) == "Afterglow: over: review late"


def test_a_healthy_installation_has_no_incident(status: Status) -> None:
    assert operator_alerts.list_incidents(status()) == []


def test_each_thing_that_is_late_is_an_incident_of_its_own(status: Status, at: datetime) -> None:
    broken = status(
        worker_seen_at=None,
        text_due_since=at - timedelta(hours=1),
        review_since=at - timedelta(hours=1),
        refused_by={"AC1": "20003"},
    )
    assert operator_alerts.list_incidents(broken) == [
        Incident(trouble=IncidentKind.WORKER_SILENT),
        Incident(trouble=IncidentKind.TEXTS_LATE),
        Incident(trouble=IncidentKind.REVIEW_LATE),
        Incident(trouble=IncidentKind.CREDENTIALS_REFUSED),
    ]
    assert broken.overdue() == set(Lateness) - {Lateness.CARRIER}


@pytest.mark.parametrize("trouble", IncidentKind)
def test_only_what_may_be_over_by_itself_is_waited_for(trouble: IncidentKind) -> None:
    passing = {IncidentKind.WORKER_SILENT, IncidentKind.REVIEW_LATE, IncidentKind.CARRIER_AWAY}
    waits = operator_alerts.notification_delay(trouble)
    assert (waits > timedelta()) is (trouble in passing)
    assert waits < timedelta(minutes=1)


def test_only_who_holds_a_late_flag_is_not_told_that_it_is_over() -> None:
    silent_ends = [trouble for trouble in IncidentKind if not operator_alerts.notifies_recovery(trouble)]
    assert silent_ends == [IncidentKind.FLAG_HELD_LATE, *operator_alerts.NEWS]


def test_tries_come_further_and_further_apart_and_end() -> None:
    waits = []
    for attempts in count(1):
        wait = operator_alerts.retry_delay(attempts)
        if wait is None:
            break
        waits.append(wait)
    assert len(waits) == 6
    assert waits == sorted(set(waits))
    assert (waits[0], waits[-1]) == (timedelta(seconds=10), timedelta(minutes=10))
    assert operator_alerts.retry_delay(len(waits) + 2) is None
