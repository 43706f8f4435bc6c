"""The component models of our WSDLs and XSD and of the official ones: equal, in both directions."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from digipoort_sim.resources import schemas
from digipoort_sim.wus import names, structure
from tests.wus.component_model import SP, WSP, wsdl_model, xsd_model

OFFICIAL = Path(__file__).resolve().parents[3] / "shared" / "reference" / "contract"
OURS = schemas() / "wus"
pytestmark = pytest.mark.skipif(
    not OFFICIAL.is_dir(), reason="the official files are not beside this checkout"
)
WSAM = "{http://www.w3.org/2007/05/addressing/metadata}"


def test_xsd_model() -> None:
    """Names, types, facets, order and cardinalities are the official ones, and there is nothing besides."""
    ours, official = (xsd_model(place / structure.SCHEMA_FILE) for place in (OURS, OFFICIAL))
    assert ours == official
    types = official["types"]
    facets = [name for name in types if types[name].get("facets", {}).get("maxLength")]
    assert len(facets) > 10
    assert len(official["elements"]) == 33


@pytest.mark.parametrize("service", names.SERVICES.values(), ids=lambda service: service.name)
def test_wsdl_model(service: names.Service) -> None:
    """Messages, Actions, bindings, faults, ports and what must be signed are the official ones."""
    ours, official = (wsdl_model(place / service.wsdl) for place in (OURS, OFFICIAL))
    assert ours == official
    (binding,) = official["bindings"].values()
    assert len(binding["operations"]) == len(service.operations)
    assert binding["policies"][0]["tokens"]


@pytest.mark.parametrize("service", names.SERVICES.values(), ids=lambda service: service.name)
def test_where_our_policy_differs(service: names.Service) -> None:
    """Where CXF finds the official policy invalid ours differs, and only there: one algorithm suite of the
    official three, and AnonymousResponses in its namespace.
    """
    ours, official = (etree.parse(place / service.wsdl).getroot() for place in (OURS, OFFICIAL))
    suites = [
        [etree.QName(one).localname for one in root.find(f".//{SP}AlgorithmSuite/{WSP}Policy")]
        for root in (ours, official)
    ]
    assert suites == [["Basic128Rsa15"], ["Basic128Rsa15", "Basic256Rsa15", "TripleDesRsa15"]]
    assert official.find(f".//{WSAM}Addressing//AnonymousResponses") is not None
    assert ours.find(f".//{WSAM}Addressing/{WSP}Policy/{WSAM}AnonymousResponses") is not None
