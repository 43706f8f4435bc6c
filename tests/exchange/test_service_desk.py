"""The counter for service messages: made on demand, put in by a tester, looked at."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digipoort_sim.errors import (
    ConfigError,
    ConflictError,
    ContentNameRefusal,
    DigipoortSimError,
    NotFoundError,
    SizeRefusal,
)
from digipoort_sim.exchange.acceptance import MAXIMUM_CONTENT_BYTES
from digipoort_sim.exchange.service_desk import OwnMessage
from digipoort_sim.exchange.values import Content, Identity
from digipoort_sim.register.messages import MessageKind
from tests.exchange.office import ALWAYS, ANN, BOB, CLIENT, Office, mandate_delivery

EMPLOYER = Identity("123456782L01", "LHnr")
PDF = Content("application/pdf", "brief é.pdf", b"%PDF-1.7\x00\xff")


def _own(**changes: Any) -> OwnMessage:
    whole = {"berichtsoort": "SBA_IB", "nummer": CLIENT.nummer, "content": PDF, "jaar": 2026, **changes}
    return OwnMessage(**whole)


def _request(office: Office, dienst: str, caller: Any = ANN, client: Identity = CLIENT) -> str:
    """Ask for a mandate; gives its id."""
    office.run(mandate_delivery(MessageKind.OPVOEREN, dienst, caller, client), caller)
    with office.post.store.read() as tx:
        return office.register.mandates(tx, gemachtigde=caller.oin)[-1].id


def _fetched(
    office: Office, caller: Any = ANN, client: Identity = CLIENT, *, nieuw: bool = False
) -> list[Any]:
    return office.post.berichten(office.call(caller), None, client, ALWAYS, nieuw=nieuw)


def test_an_own_message_waits_for_its_mandate(office: Office) -> None:
    """What a tester puts in during the reaction term, or before there is any mandate, can be fetched by the
    gemachtigde from activation on, with the name, type and octets that it had.
    """
    before = office.post.service_messages.put(_own())
    _request(office, "SBA_IB_2026")
    office.advance(days=20)
    during = office.post.service_messages.put(_own(content=Content("text/plain", "b.txt", b"")))
    assert _fetched(office) == []
    assert office.post.service_messages.show(before.kenmerk)[1] == []
    office.advance(days=25)
    found = {message.kenmerk: message for message in _fetched(office)}
    assert found[before.kenmerk].inhoud == PDF
    assert found[during.kenmerk].inhoud == Content("text/plain", "b.txt", b"")
    assert found[before.kenmerk].identiteit_belanghebbende == CLIENT
    assert office.post.service_messages.show(before.kenmerk)[1] == [ANN.oin]


def test_an_own_message_can_be_for_later(office: Office) -> None:
    """A message of tomorrow is not there today; it is there tomorrow, with tomorrow's time."""
    _request(office, "SBA_IB_2026")
    office.advance(days=45)
    tomorrow = office.clock.now() + timedelta(days=1)
    kept = office.post.service_messages.put(_own(at=tomorrow))
    assert kept.kenmerk not in {m.kenmerk for m in _fetched(office)}
    assert office.post.service_messages.show(kept.kenmerk)[1] == []
    office.advance(days=1)
    (found,) = [m for m in _fetched(office) if m.kenmerk == kept.kenmerk]
    assert found.tijdstempel_aangeleverd == tomorrow


@pytest.mark.parametrize(
    ("number", "kind"),
    [("123456782", "RSIN"), ("123456782", "Fi"), ("123456782B01", "BTW"), ("123456782", None)],
)
def test_a_clients_number_may_be_named_in_each_way(office: Office, number: str, kind: str | None) -> None:
    """A message for the RSIN, Fi or btw number of a client belongs to the mandate for that number."""
    client = Identity(number, "Fi")
    _request(office, "SBA_OB_2026", client=client)
    office.advance(days=45)
    kept = office.post.service_messages.put(
        _own(berichtsoort="SBA_OB", nummer=f" {number.lower()} ", type=kind)
    )
    for asked in ("RSIN", "fi", "BTW"):
        assert kept.kenmerk in {m.kenmerk for m in _fetched(office, client=Identity(number, asked))}


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        ({"berichtsoort": "Omzetbelasting"}, ConfigError, "SBA_IB, SBA_VPB"),
        ({"berichtsoort": "x\x00"}, ConfigError, "not one of service messages"),
        ({"jaar": None}, ConfigError, r"SBA_IB is registered per year: give --year \(API: jaar\)"),
        ({"berichtsoort": "SBU"}, ConfigError, r"not bound to a year: leave out --year \(API: jaar\)"),
        ({"berichtsoort": "SBA_IB_2026"}, ConfigError, r"write SBA_IB with --year 2026 \(API: jaar\)"),
        ({"nummer": "{x}"}, ConfigError, "idVertegenwoordigde"),
        ({"nummer": "111222334"}, ConfigError, "idVertegenwoordigde"),
        ({"nummer": "1\x002"}, ConfigError, "valid"),
        ({"type": "RSIN"}, ConfigError, "BSN"),
        ({"type": "nonsense"}, ConfigError, "soortNummer"),
        ({"content": Content("pdf", "a.pdf", b"")}, ConfigError, "type/subtype"),
        ({"content": Content("text/xml\r\nX: y", "a.pdf", b"")}, ConfigError, "type/subtype"),
        ({"content": Content("text/" + "x" * 300, "a.pdf", b"")}, ConfigError, "type/subtype"),
        ({"content": Content("text/xml", "a\x00.xml", b"")}, ContentNameRefusal, "plain name"),
        ({"content": Content("text/xml", "../a.xml", b"")}, ContentNameRefusal, "plain name"),
        ({"content": Content("text/xml", "a" * 81, b"")}, ContentNameRefusal, "80"),
        ({"content": Content("text/xml", "a", b"x" * (MAXIMUM_CONTENT_BYTES + 1))}, SizeRefusal, "20971520"),
    ],
)  # fmt: skip
def test_an_own_message_is_looked_at(
    office: Office, wrong: dict[str, Any], error: type[DigipoortSimError], says: str
) -> None:
    """What could never be fetched is refused when it is put in, with a word on what to mend."""
    with pytest.raises(error, match=says):
        office.post.service_messages.put(_own(**wrong))
    assert office.post.service_messages.messages() == []


def test_the_largest_own_message_can_be_fetched(office: Office) -> None:
    """A message of exactly 20 MiB goes out whole; a second one waits for the next fetch of what is new."""
    _request(office, "UWV-ZZ-ZW", client=EMPLOYER)
    office.advance(days=15)
    with office.post.store.read() as tx:
        token = office.register.letters(tx)[0].activatie_token
    office.run(mandate_delivery(MessageKind.ACTIVEREN, "UWV-ZZ-ZW", client=EMPLOYER, activatie_token=token))
    _fetched(office, client=EMPLOYER, nieuw=True)
    large = Content("application/pdf", "groot.pdf", b"\xa5" * MAXIMUM_CONTENT_BYTES)
    kept = [
        office.post.service_messages.put(
            _own(berichtsoort="UWV-ZZ-ZW", nummer=EMPLOYER.nummer, jaar=None, content=large)
        )
        for _ in range(2)
    ]
    first, second, third = (_fetched(office, client=EMPLOYER, nieuw=True) for _ in range(3))
    assert [m.kenmerk for m in (*first, *second)] == [one.kenmerk for one in kept]
    assert first[0].inhoud == large
    assert third == []


def test_one_more_is_made_on_demand(office: Office) -> None:
    """The agency makes one more message for a mandate: in its reaction term it waits, afterwards it is there
    at once; an event tells of it.
    """
    mandate = _request(office, "SBA_IB_2026")
    office.advance(days=3)
    early = office.post.service_messages.make(mandate)
    assert early.octets is None
    assert _fetched(office) == []
    office.advance(days=45)
    assert early.kenmerk in {m.kenmerk for m in _fetched(office)}
    late = office.post.service_messages.make(mandate)
    (found,) = [m for m in _fetched(office) if m.kenmerk == late.kenmerk]
    assert found.tijdstempel_aangeleverd == office.clock.now()
    assert office.post.service_messages.content(late.kenmerk) == found.inhoud
    assert len(office.post.events(kind="service-message-made")) == 2


def test_nothing_is_made_for_what_has_ended(office: Office) -> None:
    """An ended mandate gets no more messages, nor does one that does not exist or has none of its own."""
    mandate = _request(office, "SBA_IB_2026")
    office.run(mandate_delivery(MessageKind.INTREKKEN, "SBA_IB_2026"))
    with pytest.raises(ConflictError, match="INGETROKKEN"):
        office.post.service_messages.make(mandate)
    with pytest.raises(ConflictError, match="DM_IB"):
        office.post.service_messages.make(_request(office, "DM_IB"))
    with pytest.raises(NotFoundError):
        office.post.service_messages.make("nosuch")


def test_on_demand_a_via_is_its_present_version(office: Office) -> None:
    """Making a VIA twice gives the one that there is; before 1 March there is none."""
    mandate = _request(office, "VIA_2024")
    first, second = (office.post.service_messages.make(mandate) for _ in range(2))
    assert first == second
    with pytest.raises(ConflictError, match="1 March"):
        office.post.service_messages.make(_request(office, "VIA_2026"))


def test_what_there_is_can_be_looked_at(office: Office) -> None:
    """All service messages are listed, newest first, page by page and by client; their contents are made
    when they are looked at.
    """
    mandate = _request(office, "SBA_IB_2026")
    office.advance(days=45)
    own = office.post.service_messages.put(_own(nummer="999991772"))
    made = office.post.service_messages.make(mandate)
    desk = office.post.service_messages
    listed = [one.kenmerk for one in desk.messages()]
    assert listed[:2] == [made.kenmerk, own.kenmerk]
    assert [one.kenmerk for one in desk.messages(limit=1, before=desk.messages(limit=1)[0].id)] == listed[1:2]
    assert [one.kenmerk for one in desk.messages(vertegenwoordigde="999991772")] == [own.kenmerk]
    assert desk.messages(berichtsoort="VIA") == []
    assert {one.mandate for one in desk.messages(mandate=mandate)} == {mandate}
    assert desk.content(made.kenmerk).inhoud.startswith(b"<?xml")
    assert desk.messages(limit=1)[0].octets == len(desk.content(made.kenmerk).inhoud)
    assert desk.content(own.kenmerk) == PDF
    with pytest.raises(NotFoundError):
        desk.content("nosuch")


def test_two_gemachtigden_each_get_it_once_as_new(office: Office) -> None:
    """Everybody who may fetch an own message gets it as new, once per certificate."""
    for caller in (ANN, BOB):
        _request(office, "SBU", caller)
    office.advance(days=15)
    with office.post.store.read() as tx:
        letters = office.register.letters(tx)
    for caller, letter in zip((ANN, BOB), letters, strict=True):
        activation = mandate_delivery(
            MessageKind.ACTIVEREN, "SBU", caller, activatie_token=letter.activatie_token
        )
        assert office.run(activation, caller)[-1].statuscode == "500"
    for caller in (ANN, BOB):
        _fetched(office, caller, nieuw=True)
    kept = office.post.service_messages.put(_own(berichtsoort="SBU", jaar=None, type="BSN"))
    for caller in (ANN, BOB):
        assert [m.kenmerk for m in _fetched(office, caller, nieuw=True)] == [kept.kenmerk]
        assert _fetched(office, caller, nieuw=True) == []
    assert office.post.service_messages.show(kept.kenmerk)[1] == sorted([ANN.oin, BOB.oin])
    # The same number as an RSIN is another client.
    other = office.post.service_messages.put(_own(berichtsoort="SBU", jaar=None, type="RSIN"))
    assert office.post.service_messages.show(other.kenmerk)[1] == []
    lines = office.post.berichten_lijst(office.call(), None, ALWAYS, nieuw=False)
    assert other.kenmerk not in {line.kenmerk for line in lines}
