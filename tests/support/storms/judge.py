"""What a storm did to its texts: the carrier's ledger and the witness against the rows as they stand."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from recovery.domain.messaging.text_lifecycle import LEGAL_MOVES, MessageState
from recovery.models.messaging.messages import Message
from tests.support.storms import due
from tests.support.storms.witness import Move

SHOWN = 10
FINAL = frozenset({
    MessageState.DELIVERED, MessageState.UNDELIVERED, MessageState.FAILED, MessageState.EXPIRED,
    MessageState.CANCELLED, MessageState.QUARANTINED,
})  # fmt: skip
CARRIED = frozenset({MessageState.DELIVERED, MessageState.UNDELIVERED})
GIVEN_UP = frozenset({MessageState.EXPIRED, MessageState.CANCELLED, MessageState.FAILED})


class Harm(StrEnum):
    """What must not happen to a text."""

    LOST = "lost"  # the carrier never took it, and it was not given up for a reason
    TWICE = "twice"  # the carrier took it more than once
    SAFETY_TWICE = "safety_twice"  # the same of a text whose repeat is harmless
    UNCLAIMED = "unclaimed"  # taken without a committed claim
    WRONG_STATUS = "wrong_status"  # our row ends otherwise than the carrier's
    OPEN = "open"  # not at an end
    WITHOUT_EVIDENCE = "without_evidence"  # a doubt ended without saying why
    ILLEGAL = "illegal"  # a move that the table of moves does not have
    EARLY = "early"  # taken before it was due


@dataclass(frozen=True, kw_only=True)
class StormVerdict:
    """`harm` counts texts; all have to be 0. `seen` is what the storm was like, `examples` how harm came."""

    harm: Mapping[str, int]
    seen: Mapping[str, Any]
    examples: Sequence[Mapping[str, Any]]

    @property
    def passed(self) -> bool:
        """Whether the storm did no harm."""
        return not any(self.harm.values())


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """Three accounts of the same texts: our rows, the witness's moves, the carrier's ledger and statuses."""

    rows: Sequence[Message]
    moves: Sequence[Move]
    ledger: Sequence[Mapping[str, str]]
    statuses: Mapping[str, str]
    taken: dict[UUID, list[Mapping[str, str]]] = field(default_factory=dict)

    def judge(self) -> StormVerdict:
        """Hold the accounts against each other."""
        found = [*self._of_the_ledger(), *self._of_the_rows(), *self._of_the_moves()]
        harm = Counter(kind for kind, _ in found)
        return StormVerdict(
            harm={kind.value: harm[kind] for kind in Harm},
            seen=self._seen(),
            examples=[self._example(kind, text_id) for kind, text_id in found[:SHOWN]],
        )

    def _of_the_ledger(self) -> Iterator[tuple[Harm, UUID | None]]:
        claims = {move.reference: move for move in self.moves if move.after == MessageState.CLAIMED}
        for line in self.ledger:
            claim = claims.get(line["callback"].partition("#")[0].rpartition("/")[2])
            if claim is None:
                yield Harm.UNCLAIMED, None
                continue
            self.taken.setdefault(claim.message_id, []).append(line)
            # The ledger keeps whole seconds.
            if datetime.fromisoformat(line["time"]) + timedelta(seconds=1) <= claim.due_at:
                yield Harm.EARLY, claim.message_id

    def _of_the_rows(self) -> Iterator[tuple[Harm, UUID | None]]:
        for row in self.rows:
            lines = self.taken.get(row.id, [])
            if len(lines) > 1:
                yield Harm.SAFETY_TWICE if row.template in due.SAFETY else Harm.TWICE, row.id
            if not lines and not (row.state in GIVEN_UP and row.reason):
                yield Harm.LOST, row.id
            if row.state not in FINAL:
                yield Harm.OPEN, row.id
            elif not self._agrees(row, lines):
                yield Harm.WRONG_STATUS, row.id

    def _agrees(self, row: Message, lines: Sequence[Mapping[str, str]]) -> bool:
        if not lines:
            return row.state not in CARRIED
        return any(
            line["sid"] == row.carrier_id and self.statuses[line["sid"]] == row.state.value for line in lines
        )

    def _of_the_moves(self) -> Iterator[tuple[Harm, UUID | None]]:
        for move in self.moves:
            if move.before == MessageState.IN_DOUBT and not move.evidence:
                yield Harm.WITHOUT_EVIDENCE, move.message_id
            if MessageState(move.after) not in LEGAL_MOVES[MessageState(move.before)]:
                yield Harm.ILLEGAL, move.message_id

    def _example(self, kind: Harm, text_id: UUID | None) -> dict[str, Any]:
        return {
            "harm": kind.value,
            "moves": [
                f"{move.at:%H:%M:%S.%f} {move.before} -> {move.after} ({move.reason or move.evidence or ''})"
                for move in self.moves
                if move.message_id == text_id
            ],
            "taken": [dict(line) for line in self.taken.get(text_id, [])] if text_id else [],
        }

    def _seen(self) -> dict[str, Any]:
        doubts = [move for move in self.moves if move.after == MessageState.IN_DOUBT]
        ended = [move for move in self.moves if move.before == MessageState.IN_DOUBT]
        waits = [(move.at - move.claimed_at).total_seconds() for move in ended if move.claimed_at is not None]
        return {
            "texts": len(self.rows),
            "states": dict(Counter(row.state.value for row in self.rows)),
            "taken_by_the_carrier": len(self.ledger),
            "claims": sum(move.after == MessageState.CLAIMED for move in self.moves),
            "doubts": len(doubts),
            "doubts_by_reason": dict(Counter(str(move.reason) for move in doubts).most_common(12)),
            "settled_by": dict(Counter(str(move.evidence) for move in ended)),
            "sent_again_after_proof": sum(move.after == MessageState.PLANNED for move in ended),
            "median_from_claim_to_settled_s": round(statistics.median(waits or [0.0]), 1),
            "longest_from_claim_to_settled_s": round(max(waits, default=0.0), 1),
            "most_attempts": max((row.attempts for row in self.rows), default=0),
        }
