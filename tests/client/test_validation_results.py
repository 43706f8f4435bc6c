"""Reading the result of a validation, as vendors' clients do."""

from __future__ import annotations

import pytest

from digipoort_sim.client.sending import reason_of
from digipoort_sim.client.validation_results import result_lines
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.result_document import result_document

FINDING = Finding("FR-NL-2.03", "error", 4, 7, "Er ontbreekt <iets>.", "Something.", "published")


def test_every_msg_is_a_line() -> None:
    """The simulator's own document, and one in the form of 2013 with more in it, become a line per msg."""
    document = result_document([FINDING], ["XSD"])
    assert result_lines(document) == [
        "error FR-NL-2.03 at 4:7: Er ontbreekt <iets>.",
        "info XSD: Het bericht is niet aan een schema getoetst: "
        "er is er geen voor deze berichtsoort of dit jaar.",
    ]
    older = (
        '<results xmlns="http://nlvalidatie.nl/batavia"><xbrl><messages><msg line="3" level="error" id="x" '
        'technicalRole="t">Fout <origin file=""/>hier</msg><msg>geen level</msg></messages></xbrl></results>'
    )
    assert result_lines(older) == ["error x at 3: Fout hier"]


@pytest.mark.parametrize(
    "details", [None, "", "Nee.", "<Responsemessage/>", "<a", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"]
)
def test_other_details_have_no_lines(details: str | None) -> None:
    """What is no such document has none, whatever it is."""
    assert result_lines(details) == []


def test_a_refused_message_tells_its_findings_as_lines() -> None:
    """`send --wait` tells the fault and a line per finding, not the XML; other details stay as they are."""
    fault = {"foutcode": "VAS500", "foutbeschrijving": "Niet goed."}
    told = reason_of({"statusFoutcode": fault, "statusdetails": result_document([FINDING])})
    assert told == "VAS500: Niet goed.\nerror FR-NL-2.03 at 4:7: Er ontbreekt <iets>."
    assert reason_of({"statusFoutcode": fault, "statusdetails": "<x/>"}) == "VAS500: Niet goed.\n<x/>"
