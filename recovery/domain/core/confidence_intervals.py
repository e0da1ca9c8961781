"""A counted share, so many of so many, with its Wilson 95 % interval and whether it is too few to say
anything."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z_95 = 1.959963984540054
"""Two-sided 95 % quantile of the standard normal distribution."""


FEWEST = 10
"""Of fewer, the interval of most shares spans half of the scale or more: too few to say anything."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """`hits` of `total`, with its Wilson 95 % interval."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        """The share from 0 to 1; not a number where nothing was counted."""
        return self.hits / self.total if self.total else math.nan

    @property
    def says_little(self) -> bool:
        """Whether too few were counted to say anything of the share."""
        return self.total < FEWEST

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound of the Wilson score interval; 0 to 1 where nothing was counted."""
        if not self.total:
            return 0.0, 1.0
        n, z = self.total, Z_95
        centre = (self.value + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * math.sqrt(self.value * (1 - self.value) / n + z * z / (4 * n * n))
        return max(0.0, centre - half), min(1.0, centre + half)
