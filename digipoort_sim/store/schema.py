"""Bringing a database to the tables of this version.

A new database gets its tables straight from the metadata, and an up-to-date one is only asked for its
version; Alembic, which takes longer to import than either, is imported when there is something to migrate.
A test holds the metadata against a database that Alembic made.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from digipoort_sim.errors import ConfigError
from digipoort_sim.store import exchange_tables, fiscal_tables, foreign_tables, ftp_tables, register_tables
from digipoort_sim.store.metadata import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0009"
"""The newest migration; a test compares it with Alembic's own view."""

TABLES = (exchange_tables, register_tables, ftp_tables, foreign_tables, fiscal_tables)
"""The modules whose tables make up the metadata."""

_version = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True, nullable=False)
)


def is_current(tx: Connection) -> bool:
    """Whether the database has exactly the tables of this version."""
    return _present_version(tx) == HEAD


def bring_to_head(tx: Connection) -> None:
    """Make the tables, or migrate them, inside a write transaction.

    Raises:
        ConfigError: the database was made by a newer version.
    """
    present = _present_version(tx)
    if present == HEAD:
        return
    if present is None:
        metadata.create_all(tx, checkfirst=True)
        _version.create(tx)
        tx.execute(insert(_version).values(version_num=HEAD))
        return
    _migrate(tx, present)


def alembic_config(tx: Connection) -> Config:
    """Alembic's configuration for the migrations of this package, on an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = tx
    return config


def _present_version(tx: Connection) -> str | None:
    if not inspect(tx).has_table(_version.name):
        return None
    return tx.execute(select(_version.c.version_num)).scalar()


def _migrate(tx: Connection, present: str) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(tx), "head")
    except CommandError as error:
        raise ConfigError(
            f"the database has version {present!r}, which this digipoort-sim does not know: {error}",
            rule="DATABASE-VERSION",
        ) from error
