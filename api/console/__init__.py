"""The nurse's pages: plain HTML that works without scripts."""

from __future__ import annotations

from api.console import (
    errors,
    flag_page,
    flag_work,
    follow_up,
    guard,
    queue_page,
    second_factor,
    sign_in,
    to_read,
)
from api.console.site import blueprint

__all__ = [
    "blueprint",
    "errors",
    "flag_page",
    "flag_work",
    "follow_up",
    "guard",
    "queue_page",
    "second_factor",
    "sign_in",
    "to_read",
]
