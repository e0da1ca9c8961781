"""When it may be said that nothing abnormal is known: only where nothing waits or could be missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LaneCounts:
    """What waits for a person in each lane, and whether what is reported now reaches them.

    `unreviewed` are reports that want a nurse and stand in no lane yet. An empty list says nothing where
    nobody turns reports into flags at this moment (`worker_late`), or where the app is told to try later, as
    what the clinic's director signed cannot be read (`reports_refused`).
    """

    in_queue: int
    unreviewed: int
    to_read: int
    follow_up: int
    worker_late: bool
    reports_refused: bool

    @property
    def nothing_abnormal_known(self) -> bool:
        """Whether that may be said of the whole clinic."""
        return self.calm_beside_follow_up and not self.follow_up

    @property
    def calm_beside_follow_up(self) -> bool:
        """Whether it may be said of everybody but those who are to be followed up."""
        missing = self.worker_late or self.reports_refused
        return not (self.in_queue or self.unreviewed or self.to_read or missing)
