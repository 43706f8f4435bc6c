"""Permits of fiscal representatives."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    _permits()
    _clients()
    _securities()
    _history()


def _row_number() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("nr", kind, autoincrement=True, nullable=False)


def _permits() -> None:
    op.create_table(
        "fiscal_permits",
        _row_number(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("representative", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("year_end", sa.String(length=5), nullable=False),
        sa.Column("security_set", sa.BigInteger(), nullable=True),
        sa.Column("sum", sa.Text(), nullable=True),
        sa.Column("requested", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("release_from", sa.String(length=10), nullable=True),
        sa.Column("released", sa.BigInteger(), nullable=True),
        sa.Column("general_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_fiscal_permits")),
        sa.UniqueConstraint("id", name=op.f("uq_fiscal_permits_id")),
        sa.UniqueConstraint("general_key", name=op.f("uq_fiscal_permits_general_key")),
    )
    for column in ("representative", "state"):
        op.create_index(op.f(f"ix_fiscal_permits_{column}_nr"), "fiscal_permits", [column, "nr"])


def _clients() -> None:
    op.create_table(
        "fiscal_clients",
        _row_number(),
        sa.Column("permit_id", sa.Text(), nullable=False),
        sa.Column("client", sa.String(length=9), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        _of_permit("clients"),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_fiscal_clients")),
        sa.UniqueConstraint("permit_id", "client", name=op.f("uq_fiscal_clients_permit_id_client")),
    )
    op.create_index(op.f("ix_fiscal_clients_client_permit_id"), "fiscal_clients", ["client", "permit_id"])


def _securities() -> None:
    op.create_table(
        "fiscal_securities",
        _row_number(),
        sa.Column("permit_id", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("put_up", sa.BigInteger(), nullable=False),
        _of_permit("securities"),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_fiscal_securities")),
    )
    op.create_index(op.f("ix_fiscal_securities_permit_id_nr"), "fiscal_securities", ["permit_id", "nr"])


def _history() -> None:
    op.create_table(
        "fiscal_history",
        _row_number(),
        sa.Column("permit_id", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        _of_permit("history"),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_fiscal_history")),
    )
    op.create_index(op.f("ix_fiscal_history_permit_id_nr"), "fiscal_history", ["permit_id", "nr"])


def _of_permit(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_fiscal_{table}_permit_id")
    return sa.ForeignKeyConstraint(["permit_id"], ["fiscal_permits.id"], name=name)


def downgrade() -> None:
    """Drop the tables."""
    for name in ("fiscal_history", "fiscal_securities", "fiscal_clients", "fiscal_permits"):
        op.drop_table(name)
