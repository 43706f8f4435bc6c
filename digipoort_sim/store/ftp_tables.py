"""Tables of the file door: its accounts, and every file name that was ever used.

All times are milliseconds since 1970 by the simulator's clock.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from digipoort_sim.store.metadata import metadata

ftp_accounts = Table(
    "ftp_accounts",
    metadata,
    Column("user", String(40), primary_key=True),
    Column("password", String(255), nullable=False),
    Column("oin", String(20), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("removed", BigInteger),
)
"""Accounts; a removed one stays as a row, so that its name never comes back."""

ftp_names = Table(
    "ftp_names",
    metadata,
    Column("user", String(40), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("source", String(255), nullable=False),
    Column("work", String(40), nullable=False),
    Column("oin", String(20), nullable=False),
    Column("certificate", String(64), nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("size", BigInteger),
    Column("sha256", String(64)),
    Column("kenmerk", String(40)),
    Column("accepted", BigInteger),
    Column("foutcode", String(20)),
    Column("foutbeschrijving", Text),
)
"""Names that a complete file was delivered under, with how far that file has come.

`state` is ``received``, ``accepted``, ``receipted``, ``finished``, ``refused`` or ``returned``; `source` is
the file's name in ``/in`` before it was complete, `work` its name in the folder where it is processed.
"""

Index("ix_ftp_names_state", ftp_names.c.state)
