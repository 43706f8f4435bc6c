"""Rules of the mandate messages beyond their schemas; all of them the simulator's own."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from digipoort_sim.catalogue.mandate_messages import (
    FIELDS,
    NS_CONCEPTS,
    NS_XML,
    OPTIONAL,
    REQUIRED,
    MessageKind,
    identifier_scheme,
    year_in_dienst,
)
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.identity import normal_scheme
from digipoort_sim.validation.instance import IDENTIFIER, XBRL, text_of
from digipoort_sim.validation.places import Place
from digipoort_sim.validation.xml_content import XmlContent, place_of

MACHTIGING = f"{{{NS_XML}}}machtiging"


def mandate_findings(
    xml: XmlContent, kind: MessageKind, identity: tuple[str, str] | None
) -> Iterator[Finding]:
    """All that these rules have against a mandate message in either form.

    Args:
        kind: the kind that the berichtsoort stands for.
        identity: number and type of identiteitBelanghebbende, if one was given.
    """
    if xml.root.tag == XBRL:
        yield from _field_names(xml, kind)
        yield from _entity(xml)
        yield from _agreement(xml, xml.root, NS_CONCEPTS, identity)
    else:
        yield from _xml_kind(xml, kind)
        for body in xml.root.iterchildren("*"):
            yield from _agreement(xml, body, NS_XML, identity)


def _field_names(xml: XmlContent, kind: MessageKind) -> Iterator[Finding]:
    for name in FIELDS:
        found = _named(xml.root, NS_CONCEPTS, name)
        if name in REQUIRED[kind] and not found:
            nl, en = f"Het veld {name} ontbreekt.", f"The field {name} is missing."
            yield _error("MACHTIGING-VELDEN", place_of(xml, xml.root), nl, en)
        if found and name not in REQUIRED[kind] | OPTIONAL[kind]:
            nl = f"Het veld {name} hoort niet in een bericht van de soort {kind}."
            en = f"The field {name} does not belong in a message of the kind {kind}."
            yield _error("MACHTIGING-VELDEN", place_of(xml, found[0]), nl, en)
        if len(found) > 1:
            nl, en = f"Het veld {name} staat er meer dan eens.", f"The field {name} stands more than once."
            yield _error("MACHTIGING-VELDEN", place_of(xml, found[1]), nl, en)


def _entity(xml: XmlContent) -> Iterator[Finding]:
    """The identifier of the entity is idVertegenwoordigde, its scheme that of soortNummer."""
    number = _first(xml.root, NS_CONCEPTS, "idVertegenwoordigde")
    soort = _first(xml.root, NS_CONCEPTS, "soortNummer")
    for identifier in xml.root.iter(IDENTIFIER):
        found = text_of(identifier)
        if number is not None and found != number:
            nl = f"De identifier {shown(found)} is niet gelijk aan idVertegenwoordigde ({shown(number)})."
            en = f"The identifier {shown(found)} is not equal to idVertegenwoordigde ({shown(number)})."
            yield _error("MACHTIGING-ENTITEIT", place_of(xml, identifier), nl, en)
        scheme = identifier_scheme(soort)
        if soort is not None and normal_scheme(identifier.get("scheme", "")) != normal_scheme(scheme):
            nl = f"Het scheme van de identifier hoort bij soortNummer {shown(soort)} {shown(scheme)} te zijn."
            en = f"The scheme of the identifier must be {shown(scheme)} for soortNummer {shown(soort)}."
            yield _error("MACHTIGING-ENTITEIT", place_of(xml, identifier, "scheme"), nl, en)


def _xml_kind(xml: XmlContent, kind: MessageKind) -> Iterator[Finding]:
    for body in xml.root.iterchildren("*"):
        found = str(body.tag).rpartition("}")[2]
        if found != kind:
            nl = f"Dit is een bericht van de soort {shown(found)}, terwijl de berichtsoort {kind} vraagt."
            en = f"This is a message of the kind {shown(found)}, but the berichtsoort asks for {kind}."
            yield _error("MACHTIGING-SOORT", place_of(xml, body), nl, en)


def _agreement(
    xml: XmlContent, parent: etree._Element, namespace: str, identity: tuple[str, str] | None
) -> Iterator[Finding]:
    dienst, jaar = _first(parent, namespace, "dienst"), _first(parent, namespace, "jaar")
    named = year_in_dienst(dienst or "")
    if jaar and named and jaar != named:
        nl = f"Het jaar {shown(jaar)} is een ander jaar dan dat in de dienst ({shown(dienst or '')})."
        en = f"The jaar {shown(jaar)} is another year than the one in the dienst ({shown(dienst or '')})."
        yield _error("MACHTIGING-JAAR", _place_of_first(xml, parent, namespace, "jaar"), nl, en)
    soort = _first(parent, namespace, "soortNummer")
    if soort and identity and identity[1] and _type_class(soort) != _type_class(identity[1]):
        nl = f"Het soortNummer {shown(soort)} is niet het type van identiteitBelanghebbende."
        en = f"The soortNummer {shown(soort)} is not the type of identiteitBelanghebbende."
        yield _error("MACHTIGING-NUMMER", _place_of_first(xml, parent, namespace, "soortNummer"), nl, en)


def _type_class(soort: str) -> str:
    """Types compare without regard to case; `BTW` and `Fi` are two names of one kind of number."""
    folded = soort.strip().casefold()
    return "fi" if folded == "btw" else folded


def _named(parent: etree._Element, namespace: str, name: str) -> list[etree._Element]:
    return list(parent.iterchildren(f"{{{namespace}}}{name}"))


def _first(parent: etree._Element, namespace: str, name: str) -> str | None:
    return next(map(text_of, _named(parent, namespace, name)), None)


def _place_of_first(xml: XmlContent, parent: etree._Element, namespace: str, name: str) -> Place:
    return place_of(xml, _named(parent, namespace, name)[0])


def _error(rule: str, place: Place, nl: str, en: str) -> Finding:
    return Finding(rule, "error", *place, nl, en, "simulator")
