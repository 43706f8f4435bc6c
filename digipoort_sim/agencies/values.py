"""What the agencies' stand-ins say: answers to deliveries, and messages for parties."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AgencyAnswer:
    """An agency's verdict on a delivery, as it shows in the last status.

    Attributes:
        statuscode: 500, 510 or 710; 410 or 720 if it did not take the message at all.
        foutcode: the agency's own code with a 510 or 710; AFO100 or AFS400 with a 410 or 720.
        details: text for statusdetails, unescaped; None if the agency sends none.
    """

    statuscode: str
    foutcode: str | None = None
    foutbeschrijving: str | None = None
    details: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceMessage:
    """A message that an agency made for the client of a mandate; its content is made when it is wanted.

    Attributes:
        key: the same for the same message at every making, and for no other.
        number: which one of the mandate's messages it is; mandate, number and moment make the content.
        gemachtigde_oin: who holds the mandate.
        nummer: the client's number, with its `type`.
        at: when the agency made it, by the simulator's clock.
        agency_oin: OIN of the agency that made it.
        replaces: whether it takes the place of those of the mandate that were made before it.
    """

    key: str
    mandate_id: str
    number: int
    gemachtigde_oin: str
    berichtsoort: str
    nummer: str
    type: str
    mime_type: str
    bestandsnaam: str
    at: datetime
    agency_oin: str
    replaces: bool = False
