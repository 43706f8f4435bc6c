"""The answer to a query: MachtigingOverzicht, by ``schemas/machtiging/machtiging-overzicht.xsd``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from lxml import etree

from digipoort_sim.clock import wire_time
from digipoort_sim.register.terms import local_day
from digipoort_sim.register.values import Mandate

NAMESPACE = "urn:digipoort-sim:machtiging-overzicht:2026"


def render_overview(mandates: Iterable[Mandate], now: datetime) -> bytes:
    """The registrations as an XML document, in the order given."""
    root = etree.Element(f"{{{NAMESPACE}}}machtigingOverzicht", nsmap={"o": NAMESPACE})
    etree.SubElement(root, f"{{{NAMESPACE}}}tijdstempel").text = wire_time(now)
    for mandate in mandates:
        line = etree.SubElement(root, f"{{{NAMESPACE}}}registratie", id=mandate.id)
        for name, value in _fields(mandate):
            etree.SubElement(line, f"{{{NAMESPACE}}}{name}").text = value
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _fields(mandate: Mandate) -> Iterator[tuple[str, str]]:
    fields = (
        ("dienst", mandate.dienst),
        ("idVertegenwoordigde", mandate.id_vertegenwoordigde),
        ("soortNummer", mandate.type_vertegenwoordigde),
        ("idGemachtigde", mandate.id_gemachtigde),
        ("toestand", str(mandate.toestand)),
        ("datumOntvangen", _day(mandate.ontvangen)),
        ("datumBrief", _day(mandate.brief)),
        ("datumActief", _day(mandate.actief_sinds)),
        ("datumEinde", _day(mandate.geeindigd)),
        ("redenCode", mandate.reden_code or ""),
        ("reden", " ".join((mandate.reden or "").split())),
    )
    return ((name, value) for name, value in fields if value)


def _day(moment: datetime | None) -> str:
    return "" if moment is None else local_day(moment)
