"""A fiscal representative from end to end: foreign client, permit, mandate messages, the permit's end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from digipoort_sim.config import Settings
from digipoort_sim.exchange.permit_office import PermitOffice
from digipoort_sim.exchange.rooms import Rooms
from digipoort_sim.exchange.values import Call, Content, Delivery, Door, Identity, Period, Status
from digipoort_sim.register.fiscal.permit_values import EndedBy, PermitApplication, SecurityForm
from digipoort_sim.register.fiscal.values import PermitKind
from digipoort_sim.register.foreign import ForeignApplication, register_foreign
from digipoort_sim.register.messages import MandateMessage, MessageKind, render_mandate_message
from digipoort_sim.server import open_inner
from tests.exchange.office import ANN


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rooms]:
    """Real rooms on a state directory of their own."""
    rooms = open_inner(Settings(state=tmp_path_factory.mktemp("state")))
    yield rooms
    rooms.close()


def ask(rooms: Rooms, dienst: str, client: Identity, via: Door) -> Status:
    """Ask for a mandate by message; gives the last status."""
    message = MandateMessage(MessageKind.OPVOEREN, dienst, client.nummer, client.type, ANN.oin)
    content = Content("text/xml", "m.xml", render_mandate_message(message, "xml"))
    call = Call(ANN, f"urn:uuid:{rooms.ids.uuid()}")
    delivery = Delivery("MachtigingOpvoeren", client, "Intermediair", content, via=via)
    kenmerk = rooms.office.accept(call, delivery).kenmerk
    rooms.scheduler.drain()
    return rooms.office.statussen_proces(call, kenmerk, Period())[-1]


@pytest.mark.parametrize("via", ["wus", "ftp"])
def test_mandates_of_a_foreign_client_follow_the_permit(rooms: Rooms, via: Door) -> None:
    """Refused (510) without permit, without security and after its end, each with its text; else accepted."""
    application = ForeignApplication(f"Muster {via}", "DE", "Weg 1", "Bonn", deed_language="de")
    with rooms.store.begin() as tx:
        finr = register_foreign(tx, application, rooms.ids, rooms.clocks.simulator.now()).finr
    client, office = Identity(finr, "Fi"), PermitOffice(rooms)
    year = rooms.clocks.simulator.now().year
    refused = ask(rooms, f"SBA_OB_{year}", client, via)
    assert told(refused) == ("510", "MR300", rooms.catalogue.outcomes["geen-vergunning"].text)
    permit = office.request(PermitApplication(ANN.oin, PermitKind.GENERAL, (finr,)), Decimal(8000))
    refused = ask(rooms, f"SBA_OB_{year}", client, via)
    assert told(refused) == ("510", "MR310", rooms.catalogue.outcomes["zekerheid-ontbreekt"].text)
    assert "EUR 0.00 of the EUR 8,000.00" in str(refused.statusdetails)
    office.put_up(permit.id, SecurityForm.GUARANTEE, Decimal(8000))
    accepted = ask(rooms, f"SBA_OB_{year}", client, via)
    assert (accepted.statuscode, accepted.statusomschrijving) == ("500", "Toevoegen abonnement gelukt.")
    office.end(permit.id, EndedBy.REPRESENTATIVE)
    refused = ask(rooms, f"SBA_OB_{year - 1}", client, via)
    assert told(refused) == ("510", "MR320", rooms.catalogue.outcomes["vergunning-beeindigd"].text)
    with rooms.store.read() as tx:
        found = rooms.register.mandates(tx, vertegenwoordigde=finr)
    assert [str(row.toestand) for row in found] == ["AFGEKEURD", "AFGEKEURD", "IN_BEHANDELING", "AFGEKEURD"]


def told(status: Status) -> tuple[str, str, str]:
    """Statuscode, foutcode and the first sentence of the foutbeschrijving."""
    fout = status.status_foutcode
    assert fout is not None
    text = fout.foutbeschrijving
    ends = [n for n in range(len(text)) if text[n] == "."]
    return status.statuscode, fout.foutcode, text[: ends[0] + 1]
