"""Every refusal of the mandate register, through every door: as 510 over WUS, as status file, as problem."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pytest

from digipoort_sim.catalogue import Catalogue, load_catalogue
from digipoort_sim.errors import DigipoortSimError
from digipoort_sim.exchange.mandate_office import MandateRefused
from digipoort_sim.exchange.values import Caller, Content, Delivery, Door, Identity
from digipoort_sim.ftp.road.receipts import status_document
from digipoort_sim.ids import SeededIds
from digipoort_sim.register import MandateMessage, MessageKind, PaperForm, State, render_mandate_message
from digipoort_sim.register.fiscal.permit_values import EndedBy, PermitApplication, SecurityForm
from digipoort_sim.register.fiscal.permits import Permits
from digipoort_sim.register.fiscal.values import PermitKind
from digipoort_sim.register.foreign import ForeignApplication, register_foreign
from digipoort_sim.store import Store
from digipoort_sim.web.problems import problem
from tests.exchange.office import ANN, BOB, CLIENT, Office, mandate_delivery, open_office

CATALOGUE = load_catalogue()
REFUSALS = {key: row for key, row in CATALOGUE.outcomes.items() if row.statuscode == "510"}
OPVOEREN, ACTIVEREN, INTREKKEN = MessageKind.OPVOEREN, MessageKind.ACTIVEREN, MessageKind.INTREKKEN
Prepare = Callable[[Office], object]


def nothing(_: Office) -> None:
    """A register in which nothing has happened yet."""


def ask(dienst: str, caller: Caller = ANN, *, days: int = 14) -> Prepare:
    """A mandate was asked for, so many days ago."""

    def prepare(office: Office) -> None:
        office.run(mandate_delivery(OPVOEREN, dienst, caller), caller)
        office.advance(days=days)

    return prepare


def activate(dienst: str) -> Prepare:
    """A mandate is active by its code."""

    def prepare(office: Office) -> None:
        ask(dienst)(office)
        done = office.run(mandate_delivery(ACTIVEREN, dienst, activatie_token=code_of(office, dienst)))
        assert done[-1].statuscode == "500"

    return prepare


def code_of(office: Office, dienst: str) -> str:
    """The activation code in the letter about the mandate for a dienst."""
    with office.post.store.read() as tx:
        letter = next(one for one in office.register.letters(tx) if one.dienst == dienst)
    assert letter.activatie_token is not None
    return letter.activatie_token


def active_by_silence(office: Office) -> None:
    """A continuous mandate has made a mandate that has no code and no letter."""
    activate("DM_IB")(office)
    office.advance(days=300)
    with office.post.store.read() as tx:
        assert office.register.mandates(tx, dienst="VIA_2026")[0].toestand is State.ACTIEF


def locked(office: Office) -> None:
    """Five wrong codes were sent."""
    ask("VIA_2025")(office)
    for _ in range(5):
        office.run(mandate_delivery(ACTIVEREN, "VIA_2025", activatie_token="000-XXX-000"))


def returned(office: Office) -> None:
    """The client sent its letter back."""
    ask("VIA_2025")(office)
    with office.post.store.read() as tx:
        (letter,) = office.register.letters(tx)
    office.post.mandates.return_letter(letter.id)


def foreign_client(office: Office) -> Identity:
    """A foreign business is registered; gives it as a client."""
    application = ForeignApplication("Acme Ltd", "GB", "1 High Street", "London", deed_language="en")
    with office.post.store.begin() as tx:
        party = register_foreign(tx, application, SeededIds("foreign"), office.clock.now())
    return Identity(party.finr, "Fi")


def permit(office: Office, client: str, *, state: str) -> None:
    """The caller's permit for a foreign client: asked for, active, or ended."""
    permits = Permits(CATALOGUE, SeededIds("foreign"))
    now = office.clock.now()
    with office.post.store.begin() as tx:
        wish = PermitApplication(ANN.oin, PermitKind.GENERAL, (client,))
        id_ = permits.request(tx, wish, now).id
        if state != "asked":
            permits.set_amount(tx, id_, Decimal(5000), now)
            permits.put_up(tx, id_, SecurityForm.DEPOSIT, Decimal(5000), now)
        if state == "ended":
            permits.end(tx, id_, EndedBy.INSPECTOR, now)


@dataclass(frozen=True)
class Case:
    """What is asked, after what, and what the refusal must name.

    Attributes:
        mentions: a part of the detail, so that the explanation is about this very case.
        token: the activation code; ``<code>`` is that of the letter.
        id_gemachtigde: instead of the caller's own OIN.
        has_type: whether the message has soortNummer.
        form: ``any`` where the tester turned the validation of contents off.
        foreign: whose permit the foreign client is about; None where the client is not foreign.
    """

    kind: MessageKind
    dienst: str
    mentions: str
    before: Prepare = nothing
    caller: Caller = ANN
    client: Identity = CLIENT
    token: str | None = None
    id_gemachtigde: str = ""
    has_type: bool = True
    form: Literal["mandate", "any"] = "mandate"
    foreign: str | None = None


MESSAGES: dict[str, Case] = {
    "bericht-onleesbaar": Case(OPVOEREN, "\x01", "", form="any"),
    "dienst-onbekend": Case(OPVOEREN, "NIETS_2026", "'NIETS_2026'"),
    "jaar-ontbreekt": Case(OPVOEREN, "VIA", "VIA_<year>"),
    "jaar-niet-toegestaan": Case(OPVOEREN, "VIA_2013", "2014 to 2027"),
    # A number that fails its test is refused at the door already (ALS140), so this one has no soortNummer.
    "nummer-ongeldig": Case(OPVOEREN, "UWV-ZZ-ZW", "not a valid LHnr", has_type=False),
    "nummersoort-onjuist": Case(OPVOEREN, "VIA_2025", "BSN", client=Identity("123456782", "RSIN")),
    "niet-uw-nummer": Case(OPVOEREN, "VIA_2025", ANN.oin, id_gemachtigde=BOB.oin),
    "bestaat-al": Case(OPVOEREN, "VIA_2025", "IN_BEHANDELING", ask("VIA_2025")),
    "bij-een-ander": Case(OPVOEREN, "SBA_IB_2026", "another party", ask("SBA_IB_2026", BOB)),
    "niet-gevonden": Case(INTREKKEN, "VIA_2025", "VIA_2025 for 111222333"),
    "geen-code-nodig": Case(ACTIVEREN, "SBA_IB_2026", "unless", ask("SBA_IB_2026"), token="123-ABC-123"),
    "code-onjuist": Case(ACTIVEREN, "VIA_2025", "tries left", ask("VIA_2025"), token="000-XXX-000"),
    "code-verlopen": Case(ACTIVEREN, "VIA_2025", "request", ask("VIA_2025", days=71), token="123-ABC-123"),
    "nog-geen-brief": Case(ACTIVEREN, "VIA_2025", "letter", ask("VIA_2025", days=1), token="123-ABC-123"),
    "al-actief": Case(ACTIVEREN, "VIA_2026", "active already", active_by_silence, token="123-ABC-123"),
    "code-gebruikt": Case(ACTIVEREN, "VIA_2025", "active already", activate("VIA_2025"), token="<code>"),
    "al-beeindigd": Case(INTREKKEN, "VIA_2025", "VERLOPEN", ask("VIA_2025", days=71)),
    "geblokkeerd": Case(ACTIVEREN, "VIA_2025", "locked", locked, token="<code>"),
    "al-afgewezen": Case(INTREKKEN, "VIA_2025", "AFGEWEZEN", returned),
    "was-afgekeurd": Case(INTREKKEN, "VIA_2013", "AFGEKEURD", ask("VIA_2013")),
    "geen-vergunning": Case(OPVOEREN, "SBA_OB_2026", "no permit", foreign="none"),
    "zekerheid-ontbreekt": Case(OPVOEREN, "SBA_OB_2026", "security", foreign="asked"),
    "vergunning-beeindigd": Case(OPVOEREN, "SBA_OB_2026", "ended on", foreign="ended"),
    "client-niet-in-vergunning": Case(OPVOEREN, "SBA_OB_2026", "others only", foreign="others"),
    "buitenland-alleen-belastingdienst": Case(
        OPVOEREN, "SBT_2026", "Toeslagen", caller=Caller("00000002123456782000", "f" * 64)
    ),
}
"""How each refusal of a mandate message comes about."""

FORMS = {"niet-eenduidig"}
"""Refusals that only the client's form can meet; no message can."""

REGISTRATIONS = {key for key in REFUSALS if key.startswith("buitenland-")} - set(MESSAGES)
"""Refusals of the registration of foreign businesses, which is no message either."""


def test_no_refusal_is_forgotten() -> None:
    """Every row of the catalogue's outcomes with 510 has a case here or is named as no message's."""
    assert set(MESSAGES) | FORMS | REGISTRATIONS == set(REFUSALS)


def test_every_refusal_has_its_own_code_and_words() -> None:
    """Codes are unique, and every refusal has a Dutch and an English text and a provenance."""
    codes = [row.code for row in REFUSALS.values()]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("MR") for code in codes)
    assert all(row.text and row.text_en and row.text != row.text_en for row in REFUSALS.values())
    assert {row.provenance for row in REFUSALS.values()} <= {"recorded", "published", "inferred", "simulator"}


@dataclass(frozen=True)
class Asked:
    """A case in a register of its own, ready to be asked through a door."""

    key: str
    office: Office
    case: Case
    message: MandateMessage
    content: bytes

    def deliver(self, via: Door) -> str:
        """Deliver the message by a door; gives its kenmerk."""
        name = f"Machtiging{self.case.kind.value.capitalize()}"
        client = Identity(self.message.id_vertegenwoordigde, self.message.type_vertegenwoordigde or "BSN")
        delivery = Delivery(
            name, client, "Intermediair", Content("text/xml", "machtiging.xml", self.content), via=via
        )
        if via == "ftp":
            delivery = replace(delivery, door_reference="ftp-1/machtiging.xml")
        kenmerk = self.office.deliver(delivery, self.case.caller).kenmerk
        self.office.scheduler.drain()
        return kenmerk


@pytest.fixture(params=MESSAGES)
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Asked]:
    """The case of a refusal, with everything done that comes before it."""
    case = MESSAGES[request.param]
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    office = open_office(store, catalogue=_catalogue(case))
    case.before(office)
    client = _foreign(office, case.foreign) if case.foreign else case.client
    token = code_of(office, case.dienst) if case.token == "<code>" else case.token
    own = case.id_gemachtigde or case.caller.oin
    type_ = client.type if case.has_type else None
    message = MandateMessage(case.kind, case.dienst, client.nummer, type_, own, token)
    content = b"<a/>" if case.form == "any" else render_mandate_message(message, "xml")
    yield Asked(request.param, office, case, message, content)
    store.close()


def _catalogue(case: Case) -> Catalogue:
    """The catalogue; for what validation stops, one whose tester has turned the validation off."""
    rows = dict(CATALOGUE.berichtsoorten)
    rows["MachtigingOpvoeren"] = replace(rows["MachtigingOpvoeren"], form=case.form)
    return replace(CATALOGUE, berichtsoorten=rows)


def _foreign(office: Office, state: str) -> Identity:
    client = foreign_client(office)
    if state == "others":
        permit(office, "123456782", state="active")
    elif state != "none":
        permit(office, client.nummer, state=state)
    return client


def test_over_wus_and_in_a_file_it_is_510(asked: Asked) -> None:
    """The last status is 510 with code, text and a detail about this case; the status file has the same."""
    row = REFUSALS[asked.key]
    last = asked.office.statuses(asked.deliver("wus"), asked.case.caller)[-1]
    assert last.statuscode == "510", last
    assert last.statusomschrijving == CATALOGUE.statuses["510"].omschrijving
    assert last.status_foutcode is not None
    assert last.status_foutcode.foutcode == row.code
    assert last.status_foutcode.foutbeschrijving.startswith(row.text)
    assert last.statusdetails is not None
    assert asked.case.mentions in last.statusdetails
    kenmerk = asked.deliver("ftp")
    notice = next(one for one in asked.office.post.notices("ftp", 10) if one.kenmerk == kenmerk)
    document = status_document("machtiging.xml", notice.status)
    told = {element.tag.rpartition("}")[2]: element.text or "" for element in document.iter()}
    assert (told["statuscode"], told["foutcode"]) == ("510", row.code)
    assert told["foutbeschrijving"].startswith(row.text)
    assert asked.case.mentions in told["statusdetails"]


def test_at_the_counter_it_is_a_problem_document(asked: Asked) -> None:
    """The control API answers 409 with code, both texts, provenance and what it is about."""
    with pytest.raises(MandateRefused) as refused:
        asked.office.post.mandates.tell(asked.message, asked.case.caller.oin)
    _check_problem(refused.value, asked.key, asked.case.mentions)


def test_a_form_that_fits_two_mandates_is_a_problem_document(tmp_path: Path) -> None:
    """The form's own refusal is told at the counter like the others."""
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    office = open_office(store)
    branch = Caller(f"{ANN.oin[:-1]}1", "c" * 64)
    ask("VIA_2025")(office)
    ask("VIA_2025", branch)(office)
    with pytest.raises(MandateRefused) as refused:
        office.post.mandates.return_form(PaperForm(CLIENT.nummer, "30216247", "VIA_2025"))
    _check_problem(refused.value, "niet-eenduidig", branch.oin)
    store.close()


def test_a_number_that_fails_its_test_is_explained(tmp_path: Path) -> None:
    """At the counter a number that fails the 11-test is refused with the test's name."""
    store = Store.open(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    message = MandateMessage(OPVOEREN, "VIA_2025", "111222334", "BSN", ANN.oin)
    with pytest.raises(MandateRefused) as refused:
        open_office(store).post.mandates.tell(message, ANN.oin)
    _check_problem(refused.value, "nummer-ongeldig", "11-test")
    store.close()


def _check_problem(error: DigipoortSimError, key: str, mentions: str) -> None:
    row = REFUSALS[key]
    reply = problem(error)
    assert (reply.status, reply.media_type) == (409, "application/problem+json")
    told = json.loads(reply.content)
    assert (told["outcome"], told["code"], told["statuscode"]) == (key, row.code, "510")
    assert (told["text"], told["textEn"], told["provenance"]) == (row.text, row.text_en, row.provenance)
    assert mentions in told["detail"]
    assert told["detail"].startswith(row.text_en)
