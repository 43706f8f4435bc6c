"""Good returns of every kind that has business rules; the tests change one value in them."""

from __future__ import annotations

from collections.abc import Mapping

OB_VALUES = {
    "DateTimeCreation": "202611221200",
    "MessageReferenceSupplierVAT": "OB-0001",
    "SoftwareVendorAccountNumber": "SWO12345",
    "TaxConsultantNumber": "234564",
    "TaxedTurnoverSuppliesServicesGeneralTariff": "15000",
    "TaxedTurnoverSuppliesServicesReducedTariff": "1500",
    "ValueAddedTaxSuppliesServicesGeneralTariff": "3150",
    "ValueAddedTaxSuppliesServicesReducedTariff": "135",
    "ValueAddedTaxPrivateUse": "15",
    "ValueAddedTaxOwed": "3300",
    "ValueAddedTaxOnInput": "1300",
    "SmallEntrepreneurProvisionReduction": "0",
    "ValueAddedTaxOwedToBePaidBack": "2000",
}
SUPPLEMENT_VALUES = {
    "ValueAddedTaxSuppliesServicesGeneralTariff": "2500",
    "ValueAddedTaxOwed": "2500",
    "ValueAddedTaxAmountTotalOld": "2000",
    "ValueAddedTaxAmountTotalNew": "2500",
    "ValueAddedTaxToBePaidAdditionalToBePaidBack": "500",
}
ENTRYPOINTS = {"Omzetbelasting": "ob-aangifte", "OBSUP": "ob-suppletie", "ICP": "icp-opgaaf"}

_NT = "http://www.nltaxonomie.nl/nt20/bd/20251210/entrypoints/"
CUSTOMERS = """<d:IntraCommunitySupplies>
    <d:CountryCodeISO-EC contextRef="Msg">BE</d:CountryCodeISO-EC>
    <d:SuppliesAmount contextRef="Msg" unitRef="EUR" decimals="INF">1000</d:SuppliesAmount>
    <d:VATIdentificationNumberNational contextRef="Msg">0123456749</d:VATIdentificationNumberNational>
  </d:IntraCommunitySupplies>
"""
WAGES = """<?xml version="1.0" encoding="UTF-8"?>
<Loonaangifte xmlns="http://xml.belastingdienst.nl/schemas/Loonaangifte/2026/01" version="2.0">
  <Bericht><IdBer>1</IdBer><DatTdAanm>2026-11-02T09:00:00</DatTdAanm></Bericht>
  <AdministratieveEenheid>
    <LhNr>111222333L01</LhNr>
    <TijdvakAangifte>
      <DatAanvTv>2026-10-01</DatAanvTv>
      <DatEindTv>2026-10-31</DatEindTv>
      <VolledigeAangifte>
        <CollectieveAangifte>
          <TotLnLbPh>5500</TotLnLbPh>
          <IngLbPh>1200</IngLbPh>
          <TotPrAofLg>300</TotPrAofLg>
          <AVZeev>100</AVZeev>
          <TotTeBet>1400</TotTeBet>
          <SaldoCorrectiesVoorgaandTijdvak><Saldo>-50</Saldo></SaldoCorrectiesVoorgaandTijdvak>
          <TotGen>1350</TotGen>
        </CollectieveAangifte>
        <InkomstenverhoudingInitieel><SofiNr>123456782</SofiNr><LnLbPh>2500.40</LnLbPh></InkomstenverhoudingInitieel>
        <InkomstenverhoudingInitieel><SofiNr>999991772</SofiNr><LnLbPh>3000.20</LnLbPh></InkomstenverhoudingInitieel>
      </VolledigeAangifte>
    </TijdvakAangifte>
    <TijdvakCorrectie>
      <DatAanvTv>2026-09-01</DatAanvTv>
      <DatEindTv>2026-09-30</DatEindTv>
      <InkomstenverhoudingInitieel><SofiNr>111222333</SofiNr><LnLbPh>77.00</LnLbPh></InkomstenverhoudingInitieel>
    </TijdvakCorrectie>
  </AdministratieveEenheid>
</Loonaangifte>
"""


def good(berichtsoort: str) -> str:
    """A return of this berichtsoort that no rule is against."""
    if berichtsoort == "Aangifte_LH":
        return WAGES
    values = {"Omzetbelasting": OB_VALUES, "OBSUP": SUPPLEMENT_VALUES, "ICP": {}}[berichtsoort]
    return _instance(ENTRYPOINTS[berichtsoort], values, CUSTOMERS if berichtsoort == "ICP" else "")


def _instance(entrypoint: str, values: Mapping[str, str], more: str) -> str:
    facts = "".join(f"  {_fact(name, value)}\n" for name, value in values.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<xbrli:xbrl xml:lang="nl" xmlns:d="urn:test:data" xmlns:iso4217="http://www.xbrl.org/2003/iso4217"
  xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xbrli="http://www.xbrl.org/2003/instance"
  xmlns:xlink="http://www.w3.org/1999/xlink">
  <link:schemaRef xlink:type="simple"
    xlink:href="http://www.nltaxonomie.nl/nt20/bd/20251210/entrypoints/bd-rpt-{entrypoint}-2026.xsd"/>
  <xbrli:context id="Msg">
    <xbrli:entity>
      <xbrli:identifier scheme="www.belastingdienst.nl/omzetbelastingnummer">001000044B37</xbrli:identifier>
    </xbrli:entity>
    <xbrli:period>
      <xbrli:startDate>2026-07-01</xbrli:startDate>
      <xbrli:endDate>2026-09-30</xbrli:endDate>
    </xbrli:period>
  </xbrli:context>
  <xbrli:unit id="EUR"><xbrli:measure>iso4217:EUR</xbrli:measure></xbrli:unit>
{facts}  {more}</xbrli:xbrl>
"""


def _fact(name: str, value: str) -> str:
    numeric = ' unitRef="EUR" decimals="INF"' if value.lstrip("-").isdecimal() and len(value) < 12 else ""
    return f'<d:{name} contextRef="Msg"{numeric}>{value}</d:{name}>'
