"""The request (opvoeren): a new registration, or a refused one that stays on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import RegisterSettings
from digipoort_sim.ids import IdSource
from digipoort_sim.register.fiscal.representation import check_representation
from digipoort_sim.register.foreign import check_foreign_sender, is_foreign_client, may_be_finr
from digipoort_sim.register.letter_queue import Place, take_place
from digipoort_sim.register.messages import MandateMessage
from digipoort_sim.register.outlook import LOCKED, is_locked
from digipoort_sim.register.queries import holder_of, open_mandate
from digipoort_sim.register.records import Change, add_mandate, exclusive_key, open_key
from digipoort_sim.register.rules import (
    UNKNOWN_TYPE,
    Refused,
    Service,
    check_own_number,
    check_year,
    client_type,
    exact_service,
    tidy_number,
)
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.terms import local_day
from digipoort_sim.register.values import Mandate, Outcome


@dataclass(frozen=True, slots=True)
class Request:
    """A request that passed the rules and may be registered, if nobody was before it.

    Attributes:
        is_type_given: whether the message named the type of the client's number; else it was derived.
    """

    service: Service
    client: str
    client_type: str
    id_gemachtigde: str
    gemachtigde_oin: str
    now: datetime
    is_type_given: bool

    @property
    def open_key(self) -> str:
        """What only one registration at a time can have."""
        return open_key(self.service.full_code, self.client, self.gemachtigde_oin)

    @property
    def exclusive_key(self) -> str | None:
        """What keeps other parties out; None if nothing does."""
        return exclusive_key(self.service, self.client)


def checked_request(catalogue: Catalogue, message: MandateMessage, sender: str, now: datetime) -> Request:
    """The request in a message, once every rule that needs no look into the register is kept.

    Raises:
        Refused: one of them is not.
    """
    check_own_number(message.id_gemachtigde, sender)
    service = exact_service(catalogue, message.dienst)
    check_foreign_sender(catalogue, service.dienst, sender)
    check_year(service, now)
    client = tidy_number(message.id_vertegenwoordigde)
    type_ = client_type(service.dienst, client, message.type_vertegenwoordigde)
    is_given = message.type_vertegenwoordigde is not None
    return Request(service, client, type_, message.id_gemachtigde, sender, now, is_given)


def register_request(tx: Connection, request: Request, settings: RegisterSettings, ids: IdSource) -> Outcome:
    """Register a request: to be taken up now, or queued.

    Raises:
        Refused: a rule that needs a look into the register is not kept.
    """
    request = _with_foreign_type(tx, request)
    _check_in_register(tx, request, settings)
    try:
        with tx.begin_nested():
            place = take_place(tx, request.now, settings)
            mandate = _add(tx, request, place, ids)
    except IntegrityError:
        # Somebody else registered it between our look and our insert.
        _check_free(tx, request, settings)
        raise Refused("bestaat-al", "The same request came in at the same moment.") from None
    due = place.due(mandate.id, settings)
    key = "claim-opgevoerd" if request.service.dienst.consent == "code" else "abonnement-toegevoegd"
    detail = f"{mandate.dienst} is registered for {mandate.id_vertegenwoordigde}: {mandate.toestand}."
    return Outcome(key, detail, mandate.id, (due,))


def record_refusal(
    tx: Connection,
    catalogue: Catalogue,
    ids: IdSource,
    message: MandateMessage,
    sender: str,
    now: datetime,
    refused: Refused,
) -> str:
    """Keep a refused request on record as AFGEKEURD, with its reason, and say under which id."""
    service = _service_or_none(catalogue, message.dienst)
    mandate = Mandate(
        id=ids.uuid(),
        dienst=message.dienst,
        code=service.dienst.code if service else message.dienst,
        jaar=service.jaar if service else None,
        id_vertegenwoordigde=tidy_number(message.id_vertegenwoordigde),
        type_vertegenwoordigde=message.type_vertegenwoordigde or UNKNOWN_TYPE,
        id_gemachtigde=message.id_gemachtigde,
        gemachtigde_oin=sender,
        toestand=State.ONTVANGEN,
        ontvangen=now,
    )
    reason = catalogue.outcomes[refused.key].text
    received = Change(Event.RECEIVED, now, "gemachtigde")
    rejected = Change(Event.REJECTED, now, "register", reason, refused.key)
    return add_mandate(tx, mandate, (received, rejected), (None, None)).id


def _with_foreign_type(tx: Connection, request: Request) -> Request:
    """The request with type Fi where nine digits without a type are the FInr of a foreign business.

    By their form alone they would be a BSN, and the business a private person that needs no permit.
    """
    if request.is_type_given or "Fi" not in request.service.dienst.client_types:
        return request
    if not (may_be_finr(request.client) and is_foreign_client(tx, request.client, "Fi")):
        return request
    return replace(request, client_type="Fi")


def _check_in_register(tx: Connection, request: Request, settings: RegisterSettings) -> None:
    """The rules that need a look into the register, in the order in which they are told.

    Raises:
        Refused: one of them is not kept.
    """
    if settings.fiscal_check:
        check_representation(tx, request.gemachtigde_oin, request.client, request.client_type)
    _check_free(tx, request, settings)


def _check_free(tx: Connection, request: Request, settings: RegisterSettings) -> None:
    mine = open_mandate(tx, request.open_key)
    if mine is not None:
        since = local_day(mine.ontvangen)
        detail = f"{mine.dienst} for {mine.id_vertegenwoordigde} was asked for on {since}: {mine.toestand}."
        raise Refused("bestaat-al", f"{detail} {LOCKED.en}" if is_locked(settings, mine) else detail)
    key = request.exclusive_key
    if key is not None and holder_of(tx, key) is not None:
        detail = f"{request.service.full_code} for {request.client} is open or active for another party."
        raise Refused("bij-een-ander", detail)


def _add(tx: Connection, request: Request, place: Place, ids: IdSource) -> Mandate:
    mandate = Mandate(
        id=ids.uuid(),
        dienst=request.service.full_code,
        code=request.service.dienst.code,
        jaar=request.service.jaar,
        id_vertegenwoordigde=request.client,
        type_vertegenwoordigde=request.client_type,
        id_gemachtigde=request.id_gemachtigde,
        gemachtigde_oin=request.gemachtigde_oin,
        toestand=State.ONTVANGEN,
        ontvangen=request.now,
    )
    changes = (Change(Event.RECEIVED, request.now, "gemachtigde"), Change(place.event, request.now))
    return add_mandate(tx, mandate, changes, (request.open_key, request.exclusive_key))


def _service_or_none(catalogue: Catalogue, dienst: str) -> Service | None:
    try:
        return exact_service(catalogue, dienst)
    except Refused:
        return None
