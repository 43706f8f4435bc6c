"""The service messages that the agencies make for a mandate, by themselves or when asked."""

from __future__ import annotations

from datetime import datetime

from digipoort_sim.agencies.documents import xbrl_instance, xml_document
from digipoort_sim.agencies.figures import figures
from digipoort_sim.agencies.schedule import moments, requested_moment
from digipoort_sim.agencies.values import ServiceMessage
from digipoort_sim.catalogue import Catalogue, Dienst
from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.register import Mandate


def scheduled_messages(
    catalogue: Catalogue, mandate: Mandate, since: datetime | None, now: datetime
) -> list[ServiceMessage]:
    """The messages made after `since` up to and including `now`; from the request on without `since`."""
    dienst = _with_messages(catalogue, mandate)
    if dienst is None:
        return []
    made = []
    for number, moment in moments(mandate, dienst):
        if moment > now:
            break
        if since is None or moment > since:
            made.append(_message(catalogue, mandate, dienst, moment, number, f"{mandate.id}-{number}"))
    return made


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
    return _message(catalogue, mandate, dienst, at, 0, f"{mandate.id}-{day:%Y%m%d}")


def _with_messages(catalogue: Catalogue, mandate: Mandate) -> Dienst | None:
    dienst = catalogue.diensten.get(mandate.code)
    return dienst if dienst is not None and dienst.berichtsoort and dienst.message_form else None


def _message(
    catalogue: Catalogue, mandate: Mandate, dienst: Dienst, at: datetime, number: int, key: str
) -> ServiceMessage:
    day = at.astimezone(AMSTERDAM).date()
    agency = catalogue.agency_of(dienst)
    facts = figures(mandate, dienst, day, number)
    if dienst.message_form == "xbrl":
        extension, content = "xbrl", xbrl_instance(mandate, dienst, day, facts)
    else:
        extension, content = "xml", xml_document(mandate, dienst, agency, day, facts)
    return ServiceMessage(
        key=key,
        mandate_id=mandate.id,
        berichtsoort=dienst.berichtsoort,
        nummer=mandate.id_vertegenwoordigde,
        type=mandate.type_vertegenwoordigde,
        mime_type="text/xml",
        bestandsnaam=f"{mandate.dienst}_{mandate.id_vertegenwoordigde}_{day:%Y%m%d}.{extension}",
        at=at,
        agency_oin=agency.oin,
        inhoud=content,
    )
