"""The tables of the mandate register and of the file door."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    _ftp_accounts()
    _ftp_names()
    _register_letter_days()
    _register_mandates()
    _register_mandates_indexes()
    _register_history()
    _register_letters()


def _ftp_accounts() -> None:
    op.create_table(
        "ftp_accounts",
        sa.Column("user", sa.String(length=40), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.Column("oin", sa.String(length=20), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_ftp_accounts")),
    )


def _ftp_names() -> None:
    op.create_table(
        "ftp_names",
        sa.Column("user", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("work", sa.String(length=40), nullable=False),
        sa.Column("oin", sa.String(length=20), nullable=False),
        sa.Column("certificate", sa.String(length=64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("kenmerk", sa.String(length=40), nullable=True),
        sa.Column("accepted", sa.BigInteger(), nullable=True),
        sa.Column("foutcode", sa.String(length=20), nullable=True),
        sa.Column("foutbeschrijving", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("user", "name", name=op.f("pk_ftp_names")),
    )
    op.create_index("ix_ftp_names_state", "ftp_names", ["state"], unique=False)


def _register_letter_days() -> None:
    op.create_table(
        "register_letter_days",
        sa.Column("dag", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("aantal", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("dag", name=op.f("pk_register_letter_days")),
    )


def _register_mandates() -> None:
    op.create_table(
        "register_mandates",
        sa.Column(
            "nr", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("dienst", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("jaar", sa.Integer(), nullable=True),
        sa.Column("id_vertegenwoordigde", sa.Text(), nullable=False),
        sa.Column("type_vertegenwoordigde", sa.Text(), nullable=False),
        sa.Column("id_gemachtigde", sa.Text(), nullable=False),
        sa.Column("gemachtigde_oin", sa.Text(), nullable=False),
        sa.Column("toestand", sa.Text(), nullable=False),
        sa.Column("reden", sa.Text(), nullable=True),
        sa.Column("reden_code", sa.Text(), nullable=True),
        sa.Column("herkomst", sa.Text(), nullable=True),
        sa.Column("ontvangen", sa.BigInteger(), nullable=False),
        sa.Column("in_behandeling", sa.BigInteger(), nullable=True),
        sa.Column("brief", sa.BigInteger(), nullable=True),
        sa.Column("actief_sinds", sa.BigInteger(), nullable=True),
        sa.Column("geeindigd", sa.BigInteger(), nullable=True),
        sa.Column("onjuiste_codes", sa.Integer(), nullable=False),
        sa.Column("open_key", sa.Text(), nullable=True),
        sa.Column("exclusive_key", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_register_mandates")),
        sa.UniqueConstraint("exclusive_key", name=op.f("uq_register_mandates_exclusive_key")),
        sa.UniqueConstraint("id", name=op.f("uq_register_mandates_id")),
        sa.UniqueConstraint("open_key", name=op.f("uq_register_mandates_open_key")),
    )


def _register_mandates_indexes() -> None:
    op.create_index(
        op.f("ix_register_mandates_gemachtigde_oin_nr"),
        "register_mandates",
        ["gemachtigde_oin", "nr"],
        unique=False,
    )
    op.create_index(
        op.f("ix_register_mandates_gemachtigde_oin_toestand_code_id_vertegenwoordigde"),
        "register_mandates",
        ["gemachtigde_oin", "toestand", "code", "id_vertegenwoordigde"],
        unique=False,
    )
    op.create_index(
        op.f("ix_register_mandates_gemachtigde_oin_toestand_nr"),
        "register_mandates",
        ["gemachtigde_oin", "toestand", "nr"],
        unique=False,
    )
    op.create_index(
        op.f("ix_register_mandates_id_vertegenwoordigde_gemachtigde_oin_nr"),
        "register_mandates",
        ["id_vertegenwoordigde", "gemachtigde_oin", "nr"],
        unique=False,
    )
    op.create_index(
        op.f("ix_register_mandates_id_vertegenwoordigde_nr"),
        "register_mandates",
        ["id_vertegenwoordigde", "nr"],
        unique=False,
    )
    op.create_index(
        op.f("ix_register_mandates_toestand_nr"), "register_mandates", ["toestand", "nr"], unique=False
    )


def _register_history() -> None:
    op.create_table(
        "register_history",
        sa.Column(
            "nr", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("mandate_id", sa.Text(), nullable=False),
        sa.Column("van", sa.Text(), nullable=True),
        sa.Column("naar", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("tijd", sa.BigInteger(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("reden", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["register_mandates.id"], name=op.f("fk_register_history_mandate_id")
        ),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_register_history")),
    )
    op.create_index(
        op.f("ix_register_history_mandate_id_nr"), "register_history", ["mandate_id", "nr"], unique=False
    )


def _register_letters() -> None:
    op.create_table(
        "register_letters",
        sa.Column(
            "nr", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("mandate_id", sa.Text(), nullable=False),
        sa.Column("id_vertegenwoordigde", sa.Text(), nullable=False),
        sa.Column("datum", sa.BigInteger(), nullable=False),
        sa.Column("activatie_token", sa.Text(), nullable=True),
        sa.Column("geldig_tot", sa.BigInteger(), nullable=True),
        sa.Column("ingangsdatum", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mandate_id"], ["register_mandates.id"], name=op.f("fk_register_letters_mandate_id")
        ),
        sa.PrimaryKeyConstraint("nr", name=op.f("pk_register_letters")),
        sa.UniqueConstraint("id", name=op.f("uq_register_letters_id")),
        sa.UniqueConstraint("mandate_id", name=op.f("uq_register_letters_mandate_id")),
    )
    op.create_index(
        op.f("ix_register_letters_id_vertegenwoordigde_nr"),
        "register_letters",
        ["id_vertegenwoordigde", "nr"],
        unique=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "register_letters",
        "register_history",
        "register_mandates",
        "register_letter_days",
        "ftp_names",
        "ftp_accounts",
    ):
        op.drop_table(name)
