"""The simulator's clock in the store: every process and replica reads it, and it never goes back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, insert, select, update

from digipoort_sim.clock import ClockReading, epoch_milliseconds, from_epoch_milliseconds
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import clock

_READ = select(clock.c.offset_ms, clock.c.frozen_at)
LOCK = "clock"
"""Name of the store's lock that guards the clock's row."""


def read_clock(store: Store) -> ClockReading:
    """The reading in the store, as the source of a `SimulatorClock`."""
    with store.read() as tx:
        return reading_in(tx)


def reading_in(tx: Connection) -> ClockReading:
    """The reading in the store; real time, running, if the clock was never moved."""
    row = tx.execute(_READ).first()
    if row is None:
        return ClockReading()
    frozen = None if row.frozen_at is None else from_epoch_milliseconds(row.frozen_at)
    return ClockReading(timedelta(milliseconds=row.offset_ms), frozen)


def write_clock(tx: Connection, reading: ClockReading) -> None:
    """Keep a reading; the caller holds `LOCK` and has made sure that the clock does not go back."""
    values = {
        "offset_ms": reading.offset // timedelta(milliseconds=1),
        "frozen_at": None if reading.frozen_at is None else epoch_milliseconds(reading.frozen_at),
    }
    if tx.execute(update(clock).values(values)).rowcount == 0:
        tx.execute(insert(clock).values(id=1, **values))
