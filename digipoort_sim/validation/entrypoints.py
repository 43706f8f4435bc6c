"""Whether the entry point of an instance is one of its berichtsoort, in a taxonomy that there is.

The real validators know the entry points of the Nederlandse Taxonomie. Here they are known by their form, and
by the taxonomy packages that are at hand. Namespaces and entry points are compared as strings: ``https`` for
``http`` or another case is another URI, in the real taxonomy too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from digipoort_sim.catalogue.mandate_messages import entrypoint
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import Finding, shown
from digipoort_sim.validation.instance import HREF, SCHEMA_REF
from digipoort_sim.validation.subject import Subject
from digipoort_sim.validation.xml_content import place_of

MAXIMUM_ENTRYPOINTS: Final = 200
"""So many schemaRefs of one instance are looked at; there should be one."""

FORM: Final = "http://www.nltaxonomie.nl/nt<NN>/<domain>/<yyyymmdd>/entrypoints/<file>.xsd"
_FORM_NL = "http://www.nltaxonomie.nl/nt<NN>/<domein>/<jjjjmmdd>/entrypoints/<bestand>.xsd"
_NT = re.compile(
    r"http://www\.nltaxonomie\.nl/nt[0-9]{2}/[a-z][a-z0-9-]*/[0-9]{8}(?:\.[a-z])?/entrypoints/[^/?#\s]+\.xsd"
)
"""The entry points of the NT; a corrected version has a letter behind its date (``20170714.a``)."""

_YEAR = re.compile(r"\(?\\d\{4\}\)?")
"""How a pattern of the catalogue says that there is a year."""

TRIAL: Final = "http://digipoort-sim.example/nt-proef/"
"""What the entry points of the trial taxonomy in ``schemas/proef`` begin with."""

_Texts = tuple[str, str]
_NOTHING: _Texts = ("", "")
_TRIAL_TEXTS: Final[_Texts] = (
    "Het entrypoint is van de proeftaxonomie van de simulator; de echte Digipoort kent die niet. "
    f"Gebruik daar het entrypoint van de Nederlandse Taxonomie: {_FORM_NL}.",
    "The entry point is that of the simulator's trial taxonomy, which the real Digipoort does not know. "
    f"Use the entry point of the Nederlandse Taxonomie there: {FORM}.",
)


def entrypoints_of(subject: Subject) -> tuple[str, ...]:
    """The entry points that an instance or a report refers to, each once; none if it is neither."""
    if subject.report is not None:
        return subject.report.entry_points
    return tuple(dict.fromkeys(map(_href, _references(subject))))


def entrypoint_findings(subject: Subject) -> Iterator[Finding]:
    """An error for each entry point that is not one of the berichtsoort, or not one that there is.

    One of the trial taxonomy is good here, with a warning: the real Digipoort does not know it. The messages
    that the simulator makes itself, of berichtsoorten without a pattern, have it without a word.
    """
    for reference in _references(subject):
        href, xml = _href(reference), subject.xml
        problem = _problem(href, subject)
        if problem is not None and xml is not None:
            place = place_of(xml, reference, HREF)
            yield Finding("XBRL-ENTRYPOINT", "error", *place, *problem, "inferred")
        elif href.startswith(TRIAL) and subject.rules.entrypoint_pattern and xml is not None:
            place = place_of(xml, reference, HREF)
            yield Finding("XBRL-PROEF", "warning", *place, *_TRIAL_TEXTS, "simulator")


def _references(subject: Subject) -> tuple[etree._Element, ...]:
    instance = subject.instance
    return () if instance is None else instance.named(SCHEMA_REF)[:MAXIMUM_ENTRYPOINTS]


def _href(reference: etree._Element) -> str:
    return reference.get(HREF, "").strip()


def _problem(href: str, subject: Subject) -> _Texts | None:
    rules = subject.rules
    if rules.mandate_kind is not None:
        wanted = entrypoint(rules.mandate_kind)
        return None if href == wanted else _not_of_this_soort(href, rules, wanted)
    if not rules.entrypoint_pattern:
        return None
    if not re.fullmatch(rules.entrypoint_pattern, href.rpartition("/")[2]):
        return _not_of_this_soort(href, rules, None)
    if _NT.fullmatch(href) or subject.packages.package_of(href) is not None:
        return None
    return _not_there(href)


def _not_of_this_soort(href: str, rules: ContentRules, wanted: str | None) -> _Texts:
    found, soort = shown(href, 300), rules.berichtsoort
    nl, en = (wanted, wanted) if wanted else _file_names(rules)
    return (
        f"Het entrypoint {found} hoort niet bij de berichtsoort {soort}. Verwacht wordt {nl}.",
        f"The entry point {found} does not belong to the berichtsoort {soort}. Expected is {en}.",
    )


def _file_names(rules: ContentRules) -> _Texts:
    """The file name that an entry point of the berichtsoort has, with the year left open."""
    name = (rules.entrypoint_pattern or "").replace("\\.", ".")
    nl, en = (_YEAR.sub(year, name) for year in ("<jaar>", "<year>"))
    return f"{_FORM_NL.rpartition('/')[0]}/{nl}", f"{FORM.rpartition('/')[0]}/{en}"


def _not_there(href: str) -> _Texts:
    found, (nl, en) = shown(href, 300), _almost(href)
    return (
        f"Het entrypoint {found} staat niet in een taxonomie die hier bekend is. Verwacht wordt "
        f"{_FORM_NL}, of een entrypoint uit een taxonomiepakket in de map van de simulator.{nl}",
        f"The entry point {found} is in no taxonomy that is known here. Expected is {FORM}, or an entry "
        f"point of a taxonomy package in the simulator's folder.{en}",
    )


def _almost(href: str) -> _Texts:
    """What to mend where only the scheme or the case of the URI is wrong."""
    if href.startswith("https://"):
        return (
            " Let op: een URI met https is een andere dan die met http, ook al staat daar hetzelfde.",
            " Note: a URI with https is another one than that with http, even if the same is found there.",
        )
    if _NT.fullmatch(href.lower()):
        return (
            " Let op: hoofdletters maken er een andere URI van.",
            " Note: capitals make it another URI.",
        )
    return _NOTHING
