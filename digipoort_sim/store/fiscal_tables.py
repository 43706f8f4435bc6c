"""Tables of the permits of fiscal representatives.

All times are milliseconds since 1970 by the simulator's clock, all amounts cents, all dates ``YYYY-MM-DD``.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from digipoort_sim.store.metadata import metadata

# SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")

permits = Table(
    "fiscal_permits",
    metadata,
    Column("nr", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("representative", String(20), nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("year_end", String(5), nullable=False),
    Column("security_set", BigInteger),
    Column("sum", Text),
    Column("requested", BigInteger, nullable=False),
    Column("granted", BigInteger),
    Column("ended", BigInteger),
    Column("release_from", String(10)),
    Column("released", BigInteger),
    # The client of an active general permit; NULL otherwise. NULLs are distinct in a unique constraint.
    Column("general_key", Text),
    UniqueConstraint("id"),
    UniqueConstraint("general_key"),
    Index(None, "representative", "nr"),
    Index(None, "state", "nr"),
)
"""One row per permit, from its request on; `sum` is the written-out sum of its security as JSON."""

clients = Table(
    "fiscal_clients",
    metadata,
    Column("nr", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("permit_id", Text, ForeignKey(permits.c.id), nullable=False),
    Column("client", String(9), nullable=False),
    Column("added", BigInteger, nullable=False),
    UniqueConstraint("permit_id", "client"),
    Index(None, "client", "permit_id"),
)
"""The clients that a permit covers, by their FInr."""

securities = Table(
    "fiscal_securities",
    metadata,
    Column("nr", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("permit_id", Text, ForeignKey(permits.c.id), nullable=False),
    Column("form", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("put_up", BigInteger, nullable=False),
    Index(None, "permit_id", "nr"),
)
"""What was put up as security for a permit; several rows add up."""

history = Table(
    "fiscal_history",
    metadata,
    Column("nr", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("permit_id", Text, ForeignKey(permits.c.id), nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "permit_id", "nr"),
)
"""Every change of every permit, in order; rows are only added."""
