"""Faults that the tests put into good instances, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OB, OBSUP, ICP, VPB = "ob-aangifte-2026", "ob-suppletie-2026", "icp-opgaaf-2026", "vpb-aangifte-2025"
SAMPLES: Final = {"Omzetbelasting": OB, "OBSUP": OBSUP, "ICP": ICP, "Vpb": VPB}
"""The good instance of each berichtsoort; Vpb is none that is known."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Args:
        old: what stands in the sample; all places where it does are changed.
        rules: what the taxonomy check says of it, for the trial taxonomy.
        by_our_rules: whether only our own assertions see it: a real taxonomy may have none like them.
    """

    name: str
    sample: str
    old: str
    new: str
    rules: frozenset[str]
    by_our_rules: bool = False

    def put_into(self, text: str) -> str:
        """The instance with the fault."""
        assert self.old in text, self.name
        return text.replace(self.old, self.new)


def _fault(name: str, sample: str, old: str, new: str, *rules: str, by_our_rules: bool = False) -> Fault:
    return Fault(name, sample, old, new, frozenset(rules), by_our_rules)


def _amount(name: str, value: str, context: str = "Msg") -> str:
    return f'<bd-i:{name} contextRef="{context}" unitRef="EUR" decimals="INF">{value}</bd-i:{name}>'


_DIMENSION = "xbrldie:PrimaryItemDimensionallyInvalidError"
_QUARTER = "<xbrli:startDate>2026-07-01</xbrli:startDate>\n      <xbrli:endDate>2026-09-30</xbrli:endDate>"
_SECOND_AXIS = """      <xbrldi:typedMember dimension="bd-axes:CountryCodeEUDimension">
        <bd-domains:CountryCodeEUDomain>FR</bd-domains:CountryCodeEUDomain>
      </xbrldi:typedMember>
"""

FAULTS: Final = (
    _fault("amount in words", OB, ">15000<", ">15.000,-<", "xmlSchema:valueError"),
    _fault("cents", OB, ">15000<", ">15000.50<", "xmlSchema:valueError"),
    _fault("not of the list", OB, ">INT<", ">XYZ<", "xmlSchema:valueError"),
    _fault("text too long", OB, ">OB-2026-K3<", f">{'x' * 21}<", "xmlSchema:valueError"),
    _fault(
        "unknown concept",
        OB,
        _amount("SuppliesServicesNotTaxed", "0"),
        _amount("NietInDeTaxonomie", "0"),
        "xbrl:schemaImportMissing",
    ),
    _fault("wrong unit", OB, "iso4217:EUR", "xbrli:pure", "xbrl.4.8.2:monetaryFactUnit-notMonetaryMeasure"),
    _fault(
        "no unit",
        OB,
        'unitRef="EUR" decimals="INF">4000',
        'decimals="INF">4000',
        *("xmlSchema:attributesRequired", "xbrl.4.6.2:numericUnit"),
    ),
    _fault(
        "no decimals",
        OB,
        'unitRef="EUR" decimals="INF">4000',
        'unitRef="EUR">4000',
        "xbrl.4.6.3:missingPrecisionDecimals",
    ),
    _fault(
        "instant for a period",
        OB,
        _QUARTER,
        "<xbrli:instant>2026-09-30</xbrli:instant>",
        "xbrl.4.7.2:contextPeriodType",
    ),
    _fault("period backwards", OB, "2026-07-01", "2026-12-01", "xbrl.4.7.2:periodStartBeforeEnd"),
    _fault(
        "context not there", OB, 'contextRef="Msg">INT', 'contextRef="Weg">INT', "xbrl.4.6.1:itemContextRef"
    ),
    _fault(
        "required fact not there",
        OB,
        '  <bd-i:ContactSurname contextRef="Msg">Proefadvies</bd-i:ContactSurname>\n',
        "",
        "bd-ob-aangifte_verplicht_ContactSurname",
        by_our_rules=True,
    ),
    _fault(
        "sums do not agree",
        OB,
        ">3240<",
        ">3241<",
        *("bd-ob-aangifte_verschuldigd", "bd-ob-aangifte_saldo"),
        by_our_rules=True,
    ),
    _fault(
        "contradiction",
        OB,
        "</xbrli:xbrl>",
        f"  {_amount('ValueAddedTaxOnInput', '241')}\n</xbrli:xbrl>",
        "bd-ob-aangifte_saldo",
        by_our_rules=True,
    ),
    _fault("difference", OBSUP, ">300<", ">301<", "bd-ob-suppletie_verschil", by_our_rules=True),
    _fault("country not of the EU", ICP, ">BE<", ">US<", "xmlSchema:valueError"),
    _fault(
        "no customer",
        ICP,
        '<bd-i:SuppliesAmount contextRef="Afnemer2"',
        '<bd-i:SuppliesAmount contextRef="Msg"',
        _DIMENSION,
    ),
    _fault("customer without a country", ICP, _SECOND_AXIS, "", _DIMENSION),
    _fault(
        "contact of a customer",
        ICP,
        '<bd-i:ContactType contextRef="Msg"',
        '<bd-i:ContactType contextRef="Afnemer1"',
        _DIMENSION,
    ),
    _fault("member that cannot be used", VPB, "bd-dim-mem:Declarant", "bd-dim-mem:PartyDomain", _DIMENSION),
    _fault("member of another axis", VPB, "bd-dim-mem:Declarant", "bd-i:ContactType", _DIMENSION),
    _fault(
        "member that is not there",
        VPB,
        "bd-dim-mem:Declarant",
        "bd-dim-mem:Buurman",
        *(_DIMENSION, "xbrldie:ExplicitMemberUndefinedQNameError"),
    ),
    _fault("balance", VPB, ">60000<", ">50000<", "bd-vpb-aangifte_saldo", by_our_rules=True),
)

QUICK_FAULTS: Final = (
    _fault("other scheme", OB, "belastingdienst.nl/omzetbelastingnummer", "kvk.nl/kvk-id", "XBRL-SCHEME"),
    _fault("other number", ICP, ">001000044B37<", ">001000045B37<", "IDENTITEIT"),
    _fault(
        "duplicate fact",
        OBSUP,
        "</xbrli:xbrl>",
        f"  {_amount('ValueAddedTaxOnInput', '240')}\n</xbrli:xbrl>",
        "FR-NL-5.01",
    ),
    _fault(
        "entry point of another report", OB, "bd-rpt-ob-aangifte", "bd-rpt-ob-suppletie", "XBRL-ENTRYPOINT"
    ),
    _fault("two contexts of one id", ICP, "Afnemer2", "Afnemer1", "XBRL-ID", "FR-NL-5.01"),
)
"""Faults that the checks before the taxonomy see."""
