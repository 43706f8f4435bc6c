"""Two file interfaces, accounts that can be locked, and contents that lie in files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FILES = (
    sa.Column("interface", sa.String(length=20), nullable=False),
    sa.Column("user", sa.String(length=40), nullable=False),
    sa.Column("name", sa.String(length=255), nullable=False),
    sa.Column("state", sa.String(length=12), nullable=False),
    sa.Column("source", sa.String(length=255), nullable=False),
    sa.Column("work", sa.String(length=40), nullable=False),
    sa.Column("oin", sa.String(length=20), nullable=False),
    sa.Column("certificate", sa.String(length=64), nullable=False),
    sa.Column("received", sa.BigInteger(), nullable=False),
    sa.Column("size", sa.BigInteger()),
    sa.Column("sha256", sa.String(length=64)),
    sa.Column("kenmerk", sa.String(length=40)),
    sa.Column("accepted", sa.BigInteger()),
    sa.Column("foutcode", sa.String(length=20)),
    sa.Column("foutbeschrijving", sa.Text()),
    sa.Column("place", sa.String(length=40), comment="the state directory where the file lies"),
)


def upgrade() -> None:
    """Files of before came by the first interface; no account is locked, and none wants messages."""
    op.create_table(
        "ftp_files", *_FILES, sa.PrimaryKeyConstraint("interface", "user", "name", name=op.f("pk_ftp_files"))
    )
    names = [column.name for column in _FILES if column.name != "place"]
    old = sa.table("ftp_names", *(sa.column(name) for name in names[1:]))
    new = sa.table("ftp_files", *(sa.column(name) for name in names))
    op.execute(new.insert().from_select(names, sa.select(sa.literal("ftp"), *old.c)))
    op.create_index("ix_ftp_files_state", "ftp_files", ["state"])
    op.drop_table("ftp_names")
    failed = "wrong passwords in a row"
    for column in (
        sa.Column("failed", sa.Integer(), nullable=False, server_default="0", comment=failed),
        sa.Column("locked", sa.BigInteger(), comment="since when it is locked"),
        sa.Column("locked_until", sa.BigInteger(), comment="null: until it is unlocked by hand"),
        sa.Column("wants", sa.Text(), comment="what is delivered to /out besides receipts; JSON"),
        sa.Column("label", sa.String(length=80), comment="the user's own words for it"),
        sa.Column(
            "place", sa.String(length=40), comment="the state directory of the server where it last logged in"
        ),
    ):
        op.add_column("ftp_accounts", column)
    _add_payloads()


def _add_payloads() -> None:
    op.create_table(
        "payloads",
        sa.Column("file", sa.String(length=40), nullable=False, comment="its name in the folder of payloads"),
        sa.Column("message_id", _ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("fetchable_id", _ID, nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_payloads_message_id_messages")
        ),
        sa.ForeignKeyConstraint(
            ["fetchable_id"], ["fetchables.id"], name=op.f("fk_payloads_fetchable_id_fetchables")
        ),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_payloads")),
        comment="contents too large for a column; `inhoud` is empty there",
    )
    op.create_index(
        op.f("ix_payloads_message_id_position"), "payloads", ["message_id", "position"], unique=True
    )
    op.create_index(op.f("ix_payloads_fetchable_id"), "payloads", ["fetchable_id"], unique=True)
