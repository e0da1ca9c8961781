"""Rows of the carriers' accounts: how each has been answering, shared and locked by all workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Float
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from recovery.domain.messaging.circuit_breaker import Circuit
from recovery.models.core.base import Base


class CarrierCircuit(Base):
    """One account of a carrier. `refused_code` is why it does not take our account, key or sender."""

    __tablename__ = "carrier_circuit"

    account: Mapped[str] = mapped_column(primary_key=True)
    faults: Mapped[int]
    wait_seconds: Mapped[float] = mapped_column(Float)
    open_until: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    refused_code: Mapped[str | None]

    def to_circuit(self) -> Circuit:
        """The row in the words of the rules."""
        return Circuit(
            faults=self.faults,
            wait=timedelta(seconds=self.wait_seconds),
            open_until=self.open_until,
            paused_until=self.paused_until,
        )

    def update_from(self, circuit: Circuit) -> None:
        """Keep what the rules made of it."""
        self.faults = circuit.faults
        self.wait_seconds = circuit.wait.total_seconds()
        self.open_until, self.paused_until = circuit.open_until, circuit.paused_until


def get_circuit(session: Session, account: str) -> Circuit:
    """What is known of an account; of an unknown one nothing bad."""
    row = session.get(CarrierCircuit, account)
    return Circuit() if row is None else row.to_circuit()


def get_for_update(session: Session, account: str) -> CarrierCircuit:
    """The account's row, locked; made where there is none."""
    blank = insert(CarrierCircuit).values(account=account, faults=0, wait_seconds=0.0)
    session.execute(blank.on_conflict_do_nothing())
    return session.get_one(CarrierCircuit, account, with_for_update=True, populate_existing=True)
