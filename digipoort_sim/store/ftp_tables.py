"""Tables of the file door: its accounts, and every file name that was ever used.

All times are milliseconds since 1970 by the simulator's clock.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from digipoort_sim.store.metadata import metadata

ftp_accounts = Table(
    "ftp_accounts",
    metadata,
    Column("user", String(40), primary_key=True),
    Column("password", String(255), nullable=False),
    Column("oin", String(20), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("removed", BigInteger),
    Column("failed", Integer, nullable=False, server_default="0", comment="wrong passwords in a row"),
    Column("locked", BigInteger, comment="since when it is locked"),
    Column("locked_until", BigInteger, comment="null: until it is unlocked by hand"),
    Column("wants", Text, comment="what is delivered to /out besides receipts; JSON"),
    Column("label", String(80), comment="the user's own words for it"),
    Column("place", String(40), comment="the state directory of the server where it last logged in"),
)
"""Accounts; a removed one stays as a row, so that its name never comes back."""

ftp_files = Table(
    "ftp_files",
    metadata,
    Column("interface", String(20), primary_key=True),
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
    Column("place", String(40), comment="the state directory where the file lies"),
)
"""Files that came in complete, each under its final name, with how far it has come.

`state` is ``received``, ``accepted``, ``receipted``, ``finished``, ``refused`` or ``returned``; `source` is
the file's name in ``/in`` before it was complete, `work` its name in the folder where it is processed.
"""

Index("ix_ftp_files_state", ftp_files.c.state)
