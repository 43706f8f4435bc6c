"""The real instance of Omzetbelasting through the validator."""

from __future__ import annotations

from pathlib import Path

import pytest

from digipoort_sim.validation.identity import identity_in_content
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


def test_the_real_instance_names_its_party() -> None:
    """Its OB number is found without being given, and another number is refused in the known words."""
    content = INSTANCE.read_bytes()
    assert identity_in_content(content, OB) == "001000044B37"
    (finding,) = validated(content, "text/xml", "ob.xbrl", OB, ("001000044B38", "Fi")).findings
    assert finding.text_nl == (
        "Het meegegeven bedrijfsnummer komt niet exact overeen met bedrijfsnummer: "
        "001000044B37 uit het XBRL bericht."
    )
