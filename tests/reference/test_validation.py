"""The real instance of Omzetbelasting through the validator."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.identity import identity_in_content
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part
from tests.validation.samples import OB, validated

INSTANCE = Path(__file__).parents[2].parent / "shared" / "reference" / "xbrl" / "ob-aangifte-2021.xbrl"

pytestmark = pytest.mark.skipif(not INSTANCE.is_file(), reason="the reference material is not here")


@pytest.mark.parametrize("soort", ["Fi", "BTW", "btw"])
def test_the_real_instance_is_valid(soort: str) -> None:
    """The official sample of 2021 has no finding for its own number."""
    report = validated(
        INSTANCE.read_bytes(), "text/xml", "ob-aangifte-2021.xbrl", OB, ("001000044B37", soort)
    )
    assert report.findings == ()


def test_the_real_instance_keeps_all_business_rules() -> None:
    """Sums, period, numbers and fields of the official sample are as the catalogue's rules expect them."""
    catalogue = load_catalogue()
    part = Part(INSTANCE.read_bytes(), "text/xml", "ob-aangifte-2021.xbrl")
    validator = Validator(business=catalogue.bedrijfsregels)
    assert (
        validator.check(Delivered(part, rules_of(catalogue.berichtsoorten["Omzetbelasting"]))).findings == ()
    )


def test_the_real_instance_names_its_party() -> None:
    """Its OB number is found without being given, and another number is refused in the known words."""
    content = INSTANCE.read_bytes()
    assert identity_in_content(content, OB) == "001000044B37"
    (finding,) = validated(content, "text/xml", "ob.xbrl", OB, ("001000044B38", "Fi")).findings
    assert finding.text_nl == (
        "Het meegegeven bedrijfsnummer komt niet exact overeen met bedrijfsnummer: "
        "001000044B37 uit het XBRL bericht."
    )
