"""What validation said of messages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table; messages of before have no line in it."""
    op.create_table(
        "validations",
        sa.Column(
            "message_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("report", sa.Text(), nullable=False, comment="JSON: findings and what was not checked"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_validations_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_validations")),
        comment="the last validation of messages",
    )
