"""When it may be said that nothing abnormal is known: only where nothing waits or could be missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class LaneCounts:
    """What waits for a person in each lane, and whether what is reported now reaches them.

    `unreviewed` are reports that want a nurse and stand in no lane yet. `worker_late`: nobody turns reports
    into flags at this moment, so that an empty list says nothing.
    """

    in_queue: int
    unreviewed: int
    to_read: int
    follow_up: int
    worker_late: bool

    @property
    def nothing_abnormal_known(self) -> bool:
        """Whether that may be said of the whole clinic."""
        return self.calm_beside_follow_up and not self.follow_up

    @property
    def calm_beside_follow_up(self) -> bool:
        """Whether it may be said of everybody but those who are to be followed up."""
        return not (self.in_queue or self.unreviewed or self.to_read or self.worker_late)
