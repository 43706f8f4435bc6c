"""Events know the time of the security clock too, at which requests are judged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_COMMENT = "null in events of before this column"


def upgrade() -> None:
    """Add the column."""
    op.add_column("events", sa.Column("security_at", sa.BigInteger(), nullable=True, comment=_COMMENT))
