"""The identity in a content: finding it, and comparing it with identiteitBelanghebbende."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from digipoort_sim.catalogue.mandate_messages import NS_CONCEPTS, NS_XML
from digipoort_sim.errors import ConfigError
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.instance import IDENTIFIER, XBRL, text_of
from digipoort_sim.validation.places import Place
from digipoort_sim.validation.reports.inline_document import HTML
from digipoort_sim.validation.reports.package import read_report
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, place_of, read_xml

MAXIMUM_IDENTITIES: Final = 200

_OB_NUMBER = re.compile(r"[0-9]{9}B[0-9]{2}\Z")
_OB_CORE = re.compile(r"[0-9]{9}\Z")
_WRITING = re.compile(r"[\s.]")
_OB_TYPES = frozenset({"fi", "btw"})


def identity_in_content(content: bytes, rules: ContentRules) -> str | None:
    """The number of the party that a content is about, or None if it names none.

    For deliveries whose interface does not carry identiteitBelanghebbende (FTP).
    """
    if rules.form == "any":
        return None
    elements = (element for xml in _readable(content, rules) for element in identity_elements(xml, rules))
    return next((text for text in map(text_of, elements) if text), None)


def _readable(content: bytes, rules: ContentRules) -> tuple[XmlContent, ...]:
    """The XML that can be read of a content: one, none, or the documents of a report."""
    if rules.form == "report-package":
        return tuple(document.xml for document in read_report(content, "").documents)
    xml = read_xml(content, LIMITS[rules.form])
    return (xml,) if isinstance(xml, XmlContent) else ()


def identity_elements(xml: XmlContent, rules: ContentRules) -> Iterator[etree._Element]:
    """The elements that hold the identity, by the form of the content."""
    if rules.form == "mandate":
        yield from xml.root.iter(f"{{{NS_XML}}}idVertegenwoordigde", f"{{{NS_CONCEPTS}}}idVertegenwoordigde")
    elif xml.root.tag in (XBRL, HTML):
        schemes = {normal_scheme(scheme) for scheme in rules.identity_schemes}
        for element in xml.root.iter(IDENTIFIER):
            if not schemes or normal_scheme(element.get("scheme", "")) in schemes:
                yield element
    elif rules.identity_xpath:
        yield from _by_xpath(xml.root, rules.identity_xpath)


def _by_xpath(root: etree._Element, path: str) -> Iterator[etree._Element]:
    try:
        found = root.xpath(path, smart_strings=False)
    except etree.XPathError as error:
        raise ConfigError(f"The identity_xpath {path} cannot be used: {error}.", rule="XPATH") from error
    if isinstance(found, list):
        yield from (element for element in found if isinstance(element, etree._Element))


def normal_scheme(scheme: str) -> str:
    """A scheme without what real messages write differently: ``http://`` in front, a slash at the end."""
    return scheme.strip().removeprefix("https://").removeprefix("http://").rstrip("/")


def same_identity(given: str, type_given: str, found: str) -> bool:
    """Whether two numbers mean the same party: all characters that were given are compared.

    An OB number may be given (type ``Fi`` or ``BTW``) without its ``B`` and two digits.
    """
    if given == found:
        return True
    core_only = type_given.casefold() in _OB_TYPES and _OB_CORE.match(given) and _OB_NUMBER.match(found)
    return bool(core_only) and found.startswith(given)


def identity_findings(xml: XmlContent, rules: ContentRules, identity: tuple[str, str]) -> Iterator[Finding]:
    """One finding for every other number in the content than the one that was given.

    Args:
        identity: number and type of identiteitBelanghebbende.
    """
    given, type_given = identity[0].strip(), identity[1].strip()
    others: dict[str, Place] = {}
    for element in identity_elements(xml, rules):
        text = text_of(element)
        if not text or text in others or same_identity(given, type_given, text):
            continue
        if len(others) < MAXIMUM_IDENTITIES:
            others[text] = place_of(xml, element)
    is_xbrl = xml.root.tag in (XBRL, HTML)
    return (_mismatch(number, place, given, is_xbrl) for number, place in others.items())


def _mismatch(number: str, place: Place, given: str, is_xbrl: bool) -> Finding:
    """The Dutch words are the published ones, so only the English ones can name the given number."""
    source = "het XBRL bericht" if is_xbrl else "het bericht"
    return Finding(
        "IDENTITEIT",
        "error",
        *place,
        "Het meegegeven bedrijfsnummer komt niet exact overeen met bedrijfsnummer: "
        f"{shown(number)} uit {source}.",
        f"The number that was given, {shown(given)}, is not exactly the number {shown(number)} in the "
        f"message.{_hint(given, number)}",
        "published",
    )


def _hint(given: str, number: str) -> str:
    """What to mend where only the way of writing differs."""
    if _bare(given) != _bare(number):
        return ""
    return (
        " They differ only in how they are written (NL in front, dots, spaces or capitals): write both alike."
    )


def _bare(number: str) -> str:
    return _WRITING.sub("", number).upper().removeprefix("NL")
