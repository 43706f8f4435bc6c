"""What happens when a term of the register falls due."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from digipoort_sim.catalogue import Catalogue
from digipoort_sim.config import RegisterSettings
from digipoort_sim.ids import IdSource
from digipoort_sim.register.activation import activate
from digipoort_sim.register.codes import new_code
from digipoort_sim.register.records import Change, add_letter, change_mandate
from digipoort_sim.register.states import Event, State
from digipoort_sim.register.terms import active_by_silence_at, code_valid_until, letter_at
from digipoort_sim.register.values import NOTHING, Consequences, Due, Letter, Mandate

_CODE_EXPIRED = "De activatiecode is niet op tijd gebruikt."
_YEAR_ENDED = "De termijn na het jaar is voorbij."


def take_up(tx: Connection, mandate: Mandate, at: datetime, settings: RegisterSettings) -> Consequences:
    """A queued request is taken up; its letter follows."""
    if mandate.toestand is not State.WACHTRIJ:
        return NOTHING
    change_mandate(tx, mandate, Change(Event.TAKEN_UP, at))
    return Consequences((Due(letter_at(at, settings), "letter", mandate.id),))


def send_letter(
    tx: Connection,
    catalogue: Catalogue,
    settings: RegisterSettings,
    ids: IdSource,
    mandate: Mandate,
    at: datetime,
) -> Consequences:
    """The letter goes out, with a code or with the date on which silence is consent."""
    if mandate.toestand is not State.IN_BEHANDELING or mandate.brief is not None:
        return NOTHING
    mandate = change_mandate(tx, mandate, Change(Event.LETTER_SENT, at))
    if catalogue.diensten[mandate.code].consent == "opt-out":
        active_at = active_by_silence_at(at, settings)
        add_letter(tx, _letter(ids, mandate, at, ingangsdatum=active_at))
        return Consequences((Due(active_at, "opt-out-ends", mandate.id),))
    until = code_valid_until(at, mandate.in_behandeling or at, settings)
    add_letter(tx, _letter(ids, mandate, at, activatie_token=new_code(ids), geldig_tot=until))
    return Consequences((Due(max(at, until), "code-expires", mandate.id),))


def expire_code(tx: Connection, mandate: Mandate, at: datetime) -> Consequences:
    """A claim that was not activated in time expires."""
    if mandate.toestand is State.IN_BEHANDELING:
        change_mandate(
            tx, mandate, Change(Event.CODE_EXPIRED, at, "register", _CODE_EXPIRED, "code-verlopen")
        )
    return NOTHING


def end_opt_out(
    tx: Connection, catalogue: Catalogue, settings: RegisterSettings, mandate: Mandate, at: datetime
) -> Consequences:
    """Nobody refused: the registration is active."""
    if mandate.toestand is not State.IN_BEHANDELING:
        return NOTHING
    active, dues = activate(tx, catalogue, mandate, Event.ACTIVE_BY_SILENCE, at, settings)
    return Consequences(dues, (active.id,))


def end_year(tx: Connection, mandate: Mandate, at: datetime) -> Consequences:
    """The years after the mandate's own year are over."""
    if mandate.toestand is State.ACTIEF:
        change_mandate(tx, mandate, Change(Event.YEAR_ENDED, at, "register", _YEAR_ENDED, "jaar-voorbij"))
    return NOTHING


def _letter(
    ids: IdSource,
    mandate: Mandate,
    at: datetime,
    *,
    activatie_token: str | None = None,
    geldig_tot: datetime | None = None,
    ingangsdatum: datetime | None = None,
) -> Letter:
    return Letter(
        id=ids.uuid(),
        mandate_id=mandate.id,
        dienst=mandate.dienst,
        code=mandate.code,
        jaar=mandate.jaar,
        id_vertegenwoordigde=mandate.id_vertegenwoordigde,
        type_vertegenwoordigde=mandate.type_vertegenwoordigde,
        id_gemachtigde=mandate.id_gemachtigde,
        gemachtigde_oin=mandate.gemachtigde_oin,
        datum=at,
        activatie_token=activatie_token,
        geldig_tot=geldig_tot,
        ingangsdatum=ingangsdatum,
        herkomst=mandate.herkomst,
    )
