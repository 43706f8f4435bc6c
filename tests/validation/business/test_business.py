"""Business rules: each breaks on its own in an otherwise good return, and nothing else does."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.errors import ConfigError
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part
from tests.validation.business.returns import CUSTOMERS, good

CATALOGUE = load_catalogue()
VALIDATOR = Validator(business=CATALOGUE.bedrijfsregels)
RETURNS = ("Omzetbelasting", "OBSUP", "ICP", "Aangifte_LH")
END = ("2026-09-30<", "2026-09-29<")

BROKEN = [
    ("BR-XBRL-GETAL", "Omzetbelasting", ">1300<", ">1.300,-<", "ValueAddedTaxOnInput"),
    ("BR-OB-VERPLICHT", "Omzetbelasting", r"<d:ValueAddedTaxOwed .*\n", "", "ValueAddedTaxOwed"),
    ("BR-OB-KENMERKEN", "Omzetbelasting", r"<d:SoftwareV.*\n", "", "SoftwareVendorAccountNumber"),
    ("BR-OB-5A", "Omzetbelasting", ">135<", ">136<", "3301"),
    ("BR-OB-5G", "Omzetbelasting", ">2000<", ">2001<", "2000"),
    ("BR-OB-1A", "Omzetbelasting", r"<d:ValueAddedTax\w+GeneralTariff .*\n", "", "15000"),
    ("BR-OB-1B", "Omzetbelasting", r"<d:ValueAddedTax\w+ReducedTariff .*\n", "", "1500"),
    ("BR-OB-5D", "Omzetbelasting", r"(d:Small.*?)>0<", r"\1>-1<", "-1"),
    ("BR-OB-HELE-EUROS", "Omzetbelasting", ">1500<", ">1500.01<", "1500.01"),
    ("BR-OB-HELE-EUROS", "Omzetbelasting", r"(?<=>)1500(?=<)", f"{'9' * 40}.5", "9.5"),
    ("BR-OB-EENHEID", "ICP", "iso4217:EUR", "iso4217:USD", "USD"),
    ("BR-OB-TIJDVAK", "Omzetbelasting", *END, "kwartaal"),
    ("BR-OB-TIJDVAK", "Omzetbelasting", "2026-07-01<", "2026-08-01<", "2026-08-01"),
    ("BR-OB-TIJDVAK", "Omzetbelasting", "2026-09-30<", "2026-08-31<", "2026-08-31"),
    ("BR-OB-JAAR", "Omzetbelasting", "-2026.xsd", "-2025.xsd", "2025"),
    ("BR-OB-NUMMER", "ICP", "001000044B37", "001000045B37", "001000045B37"),
    ("BR-OB-NUMMER", "Omzetbelasting", "001000044B37", "1000044B37", "1000044B37"),
    ("BR-OB-SWO", "Omzetbelasting", "SWO12345", "SW12345", "SW12345"),
    ("BR-OB-BECON", "Omzetbelasting", ">234564<", ">234565<", "234565"),
    ("BR-SUP-VERPLICHT", "OBSUP", r"<d:\w+AdditionalToBePaidBack .*\n", "", "AdditionalToBePaidBack"),
    ("BR-SUP-SALDO", "OBSUP", ">500<", ">400<", "500"),
    ("BR-ICP-TIJDVAK", "ICP", *END, "2 maanden"),
    ("BR-ICP-TIJDVAK", "ICP", "2026-07-01<", "2026-08-01<", "2026-08-01"),
    ("BR-ICP-LAND", "ICP", ">BE<", ">NL<", "NL"),
    ("BR-ICP-AFNEMER", "ICP", "0123456749", "0123.456.749", "0123.456.749"),
    ("BR-ICP-HELE-EUROS", "ICP", ">1000<", ">1000.50<", "1000.50"),
    ("BR-LH-NUMMER", "Aangifte_LH", "111222333L01", "111222334L01", "111222334L01"),
    ("BR-LH-NUMMER", "Aangifte_LH", "111222333L01", "111222333B01", "111222333B01"),
    ("BR-LH-BSN", "Aangifte_LH", ">123456782<", ">123456783<", "123456783"),
    ("BR-LH-BSN", "Aangifte_LH", ">123456782<", ">12345678<", "12345678"),
    ("BR-LH-TIJDVAK", "Aangifte_LH", "2026-10-01<", "2026-11-01<", "2026-10-31"),
    ("BR-LH-LOON", "Aangifte_LH", "2500.40", "2600.40", "5600.6"),
    ("BR-LH-TOTTEBET", "Aangifte_LH", ">300<", ">500<", "1600"),
    ("BR-LH-TOTGEN", "Aangifte_LH", ">-50<", ">-100<", "1300"),
    ("BR-LH-HELE-EUROS", "Aangifte_LH", ">5500<", ">5500.5<", "5500.5"),
]  # fmt: skip


def findings(text: str, berichtsoort: str, validator: Validator = VALIDATOR) -> list[Finding]:
    """What the business rules say."""
    part = Part(text.encode(), "text/xml", "bericht.xml")
    report = validator.check(Delivered(part, rules_of(CATALOGUE.berichtsoorten[berichtsoort])))
    return [finding for finding in report.findings if finding.rule.startswith("BR-")]


@pytest.mark.parametrize("berichtsoort", RETURNS)
def test_good_returns_have_no_findings(berichtsoort: str) -> None:
    """Nothing is against a good return."""
    assert findings(good(berichtsoort), berichtsoort) == []


@pytest.mark.parametrize(("rule", "berichtsoort", "old", "new", "shown"), BROKEN)
def test_one_change_breaks_one_rule(rule: str, berichtsoort: str, old: str, new: str, shown: str) -> None:
    """The rule is named with its label and severity, at the line of the value, which both texts tell."""
    text, changes = re.subn(old, new, good(berichtsoort), count=1)
    assert changes == 1
    row = CATALOGUE.bedrijfsregels[rule]
    found = findings(text, berichtsoort)
    own = [f for f in found if f.rule == rule]
    assert own, found
    assert {f.rule for f in found} - ALSO.get(rule, set()) == {rule}
    assert (own[0].severity, own[0].provenance) == (row.severity, row.provenance)
    assert shown in own[0].text_en
    assert shown in own[0].text_nl
    assert "{" not in own[0].text_nl + own[0].text_en
    assert (own[0].line > 1) is (row.kind != "required")


ALSO = {
    "BR-XBRL-GETAL": {"BR-OB-5G"},
    "BR-OB-VERPLICHT": {"BR-OB-5G"},
    "BR-OB-5D": {"BR-OB-5G"},
    "BR-OB-1A": {"BR-OB-5A"},
    "BR-OB-1B": {"BR-OB-5A"},
}
"""Rules that cannot but be broken too, such as a sum of which a part is gone."""


def test_every_rule_of_the_catalogue_is_broken_above() -> None:
    """No rule is without a test that breaks it."""
    assert {rule for rule, *_ in BROKEN} == set(CATALOGUE.bedrijfsregels)


def test_only_what_xbrl_itself_says_is_an_error() -> None:
    """A rule that the real Digipoort may not have does not make a message invalid."""
    errors = {key for key, row in CATALOGUE.bedrijfsregels.items() if row.severity == "error"}
    assert errors == {key for key, row in CATALOGUE.bedrijfsregels.items() if row.provenance == "published"}
    assert errors == {"BR-XBRL-GETAL"}
    assert all(row.source for row in CATALOGUE.bedrijfsregels.values())


def test_sums_are_made_in_one_context() -> None:
    """Amounts of another context are not added, and numbers as long as a content allows cost nothing."""
    other = good("Omzetbelasting").replace('contextRef="Msg" unitRef="EUR" decimals="INF">15<', (
        'contextRef="Other" unitRef="EUR" decimals="INF">15<'
    ))  # fmt: skip
    assert {f.rule for f in findings(other, "Omzetbelasting")} >= {"BR-OB-5A"}
    long = good("Omzetbelasting").replace(">2000<", f">{'9' * 5000}<")
    assert [f.rule for f in findings(long, "Omzetbelasting")] == []


@pytest.mark.parametrize("value", ["-12.5", "+.5", "1e5", "-INF", "NaN", "0012."])
def test_numbers_of_xbrl(value: str) -> None:
    """All that XBRL's numeric types allow is a number."""
    text = good("ICP").replace(">1000<", f">{value}<")
    assert "BR-XBRL-GETAL" not in {f.rule for f in findings(text, "ICP")}


def test_as_many_totals_as_amounts_take_no_square_of_time() -> None:
    """Twenty thousand totals beside as many amounts are judged in seconds, not in their product."""
    amounts = "<TotLnLbPh>40000</TotLnLbPh><LnLbPh>2</LnLbPh>" * 20_000
    text = good("Aangifte_LH").replace("<CollectieveAangifte>", f"{amounts}<CollectieveAangifte>")
    start = time.process_time()
    findings(text, "Aangifte_LH")
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("start", "end", "rules"),
    [
        ("2026-07-01", "2026-08-31", []),
        ("2026-04-01", "2026-05-31", []),
        ("2026-08-01", "2026-09-30", ["BR-ICP-TIJDVAK"]),
        ("2026-03-01", "2026-04-30", ["BR-ICP-TIJDVAK"]),
    ],
)
def test_two_months_are_the_first_of_a_quarter(start: str, end: str, rules: list[str]) -> None:
    """A list of supplies may be of the first two months of a quarter, not of two others."""
    text = good("ICP").replace("2026-07-01<", f"{start}<").replace("2026-09-30<", f"{end}<")
    assert [f.rule for f in findings(text, "ICP")] == rules


def test_many_findings_of_one_rule_are_bounded() -> None:
    """A content with thousands of wrong values gets 200 findings of the rule."""
    text = good("ICP").replace(CUSTOMERS, CUSTOMERS.replace(">BE<", ">QQ<") * 1000)
    found = [f for f in findings(text, "ICP") if f.rule == "BR-ICP-LAND"]
    assert len(found) == 200


def own(tmp_path: Path, text: str) -> Validator:
    """A validator with lines of a user's own catalogue."""
    (tmp_path / "bedrijfsregels.toml").write_text(text)
    return Validator(business=load_catalogue(tmp_path).bedrijfsregels)


def test_a_user_makes_a_rule_an_error_and_adds_one(tmp_path: Path) -> None:
    """Lines of the user's folder change built-in ones field by field, and stand beside them."""
    validator = own(
        tmp_path,
        '[BR-OB-5A]\nseverity = "error"\n[BR-OWN]\nberichtsoorten = ["Omzetbelasting"]\nkind = "numeric"\n'
        'fields = ["DateTimeCreation"]\nprovenance = "simulator"\ntext = "{naam}?"\ntext_en = "{naam}!"\n',
    )
    text = good("Omzetbelasting").replace(">135<", ">136<").replace("202611221200", "today")
    found = findings(text, "Omzetbelasting", validator)
    assert [(f.rule, f.severity) for f in found] == [("BR-OB-5A", "error"), ("BR-OWN", "warning")]
    assert (found[1].text_nl, found[1].text_en) == ("d:DateTimeCreation?", "d:DateTimeCreation!")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('[BR-OB-5A]\nkind = "guess"', "[BR-OB-5A].kind"),
        ('[BR-OB-5A]\ncolour = "red"', "colour"),
        ("[BR-OB-5A]\nfields = []", "[BR-OB-5A].fields"),
        ('[BR-ICP-AFNEMER]\npattern = "("', "[BR-ICP-AFNEMER].pattern"),
        ('[BR-OB-5A]\ntext = "{naam.__class__}"', "[BR-OB-5A].text"),
        ('[BR-OB-5A]\ntext_en = "{"', "[BR-OB-5A].text_en"),
        ('[BR-OB-5A]\ntolerance = "much"', "[BR-OB-5A].tolerance"),
        ('[BR-NEW]\nkind = "whole"', "berichtsoorten"),
    ],
)
def test_a_wrong_line_is_told_with_its_file_and_column(tmp_path: Path, line: str, told: str) -> None:
    """What a user wrote wrong is told when the catalogue is loaded, before any message comes."""
    with pytest.raises(ConfigError) as caught:
        own(tmp_path, line)
    assert "bedrijfsregels.toml" in caught.value.detail
    assert told in caught.value.detail
