"""The service messages that the agencies make for a mandate, by themselves or when asked.

A message is planned first, which costs next to nothing, and its content is made when somebody wants it: of
the many messages of a year that the clock skips, most are never looked at. The content follows from mandate,
number and moment alone, so it is the same whenever and by whomever it is made.
"""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile

from digipoort_sim.agencies.documents import xbrl_instance, xml_document
from digipoort_sim.agencies.figures import figures
from digipoort_sim.agencies.schedule import moments, requested_moment
from digipoort_sim.agencies.values import ServiceMessage
from digipoort_sim.catalogue import Catalogue, Dienst
from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.errors import TechnicalError
from digipoort_sim.register import Mandate


def planned(
    catalogue: Catalogue, mandate: Mandate, since: datetime | None, now: datetime
) -> list[tuple[datetime, int]]:
    """Moment and number of the messages made after `since` up to and including `now`."""
    dienst = _with_messages(catalogue, mandate)
    if dienst is None:
        return []
    until_now = takewhile(lambda one: one[1] <= now, moments(mandate, dienst))
    return [(moment, number) for number, moment in until_now if since is None or moment > since]


def scheduled_messages(
    catalogue: Catalogue, mandate: Mandate, since: datetime | None, now: datetime
) -> list[ServiceMessage]:
    """The messages made after `since` up to and including `now`; from the request on without `since`."""
    return [
        _message(catalogue, mandate, moment, number, f"{mandate.id}-{number}")
        for moment, number in planned(catalogue, mandate, since, now)
    ]


def content(catalogue: Catalogue, mandate: Mandate, number: int, at: datetime) -> bytes:
    """The content of a message that was planned.

    Raises:
        TechnicalError: the catalogue has no messages for that service (any more).
    """
    dienst = _with_messages(catalogue, mandate)
    if dienst is None:
        raise TechnicalError(f"{mandate.dienst} has no service messages", rule="SERVICE-MESSAGE")
    day = at.astimezone(AMSTERDAM).date()
    facts = figures(mandate, dienst, day, number)
    if dienst.message_form == "xbrl":
        return xbrl_instance(mandate, dienst, day, facts)
    return xml_document(mandate, dienst, catalogue.agency_of(dienst), day, facts)


def next_moment(catalogue: Catalogue, mandate: Mandate, after: datetime) -> datetime | None:
    """When the next message after that moment is made; None if there is no more to come."""
    dienst = _with_messages(catalogue, mandate)
    if dienst is None:
        return None
    return next((moment for _, moment in moments(mandate, dienst) if moment > after), None)


def requested_message(catalogue: Catalogue, mandate: Mandate, now: datetime) -> ServiceMessage | None:
    """A message made because it is asked for: the VIA of now, once it is available, one per day."""
    dienst = _with_messages(catalogue, mandate)
    at = requested_moment(mandate, dienst, now) if dienst is not None else None
    if dienst is None or at is None:
        return None
    day = at.astimezone(AMSTERDAM).date()
    return _message(catalogue, mandate, at, 0, f"{mandate.id}-{day:%Y%m%d}")


def _with_messages(catalogue: Catalogue, mandate: Mandate) -> Dienst | None:
    dienst = catalogue.diensten.get(mandate.code)
    return dienst if dienst is not None and dienst.berichtsoort and dienst.message_form else None


def _message(catalogue: Catalogue, mandate: Mandate, at: datetime, number: int, key: str) -> ServiceMessage:
    dienst = catalogue.diensten[mandate.code]
    day = at.astimezone(AMSTERDAM).date()
    extension = "xbrl" if dienst.message_form == "xbrl" else "xml"
    return ServiceMessage(
        key=key,
        mandate_id=mandate.id,
        number=number,
        berichtsoort=dienst.berichtsoort,
        nummer=mandate.id_vertegenwoordigde,
        type=mandate.type_vertegenwoordigde,
        mime_type="text/xml",
        bestandsnaam=f"{mandate.dienst}_{mandate.id_vertegenwoordigde}_{day:%Y%m%d}.{extension}",
        at=at,
        agency_oin=catalogue.agency_of(dienst).oin,
    )
