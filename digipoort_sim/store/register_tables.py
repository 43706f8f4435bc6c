"""Tables of the mandate register: mandates, letters, history, and how many letters go out per day."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from digipoort_sim.store.metadata import metadata

# SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")

mandates = Table(
    "register_mandates",
    metadata,
    Column("nr", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("dienst", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("jaar", Integer),
    Column("id_vertegenwoordigde", Text, nullable=False),
    Column("type_vertegenwoordigde", Text, nullable=False),
    Column("id_gemachtigde", Text, nullable=False),
    Column("gemachtigde_oin", Text, nullable=False),
    Column("toestand", Text, nullable=False),
    Column("reden", Text),
    Column("reden_code", Text),
    Column("herkomst", Text),
    Column("ontvangen", BigInteger, nullable=False),
    Column("in_behandeling", BigInteger),
    Column("brief", BigInteger),
    Column("actief_sinds", BigInteger),
    Column("geeindigd", BigInteger),
    Column("onjuiste_codes", Integer, nullable=False, default=0),
    # Both keys are NULL once the registration has ended. NULLs are distinct in a unique constraint, on
    # SQLite and PostgreSQL alike: of the open ones there is one, of the ended ones any number.
    Column("open_key", Text),
    Column("exclusive_key", Text),
    UniqueConstraint("id"),
    UniqueConstraint("open_key"),
    UniqueConstraint("exclusive_key"),
    Index(None, "gemachtigde_oin", "nr"),
    Index(None, "gemachtigde_oin", "toestand", "nr"),
    Index(None, "gemachtigde_oin", "toestand", "code", "id_vertegenwoordigde"),
    Index(None, "id_vertegenwoordigde", "nr"),
    Index(None, "id_vertegenwoordigde", "gemachtigde_oin", "nr"),
    Index(None, "toestand", "nr"),
)
"""One row per registration, ended ones included; `nr` is the order in which they came."""

letters = Table(
    "register_letters",
    metadata,
    Column("nr", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("mandate_id", Text, ForeignKey(mandates.c.id), nullable=False),
    Column("id_vertegenwoordigde", Text, nullable=False),
    Column("datum", BigInteger, nullable=False),
    Column("activatie_token", Text),
    Column("geldig_tot", BigInteger),
    Column("ingangsdatum", BigInteger),
    UniqueConstraint("id"),
    UniqueConstraint("mandate_id"),
    Index(None, "id_vertegenwoordigde", "nr"),
)
"""One letter per registration; it holds the activation code, or the day on which silence is consent."""

history = Table(
    "register_history",
    metadata,
    Column("nr", _ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("mandate_id", Text, ForeignKey(mandates.c.id), nullable=False),
    Column("van", Text),
    Column("naar", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("tijd", BigInteger, nullable=False),
    Column("door", Text, nullable=False),
    Column("reden", Text),
    Index(None, "mandate_id", "nr"),
)
"""Every change of every registration, in order; rows are only added."""

letter_days = Table(
    "register_letter_days",
    metadata,
    Column("dag", Integer, primary_key=True, autoincrement=False),
    Column("aantal", Integer, nullable=False),
)
"""How many letters are promised for a day (the day's ordinal), for the limit of letters per day."""
