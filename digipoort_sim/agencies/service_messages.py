"""The service messages that the agencies make for a mandate, by themselves or when asked.

A message is planned first, which costs next to nothing, and its content is made when somebody wants it: of
the many messages of a year that the clock skips, most are never looked at. The content follows from mandate,
number and moment alone, so it is the same whenever and by whomever it is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import takewhile

from digipoort_sim.agencies import figures as f
from digipoort_sim.agencies.assessments import TAX_MAKERS
from digipoort_sim.agencies.benefits import BENEFIT_MAKERS
from digipoort_sim.agencies.documents import xbrl_instance, xml_document
from digipoort_sim.agencies.figures import ON_DEMAND, Part, Subject
from digipoort_sim.agencies.paper import pdf_document
from digipoort_sim.agencies.schedule import is_on_request, moments, version_at, version_day
from digipoort_sim.agencies.values import ServiceMessage
from digipoort_sim.catalogue import Catalogue, Dienst
from digipoort_sim.clock import AMSTERDAM
from digipoort_sim.errors import ConflictError, TechnicalError
from digipoort_sim.register import Mandate

_MAKERS = {**TAX_MAKERS, **BENEFIT_MAKERS}
_EXTENSIONS = {"xbrl": "xbrl", "xml": "xml", "pdf": "pdf"}
_MIME_TYPES = {"xbrl": "text/xml", "xml": "text/xml", "pdf": "application/pdf"}


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
        _message(catalogue, mandate, moment, number)
        for moment, number in planned(catalogue, mandate, since, now)
    ]


def next_moment(catalogue: Catalogue, mandate: Mandate, after: datetime) -> datetime | None:
    """When the next message after that moment is made; None if there is no more to come."""
    dienst = _with_messages(catalogue, mandate)
    if dienst is None:
        return None
    return next((moment for _, moment in moments(mandate, dienst) if moment > after), None)


def requested_message(catalogue: Catalogue, mandate: Mandate, now: datetime) -> ServiceMessage | None:
    """A message made because its receiver asks for it: the present version of the VIA, once there is one."""
    dienst = _with_messages(catalogue, mandate)
    version = None if dienst is None else version_at(mandate, dienst, now)
    return None if version is None else _message(catalogue, mandate, now, version)


def demanded_message(catalogue: Catalogue, mandate: Mandate, now: datetime, before: int) -> ServiceMessage:
    """A message made because a tester asks for it.

    Args:
        before: how many there are that were made so.

    Raises:
        ConflictError: the service has no messages of its own, or the VIA is not there yet.
    """
    dienst = _with_messages(catalogue, mandate)
    if dienst is None:
        raise ConflictError(f"{mandate.dienst} has no service messages of its own", rule="SERVICE-MESSAGE")
    if not is_on_request(dienst):
        return _message(catalogue, mandate, now, ON_DEMAND + before)
    version = version_at(mandate, dienst, now)
    if version is None:
        raise ConflictError(
            f"{mandate.dienst} is there from 1 March after its year, by the simulator's clock",
            rule="SERVICE-MESSAGE",
        )
    return _message(catalogue, mandate, now, version)


def content(catalogue: Catalogue, mandate: Mandate, number: int, at: datetime) -> bytes:
    """The content of a message that was planned.

    Raises:
        TechnicalError: the catalogue has no messages for that service (any more).
    """
    dienst = _with_messages(catalogue, mandate)
    if dienst is None:
        raise TechnicalError(f"{mandate.dienst} has no service messages", rule="SERVICE-MESSAGE")
    subject = Subject(mandate, number, _day(mandate, dienst, number, at))
    parts = list(_MAKERS.get(dienst.code, _notice)(subject))
    if dienst.message_form == "xbrl":
        return xbrl_instance(subject, dienst, parts)
    agency = catalogue.agency_of(dienst)
    make = pdf_document if dienst.message_form == "pdf" else xml_document
    return make(subject, dienst, agency, parts)


def _notice(subject: Subject) -> Iterable[Part]:
    """The facts of a service that somebody added to the catalogue."""
    yield f.text("NoticeNumber", "berichtnummer", f"{subject.client[:9]}N{subject.sequence:02d}")
    yield f.day("NoticeDate", "dagtekening", subject.day)
    yield f.amount("Amount", "bedrag", 100 + subject.chance(str(subject.number)).below(10_000))


def _with_messages(catalogue: Catalogue, mandate: Mandate) -> Dienst | None:
    dienst = catalogue.diensten.get(mandate.code)
    return dienst if dienst is not None and dienst.berichtsoort else None


def _day(mandate: Mandate, dienst: Dienst, number: int, at: datetime) -> date:
    """The date on a message: that of its version, or of its moment."""
    return version_day(mandate, number) if is_on_request(dienst) else at.astimezone(AMSTERDAM).date()


def _message(catalogue: Catalogue, mandate: Mandate, at: datetime, number: int) -> ServiceMessage:
    dienst = catalogue.diensten[mandate.code]
    day, form = _day(mandate, dienst, number, at), dienst.message_form
    name = f"{mandate.dienst}_{mandate.id_vertegenwoordigde}_{day:%Y%m%d}"
    if number >= ON_DEMAND:
        name += f"_{number - ON_DEMAND + 1}"
    return ServiceMessage(
        key=f"{mandate.id}-{number}",
        mandate_id=mandate.id,
        number=number,
        gemachtigde_oin=mandate.gemachtigde_oin,
        berichtsoort=dienst.berichtsoort,
        nummer=mandate.id_vertegenwoordigde,
        type=mandate.type_vertegenwoordigde,
        mime_type=_MIME_TYPES[form],
        bestandsnaam=f"{name}.{_EXTENSIONS[form]}",
        at=at,
        agency_oin=catalogue.agency_of(dienst).oin,
        replaces=is_on_request(dienst),
    )
