"""The two forms of a service message: an XBRL instance, or an XML document.

Their namespaces are the simulator's own; the entry points are only named in the way of the real ones
(``bd-rpt-vpb-sba-<year>``), and are those of the trial taxonomy (``schemas/proef``). XBRL keeps to the filing
rules that validation checks.
"""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from digipoort_sim.agencies.figures import Figure, Line, Part, Subject
from digipoort_sim.catalogue import Agency, Dienst
from digipoort_sim.catalogue.mandate_messages import identifier_scheme
from digipoort_sim.register import Mandate

NS_DOCUMENT = "urn:digipoort-sim:servicebericht:2026"
_TAXONOMY = "http://digipoort-sim.example/nt-proef/nt20/bd/20251210/"
_CONCEPTS = f"{_TAXONOMY}dictionary/bd-data"
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
    return f"{_TAXONOMY}entrypoints/{report}-{year}.xsd"


def xbrl_instance(subject: Subject, dienst: Dienst, parts: Sequence[Part]) -> bytes:
    """A service message as an XBRL instance about the mandate's year, or the year of the message."""
    year = subject.year
    names = {"bd-i": _CONCEPTS, "iso4217": _ISO4217, "link": _LINK, "xbrli": _XBRLI, "xlink": _XLINK}
    root = etree.Element(f"{{{_XBRLI}}}xbrl", nsmap=names)
    root.set(_XML_LANG, "nl")
    reference = etree.SubElement(root, f"{{{_LINK}}}schemaRef")
    reference.set(f"{{{_XLINK}}}type", "simple")
    reference.set(f"{{{_XLINK}}}href", entrypoint(dienst, year))
    _add_context(root, subject.mandate, year)
    facts = [part for part in parts if isinstance(part, Figure)]
    if any(fact.kind == "amount" for fact in facts):
        unit = etree.SubElement(root, f"{{{_XBRLI}}}unit", id="EUR")
        etree.SubElement(unit, f"{{{_XBRLI}}}measure").text = "iso4217:EUR"
    for fact in facts:
        money = {"decimals": "INF", "unitRef": "EUR"} if fact.kind == "amount" else {}
        element = etree.SubElement(root, f"{{{_CONCEPTS}}}{fact.english}", {"contextRef": "Msg", **money})
        element.text = fact.value
    return _written(root)


def xml_document(subject: Subject, dienst: Dienst, agency: Agency, parts: Sequence[Part]) -> bytes:
    """A service message as an XML document of ``schemas/servicebericht``."""
    root = etree.Element(f"{{{NS_DOCUMENT}}}servicebericht", nsmap={"sb": NS_DOCUMENT})
    for name, value in (
        ("afzender", f"{agency.name} (SIMULATIE)"),
        ("dienst", subject.mandate.dienst),
        ("omschrijving", dienst.name),
        ("datum", subject.day.isoformat()),
    ):
        etree.SubElement(root, f"{{{NS_DOCUMENT}}}{name}").text = value
    kind = subject.mandate.type_vertegenwoordigde
    client = etree.SubElement(root, f"{{{NS_DOCUMENT}}}vertegenwoordigde", soortNummer=kind)
    client.text = subject.client
    _add_parts(etree.SubElement(root, f"{{{NS_DOCUMENT}}}gegevens"), parts)
    return _written(root)


def _add_parts(parent: etree._Element, parts: Sequence[Part]) -> None:
    for part in parts:
        if isinstance(part, Line):
            _add_parts(etree.SubElement(parent, f"{{{NS_DOCUMENT}}}{part.dutch}"), part.figures)
        else:
            money = {"valuta": "EUR"} if part.kind == "amount" else {}
            etree.SubElement(parent, f"{{{NS_DOCUMENT}}}{part.dutch}", money).text = part.value


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
