"""The post office's tables: messages, statuses, jobs, and what was seen by whom.

Times are whole milliseconds since 1970 (`clock.epoch_milliseconds`). A message's `id` is ours and only
keeps indexes small; outside the store it is always named by its kenmerk.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from digipoort_sim.store.metadata import metadata

# SQLite counts up by itself only in a column of the type INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")

messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kenmerk", String(40), nullable=False),
    Column("berichtsoort", String(80), nullable=False),
    Column("berichtkenmerk", Text, nullable=False),
    Column("aanleverkenmerk", String(40)),
    Column("eerder_aanleverkenmerk", String(40)),
    Column("belanghebbende_nummer", String(35), nullable=False),
    Column("belanghebbende_type", String(20), nullable=False),
    Column("belanghebbende_key", String(60), nullable=False),
    Column("rol_belanghebbende", String(40), nullable=False),
    Column("ontvanger_nummer", String(35), nullable=False),
    Column("ontvanger_type", String(20), nullable=False),
    Column("rol_ontvanger", String(40)),
    Column("autorisatie_adres", String(255)),
    Column("sender_oin", String(20), nullable=False),
    Column("sender_certificate", String(64), nullable=False),
    Column("via", String(8), nullable=False),
    Column("door_reference", Text),
    Column("stub", Integer, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("state", String(24), nullable=False, comment="name of a state of exchange.lifecycle"),
    Column("statuscode", String(20), nullable=False, comment="that of the last status"),
    Column("status_at", BigInteger, nullable=False, comment="time of the last status"),
    Column("status_position", Integer, nullable=False, comment="position of the last status"),
    Index(None, "kenmerk", unique=True),
    Index(None, "sender_oin", "belanghebbende_key", "berichtsoort"),
)

contents = Table(
    "contents",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="0 is the berichtInhoud"),
    Column("mime_type", String(255), nullable=False),
    Column("bestandsnaam", String(80), nullable=False),
    Column("inhoud", LargeBinary, nullable=False),
)

statuses = Table(
    "statuses",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("statuscode", String(20), nullable=False),
    Column("omschrijving", Text, nullable=False),
    Column("foutcode", String(20)),
    Column("foutbeschrijving", Text),
    Column("details", Text),
    sqlite_with_rowid=False,
)

validations = Table(
    "validations",
    metadata,
    Column("message_id", Id, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    Column("report", Text, nullable=False, comment="JSON: findings and what was not checked"),
    comment="the last validation of messages",
)

payloads = Table(
    "payloads",
    metadata,
    Column("file", String(40), primary_key=True, comment="its name in the folder of payloads"),
    Column("message_id", Id, ForeignKey("messages.id")),
    Column("position", Integer),
    Column("fetchable_id", Id, ForeignKey("fetchables.id")),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Index(None, "message_id", "position", unique=True),
    Index(None, "fetchable_id", unique=True),
    comment="contents too large for a column; `inhoud` is empty there",
)

status_marks = Table(
    "status_marks",
    metadata,
    Column("certificate", String(64), primary_key=True),
    Column("message_id", Id, ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="statuses that were returned as new to a certificate",
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("due", BigInteger, nullable=False, comment="by the simulator's clock"),
    Column("kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("step", String(32), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("payload", Text, comment="JSON"),
    Column("lease_until", BigInteger, comment="by real time"),
    Column("lease_owner", String(80)),
    Index(None, "due", "id"),
)

fetchables = Table(
    "fetchables",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kenmerk", String(40), nullable=False),
    Column("berichtsoort", String(80), nullable=False),
    Column("berichtkenmerk", Text, nullable=False),
    Column("aanleverkenmerk", String(40)),
    Column("at", BigInteger, nullable=False),
    Column("belanghebbende_nummer", String(35), nullable=False),
    Column("belanghebbende_type", String(20), nullable=False),
    Column("belanghebbende_key", String(60), nullable=False),
    Column("rol_belanghebbende", String(40), nullable=False),
    Column("aanleveraar", String(35)),
    Column(
        "owner_oin", String(20), comment="who may have it, as long as its mandate is active if it has one"
    ),
    Column("mandate_id", String(40), comment="the mandate that opens it"),
    Column("key", String(80), comment="the agency's own name of the message, so that none is kept twice"),
    Column("stub", Integer, nullable=False),
    Column("mime_type", String(255), nullable=False),
    Column("bestandsnaam", String(80), nullable=False),
    Column("inhoud", LargeBinary, comment="null until it is fetched for the first time"),
    Column(
        "number",
        Integer,
        comment="which message of its mandate; the agency makes the content from it. Null: it came with one",
    ),
    Column(
        "dienst",
        String(40),
        comment="service code with its year: any active mandate for it and this client opens the message",
    ),
    Column(
        "replaced",
        BigInteger,
        comment="when a newer one took its place; it is still given to who names its kenmerk",
    ),
    Index(None, "kenmerk", unique=True),
    Index(None, "key", unique=True),
    Index(None, "mandate_id"),
    Index(None, "owner_oin", "at", "id"),
    Index(None, "belanghebbende_key"),
    Index(None, "dienst"),
    comment="messages for parties: service messages of agencies, overviews, the stub's TEST",
)

fetch_marks = Table(
    "fetch_marks",
    metadata,
    Column("certificate", String(64), primary_key=True),
    Column("fetchable_id", Id, ForeignKey("fetchables.id"), primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
    comment="messages that were returned as new to a certificate",
)

replays = Table(
    "replays",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", LargeBinary, nullable=False, comment="digest of certificate and MessageID"),
    Column("valid_until", BigInteger, nullable=False, comment="by the security clock"),
    # No index on the time: it would cost each delivery more than looking through all of them does.
    Index(None, "key", unique=True),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Id, primary_key=True),
    Column("door", String(8), nullable=False),
    Column("message_id", Id, ForeignKey("messages.id"), nullable=False),
    Column("position", Integer, nullable=False, comment="that of the final status"),
    Column("reference", Text, nullable=False),
    Index(None, "door", "id"),
)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("door", String(16), nullable=False),
    Column("peer", String(80), nullable=False),
    Column("oin", String(40), nullable=False),
    Column("certificate", String(64), nullable=False),
    Column("rule", String(80), nullable=False),
    Column("code", String(40), nullable=False),
    Column("kenmerk", String(40), nullable=False),
    Column("raw", LargeBinary),
    Column("security_at", BigInteger, comment="null in events of before this column"),
    sqlite_autoincrement=True,
    comment="a ring of what happened",
)

clock = Table(
    "clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="always 1"),
    Column("offset_ms", BigInteger, nullable=False),
    Column("frozen_at", BigInteger),
)
