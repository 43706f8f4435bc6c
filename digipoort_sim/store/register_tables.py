"""Tables of the mandate register: mandates, letters, history, and how many letters go out per day."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from digipoort_sim.store.metadata import metadata

# SQLite numbers rows by itself only in a column whose type is exactly INTEGER.
_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")

_CURRENT, _PAST = text("geeindigd IS NULL"), text("geeindigd IS NOT NULL")

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
    # A party may have tens of thousands. In the order of its page, with what it may be searched by, so that
    # rows that are not wanted are passed over without a look into the table.
    Index(
        "ix_register_mandates_of_party",
        *("gemachtigde_oin", "nr", "geeindigd", "code", "jaar", "dienst", "toestand"),
    ),
    Index(
        "ix_register_mandates_access",
        *("gemachtigde_oin", "toestand", "code", "id_vertegenwoordigde", "id"),
    ),
    Index(None, "gemachtigde_oin", "id_vertegenwoordigde", "nr"),
    Index(None, "id_vertegenwoordigde", "nr"),
    Index(None, "toestand", "nr"),
    Index(None, "code", "nr"),
    Index(None, "dienst", "nr"),
    Index(None, "jaar", "nr"),
    Index("ix_register_mandates_current", "nr", sqlite_where=_CURRENT, postgresql_where=_CURRENT),
    Index("ix_register_mandates_past", "nr", sqlite_where=_PAST, postgresql_where=_PAST),
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
