"""The register's counter: what a person asks there has the same consequences as a message, for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.errors import ConfigError, NotFoundError
from digipoort_sim.exchange.mandate_office import MandateRefused
from digipoort_sim.exchange.values import Content, Delivery
from digipoort_sim.register import MandateMessage, MessageKind, State
from digipoort_sim.store import Store
from tests.exchange.office import ALWAYS, ANN, CLIENT, OB, Office, open_office

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "omzetbelasting.xbrl"


def told(office: Office, kind: MessageKind, dienst: str, token: str | None = None) -> str:
    """Ask the counter what a message would ask; gives the id of the registration."""
    message = MandateMessage(kind, dienst, CLIENT.nummer, CLIENT.type, ANN.oin, token)
    answer = office.post.mandates.tell(message, ANN.oin)
    assert answer.good
    assert answer.mandate is not None
    return answer.mandate.id


def active_via(office: Office) -> str:
    """A VIA that is active by its code."""
    mandate = told(office, MessageKind.OPVOEREN, "VIA_2024")
    office.advance(days=14)
    letter = office.post.mandates.show(mandate).letter
    assert letter is not None
    assert letter.activatie_token is not None
    answer = office.post.mandates.activate(mandate, letter.activatie_token)
    assert answer.mandate is not None
    assert answer.mandate.toestand is State.ACTIEF
    return mandate


def fetched(office: Office) -> int:
    """How many VIA messages the party may fetch now."""
    return len(office.post.berichten(office.call(), "VIA", CLIENT, ALWAYS, nieuw=False))


def test_a_revocation_closes_at_once_in_other_processes(database_url: str) -> None:
    """The very next fetch gives nothing, also in another worker that gave messages a moment before."""
    stores = [Store.open(database_url) for _ in range(2)]
    one, other = (open_office(store, seed=seed) for store, seed in zip(stores, "ab", strict=True))
    mandate = active_via(one)
    assert fetched(one) == fetched(other) == 1
    one.post.mandates.revoke(mandate, "vertegenwoordigde")
    assert fetched(other) == fetched(one) == 0
    with pytest.raises(MandateRefused, match="INGETROKKEN"):
        other.post.mandates.revoke(mandate, "gemachtigde")
    for store in stores:
        store.close()


def test_what_falls_due_is_told(office: Office) -> None:
    """A registration says what comes next: letter, end of a code or opt-out, of its year, reference date."""
    seen = []
    for dienst in ("VIA_2024", "SBA_IB_2026", "DM_IB"):
        mandate = told(office, MessageKind.OPVOEREN, dienst)
        for days in (0, 14, 26):
            office.advance(days=days)
            shown = office.post.mandates.show(mandate)
            if days == 14 and dienst == "DM_IB":
                assert shown.letter is not None
                office.post.mandates.activate(mandate, shown.letter.activatie_token or "")
                shown = office.post.mandates.show(mandate)
            assert shown.expected is not None
            assert shown.expected.at is not None
            assert shown.expected.at > office.clock.now()
            seen.append(shown.expected.kind)
    assert seen == [
        *("letter", "code-expires", "code-expires"),
        *("letter", "opt-out-ends", "year-ends"),
        *("letter", "reference-date", "reference-date"),
    ]
    office.post.mandates.revoke(mandate, "gemachtigde")
    assert office.post.mandates.show(mandate).expected is None


def test_what_was_told_comes_true(office: Office) -> None:
    """At the moment that is told, and not before, the registration changes."""
    mandate = told(office, MessageKind.OPVOEREN, "SBA_IB_2026")
    office.advance(days=14)
    expected = office.post.mandates.show(mandate).expected
    assert expected is not None
    assert expected.at is not None
    left = (expected.at - office.clock.now()).total_seconds()
    office.advance(seconds=left - 1)
    assert office.post.mandates.show(mandate).mandate.toestand is State.IN_BEHANDELING
    office.advance(seconds=1)
    assert office.post.mandates.show(mandate).mandate.toestand is State.ACTIEF


def test_what_a_person_does_leaves_events(office: Office) -> None:
    """Each order is an event with the party's OIN, a refusal one with its code."""
    mandate = active_via(office)
    office.post.mandates.revoke(mandate, "gemachtigde")
    with pytest.raises(MandateRefused):
        office.post.mandates.revoke(mandate, "gemachtigde")
    events = [(record.event.kind, record.event.code, record.event.oin) for record in office.post.events()]
    assert events == [
        ("mandate-refused", "MR250", ANN.oin),
        ("mandate-revoked", "", ANN.oin),
        ("mandate-activation", "", ANN.oin),
        ("mandate-activated", "", ANN.oin),
        ("mandate-requested", "", ANN.oin),
    ]


def test_nobody_and_nothing_are_told_apart(office: Office) -> None:
    """An unknown id is not found, and a party without an OIN is no party."""
    for ask in (
        lambda: office.post.mandates.revoke("nope", "gemachtigde"),
        lambda: office.post.mandates.activate("nope", "123-ABC-123"),
        lambda: office.post.mandates.return_letter("nope"),
        lambda: office.post.mandates.show("nope"),
    ):
        with pytest.raises(NotFoundError):
            ask()
    message = MandateMessage(MessageKind.OPVOEREN, "SBU", CLIENT.nummer, None, ANN.oin)
    with pytest.raises(ConfigError):
        office.post.mandates.tell(message, "30216247")


def test_filing_a_return_needs_no_mandate(office: Office) -> None:
    """An intermediary files a client's return while the register is empty, and it goes the whole way."""
    content = Content("text/xml", "ob.xbrl", EXAMPLE.read_bytes())
    statuses = office.run(Delivery("Omzetbelasting", OB, "Intermediair", content))
    assert statuses[-1].statuscode == "500"
    with office.post.store.read() as tx:
        assert office.register.mandates(tx) == []
