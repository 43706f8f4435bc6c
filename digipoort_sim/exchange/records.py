"""Rows of the post office's tables as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select

from digipoort_sim.clock import from_epoch_milliseconds
from digipoort_sim.errors import TechnicalError
from digipoort_sim.exchange.values import Content, Fout, Identity, Status
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import contents, messages, payloads
from digipoort_sim.store.payloads import Payload, Payloads


@dataclass(frozen=True, slots=True)
class Message:
    """A line of the messages table: one process and the delivery that started it; times in milliseconds."""

    id: int
    kenmerk: str
    berichtsoort: str
    berichtkenmerk: str
    aanleverkenmerk: str | None
    eerder_aanleverkenmerk: str | None
    belanghebbende_nummer: str
    belanghebbende_type: str
    belanghebbende_key: str
    rol_belanghebbende: str
    ontvanger_nummer: str
    ontvanger_type: str
    rol_ontvanger: str | None
    autorisatie_adres: str | None
    sender_oin: str
    sender_certificate: str
    via: str
    door_reference: str | None
    stub: int
    received: int
    state: str
    statuscode: str
    status_at: int
    status_position: int

    @property
    def belanghebbende(self) -> Identity:
        """The identiteitBelanghebbende."""
        return Identity(self.belanghebbende_nummer, self.belanghebbende_type)

    @property
    def ontvanger(self) -> Identity:
        """The identiteitOntvanger."""
        return Identity(self.ontvanger_nummer, self.ontvanger_type)


@dataclass(frozen=True, slots=True)
class StatusLine:
    """A line of the statuses table; `at` in milliseconds."""

    message_id: int
    position: int
    at: int
    statuscode: str
    omschrijving: str
    foutcode: str | None = None
    foutbeschrijving: str | None = None
    details: str | None = field(default=None, repr=False)

    def row(self) -> tuple[int, int, int, str, str, str | None, str | None, str | None]:
        """The values in the order of `STATUS_COLUMNS`."""
        return (
            self.message_id,
            self.position,
            self.at,
            self.statuscode,
            self.omschrijving,
            self.foutcode,
            self.foutbeschrijving,
            self.details,
        )

    def status(self, kenmerk: str, belanghebbende: Identity) -> Status:
        """The line as it is told to parties."""
        fout = None if self.foutcode is None else Fout(self.foutcode, self.foutbeschrijving or "")
        return Status(
            kenmerk=kenmerk,
            identiteit_belanghebbende=belanghebbende,
            statuscode=self.statuscode,
            tijdstempel_status=from_epoch_milliseconds(self.at),
            statusomschrijving=self.omschrijving,
            status_foutcode=fout,
            statusdetails=self.details,
        )


MESSAGE_COLUMNS = tuple(Message.__slots__)
STATUS_COLUMNS = tuple(StatusLine.__slots__)
CONTENT_COLUMNS = ("message_id", "position", "mime_type", "bestandsnaam", "inhoud")
PAYLOAD_COLUMNS = ("file", "message_id", "position", "size", "sha256")

MESSAGE = tuple(messages.c[name] for name in MESSAGE_COLUMNS)
"""The columns of `Message`, to be selected."""

_PARTS = select(*(contents.c[name] for name in CONTENT_COLUMNS[1:])).where(
    contents.c.message_id == bindparam("message")
)
_CONTENT = _PARTS.where(contents.c.position == bindparam("place"))
_ALL = _PARTS.order_by(contents.c.position)


def load_messages(tx: Connection, ids: Sequence[int]) -> dict[int, Message]:
    """The messages with these numbers."""
    found = tx.execute(select(*MESSAGE).where(messages.c.id.in_(ids)))
    return {row[0]: Message(*row) for row in found}


class ContentReader:
    """Reads contents of messages; of those that lie in files only where they are.

    Args:
        payloads: the folder of those files.
    """

    def __init__(self, store: Store, payloads: Payloads) -> None:
        self._query = store.prepared(_CONTENT, ("message", "place"))
        self._all = store.prepared(_ALL, ("message",))
        self._payloads = payloads

    def read(self, tx: Connection, message_id: int, position: int = 0) -> Content | None:
        """A content of a message; position 0 is its berichtInhoud."""
        row: Any = self._query.ask(tx, (message_id, position)).first()
        return None if row is None else self._content(tx, message_id, row)

    def read_all(self, tx: Connection, message: Message, *, only_first: bool = False) -> tuple[Content, ...]:
        """The berichtInhoud and the bijlagen of a message.

        Args:
            only_first: without the bijlagen.

        Raises:
            TechnicalError: there is none.
        """
        values = (message.id,)
        rows: list[Any] = list(self._query.ask(tx, (*values, 0)) if only_first else self._all.ask(tx, values))
        if not rows:
            raise TechnicalError(f"message {message.kenmerk} has no content", rule="STORE")
        return tuple(self._content(tx, message.id, row) for row in rows)

    def _content(self, tx: Connection, message_id: int, row: Any) -> Content:
        position, mime_type, bestandsnaam, inhoud = row
        found = None if inhoud else self._payload(tx, message_id, position)
        return Content(mime_type, bestandsnaam, inhoud, found)

    def _payload(self, tx: Connection, message_id: int, position: int) -> Payload | None:
        """The file of a content without octets; None if it really has none."""
        its = (payloads.c.message_id == message_id) & (payloads.c.position == position)
        row = tx.execute(select(payloads.c.file, payloads.c.size, payloads.c.sha256).where(its)).first()
        return None if row is None else self._payloads.at(*row)


def identity_key(identity: Identity) -> str:
    """The form in which an identity is indexed: number and type, in capitals."""
    nummer, type_ = identity.key()
    return f"{nummer}|{type_}"
