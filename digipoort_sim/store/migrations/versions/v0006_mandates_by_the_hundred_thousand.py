"""Indexes for a register with very many mandates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_TABLE = "register_mandates"
_NO_LONGER = (
    "ix_register_mandates_gemachtigde_oin_nr",
    "ix_register_mandates_gemachtigde_oin_toestand_nr",
    "ix_register_mandates_gemachtigde_oin_toestand_code_id_vertegenwoordigde",
    "ix_register_mandates_id_vertegenwoordigde_gemachtigde_oin_nr",
)
_NEW = {
    "ix_register_mandates_of_party": (
        *("gemachtigde_oin", "nr", "geeindigd", "code", "jaar", "dienst", "toestand"),
    ),
    "ix_register_mandates_access": (*("gemachtigde_oin", "toestand", "code", "id_vertegenwoordigde", "id"),),
    "ix_register_mandates_gemachtigde_oin_id_vertegenwoordigde_nr": (
        *("gemachtigde_oin", "id_vertegenwoordigde", "nr"),
    ),
    "ix_register_mandates_code_nr": ("code", "nr"),
    "ix_register_mandates_dienst_nr": ("dienst", "nr"),
    "ix_register_mandates_jaar_nr": ("jaar", "nr"),
}
_PARTIAL = {
    "ix_register_mandates_current": "geeindigd IS NULL",
    "ix_register_mandates_past": "geeindigd IS NOT NULL",
}


_HOLDER = (
    "UPDATE fetchables SET owner_oin = (SELECT gemachtigde_oin FROM register_mandates "
    "WHERE register_mandates.id = fetchables.mandate_id) WHERE mandate_id IS NOT NULL"
)
_OWNER = "who may have it, as long as its mandate is active if it has one"


def upgrade() -> None:
    """Replace the indexes; service messages have the party that holds their mandate."""
    op.execute(_HOLDER)
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("fetchables", "owner_oin", comment=_OWNER, existing_type=sa.String(length=20))
    op.drop_index(op.f("ix_fetchables_owner_oin"), "fetchables")
    op.create_index("ix_fetchables_owner_oin_at_id", "fetchables", ["owner_oin", "at", "id"])
    for name in _NO_LONGER:
        op.drop_index(op.f(name), _TABLE)
    for name, columns in _NEW.items():
        op.create_index(name, _TABLE, list(columns))
    for name, which in _PARTIAL.items():
        op.create_index(name, _TABLE, ["nr"], sqlite_where=sa.text(which), postgresql_where=sa.text(which))
