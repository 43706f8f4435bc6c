"""What the register asks of a message before it changes anything: service, year, numbers, sender."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime

from digipoort_sim.catalogue import Catalogue, Dienst
from digipoort_sim.errors import AuthenticationRefusal, IdentityRefusal, SpecificationRefusal
from digipoort_sim.pki.numbers import canonical_type, check_identity, derive_type, is_number
from digipoort_sim.pki.oin import Oin
from digipoort_sim.register.messages import MandateMessage
from digipoort_sim.register.states import State
from digipoort_sim.register.terms import local_day, local_year
from digipoort_sim.register.values import Mandate

UNKNOWN_TYPE = "onbekend"
_WITH_YEAR = re.compile(r"(?P<code>.+)_(?P<year>[0-9]{4})", re.ASCII)
_CORE_KINDS = ("KvK", "RSIN", "Fi")
_ONE_NUMBER = frozenset({"RSIN", "FI", "BTW"})
_MAXIMUM_FIELD = 500
_ENDED_ALREADY = {
    State.AFGEKEURD: "was-afgekeurd",
    State.AFGEWEZEN: "al-afgewezen",
    State.INGETROKKEN: "al-beeindigd",
    State.VERLOPEN: "al-beeindigd",
}


class Refused(Exception):
    """The register refuses; it becomes an `Outcome` and never leaves the room.

    Args:
        key: key of the catalogue's outcomes.
        detail: English sentence that names the field and what to do.
    """

    def __init__(self, key: str, detail: str, mandate_id: str | None = None) -> None:
        super().__init__(detail)
        self.key = key
        self.detail = detail
        self.mandate_id = mandate_id


@dataclass(frozen=True, slots=True)
class Service:
    """A dienst as it was asked for: its line in the catalogue and the year, if one was named."""

    dienst: Dienst
    jaar: int | None

    @property
    def full_code(self) -> str:
        """The code with its year, as messages and letters have it."""
        return self.dienst.code if self.jaar is None else f"{self.dienst.code}_{self.jaar}"


def check_storable(message: MandateMessage) -> None:
    """Refuse text that no table should hold; content that was validated never has it.

    Raises:
        SpecificationRefusal: a field is longer than 500 characters or has control characters.
    """
    for field in fields(message):
        value = getattr(message, field.name)
        if isinstance(value, str) and (len(value) > _MAXIMUM_FIELD or not _is_clean(value)):
            raise SpecificationRefusal(
                f"{field.name} is longer than {_MAXIMUM_FIELD} characters or has control characters.",
                rule="MACHTIGING-VELDEN",
            )


def _is_clean(value: str) -> bool:
    return all(c.isprintable() or c in "\n\r\t" for c in value)


def tidy_number(number: str) -> str:
    """A number in the form in which the register keeps and compares it."""
    return "".join(number.split()).upper()


def split_dienst(catalogue: Catalogue, text: str) -> Service:
    """The service and year that a dienst code names; whether the year fits is not looked at.

    Raises:
        Refused: dienst-onbekend.
    """
    if text in catalogue.diensten:
        return Service(catalogue.diensten[text], None)
    match = _WITH_YEAR.fullmatch(text)
    if match is None or match["code"] not in catalogue.diensten:
        raise Refused("dienst-onbekend", f"dienst {text[:40]!r} is not in the catalogue of services.")
    return Service(catalogue.diensten[match["code"]], int(match["year"]))


def exact_service(catalogue: Catalogue, text: str) -> Service:
    """The service that a dienst code names, with a year if and only if it is bound to years.

    Raises:
        Refused: dienst-onbekend, jaar-ontbreekt, jaar-niet-toegestaan.
    """
    service = split_dienst(catalogue, text)
    code = service.dienst.code
    if service.dienst.term == "year" and service.jaar is None:
        raise Refused("jaar-ontbreekt", f"{code} is registered per year: write {code}_<year>.")
    if service.dienst.term != "year" and service.jaar is not None:
        raise Refused("jaar-niet-toegestaan", f"{code} is not bound to a year: write {code}.")
    return service


def check_year(service: Service, now: datetime) -> None:
    """Whether that year can be asked for now.

    Raises:
        Refused: jaar-niet-toegestaan.
    """
    if service.jaar is None:
        return
    present = local_year(now)
    first = service.dienst.first_year or present - service.dienst.years_back
    last = present + service.dienst.years_ahead
    if not first <= service.jaar <= last:
        raise Refused(
            "jaar-niet-toegestaan",
            f"{service.dienst.code} can be asked for the years {first} to {last}, not for {service.jaar}.",
        )


def check_own_number(id_gemachtigde: str, sender_oin: str) -> None:
    """Whether idGemachtigde is the sender's own: its OIN, or the KvK, RSIN or Fi number in it (i).

    Raises:
        Refused: niet-uw-nummer.
    """
    if not is_number_of(id_gemachtigde, sender_oin):
        raise Refused(
            "niet-uw-nummer",
            f"idGemachtigde {id_gemachtigde[:40]!r} is not the OIN {sender_oin} of the sender's certificate "
            "or the number in it.",
        )


def is_number_of(number: str, party_oin: str) -> bool:
    """Whether a number names the party with this OIN: the OIN itself, or the KvK, RSIN or Fi number in it."""
    return tidy_number(number) in _own_numbers(party_oin)


def _own_numbers(party_oin: str) -> tuple[str, ...]:
    try:
        oin = Oin.parse(party_oin)
    except AuthenticationRefusal:
        return (party_oin.upper(),)
    return (oin.value.upper(), *((oin.core,) if oin.kind in _CORE_KINDS else ()))


def ended_already(mandate: Mandate) -> Refused:
    """Why nothing can be done with a registration that has ended: al-beeindigd (revoked or expired),
    al-afgewezen (the client refused), was-afgekeurd (the register refused the request).
    """
    when = f" since {local_day(mandate.geeindigd)}" if mandate.geeindigd else ""
    detail = f"{mandate.dienst} for {mandate.id_vertegenwoordigde} is {mandate.toestand}{when}."
    return Refused(_ENDED_ALREADY[mandate.toestand], detail, mandate.id)


def client_type(dienst: Dienst, number: str, given: str | None) -> str:
    """The type of the client's number, given or derived, once it is good for this service.

    A number whose form leaves several types open gets the first type of the service under which it
    is valid.

    Args:
        number: in the form of `tidy_number`.

    Raises:
        Refused: nummersoort-onjuist, nummer-ongeldig.
    """
    if given is None:
        return _derived_type(dienst, number)
    wanted = _canonical(given)
    if wanted == "BTW" and "Fi" in dienst.client_types:
        wanted = "Fi"
    if wanted not in dienst.client_types:
        raise _wrong_type(dienst, given)
    try:
        check_identity(number, wanted)
    except IdentityRefusal as refusal:
        raise Refused("nummer-ongeldig", f"idVertegenwoordigde: {refusal.detail}.") from None
    return wanted


def _canonical(given: str) -> str:
    try:
        return canonical_type(given)
    except IdentityRefusal as refusal:
        raise Refused("nummersoort-onjuist", f"soortNummer: {refusal.detail}.") from None


def _derived_type(dienst: Dienst, number: str) -> str:
    for candidate in dienst.client_types:
        if is_number(candidate, number):
            return candidate
    derived = derive_type(number)
    if derived is not None and derived not in dienst.client_types:
        raise _wrong_guess(dienst, number, derived)
    raise Refused(
        "nummer-ongeldig",
        f"idVertegenwoordigde {number[:40]!r} is not a valid {' or '.join(dienst.client_types)}.",
    )


def _wrong_type(dienst: Dienst, found: str, more: str = "") -> Refused:
    who = f": {dienst.clients}" if dienst.clients else ""
    return Refused(
        "nummersoort-onjuist",
        f"{dienst.code} is registered on {' or '.join(dienst.client_types)}, not on {found[:40]}{who}.{more}",
    )


def _wrong_guess(dienst: Dienst, number: str, guessed: str) -> Refused:
    said = f" That {number} is a {guessed} number was guessed from its form; if it is another, give its type"
    return _wrong_type(
        dienst, guessed, f"{said} (soortNummer in a message, typeVertegenwoordigde in the API, --type)."
    )


def same_kind_of_number(one: str, other: str) -> bool:
    """Whether two types name the same kind of number; RSIN, Fi and BTW do, of one organisation."""
    left, right = one.strip().upper(), other.strip().upper()
    return left == right or {left, right} <= _ONE_NUMBER
