"""The identity in a content and its comparison."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digipoort_sim.errors import ConfigError
from digipoort_sim.validation.identity import identity_in_content, same_identity
from tests.validation.samples import ANY, INSTANCE, OB, WAGES, mandate_rules, mandate_text, validated


@pytest.mark.parametrize(
    ("given", "soort", "same"),
    [
        ("001000044B37", "Fi", True),
        ("001000044B37", "BTW", True),
        ("001000044", "fi", True),
        ("001000044B38", "Fi", False),
        ("001000044", "RSIN", False),
        ("001000045", "Fi", False),
        ("NL001000044B37", "BTW", False),
        ("00100004", "Fi", False),
    ],
)
def test_all_given_characters_are_compared(given: str, soort: str, same: bool) -> None:
    """An OB number may be given without its suffix, and then only as Fi or BTW."""
    assert same_identity(given, soort, "001000044B37") is same


def test_the_identity_is_found_in_every_form() -> None:
    """A delivery by FTP learns its belanghebbende from an instance, an XPath or a mandate message."""
    assert identity_in_content(INSTANCE.encode(), OB) == "001000044B37"
    assert identity_in_content(b"<a xmlns='urn:x'><LhNr> 000000000L01 </LhNr></a>", WAGES) == "000000000L01"
    assert identity_in_content(mandate_text("xml").encode(), mandate_rules()) == "123456782"
    assert identity_in_content(mandate_text("xbrl").encode(), mandate_rules()) == "123456782"


def test_no_identity_is_none() -> None:
    """Content that names nobody, or that cannot be read, has no identity."""
    assert identity_in_content(b"<a/>", WAGES) is None
    assert identity_in_content(b"<a", WAGES) is None
    assert identity_in_content(INSTANCE.encode(), ANY) is None
    assert identity_in_content(INSTANCE.replace("/omzetbelastingnummer", "/x").encode(), OB) is None


def test_a_comment_does_not_cut_a_number() -> None:
    """A number that is written around a comment is read whole."""
    text = INSTANCE.replace("001000044B37", "0010000<!-- x -->44B37")
    assert identity_in_content(text.encode(), OB) == "001000044B37"


def test_every_other_number_is_named() -> None:
    """Each number in the content that is not the given one gives one finding."""
    context = INSTANCE[INSTANCE.index("  <xbrli:context") : INSTANCE.index("  <xbrli:unit")]
    more = context.replace("Msg", "B").replace("B37", "B01") + context.replace("Msg", "C").replace(
        "B37", "B02"
    )
    found = validated(
        INSTANCE.replace(context, context + more).encode(), "text/xml", "", OB, ("001000044B37", "Fi")
    )
    texts = [f.text_nl for f in found.findings if f.rule == "IDENTITEIT"]
    assert len(texts) == 2
    assert texts[0].endswith("bedrijfsnummer: 001000044B01 uit het XBRL bericht.")


def test_a_bad_xpath_is_a_fault_of_the_configuration() -> None:
    """An XPath that cannot be used is told as such."""
    with pytest.raises(ConfigError):
        identity_in_content(b"<a/>", replace(WAGES, identity_xpath="//["))


@pytest.mark.parametrize(
    ("given", "is_alike"),
    [("NL001000044B37", True), ("0010.00.044 b37", True), ("001000044B38", False)],
)
def test_both_numbers_are_named_with_a_hint(given: str, is_alike: bool) -> None:
    """The English text has the given number too, and says if only the way of writing differs."""
    report = validated(INSTANCE.encode(), "text/xml", "", OB, (given, "Fi"))
    (text,) = (finding.text_en for finding in report.findings if finding.rule == "IDENTITEIT")
    assert text.startswith(f"The number that was given, {given}, is not exactly the number 001000044B37")
    assert ("They differ only in how they are written" in text) is is_alike
