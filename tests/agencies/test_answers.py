"""What the receivers' stand-ins answer to a delivery."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import etree

from digipoort_sim.agencies import Agencies, conditions_of, responsemessage, stub_responsemessage
from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.config import AgenciesSettings
from digipoort_sim.errors import ConfigError, TechnicalError

CATALOGUE = load_catalogue()
SUMMER = datetime(2026, 7, 1, 12, 0, 5, 250_000, tzinfo=UTC)
STUB_TEXT = """<Responsemessage version="2006.1">
<Identification>
<MessageId>BERICHTKENMERK-VAN-AANLEVERING</MessageId>
<RefersToMessageId>PROCESKENMERK-VAN-AANLEVERING</RefersToMessageId>
<MessageIdBd>BERICHTID-VANUIT-BD</MessageIdBd>
<DatumTijdOntvangst>2009-08-19T19:44:13+02:00</DatumTijdOntvangst>
<ResponseType>acknowledgement</ResponseType>
</Identification>
<Specification>
<Class>A</Class>
<Code>0001</Code>
<Description>Status: Verwerkbaar</Description>
</Specification>
</Responsemessage>"""


def _answer(agencies: Agencies, berichtsoort: str = "Omzetbelasting", berichtkenmerk: str = "urn:uuid:1"):  # type: ignore[no-untyped-def]
    return agencies.answer(CATALOGUE.berichtsoort(berichtsoort), "kenmerk-1", berichtkenmerk, SUMMER, b"<x/>")


def test_stub_text_is_literal() -> None:
    """The Aansluit Suite's Responsemessage is the recorded text, capitals and 2009 included."""
    assert stub_responsemessage() == STUB_TEXT


def test_belastingdienst_names_the_delivery() -> None:
    """On the pre-production paths the same text has the real ids and Dutch local time, the same each time."""
    answer = _answer(Agencies(CATALOGUE))
    assert (answer.statuscode, answer.foutcode) == ("500", None)
    root = etree.fromstring(answer.details)
    assert root.findtext("Identification/MessageId") == "urn:uuid:1"
    assert root.findtext("Identification/RefersToMessageId") == "kenmerk-1"
    assert root.findtext("Identification/DatumTijdOntvangst") == "2026-07-01T14:00:05+02:00"
    assert answer == _answer(Agencies(CATALOGUE))
    assert not answer.details.endswith("\n")
    assert [line.split(">")[0] for line in answer.details.split("\n")] == [
        line.split(">")[0] for line in STUB_TEXT.split("\n")
    ]


def test_ids_are_escaped_as_in_xml() -> None:
    """A berichtkenmerk with markup stays text, and its > stays bare."""
    text = responsemessage("k", "a&b<c>", SUMMER)
    assert "<MessageId>a&amp;b&lt;c></MessageId>" in text
    assert etree.fromstring(text).findtext("Identification/MessageId") == "a&b<c>"


@pytest.mark.parametrize(("berichtsoort", "agency"), [("jaarrekening_ixbrl_esd", "kvk")])
def test_other_agencies_say_yes_without_details(berichtsoort: str, agency: str) -> None:
    """Only the Belastingdienst is known to send a Responsemessage; others just accept."""
    assert CATALOGUE.berichtsoort(berichtsoort).agency == agency
    answer = _answer(Agencies(CATALOGUE), berichtsoort)
    assert (answer.statuscode, answer.details) == ("500", None)


def test_a_rejecting_agency() -> None:
    """An agency set to reject answers 510 with its own code and a Responsemessage that says so."""
    agencies = Agencies(CATALOGUE, conditions_of(AgenciesSettings(rejecting=("belastingdienst",)), CATALOGUE))
    answer = _answer(agencies)
    assert (answer.statuscode, answer.foutcode) == ("510", "0002")
    assert answer.foutbeschrijving == "Status: Niet verwerkbaar"
    assert etree.fromstring(answer.details).findtext("Identification/ResponseType") == "error"
    assert _answer(agencies, "TEST").statuscode == "500"


def test_an_agency_that_is_not_there_is_told() -> None:
    """Settings that name an unknown agency are refused, with the names that there are."""
    with pytest.raises(ConfigError, match=r"nosuch; there are: belastingdienst"):
        conditions_of(AgenciesSettings(unreachable=("nosuch",)), CATALOGUE)


def test_an_agency_that_is_away_and_comes_back() -> None:
    """An unreachable agency raises TechnicalError that names it; conditions may change with time."""
    back = datetime(2026, 7, 2, tzinfo=UTC)
    agencies = Agencies(CATALOGUE, lambda key, moment: "unreachable" if moment < back else "accepting")
    with pytest.raises(TechnicalError, match="Belastingdienst") as caught:
        _answer(agencies)
    assert caught.value.rule == "AGENCY-UNREACHABLE"
    later = agencies.answer(CATALOGUE.berichtsoort("ICP"), "k", "m", back, b"")
    assert later.statuscode == "500"
