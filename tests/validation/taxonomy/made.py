"""Small taxonomy packages that do what a good one never would, and instances for them."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

BASE: Final = "http://vreemd.example/taxonomie/"
ENTRYPOINTS: Final = ("goed", "traag", "groot", "kapot", "fout", "elders", "som")

_SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:v="{base}" targetNamespace="{base}"
  xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:link="http://www.xbrl.org/2003/linkbase"
  xmlns:xlink="http://www.w3.org/1999/xlink" elementFormDefault="qualified">
  <xs:annotation><xs:appinfo>{references}</xs:appinfo></xs:annotation>
  <xs:import namespace="http://www.xbrl.org/2003/instance"
    schemaLocation="http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd"/>{imports}
  <xs:element name="Naam" id="v_Naam" type="xbrli:stringItemType" substitutionGroup="xbrli:item"
    nillable="true" xbrli:periodType="duration"/>
  <xs:element name="Totaal" id="v_Totaal" type="xbrli:monetaryItemType" substitutionGroup="xbrli:item"
    nillable="true" xbrli:periodType="duration"/>
  <xs:element name="Deel" id="v_Deel" type="xbrli:monetaryItemType" substitutionGroup="xbrli:item"
    nillable="true" xbrli:periodType="duration"/>{more}
</xs:schema>"""
_LINKBASE = (
    '<link:linkbaseRef xlink:type="simple" xlink:href="{}.xml" '
    'xlink:arcrole="http://www.w3.org/1999/xlink/properties/linkbase"/>'
)
_FORMULAS = """<link:linkbase xmlns:link="http://www.xbrl.org/2003/linkbase"
  xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:gen="http://xbrl.org/2008/generic" xmlns:va="http://xbrl.org/2008/assertion/value"
  xmlns:variable="http://xbrl.org/2008/variable" xmlns:cf="http://xbrl.org/2008/filter/concept"
  xmlns:v="{base}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{schemas}">
  <link:arcroleRef arcroleURI="http://xbrl.org/arcrole/2008/variable-set"
    xlink:href="http://www.xbrl.org/2008/variable.xsd#variable-set" xlink:type="simple"/>
  <link:arcroleRef arcroleURI="http://xbrl.org/arcrole/2008/variable-filter"
    xlink:href="http://www.xbrl.org/2008/variable.xsd#variable-filter" xlink:type="simple"/>
  <link:roleRef roleURI="http://www.xbrl.org/2008/role/link"
    xlink:href="http://www.xbrl.org/2008/generic-link.xsd#standard-link-role" xlink:type="simple"/>
  <gen:link xlink:type="extended" xlink:role="http://www.xbrl.org/2008/role/link">
    <va:valueAssertion xlink:type="resource" xlink:label="a" id="regel" aspectModel="dimensional"
      implicitFiltering="true" test="{test}"/>
    <variable:factVariable xlink:type="resource" xlink:label="n" bindAsSequence="false"/>
    <variable:variableArc xlink:type="arc" xlink:arcrole="http://xbrl.org/arcrole/2008/variable-set"
      xlink:from="a" xlink:to="n" name="n" order="1"/>
    <cf:conceptName xlink:type="resource" xlink:label="f">
      <cf:concept><cf:qname>v:Naam</cf:qname></cf:concept>
    </cf:conceptName>
    <variable:variableFilterArc xlink:type="arc" xlink:arcrole="http://xbrl.org/arcrole/2008/variable-filter"
      xlink:from="n" xlink:to="f" complement="false" cover="true" order="1"/>
  </gen:link>
</link:linkbase>"""
_SCHEMAS = " ".join(
    f"http://xbrl.org/2008/{name} http://www.xbrl.org/2008/{file}.xsd"
    for name, file in {
        "generic": "generic-link",
        "assertion/value": "value-assertion",
        "variable": "variable",
        "filter/concept": "concept-filter",
    }.items()
)
_TESTS = {
    "traag": "every $a in 1 to 10000 satisfies "
    "(every $b in 1 to 10000 satisfies $a + $b gt string-length($n) - 9)",
    "groot": "string-length(string-join(for $a in 1 to 100000000 return 'xxxxxxxxxxxxxxxxxxxx', $n)) gt 0",
}
_SUM = """<link:linkbase xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xlink="http://www.w3.org/1999/xlink">
  <link:calculationLink xlink:type="extended" xlink:role="http://www.xbrl.org/2003/role/link">
    <link:loc xlink:type="locator" xlink:href="som.xsd#v_Totaal" xlink:label="t"/>
    <link:loc xlink:type="locator" xlink:href="som.xsd#v_Deel" xlink:label="d"/>
    <link:calculationArc xlink:type="arc" xlink:arcrole="http://www.xbrl.org/2003/arcrole/summation-item"
      xlink:from="t" xlink:to="d" weight="1" order="1"/>
  </link:calculationLink>
</link:linkbase>"""
_PACKAGE = """<tp:taxonomyPackage xmlns:tp="http://xbrl.org/2016/taxonomy-package" xml:lang="en">
  <tp:identifier>{base}pakket</tp:identifier><tp:name>Strange</tp:name><tp:version>1</tp:version>
  <tp:publicationDate>2026-01-01</tp:publicationDate>
  <tp:entryPoints>{points}</tp:entryPoints>
</tp:taxonomyPackage>"""
_POINT = "<tp:entryPoint><tp:name>{0}</tp:name><tp:entryPointDocument href='{1}{0}.xsd'/></tp:entryPoint>"
_CATALOG = """<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">
  <rewriteURI uriStartString="{base}" rewritePrefix="../t/"/></catalog>"""
_INSTANCE = """<?xml version="1.0" encoding="UTF-8"?>
<xbrli:xbrl xml:lang="nl" xmlns:v="{base}" xmlns:iso4217="http://www.xbrl.org/2003/iso4217"
  xmlns:link="http://www.xbrl.org/2003/linkbase" xmlns:xbrli="http://www.xbrl.org/2003/instance"
  xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"{attributes}>
  <link:schemaRef xlink:type="simple" xlink:href="{href}"/>{references}
  <xbrli:context id="Msg">
    <xbrli:entity><xbrli:identifier scheme="http://vreemd.example/nummer">1</xbrli:identifier></xbrli:entity>
    <xbrli:period><xbrli:startDate>2026-01-01</xbrli:startDate><xbrli:endDate>2026-03-31</xbrli:endDate></xbrli:period>
  </xbrli:context>
  <xbrli:unit id="EUR"><xbrli:measure>iso4217:EUR</xbrli:measure></xbrli:unit>
{facts}
</xbrli:xbrl>
"""
NAME: Final = '  <v:Naam contextRef="Msg">{}</v:Naam>'
AMOUNT: Final = '  <v:{} contextRef="Msg" unitRef="EUR" decimals="INF">{}</v:{}>'


def entrypoint(name: str, base: str = BASE) -> str:
    """The URI of an entry point."""
    return f"{base}{name}.xsd"


def strange_package(folder: Path, elsewhere: str = "http://127.0.0.1:9/", base: str = BASE) -> Path:
    """Write the package into a folder.

    Args:
        elsewhere: base of the URI that the entry point ``elders`` imports.
        base: of its own URIs.
    """
    path = folder / "vreemd.zip"
    with zipfile.ZipFile(path, "w") as archive:
        points = "".join(_POINT.format(name, base) for name in ENTRYPOINTS)
        archive.writestr("vreemd/META-INF/taxonomyPackage.xml", _PACKAGE.format(base=base, points=points))
        archive.writestr("vreemd/META-INF/catalog.xml", _CATALOG.format(base=base))
        for name in ENTRYPOINTS:
            archive.writestr(f"vreemd/t/{name}.xsd", _schema(name, elsewhere, base))
        for name, test in _TESTS.items():
            formulas = _FORMULAS.format(base=base, test=test, schemas=_SCHEMAS)
            archive.writestr(f"vreemd/t/{name}.xml", formulas)
        archive.writestr("vreemd/t/som.xml", _SUM)
    return path


def _schema(name: str, elsewhere: str, base: str) -> str:
    imports = {"kapot": "ontbreekt.xsd", "elders": f"{elsewhere}elders.xsd"}.get(name)
    return _SCHEMA.format(
        base=base,
        references=_LINKBASE.format(name) if name in ("traag", "groot", "som") else "",
        imports=f'<xs:import namespace="urn:weg" schemaLocation="{imports}"/>' if imports else "",
        more='<xs:element name="Fout" type="xbrli:stringItemType" substitutionGroup="xbrli:item"/>'
        if name == "fout"
        else "",
    )


def instance(
    name: str,
    *facts: str,
    href: str | None = None,
    references: str = "",
    attributes: str = "",
    base: str = BASE,
) -> bytes:
    """An instance of an entry point, with one name unless other facts are given."""
    return _INSTANCE.format(
        base=base,
        href=entrypoint(name, base) if href is None else href,
        facts="\n".join(facts or (NAME.format("Jan"),)),
        references=references,
        attributes=attributes,
    ).encode()
