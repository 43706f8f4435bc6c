"""Foreign businesses and their numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "foreign_parties",
        sa.Column(
            "nr", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("finr", sa.String(length=9), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("registration_number", sa.Text(), nullable=True),
        sa.Column("chamber_proof", sa.Boolean(), nullable=False),
        sa.Column("deed_language", sa.String(length=2), nullable=False),
        sa.Column("registered", sa.BigInteger(), nullable=False),
        sa.Column("oin", sa.String(length=20), nullable=True),
        sa.Column("oin_registered", sa.BigInteger(), nullable=True),
        sa.Column("identity_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_foreign_parties")),
        sa.UniqueConstraint("finr", name=op.f("uq_foreign_parties_finr")),
        sa.UniqueConstraint("identity_key", name=op.f("uq_foreign_parties_identity_key")),
        sa.UniqueConstraint("oin", name=op.f("uq_foreign_parties_oin")),
    )
    op.create_table(
        "foreign_ftp_forms",
        sa.Column("oin", sa.String(length=20), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("oin", name=op.f("pk_foreign_ftp_forms")),
    )
