"""The service messages that agencies make for mandates."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from digipoort_sim.agencies import Agencies, ServiceMessage
from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.register import Mandate, State
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.pipeline import Validator

CATALOGUE = load_catalogue()
AGENCIES = Agencies(CATALOGUE)
ASKED = datetime(2026, 3, 2, 10, tzinfo=UTC)
CLIENTS = {"BSN": "111222333", "RSIN": "123456782", "Fi": "123456782", "LHnr": "123456782L01"}
WITH_MESSAGES = [d for d in CATALOGUE.diensten.values() if d.berichtsoort]


def mandate(code: str, jaar: int | None = 2025, **more: object) -> Mandate:
    """An active mandate for a service."""
    dienst = CATALOGUE.diensten[code]
    jaar = jaar if dienst.term == "year" else None
    made = Mandate(
        id=f"id-{code}",
        dienst=code if jaar is None else f"{code}_{jaar}",
        code=code,
        jaar=jaar,
        id_vertegenwoordigde=CLIENTS[dienst.client_types[0]],
        type_vertegenwoordigde=dienst.client_types[0],
        id_gemachtigde="30216247",
        gemachtigde_oin="00000003302162470000",
        toestand=State.ACTIEF,
        ontvangen=ASKED,
        actief_sinds=ASKED + timedelta(days=40),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def _messages(subject: Mandate) -> list[ServiceMessage]:
    """What there is after some months, made by itself or on request."""
    later = ASKED + timedelta(days=120)
    requested = AGENCIES.requested_message(subject, later)
    return [*AGENCIES.service_messages(subject, None, later), *([requested] if requested else [])]


def _content(subject: Mandate, message: ServiceMessage) -> bytes:
    return AGENCIES.content(subject, message.number, message.at)


@pytest.mark.parametrize("dienst", WITH_MESSAGES, ids=lambda d: d.code)
def test_every_service_has_messages(dienst) -> None:  # type: ignore[no-untyped-def]
    """Each service makes well-formed messages of its form for its client, the same at every making."""
    subject = mandate(dienst.code)
    messages = _messages(subject)
    assert len(messages) >= 1
    assert messages == _messages(subject)
    assert len({m.key for m in messages}) == len(messages)
    for message in messages:
        assert (message.berichtsoort, message.nummer) == (dienst.berichtsoort, subject.id_vertegenwoordigde)
        assert message.agency_oin == CATALOGUE.agency_of(dienst).oin
        assert re.fullmatch(r"[0-9A-Za-z_-]+\.(xbrl|xml)", message.bestandsnaam)
        content = _content(subject, message)
        assert content == _content(subject, message)
        assert subject.id_vertegenwoordigde in content.decode()
        assert etree.fromstring(content).tag.endswith(
            "}xbrl" if dienst.message_form == "xbrl" else "}servicebericht"
        )


@pytest.mark.parametrize(
    ("code", "entrypoint"),
    [
        ("SBA_IB", "bd-rpt-ihz-sba-2025.xsd"),
        ("SBA_VPB", "bd-rpt-vpb-sba-2025.xsd"),
        ("SBA_OB", "bd-rpt-ob-sba-2025.xsd"),
        ("VIA", "bd-rpt-ihz-via-2025.xsd"),
    ],
)
def test_xbrl_keeps_the_filing_rules(code: str, entrypoint: str) -> None:
    """The XBRL messages pass our own filing rules, and refer to an entry point of the simulator's."""
    subject = mandate(code)
    message = _messages(subject)[0]
    content = _content(subject, message)
    rules = ContentRules(code, "xbrl", entrypoint_pattern=re.escape(entrypoint))
    report = Validator().validate(content, message.mime_type, message.bestandsnaam, rules, None)
    assert report.findings == ()
    assert b"nltaxonomie" not in content
    assert b"http://digipoort-sim.example/" in content


def test_amounts_add_up() -> None:
    """What is to be paid is the tax due less what was paid before."""
    subject = mandate("SBA_VPB")
    root = etree.fromstring(_content(subject, AGENCIES.service_messages(subject, None, ASKED)[0]))
    value = {etree.QName(e).localname: e.text or "" for e in root if e.get("unitRef")}
    due, paid, left = (int(value[n]) for n in ("TaxDue", "TaxPaidInAdvance", "AmountToPay"))
    assert due - paid == left
    assert 0 < due < int(value["TaxableProfit"])


def test_windows_join_without_gap_or_overlap() -> None:
    """Asking window after window gives every message once, those of the reaction term included."""
    subject = mandate("SBA_IB")
    end = ASKED + timedelta(days=400)
    whole = AGENCIES.service_messages(subject, None, end)
    assert whole[0].at == ASKED
    parts, since = [], None
    while since is None or since < end:
        until = ASKED if since is None else AGENCIES.next_service_message(subject, since) or end
        parts += AGENCIES.service_messages(subject, since, until)
        since = until
    assert [m.key for m in parts if m.at <= end] == [m.key for m in whole]
    assert len(whole) == 5


def test_nothing_after_the_end() -> None:
    """No message is made after the mandate ended."""
    ended = mandate("SBA_IB", geeindigd=ASKED + timedelta(days=90))
    assert len(AGENCIES.service_messages(ended, None, ASKED + timedelta(days=900))) == 1
    assert AGENCIES.next_service_message(ended, ASKED) is None


def test_via_from_the_first_of_march() -> None:
    """A VIA is not there before 1 March after its year, Dutch time; it is refreshed for two years and then
    stays as it is.
    """
    subject = mandate("VIA", 2026)
    first = datetime(2027, 2, 28, 23, tzinfo=UTC)
    assert AGENCIES.requested_message(subject, first - timedelta(seconds=1)) is None
    made = [
        AGENCIES.requested_message(subject, first + timedelta(days=days)) for days in (0, 700, 731, 900, 2000)
    ]
    dates = [message.bestandsnaam[-13:-5] for message in made if message is not None]
    assert dates == ["20270301", "20290129", "20290301", "20290301", "20290301"]
    assert made[3] == made[4]


def test_via_is_never_made_by_itself() -> None:
    """No VIA is made for all clients at once: without being asked for there is none."""
    subject = mandate("VIA", 2024)
    assert AGENCIES.service_messages(subject, None, ASKED + timedelta(days=900)) == []
    assert AGENCIES.next_service_message(subject, ASKED) is None


def test_via_on_request() -> None:
    """Asking makes a VIA as of that day, one per day; other services are not made on request."""
    subject = mandate("VIA", 2025)
    monday, later = ASKED + timedelta(days=10), ASKED + timedelta(days=10, hours=3)
    first, second = AGENCIES.requested_message(subject, monday), AGENCIES.requested_message(subject, later)
    assert first is not None
    assert second is not None
    assert (first.key, _content(subject, first)) == (second.key, _content(subject, second))
    tomorrow = AGENCIES.requested_message(subject, monday + timedelta(days=1))
    assert tomorrow is not None
    assert tomorrow.key != first.key
    assert b"2026-03-12" in _content(subject, first)
    assert AGENCIES.requested_message(mandate("SBA_IB"), monday) is None


def test_continuous_mandates_have_no_messages() -> None:
    """A continuous mandate opens no messages of its own."""
    assert AGENCIES.service_messages(mandate("DM_IB"), None, ASKED + timedelta(days=900)) == []
    assert AGENCIES.next_service_message(mandate("DM_IB"), ASKED) is None
    assert AGENCIES.requested_message(mandate("DM_IB"), ASKED) is None
