"""How much of what could go on for ever: a short form in each `make test`, all of it in `make long`."""

from __future__ import annotations

import os
from typing import TypeVar

SIZE = TypeVar("SIZE")
LONG = os.environ.get("LONG_RUNS", "") not in ("", "0")


def sized(short: SIZE, *, long: SIZE) -> SIZE:
    """The size of a run: the short one, or with LONG_RUNS=1 the long one."""
    return long if LONG else short
