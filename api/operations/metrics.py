"""The status of the installation and of the web's processes written as Prometheus reads it, for the endpoint
in health.

The figures come from the database when they are asked for, so it does not matter which of the web's processes
answers; the processes themselves are told apart by their number.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

import psutil
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from operations.rules.installation_status import InstallationStatus, Lateness
from recovery.domain.messaging.text_lifecycle import MessageState

CONTENT_TYPE = CONTENT_TYPE_LATEST


def render_metrics(standing: InstallationStatus) -> bytes:
    """Everything, as text."""
    registry = CollectorRegistry()
    registry.register(_Figures(standing))
    registry.register(_Processes())
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, standing: InstallationStatus) -> None:
        self._standing = standing

    def collect(self) -> Iterator[Metric]:
        standing = self._standing
        yield _by_state("texts", "Texts that have not come to an end, by state.", standing.texts)
        yield _by_state(
            "texts_last_day",
            "Texts handed over in the last 24 hours, by where they stand.",
            standing.texts_last_day,
        )
        yield _gauge("texts_due", "Texts that are due and not held back.", standing.texts_due)
        yield self._age("oldest_due_seconds", "How long the oldest of them is due.", standing.text_due_since)
        yield self._age(
            "oldest_in_doubt_seconds", "Since when the oldest text is in doubt.", standing.doubt_since
        )
        yield _gauge("reports_unreviewed", "Reports due for review.", standing.unreviewed)
        yield self._age(
            "oldest_unreviewed_seconds", "How long the oldest of them is due.", standing.review_since
        )
        yield _gauge("flags_open", "Unresolved flags of live clinics.", standing.flags_open)
        yield _gauge("flags_overdue", "Those past their due time and unanswered.", standing.flags_overdue)
        yield _gauge("workers_alive", "Workers that hold their place.", standing.workers_alive)
        if standing.worker_seen_at is not None:
            yield self._age(
                "worker_last_beat_seconds", "How long no worker was heard of.", standing.worker_seen_at
            )
        yield from self._carriers()
        late = GaugeMetricFamily(
            "afterglow_late", "1 where something is late beyond its bound.", labels=["what"]
        )
        for lateness in Lateness:
            late.add_metric([lateness.value], float(lateness in standing.overdue()))
        yield late

    def _carriers(self) -> Iterator[Metric]:
        opened = GaugeMetricFamily(
            "afterglow_circuit_open", "1 while the carrier's account is left alone.", labels=["account"]
        )
        faults = GaugeMetricFamily(
            "afterglow_carrier_faults", "Hand-overs in a row that failed.", labels=["account"]
        )
        refused = GaugeMetricFamily(
            "afterglow_carrier_refuses_us", "1 while it does not take our credentials.", labels=["account"]
        )
        for account, circuit in self._standing.circuits.items():
            opened.add_metric([account], float(circuit.is_open))
            faults.add_metric([account], circuit.faults)
            refused.add_metric([account], float(account in self._standing.refused_by))
        yield from (opened, faults, refused)

    def _age(self, name: str, words: str, since: datetime | None) -> Metric:
        seconds = 0.0 if since is None else max(0.0, (self._standing.at - since).total_seconds())
        return _gauge(name, words, seconds)


class _Processes(Collector):
    """Memory, processor time and open files of every process of this web server, as the system knows them."""

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for pid in _of_this_server():
            of_one = ProcessCollector(pid=functools.partial(str, pid), registry=None)
            for family in of_one.collect():
                merged = families.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                for sample in family.samples:
                    merged.add_sample(sample.name, {"pid": str(pid)}, sample.value)
        yield from families.values()


def _of_this_server() -> Iterable[int]:
    """The processes beside this one under the same parent; only this one where the system does not say."""
    here = psutil.Process()
    with contextlib.suppress(psutil.Error):
        beside = psutil.Process(here.ppid()).children()
        return [process.pid for process in beside if _same(process, here)] or [here.pid]
    return [here.pid]


def _same(one: psutil.Process, other: psutil.Process) -> bool:
    try:
        return one.cmdline() == other.cmdline()
    except psutil.Error:
        return False


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"afterglow_{name}", words, value=value)


def _by_state(name: str, words: str, counts: Mapping[MessageState, int]) -> Metric:
    family = GaugeMetricFamily(f"afterglow_{name}", words, labels=["state"])
    for state in MessageState:
        if state in counts:
            family.add_metric([state.value], counts[state])
    return family
