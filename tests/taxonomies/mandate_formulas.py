"""Writes formulas and definitions of the mandate taxonomy: ``python -m tests.taxonomies.mandate_formulas``.

The rules are those of validation/mandate_rules.py and of the XSD of mandate instances, in XBRL's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from digipoort_sim.catalogue.mandate_messages import (
    FIELDS,
    NS_CONCEPTS,
    OPTIONAL,
    REQUIRED,
    SCHEMES,
    MessageKind,
)
from digipoort_sim.resources import schemas
from tests.taxonomies.linkbases import Arcs, linkbase

FOLDER: Final = schemas() / "machtiging" / "taxonomie" / "2026" / "entrypoints"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Made by tests/taxonomies/mandate_formulas.py. -->\n'
_ROLES = "http://digipoort-sim.example/taxonomie/machtiging/2026/role"
_DATA = "../dictionary/machtiging-data.xsd#mr_"
_CUBES = "../dictionary/machtiging-tabellen.xsd#mrt_"
_DIMENSIONAL = "http://xbrl.org/int/dim/arcrole/"
_XBRL = "http://www.xbrl.org/"
_VARIABLE, _MESSAGE = (
    "http://xbrl.org/arcrole/2008/variable",
    "http://xbrl.org/arcrole/2010/assertion-unsatisfied-message",
)
_ARCROLES = {
    f"{_VARIABLE}-set": "2008/variable.xsd#variable-set",
    f"{_VARIABLE}-filter": "2008/variable.xsd#variable-filter",
    _MESSAGE: "2010/validation-message.xsd#assertion-unsatisfied-message",
}
_MESSAGE_ROLE = "http://www.xbrl.org/2010/role/message"
_NAMES = {
    "gen": ("http://xbrl.org/2008/generic", "2008/generic-link.xsd"),
    "variable": ("http://xbrl.org/2008/variable", "2008/variable.xsd"),
    "va": ("http://xbrl.org/2008/assertion/value", "2008/value-assertion.xsd"),
    "cf": ("http://xbrl.org/2008/filter/concept", "2008/concept-filter.xsd"),
    "msg": ("http://xbrl.org/2010/message", "2010/generic-message.xsd"),
    "xbrli": ("http://www.xbrl.org/2003/instance", ""),
    "mr": (NS_CONCEPTS, ""),
}
_BARE = SCHEMES.removeprefix("http://")
_PLAIN = "replace(replace(normalize-space($s), '^https?://', ''), '/+$', '')"
_SELECTED = {
    "bericht": "/xbrli:xbrl",
    "identifiers": "//xbrli:identifier/normalize-space(.)",
    "schemes": "//xbrli:identifier/normalize-space(@scheme)",
}
"""General variables: the instance; what identifies entities in it, also in contexts that nothing refers to.

The latter are sequences: beside a fact Arelle takes only the first value of a general variable.
"""

_VALUES = (
    (
        "jaarVanDienst",
        ("dienst", "jaar"),
        (),
        "not(matches($dienst, '_[12][0-9]{3}$')) or ends-with($dienst, concat('_', $jaar))",
        "Het jaar {$jaar} is een ander jaar dan dat in de dienst ({$dienst}).",
        "The jaar {$jaar} is another year than the one in the dienst ({$dienst}).",
    ),
    (
        "entiteit",
        ("idVertegenwoordigde",),
        ("identifiers",),
        "every $i in $identifiers satisfies $i eq normalize-space($idVertegenwoordigde)",
        "De identifier {$identifiers} is niet gelijk aan idVertegenwoordigde ({$idVertegenwoordigde}).",
        "The identifier {$identifiers} is not equal to idVertegenwoordigde ({$idVertegenwoordigde}).",
    ),
    (
        "scheme",
        ("soortNummer",),
        ("schemes",),
        f"every $s in $schemes satisfies {_PLAIN} eq "
        f"concat('{_BARE}', lower-case(normalize-space($soortNummer)))",
        f"Het scheme van de identifier hoort bij soortNummer {{$soortNummer}} {SCHEMES}"
        "{lower-case($soortNummer)} te zijn.",
        f"The scheme of the identifier must be {SCHEMES}{{lower-case($soortNummer)}} for soortNummer "
        "{$soortNummer}.",
    ),
    (
        "schemeBekend",
        (),
        ("schemes",),
        f"every $s in $schemes satisfies matches({_PLAIN}, "
        f"'^{_BARE.replace('.', '[.]')}(bsn|rsin|fi|btw|kvk|lhnr|onbekend)$')",
        f"Het scheme {{$schemes}} van de identifier is niet {SCHEMES} met de soort van het nummer erachter.",
        f"The scheme {{$schemes}} of the identifier is not {SCHEMES} followed by the type of the number.",
    ),
)
"""Value assertions: id, fields, general variables, test, Dutch text, English text."""


def files() -> dict[str, str]:
    """Every linkbase by its name in the folder of the entry points."""
    made = {"machtiging-for.xml": _formulas(_common())}
    for kind in MessageKind:
        made[f"machtiging-{kind}-for.xml"] = _formulas(_of_kind(kind))
        made[f"machtiging-{kind}-def.xml"] = _definition(kind)
    return made


def _common() -> Iterator[str]:
    for field in FIELDS:
        nl, en = f"Het veld {field} staat er meer dan eens.", f"The field {field} stands more than once."
        yield from _number(f"enkel_{field}", field, "le 1", nl, en)
    for name, fields, general, test, nl, en in _VALUES:
        yield _value_assertion(name, test)
        yield from (_variable(name, field) for field in fields)
        yield from (_general_variable(name, variable) for variable in general)
        yield from _messages(name, nl, en)
    yield from _facts(sorted({field for _, fields, *_ in _VALUES for field in fields}))


def _of_kind(kind: MessageKind) -> Iterator[str]:
    for field in FIELDS:
        if field in REQUIRED[kind]:
            nl, en = f"Het veld {field} ontbreekt.", f"The field {field} is missing."
            yield from _number(f"{kind}_{field}", field, "ge 1", nl, en)
        elif field not in OPTIONAL[kind]:
            nl = f"Het veld {field} hoort niet in een bericht van de soort {kind}."
            en = f"The field {field} does not belong in a message of the kind {kind}."
            yield from _number(f"{kind}_geen_{field}", field, "eq 0", nl, en)


def _number(name: str, field: str, compared: str, nl: str, en: str) -> Iterator[str]:
    """How many facts of a field there may be.

    No existence assertion: of a taxonomy that is loaded without an instance, Arelle says that those are not
    satisfied.
    """
    yield _value_assertion(name, f"count($bericht/mr:{field}) {compared}")
    yield _general_variable(name, "bericht")
    yield from _messages(name, nl, en)


def _value_assertion(name: str, test: str) -> str:
    return (
        f'    <va:valueAssertion xlink:type="resource" xlink:label="{name}" id="mr_{name}"'
        f' aspectModel="dimensional" implicitFiltering="false" test={quoteattr(test)}/>\n'
    )


def _general_variable(assertion: str, name: str) -> str:
    label = f"{assertion}_{name}"
    return (
        f'    <variable:generalVariable xlink:type="resource" xlink:label="{label}"'
        f' bindAsSequence="{str(name != "bericht").lower()}" select="{_SELECTED[name]}"/>\n'
        + _variable_arc(assertion, label, name)
    )


def _variable(assertion: str, field: str) -> str:
    return _variable_arc(assertion, field, field)


def _variable_arc(assertion: str, label: str, name: str) -> str:
    return _arc("variable:variableArc", f"{_VARIABLE}-set", assertion, label, f' name="{name}"')


def _facts(fields: Iterable[str]) -> Iterator[str]:
    """The variables that stand for a field, and their filters."""
    for field in fields:
        yield (
            f'    <variable:factVariable xlink:type="resource" xlink:label="{field}"'
            ' bindAsSequence="false"/>\n'
        )
        covers = ' complement="false" cover="true"'
        yield _arc("variable:variableFilterArc", f"{_VARIABLE}-filter", field, f"{field}_filter", covers)
        yield (
            f'    <cf:conceptName xlink:type="resource" xlink:label="{field}_filter"><cf:concept>'
            f"<cf:qname>mr:{field}</cf:qname></cf:concept></cf:conceptName>\n"
        )


def _messages(assertion: str, nl: str, en: str) -> Iterator[str]:
    for language, text in (("nl", nl), ("en", en)):
        label = f"{assertion}_{language}"
        yield (
            f'    <msg:message xlink:type="resource" xlink:label="{label}" xlink:role="{_MESSAGE_ROLE}"'
            f' xml:lang="{language}">{escape(text)}</msg:message>\n'
        )
        yield _arc("gen:arc", _MESSAGE, assertion, label)


def _arc(element: str, arcrole: str, source: str, target: str, more: str = "") -> str:
    return (
        f'    <{element} xlink:type="arc" xlink:arcrole="{arcrole}" xlink:from="{source}"'
        f' xlink:to="{target}" order="1"{more}/>\n'
    )


def _formulas(parts: Iterator[str]) -> str:
    references = "".join(
        f'  <link:arcroleRef xlink:type="simple" arcroleURI="{uri}" xlink:href="{_XBRL}{place}"/>\n'
        for uri, place in _ARCROLES.items()
    )
    references += (
        f'  <link:roleRef xlink:type="simple" roleURI="{_MESSAGE_ROLE}"'
        f' xlink:href="{_XBRL}2010/generic-message.xsd#standard-message"/>\n'
    )
    link = '  <gen:link xlink:type="extended" xlink:role="http://www.xbrl.org/2003/role/link">\n'
    return _HEAD + linkbase(f"{references}{link}{''.join(parts)}  </gen:link>\n", _NAMES)


def _definition(kind: MessageKind) -> str:
    """Two closed tables without axes: neither a segment nor a scenario has a place in a mandate message."""
    title = f"{_DATA}titel{kind.title()}"
    link = Arcs("definition", f"{_ROLES}/{kind}")
    for field in FIELDS:
        if field in REQUIRED[kind] | OPTIONAL[kind]:
            link.add(f"{_DIMENSIONAL}domain-member", title, f"{_DATA}{field}")
    for container in ("segment", "scenario"):
        closed = f' xbrldt:contextElement="{container}" xbrldt:closed="true"'
        link.add(f"{_DIMENSIONAL}all", title, f"{_CUBES}leeg{container.title()}", closed)
    references = (
        f'  <link:roleRef xlink:type="simple" roleURI="{_ROLES}/{kind}"'
        f' xlink:href="machtiging-{kind}.xsd#rol_{kind}"/>\n'
    )
    for arcrole in ("domain-member", "all"):
        references += (
            f'  <link:arcroleRef xlink:type="simple" arcroleURI="{_DIMENSIONAL}{arcrole}"'
            f' xlink:href="{_XBRL}2005/xbrldt-2005.xsd#{arcrole}"/>\n'
        )
    return _HEAD + linkbase(references + link.extended_link())


def main(folder: Path = FOLDER) -> None:
    """Write the files anew."""
    for name, text in files().items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
