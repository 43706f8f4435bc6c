"""What the doors and the post office say to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import BinaryIO, Literal

from digipoort_sim.store.payloads import Payload

Door = Literal["wus", "ftp"]


@dataclass(frozen=True)
class Identity:
    """A number with its type, as in identiteitBelanghebbende."""

    nummer: str
    type: str

    def key(self) -> tuple[str, str]:
        """The form in which identities are compared and indexed: upper case, no blanks around (i)."""
        return self.nummer.strip().upper(), self.type.strip().upper()


@dataclass(frozen=True)
class Content:
    """One berichtInhoud or bijlage.

    Attributes:
        inhoud: the decoded octets; empty where they are too many for memory and lie in a file.
        payload: that file.
    """

    mime_type: str
    bestandsnaam: str
    inhoud: bytes = field(repr=False)
    payload: Payload | None = None

    @property
    def size(self) -> int:
        """How many octets it has."""
        return len(self.inhoud) if self.payload is None else self.payload.size

    def in_memory(self) -> Content:
        """The same with its octets, for one that is small enough.

        Raises:
            TechnicalError: the file that they lie in cannot be read (rule ``PAYLOAD``).
        """
        if self.payload is None:
            return self
        with self.open() as file:
            return Content(self.mime_type, self.bestandsnaam, file.read())

    def open(self) -> BinaryIO:
        """The octets, wherever they are, to be read in pieces.

        Raises:
            TechnicalError: the file that they lie in cannot be read (rule ``PAYLOAD``).
        """
        return BytesIO(self.inhoud) if self.payload is None else self.payload.open()


@dataclass(frozen=True)
class Caller:
    """Who calls: a party and the certificate that it shows.

    Attributes:
        oin: the 20 characters of the certificate's subject serialNumber.
        certificate: SHA-256 of the certificate, lower-case hexadecimal. "New" is kept per certificate.
    """

    oin: str
    certificate: str


@dataclass(frozen=True)
class Call:
    """One call at a door, proven to come from its caller.

    Attributes:
        message_id: wsa:MessageID, or what a file door uses for it; the berichtkenmerk of a delivery.
        valid_until: until when the same message_id of this caller is a replay, by the security clock;
            None where no replay guard applies (stub paths, file door).
        stub: whether the call came by the Aansluit Suite's paths.
    """

    caller: Caller
    message_id: str
    valid_until: datetime | None = None
    stub: bool = False


@dataclass(frozen=True)
class Delivery:
    """An aanleverRequest, from whatever door.

    Attributes:
        kenmerk: an existing process to which the message is added; None starts a new one.
        door_reference: what the door wants to see again in its notices (the file door's account and name).
    """

    berichtsoort: str
    identiteit_belanghebbende: Identity
    rol_belanghebbende: str
    inhoud: Content
    via: Door = "wus"
    kenmerk: str | None = None
    aanleverkenmerk: str | None = None
    eerder_aanleverkenmerk: str | None = None
    identiteit_ontvanger: Identity | None = None
    rol_ontvanger: str | None = None
    bijlagen: tuple[Content, ...] = ()
    autorisatie_adres: str | None = None
    door_reference: str | None = None


@dataclass(frozen=True)
class Receipt:
    """What an aanleverResponse says."""

    kenmerk: str
    berichtsoort: str
    tijdstempel_aangeleverd: datetime
    identiteit_belanghebbende: Identity
    rol_belanghebbende: str
    identiteit_ontvanger: Identity
    aanleverkenmerk: str | None = None
    eerder_aanleverkenmerk: str | None = None
    rol_ontvanger: str | None = None
    autorisatie_adres: str | None = None


@dataclass(frozen=True)
class Fout:
    """A statusFoutcode."""

    foutcode: str
    foutbeschrijving: str


@dataclass(frozen=True)
class Status:
    """A StatusResultaat."""

    kenmerk: str
    identiteit_belanghebbende: Identity
    statuscode: str
    tijdstempel_status: datetime
    statusomschrijving: str
    status_foutcode: Fout | None = None
    statusdetails: str | None = None


@dataclass(frozen=True)
class Process:
    """A ProcesResultaat."""

    kenmerk: str
    berichtsoort: str
    identiteit_belanghebbende: Identity
    identiteit_ontvanger: Identity | None


@dataclass(frozen=True)
class Bericht:
    """A BerichtResultaat: a message that a party fetches."""

    kenmerk: str
    berichtsoort: str
    berichtkenmerk: str
    tijdstempel_aangeleverd: datetime
    identiteit_belanghebbende: Identity
    rol_belanghebbende: str
    inhoud: Content
    aanleverkenmerk: str | None = None
    identiteit_aanleveraar: str | None = None
    identiteit_ontvanger: Identity | None = None
    bijlagen: tuple[Content, ...] = ()


@dataclass(frozen=True)
class BerichtLijstRegel:
    """A BerichtLijstResultaat."""

    berichtsoort: str
    identiteit_belanghebbende: Identity
    kenmerk: str


@dataclass(frozen=True)
class Period:
    """tijdstempelVanaf and tijdstempelTot: both bounds inclusive, either may be open (s)."""

    vanaf: datetime | None = None
    tot: datetime | None = None


@dataclass(frozen=True)
class Wanted:
    """What a caller wants to fetch.

    Attributes:
        nieuw: only what this certificate was not given before; giving it marks it.
    """

    caller: Caller
    stub: bool
    period: Period
    nieuw: bool
    berichtsoort: str | None = None
    identity: Identity | None = None
    kenmerk: str | None = None


@dataclass(frozen=True)
class Event:
    """Something that happened and that a person may want to look at, a refusal above all.

    Attributes:
        kind: such as ``wus-refused``, ``tls-refused``, ``ftp-refused``, ``mandate-activated``.
        code: the code that went out (``ALS110``, ``530`` or a TLS alert), empty if none.
        raw: the bytes that were refused, as they came; kept in a bounded ring.
    """

    kind: str
    detail: str
    door: str = ""
    peer: str = ""
    oin: str = ""
    certificate: str = ""
    rule: str = ""
    code: str = ""
    kenmerk: str = ""
    raw: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Notice:
    """News of a process for the door by which it came in.

    Attributes:
        id: give it back to `PostOffice.notices_done`.
        reference: the delivery's door_reference.
        status: the final status.
    """

    id: int
    kenmerk: str
    reference: str
    status: Status
