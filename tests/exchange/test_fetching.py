"""Messages that parties fetch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digipoort_sim.exchange.values import Bericht, Identity
from digipoort_sim.register.messages import MessageKind
from tests.exchange.office import ALWAYS, ANN, BOB, CLIENT, Office, mandate_delivery


def fetch(office: Office, berichtsoort: str | None, *, nieuw: bool = False) -> list[Bericht]:
    """Fetch messages about the client."""
    return office.post.berichten(office.call(), berichtsoort, CLIENT, ALWAYS, nieuw=nieuw)


@pytest.fixture
def sba(office: Office) -> Office:
    """An office with an SBA mandate that became active by silence."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, "SBA_IB_2026"))
    assert fetch(office, "SBA_IB") == []
    office.advance(days=39)
    assert fetch(office, "SBA_IB") == []
    office.advance(days=21)
    return office


def test_an_active_mandate_opens_the_messages_of_the_reaction_term(sba: Office) -> None:
    """What the agency made since the request, before the mandate was active too, can be fetched from
    activation on, and an event tells of it.
    """
    messages = fetch(sba, "SBA_IB")
    assert messages
    assert messages[0].identiteit_belanghebbende == CLIENT
    with sba.post.store.read() as tx:
        (mandate,) = sba.register.mandates(tx)
    assert mandate.actief_sinds is not None
    assert mandate.ontvangen <= messages[0].tijdstempel_aangeleverd < mandate.actief_sinds
    assert messages[0].inhoud.inhoud.startswith(b"<?xml")
    assert [record.event.kind for record in sba.post.events()] == ["mandate-activated"]


def test_only_the_gemachtigde_gets_them(sba: Office) -> None:
    """Another party gets nothing, neither by identity nor by list nor by kenmerk."""
    kenmerk = fetch(sba, "SBA_IB")[0].kenmerk
    bob = sba.call(BOB)
    assert sba.post.berichten(bob, "SBA_IB", CLIENT, ALWAYS, nieuw=False) == []
    assert sba.post.berichten_lijst(bob, None, ALWAYS, nieuw=False) == []
    assert sba.post.berichten_kenmerk(bob, kenmerk, ALWAYS, nieuw=False) == []
    assert len(sba.post.berichten_kenmerk(sba.call(), kenmerk, ALWAYS, nieuw=False)) == 1
    assert sba.post.berichten(sba.call(), "SBA_IB", Identity("999991772", "BSN"), ALWAYS, nieuw=False) == []


def test_revocation_closes_at_once(sba: Office) -> None:
    """From the moment of revocation nothing more can be fetched, and nothing more is made."""
    kenmerk = fetch(sba, "SBA_IB")[0].kenmerk
    assert sba.run(mandate_delivery(MessageKind.INTREKKEN, "SBA_IB_2026"))[-1].statuscode == "500"
    assert fetch(sba, None) == []
    assert sba.post.berichten_kenmerk(sba.call(), kenmerk, ALWAYS, nieuw=False) == []
    sba.advance(days=400)
    assert sba.post.berichten_lijst(sba.call(), None, ALWAYS, nieuw=False) == []


def test_a_returned_letter_closes_at_once(sba: Office) -> None:
    """What the register does outside a message, like taking back a letter, works the same."""
    with sba.post.store.read() as tx:
        (letter,) = sba.register.letters(tx)
    answer = sba.post.mandates.return_letter(letter.id)
    assert answer.mandate is not None
    assert answer.mandate.toestand == "INGETROKKEN"
    assert fetch(sba, None) == []


def test_agencies_go_on_making_messages(sba: Office) -> None:
    """While the mandate is active new messages come from time to time, each once, and the old ones stay."""
    before = fetch(sba, "SBA_IB")
    sba.advance(days=365)
    after = fetch(sba, "SBA_IB")
    assert len(after) > len(before) > 0
    assert after[: len(before)] == before
    assert len({message.tijdstempel_aangeleverd for message in after}) == len(after)


def test_new_messages_are_given_once_per_certificate(sba: Office) -> None:
    """A message is new until its content was given to this certificate; a list marks nothing."""
    listed = sba.post.berichten_lijst(sba.call(), None, ALWAYS, nieuw=True)
    assert listed == sba.post.berichten_lijst(sba.call(), "SBA_IB", ALWAYS, nieuw=True)
    assert len(fetch(sba, "SBA_IB", nieuw=True)) == len(listed)
    assert fetch(sba, "SBA_IB", nieuw=True) == []
    assert sba.post.berichten_lijst(sba.call(), None, ALWAYS, nieuw=True) == []
    assert len(fetch(sba, "SBA_IB")) == len(listed)
    other = replace(ANN, certificate="d" * 64)
    assert len(sba.post.berichten_lijst(sba.call(other), None, ALWAYS, nieuw=True)) == len(listed)
    kenmerk = listed[0].kenmerk
    assert len(sba.post.berichten_kenmerk(sba.call(other), kenmerk, ALWAYS, nieuw=True)) == 1
    assert sba.post.berichten_kenmerk(sba.call(other), kenmerk, ALWAYS, nieuw=True) == []


def test_a_via_is_made_when_it_is_asked_for(office: Office) -> None:
    """After activation by code, asking for the VIA of a client makes the present version; before that there
    is none, and no list names it. A refreshed one takes its place, but it can be had by its kenmerk (s).
    """
    office.run(mandate_delivery(MessageKind.OPVOEREN, "VIA_2024"))
    office.advance(days=15)
    with office.post.store.read() as tx:
        (letter,) = office.register.letters(tx)
    activation = mandate_delivery(MessageKind.ACTIVEREN, "VIA_2024", activatie_token=letter.activatie_token)
    assert office.run(activation)[-1].statuscode == "500"
    office.advance(days=3)
    assert office.post.berichten_lijst(office.call(), None, ALWAYS, nieuw=False) == []
    first, again = fetch(office, "VIA"), fetch(office, "VIA")
    assert len(first) == len(office.post.berichten_lijst(office.call(), "VIA", ALWAYS, nieuw=False)) == 1
    assert [message.kenmerk for message in first] == [message.kenmerk for message in again]
    office.advance(days=100)
    (refreshed,) = fetch(office, "VIA", nieuw=True)
    assert refreshed.kenmerk != first[0].kenmerk
    assert refreshed.inhoud != first[0].inhoud
    lines = office.post.berichten_lijst(office.call(), "VIA", ALWAYS, nieuw=False)
    assert [line.kenmerk for line in lines] == [refreshed.kenmerk]
    assert office.post.berichten_kenmerk(office.call(), first[0].kenmerk, ALWAYS, nieuw=False) == first


@pytest.mark.parametrize(
    ("dienst", "number"), [("SBA_OB_2026", "123456782B01"), ("SBA_VPB_2026", "123456782")]
)
@pytest.mark.parametrize("kind", ["RSIN", "Fi", "btw"])
def test_a_client_is_the_same_under_each_name_of_its_number(
    office: Office, dienst: str, number: str, kind: str
) -> None:
    """What was requested for one of RSIN, Fi and BTW can be fetched under each of them, in any case."""
    given = "BTW" if number.endswith("B01") else "RSIN"
    request = mandate_delivery(MessageKind.OPVOEREN, dienst, client=Identity(number, given))
    assert office.run(request)[-1].statuscode == "500"
    office.advance(days=60)
    client = Identity(number, kind)
    assert office.post.berichten(office.call(), None, client, ALWAYS, nieuw=False)
    assert office.post.berichten(office.call(), None, Identity(number, "BSN"), ALWAYS, nieuw=False) == []


def test_the_overview_is_for_who_asked(office: Office) -> None:
    """MachtigingOpvragen leads to a MachtigingOverzicht that only the asking party can fetch."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, "VIA_2025"))
    assert office.run(mandate_delivery(MessageKind.OPVRAGEN, ""))[-1].statuscode == "500"
    (overview,) = fetch(office, "MachtigingOverzicht")
    assert b"VIA_2025" in overview.inhoud.inhoud
    assert office.post.berichten(office.call(BOB), None, CLIENT, ALWAYS, nieuw=False) == []


def test_the_stub_has_test_messages_for_everybody(office: Office) -> None:
    """The stub's ophaalservice has messages of berichtsoort TEST (i), which the ordinary paths have not."""
    call = office.call(BOB, stub=True)
    lines = office.post.berichten_lijst(call, None, ALWAYS, nieuw=False)
    assert {line.berichtsoort for line in lines} == {"TEST"}
    assert len(office.post.berichten(call, "TEST", CLIENT, ALWAYS, nieuw=True)) == len(lines)
    assert office.post.berichten(call, "TEST", CLIENT, ALWAYS, nieuw=True) == []
    assert office.post.berichten_lijst(office.call(BOB), None, ALWAYS, nieuw=False) == []
