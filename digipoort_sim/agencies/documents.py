"""The two forms of a service message: an XBRL instance, or an XML document.

Their namespaces are the simulator's own; the entry points are only named in the way of the real ones
(``bd-rpt-vpb-sba-<year>``). XBRL keeps to the filing rules that validation checks.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lxml import etree

from digipoort_sim.agencies.figures import Figure
from digipoort_sim.catalogue import Agency, Dienst
from digipoort_sim.catalogue.mandate_messages import identifier_scheme
from digipoort_sim.register import Mandate

NS_DOCUMENT = "urn:digipoort-sim:servicebericht:2026"
_TAXONOMY = "http://digipoort-sim.example/taxonomie/servicebericht/{year}/"
_XBRLI = "http://www.xbrl.org/2003/instance"
_LINK = "http://www.xbrl.org/2003/linkbase"
_XLINK = "http://www.w3.org/1999/xlink"
_ISO4217 = "http://www.xbrl.org/2003/iso4217"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_REPORTS = {
    "SBA_IB": "bd-rpt-ihz-sba",
    "SBA_VPB": "bd-rpt-vpb-sba",
    "SBA_OB": "bd-rpt-ob-sba",
    "VIA": "bd-rpt-ihz-via",
}


def entrypoint(dienst: Dienst, year: int) -> str:
    """The entry point that an instance for this dienst and year refers to."""
    report = _REPORTS.get(dienst.code) or f"rpt-{dienst.code.lower().replace('_', '-')}"
    return f"{_TAXONOMY.format(year=year)}entrypoints/{report}-{year}.xsd"


def xbrl_instance(mandate: Mandate, dienst: Dienst, day: date, facts: Sequence[Figure]) -> bytes:
    """A service message as an XBRL instance about the mandate's year, or the year of the message."""
    year = mandate.jaar or day.year
    concepts = f"{_TAXONOMY.format(year=year)}dictionary/servicebericht-data"
    names = {"sb": concepts, "iso4217": _ISO4217, "link": _LINK, "xbrli": _XBRLI, "xlink": _XLINK}
    root = etree.Element(f"{{{_XBRLI}}}xbrl", nsmap=names)
    root.set(_XML_LANG, "nl")
    reference = etree.SubElement(root, f"{{{_LINK}}}schemaRef")
    reference.set(f"{{{_XLINK}}}type", "simple")
    reference.set(f"{{{_XLINK}}}href", entrypoint(dienst, year))
    _add_context(root, mandate, year)
    if any(fact.kind == "amount" for fact in facts):
        unit = etree.SubElement(root, f"{{{_XBRLI}}}unit", id="EUR")
        etree.SubElement(unit, f"{{{_XBRLI}}}measure").text = "iso4217:EUR"
    for fact in facts:
        money = {"decimals": "INF", "unitRef": "EUR"} if fact.kind == "amount" else {}
        element = etree.SubElement(root, f"{{{concepts}}}{fact.english}", {"contextRef": "Msg", **money})
        element.text = fact.value
    return _written(root)


def xml_document(
    mandate: Mandate, dienst: Dienst, agency: Agency, day: date, facts: Sequence[Figure]
) -> bytes:
    """A service message as an XML document."""
    root = etree.Element(f"{{{NS_DOCUMENT}}}servicebericht", nsmap={"sb": NS_DOCUMENT})
    for name, value in (
        ("afzender", f"{agency.name} (SIMULATIE)"),
        ("dienst", mandate.dienst),
        ("omschrijving", dienst.name),
        ("datum", day.isoformat()),
    ):
        etree.SubElement(root, f"{{{NS_DOCUMENT}}}{name}").text = value
    client = etree.SubElement(
        root, f"{{{NS_DOCUMENT}}}vertegenwoordigde", soortNummer=mandate.type_vertegenwoordigde
    )
    client.text = mandate.id_vertegenwoordigde
    data = etree.SubElement(root, f"{{{NS_DOCUMENT}}}gegevens")
    for fact in facts:
        money = {"valuta": "EUR"} if fact.kind == "amount" else {}
        etree.SubElement(data, f"{{{NS_DOCUMENT}}}{fact.dutch}", money).text = fact.value
    return _written(root)


def _add_context(root: etree._Element, mandate: Mandate, year: int) -> None:
    context = etree.SubElement(root, f"{{{_XBRLI}}}context", id="Msg")
    entity = etree.SubElement(context, f"{{{_XBRLI}}}entity")
    scheme = identifier_scheme(mandate.type_vertegenwoordigde)
    etree.SubElement(entity, f"{{{_XBRLI}}}identifier", scheme=scheme).text = mandate.id_vertegenwoordigde
    period = etree.SubElement(context, f"{{{_XBRLI}}}period")
    etree.SubElement(period, f"{{{_XBRLI}}}startDate").text = f"{year}-01-01"
    etree.SubElement(period, f"{{{_XBRLI}}}endDate").text = f"{year}-12-31"


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
