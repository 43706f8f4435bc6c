"""Foreign businesses and flows at the post office: what ends in a fault, what in 220, what only warns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import ExchangeSettings, Settings
from digipoort_sim.errors import BerichtsoortRefusal, PermissionRefusal
from digipoort_sim.exchange.values import Caller, Content, Delivery, Identity
from digipoort_sim.ids import SeededIds
from digipoort_sim.register.foreign import ForeignApplication, register_foreign
from digipoort_sim.store import Store
from tests.exchange.office import ANN, OB, Office, any_delivery, open_office

XML = Content("text/xml", "a.xml", b"<a/>")
MELDING = Delivery("UWV-ZZ-melding", Identity("000000000L01", "LHnr"), "Bedrijf", XML)
GIR = Delivery("GIR", Identity("123456782", "RSIN"), "Bedrijf", XML)
FOREIGN = (Caller("00000002823164757000", "c" * 64), Caller("00000008823164757000", "d" * 64))
ACME = ForeignApplication("ACME GmbH", "DE", "Teststrasse 1", "Berlin", deed_language="de")


@pytest.fixture
def telling_by_status(database_url: str) -> Iterator[Office]:
    """A post office that tells foreign businesses by status what is not open to them."""
    settings = Settings(state=Path("/nowhere"), exchange=ExchangeSettings(foreign_sender="status"))
    store = Store.open(database_url)
    yield open_office(store, settings=settings)
    store.close()


def rules(office: Office) -> list[str]:
    """The rules in the events, newest first."""
    return [record.event.rule for record in office.post.events() if record.event.rule]


@pytest.mark.parametrize("caller", FOREIGN)
def test_a_foreign_sender_is_told_by_a_fault(office: Office, caller: Caller) -> None:
    """Other agencies' flows and the GIR are refused before anything is kept (ALS130), with the reason."""
    with pytest.raises(PermissionRefusal, match=r"tax administration only.*UWV") as uwv:
        office.deliver(MELDING, caller)
    with pytest.raises(PermissionRefusal, match="not based in the Netherlands") as gir:
        office.deliver(GIR, caller)
    assert (uwv.value.rule, gir.value.rule) == ("FOREIGN-ROUTE", "FOREIGN-DOMESTIC-ONLY")
    assert (uwv.value.number, gir.value.number) == ("130", "130")
    assert office.post.messages() == []


@pytest.mark.parametrize("caller", FOREIGN)
def test_or_by_a_status_if_the_setting_says_so(telling_by_status: Office, caller: Caller) -> None:
    """With foreign_sender = status the same end in 220 with AUS110, after 200, and leave an event."""
    for delivery, reason in (
        (MELDING, "alleen berichten uit met de Belastingdienst"),
        (GIR, "groepsentiteiten"),
    ):
        kenmerk = telling_by_status.deliver(delivery, caller).kenmerk
        telling_by_status.scheduler.drain()
        statuses = telling_by_status.statuses(kenmerk, caller)
        assert [status.statuscode for status in statuses] == ["105", "100", "110", "200", "220"]
        fout = statuses[-1].status_foutcode
        assert fout is not None
        assert fout.foutcode == "AUS110"
        assert reason in fout.foutbeschrijving
    assert rules(telling_by_status)[:2] == ["FOREIGN-DOMESTIC-ONLY", "FOREIGN-ROUTE"]


def test_a_dutch_sender_is_not_meant(office: Office) -> None:
    """A party in the Netherlands delivers to UWV and submits a GIR about a Dutch entity."""
    assert office.run(MELDING)[-1].statuscode == "500"
    assert office.run(GIR)[-1].statuscode == "500"


def test_nobody_submits_a_gir_about_a_foreign_entity(office: Office) -> None:
    """About an FInr of the foreign route, or a foreign OIN, a GIR ends in 220; other messages do not."""
    with office.post.store.begin() as tx:
        finr = register_foreign(tx, ACME, SeededIds(1), office.clock.now()).finr
    identities = (
        Identity(finr, "RSIN"),
        Identity(finr, "fi"),
        Identity(f"00000002{finr}000", "OIN"),
        Identity("00000008823164757000", "oin"),
    )
    for identity in identities:
        last = office.run(replace(GIR, identiteit_belanghebbende=identity))[-1]
        assert last.statuscode == "220", identity
        assert last.status_foutcode is not None
        assert identity.nummer in last.status_foutcode.foutbeschrijving
    assert set(rules(office)) == {"FOREIGN-DOMESTIC-ONLY"}
    other = replace(GIR, berichtsoort="DAC7", identiteit_belanghebbende=Identity(finr, "RSIN"))
    assert office.run(other)[-1].statuscode == "400"


def test_which_agency_is_open_is_the_catalogues_business(database_url: str, tmp_path: Path) -> None:
    """Whoever knows better opens an agency, or takes a prefix from the foreign ones, in TOML."""
    (tmp_path / "agencies.toml").write_text("[uwv]\nopen_to_foreign = true\n")
    (tmp_path / "oin_registers.toml").write_text("[00000008]\nforeign = false\n")
    store = Store.open(database_url)
    office = open_office(store, catalogue=load_catalogue(tmp_path))
    office.deliver(MELDING, FOREIGN[0])
    office.deliver(GIR, FOREIGN[1])
    with pytest.raises(PermissionRefusal):
        office.deliver(GIR, FOREIGN[0])
    store.close()


@pytest.mark.parametrize(("berichtsoort", "via"), [("PSP-CESOP", "wus"), ("CIOT", "wus"), ("DAC7", "ftp")])
def test_what_goes_by_another_interface_is_refused(office: Office, berichtsoort: str, via: str) -> None:
    """A flow whose interface is published is taken by that one only."""
    delivery = Delivery(berichtsoort, Identity(ANN.oin, "OIN"), "Bedrijf", XML, via=via)  # type: ignore[arg-type]
    with pytest.raises(BerichtsoortRefusal, match="cannot be delivered by") as caught:
        office.deliver(delivery)
    assert caught.value.rule == "BERICHTSOORT-INTERFACE"
    other = "ftp" if via == "wus" else "wus"
    last = office.run(replace(delivery, via=other))[-1]  # type: ignore[arg-type]
    assert last.statuscode == ("400" if berichtsoort == "DAC7" else "500")


def test_what_may_be_another_interface_warns(office: Office) -> None:
    """Where the table is only inferred the message is taken, and an event says that it is unusual."""
    tax = Delivery("Omzetbelasting", OB, "Bedrijf", XML)
    office.run(replace(tax, via="ftp"))
    (event,) = [one.event for one in office.post.events() if one.event.kind == "unusual-interface"]
    assert event.rule == "FLOW-INTERFACE"
    assert "WUS 1.2" in event.detail
    assert event.kenmerk
    office.run(tax)
    office.run(any_delivery())
    kinds = [one.event.kind for one in office.post.events()]
    assert kinds.count("unusual-interface") == 1
