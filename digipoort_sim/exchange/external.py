"""What the post office and the line to an agency outside say to each other; neither SOAP nor sockets here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from digipoort_sim.exchange.values import Content, Fout, Identity


@dataclass(frozen=True)
class Parcel:
    """An afleverRequest: a message on its way to its agency.

    Attributes:
        message_id: of this call; the same again only where the outcome of a call was lost.
        identiteit_aanleveraar: OIN of who delivered the message to Digipoort.
    """

    message_id: str
    kenmerk: str
    berichtsoort: str
    berichtkenmerk: str
    tijdstempel_aangeleverd: datetime
    identiteit_belanghebbende: Identity
    rol_belanghebbende: str
    identiteit_aanleveraar: str
    identiteit_ontvanger: Identity
    inhoud: Content
    aanleverkenmerk: str | None = None
    rol_ontvanger: str | None = None
    bijlagen: tuple[Content, ...] = ()


@dataclass(frozen=True)
class AgencyStatus:
    """A status that an agency sets, in an afleverResponse or by zetStatus.

    Attributes:
        fout: its own foutcode and foutbeschrijving.
    """

    statuscode: str
    fout: Fout | None = None
    details: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AgencyReply:
    """What came of one call.

    Attributes:
        outcome: ``taken``; ``refused`` by the agency, for good; ``trouble``, to be tried again; ``hopeless``,
            technical but the same at every try.
        detail: the reason, in words for a person; names no address.
        rule: a stable identifier of the reason.
        fout: the foutcode and foutbeschrijving of a refusal.
        status: the status that the agency gave with its answer.
        raw: the beginning of an answer that was no good.
    """

    outcome: Literal["taken", "refused", "trouble", "hopeless"]
    detail: str = ""
    rule: str = ""
    fout: Fout | None = None
    status: AgencyStatus | None = None
    raw: bytes | None = field(default=None, repr=False)


class AgencyLine(Protocol):
    """The way to one agency outside."""

    @property
    def address(self) -> str:
        """Where it is, for events."""
        ...

    @property
    def oins(self) -> frozenset[str]:
        """The OINs that the agency's certificates may have."""
        ...

    @property
    def sets_status(self) -> bool:
        """Whether 500 and 510 come from the agency, and not from its stand-in."""
        ...

    @property
    def connections(self) -> int:
        """How many calls there may be at a time."""
        ...

    @property
    def longest_seconds(self) -> float:
        """How long a call takes at most."""
        ...

    def deliver(self, parcel: Parcel) -> AgencyReply:
        """Call the agency; takes its time, and raises nothing that has to do with the agency."""
        ...
