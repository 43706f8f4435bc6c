"""Service messages whose content is made later, that a newer one replaces, or that a tester put in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_NUMBER = "which message of its mandate; the agency makes the content from it. Null: it came with one"
_DIENST = "service code with its year: any active mandate for it and this client opens the message"
_REPLACED = "when a newer one took its place; it is still given to who names its kenmerk"
_CONTENT = "null until it is fetched for the first time"

_BEFORE_NUMBERS = "UPDATE fetchables SET number = -1 WHERE mandate_id IS NOT NULL"
"""Lower than any number, so that the next VIA replaces those that were made one per day."""


def upgrade() -> None:
    """Add the columns; `inhoud` may be null from now on."""
    # SQLite changes a column by making the table anew, and would take the marks that refer to it for orphans.
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        op.execute("CREATE TABLE fetch_marks_kept AS SELECT * FROM fetch_marks")
        op.execute("DELETE FROM fetch_marks")
    with op.batch_alter_table("fetchables") as table:
        table.alter_column("inhoud", existing_type=sa.LargeBinary(), nullable=True, comment=_CONTENT)
        table.add_column(sa.Column("number", sa.Integer(), nullable=True, comment=_NUMBER))
        table.add_column(sa.Column("dienst", sa.String(length=40), nullable=True, comment=_DIENST))
        table.add_column(sa.Column("replaced", sa.BigInteger(), nullable=True, comment=_REPLACED))
        table.create_index("ix_fetchables_belanghebbende_key", ["belanghebbende_key"])
        table.create_index("ix_fetchables_dienst", ["dienst"])
    op.execute(_BEFORE_NUMBERS)
    if is_sqlite:
        op.execute("INSERT INTO fetch_marks SELECT * FROM fetch_marks_kept")
        op.execute("DROP TABLE fetch_marks_kept")
