"""The tables of the post office."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _clock()
    _events()
    _fetchables()
    _fetchables_indexes()
    _jobs()
    _messages()
    _messages_indexes()
    _replays()
    _contents()
    _fetch_marks()
    _notices()
    _status_marks()
    _statuses()


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False, comment="always 1"),
        sa.Column("offset_ms", sa.BigInteger(), nullable=False),
        sa.Column("frozen_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("door", sa.String(length=16), nullable=False),
        sa.Column("peer", sa.String(length=80), nullable=False),
        sa.Column("oin", sa.String(length=40), nullable=False),
        sa.Column("certificate", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kenmerk", sa.String(length=40), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        comment="a ring of what happened",
        sqlite_autoincrement=True,
    )


def _fetchables() -> None:
    op.create_table(
        "fetchables",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kenmerk", sa.String(length=40), nullable=False),
        sa.Column("berichtsoort", sa.String(length=80), nullable=False),
        sa.Column("berichtkenmerk", sa.Text(), nullable=False),
        sa.Column("aanleverkenmerk", sa.String(length=40), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("belanghebbende_nummer", sa.String(length=35), nullable=False),
        sa.Column("belanghebbende_type", sa.String(length=20), nullable=False),
        sa.Column("belanghebbende_key", sa.String(length=60), nullable=False),
        sa.Column("rol_belanghebbende", sa.String(length=40), nullable=False),
        sa.Column("aanleveraar", sa.String(length=35), nullable=True),
        sa.Column(
            "owner_oin",
            sa.String(length=20),
            nullable=True,
            comment="who asked for it; null: who holds the mandate",
        ),
        sa.Column("mandate_id", sa.String(length=40), nullable=True, comment="the mandate that opens it"),
        sa.Column(
            "key",
            sa.String(length=80),
            nullable=True,
            comment="the agency's own name of the message, so that none is kept twice",
        ),
        sa.Column("stub", sa.Integer(), nullable=False),
        sa.Column("mime_type", sa.String(length=255), nullable=False),
        sa.Column("bestandsnaam", sa.String(length=80), nullable=False),
        sa.Column("inhoud", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fetchables")),
        comment="messages for parties: service messages of agencies, overviews, the stub's TEST",
    )


def _fetchables_indexes() -> None:
    op.create_index(op.f("ix_fetchables_kenmerk"), "fetchables", ["kenmerk"], unique=True)
    op.create_index(op.f("ix_fetchables_key"), "fetchables", ["key"], unique=True)
    op.create_index(op.f("ix_fetchables_mandate_id"), "fetchables", ["mandate_id"], unique=False)
    op.create_index(op.f("ix_fetchables_owner_oin"), "fetchables", ["owner_oin"], unique=False)


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False, comment="by the simulator's clock"),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True, comment="JSON"),
        sa.Column("lease_until", sa.BigInteger(), nullable=True, comment="by real time"),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index(op.f("ix_jobs_due_id"), "jobs", ["due", "id"], unique=False)


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kenmerk", sa.String(length=40), nullable=False),
        sa.Column("berichtsoort", sa.String(length=80), nullable=False),
        sa.Column("berichtkenmerk", sa.Text(), nullable=False),
        sa.Column("aanleverkenmerk", sa.String(length=40), nullable=True),
        sa.Column("eerder_aanleverkenmerk", sa.String(length=40), nullable=True),
        sa.Column("belanghebbende_nummer", sa.String(length=35), nullable=False),
        sa.Column("belanghebbende_type", sa.String(length=20), nullable=False),
        sa.Column("belanghebbende_key", sa.String(length=60), nullable=False),
        sa.Column("rol_belanghebbende", sa.String(length=40), nullable=False),
        sa.Column("ontvanger_nummer", sa.String(length=35), nullable=False),
        sa.Column("ontvanger_type", sa.String(length=20), nullable=False),
        sa.Column("rol_ontvanger", sa.String(length=40), nullable=True),
        sa.Column("autorisatie_adres", sa.String(length=255), nullable=True),
        sa.Column("sender_oin", sa.String(length=20), nullable=False),
        sa.Column("sender_certificate", sa.String(length=64), nullable=False),
        sa.Column("via", sa.String(length=8), nullable=False),
        sa.Column("door_reference", sa.Text(), nullable=True),
        sa.Column("stub", sa.Integer(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column(
            "state", sa.String(length=24), nullable=False, comment="name of a state of exchange.lifecycle"
        ),
        sa.Column("statuscode", sa.String(length=20), nullable=False, comment="that of the last status"),
        sa.Column("status_at", sa.BigInteger(), nullable=False, comment="time of the last status"),
        sa.Column("status_position", sa.Integer(), nullable=False, comment="position of the last status"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
    )


def _messages_indexes() -> None:
    op.create_index(op.f("ix_messages_kenmerk"), "messages", ["kenmerk"], unique=True)
    op.create_index(
        op.f("ix_messages_sender_oin_belanghebbende_key_berichtsoort"),
        "messages",
        ["sender_oin", "belanghebbende_key", "berichtsoort"],
        unique=False,
    )


def _replays() -> None:
    op.create_table(
        "replays",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False, comment="digest of certificate and MessageID"),
        sa.Column("valid_until", sa.BigInteger(), nullable=False, comment="by the security clock"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    op.create_index(op.f("ix_replays_key"), "replays", ["key"], unique=True)


def _contents() -> None:
    op.create_table(
        "contents",
        sa.Column(
            "message_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "position", sa.Integer(), autoincrement=False, nullable=False, comment="0 is the berichtInhoud"
        ),
        sa.Column("mime_type", sa.String(length=255), nullable=False),
        sa.Column("bestandsnaam", sa.String(length=80), nullable=False),
        sa.Column("inhoud", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_contents_message_id")),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_contents")),
    )


def _fetch_marks() -> None:
    op.create_table(
        "fetch_marks",
        sa.Column("certificate", sa.String(length=64), nullable=False),
        sa.Column(
            "fetchable_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["fetchable_id"], ["fetchables.id"], name=op.f("fk_fetch_marks_fetchable_id")
        ),
        sa.PrimaryKeyConstraint("certificate", "fetchable_id", name=op.f("pk_fetch_marks")),
        comment="messages that were returned as new to a certificate",
        sqlite_with_rowid=False,
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("door", sa.String(length=8), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="that of the final status"),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_notices_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_door_id"), "notices", ["door", "id"], unique=False)


def _status_marks() -> None:
    op.create_table(
        "status_marks",
        sa.Column("certificate", sa.String(length=64), nullable=False),
        sa.Column(
            "message_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_status_marks_message_id")),
        sa.PrimaryKeyConstraint("certificate", "message_id", "position", name=op.f("pk_status_marks")),
        comment="statuses that were returned as new to a certificate",
        sqlite_with_rowid=False,
    )


def _statuses() -> None:
    op.create_table(
        "statuses",
        sa.Column(
            "message_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("statuscode", sa.String(length=20), nullable=False),
        sa.Column("omschrijving", sa.Text(), nullable=False),
        sa.Column("foutcode", sa.String(length=20), nullable=True),
        sa.Column("foutbeschrijving", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_statuses_message_id")),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_statuses")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "statuses",
        "status_marks",
        "notices",
        "fetch_marks",
        "contents",
        "replays",
        "messages",
        "jobs",
        "fetchables",
        "events",
        "clock",
    ):
        op.drop_table(name)
