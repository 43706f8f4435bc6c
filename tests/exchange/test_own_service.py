"""Service messages of a user's own service: a line in diensten.toml is all that they need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.exchange.service_desk import OwnMessage
from digipoort_sim.exchange.values import Content
from digipoort_sim.register.messages import MessageKind
from digipoort_sim.resources import schemas
from digipoort_sim.store import Store
from tests.exchange.office import ALWAYS, ANN, CLIENT, Office, mandate_delivery, open_office

OWN = """
[SBX]
name = "Serviceberichten proef"
agency = "belastingdienst"
term = "year"
consent = "opt-out"
client_types = ["BSN"]
provenance = "simulator"
years_back = 1
berichtsoort = "SBX"
"""


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A post office with one service more, whose line names no form."""
    (tmp_path / "diensten.toml").write_text(OWN)
    store = Store.open(database_url)
    yield open_office(store, catalogue=load_catalogue(tmp_path))
    store.close()


def test_its_messages_are_made_put_in_and_fetched(office: Office) -> None:
    """By time and on demand they come as XML of our schema; a tester's own one comes beside them."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, "SBX_2026"), ANN)
    with office.post.store.read() as tx:
        mandate = office.register.mandates(tx, gemachtigde=ANN.oin)[-1].id
    office.advance(days=41)
    made = office.post.service_messages.make(mandate)
    content = Content("text/xml", "eigen.xml", b"<eigen/>")
    own = office.post.service_messages.put(
        OwnMessage(berichtsoort="SBX", nummer=CLIENT.nummer, content=content, jaar=2026)
    )
    found = office.post.berichten(office.call(ANN), "SBX", CLIENT, ALWAYS, nieuw=False)
    by_kenmerk = {message.kenmerk: message.inhoud for message in found}
    assert len(by_kenmerk) == 3
    assert by_kenmerk.pop(own.kenmerk) == content
    assert made.kenmerk in by_kenmerk
    form = etree.XMLSchema(file=str(schemas() / "servicebericht" / "servicebericht.xsd"))
    for one in by_kenmerk.values():
        form.assertValid(etree.fromstring(one.inhoud))
