"""Tables of the foreign route: foreign businesses with their numbers, and forms for the file door.

All times are milliseconds since 1970 by the simulator's clock.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table, Text, UniqueConstraint

from digipoort_sim.store.metadata import metadata

foreign_parties = Table(
    "foreign_parties",
    metadata,
    # SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
    Column("nr", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("finr", String(9), nullable=False),
    Column("name", Text, nullable=False),
    Column("country", String(2), nullable=False),
    Column("address", Text, nullable=False),
    Column("city", Text, nullable=False),
    Column("registration_number", Text),
    Column("chamber_proof", Boolean, nullable=False),
    Column("deed_language", String(2), nullable=False),
    Column("registered", BigInteger, nullable=False),
    Column("oin", String(20)),
    Column("oin_registered", BigInteger),
    Column("identity_key", Text, nullable=False),
    UniqueConstraint("finr"),
    UniqueConstraint("oin"),
    UniqueConstraint("identity_key"),
)
"""One row per foreign business; `identity_key` says who it is in its own country, `oin` comes later."""

foreign_ftp_forms = Table(
    "foreign_ftp_forms",
    metadata,
    Column("oin", String(20), primary_key=True),
    Column("received", BigInteger, nullable=False),
)
"""Foreign parties whose non-NL form for the file interface is on record."""
