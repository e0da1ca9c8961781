"""Whom a list is about: real patients, or those on whom the staff practises."""

from __future__ import annotations

from enum import StrEnum


class Room(StrEnum):
    """A live clinic keeps the two apart; a clinic in training sees all in one."""

    REAL = "real"
    PRACTICE = "practice"
    ALL = "all"


def room_of(*, in_training: bool, practice: bool) -> Room:
    """The room that is looked into, where `practice` asks for the practice room of a live clinic."""
    if in_training:
        return Room.ALL
    return Room.PRACTICE if practice else Room.REAL
