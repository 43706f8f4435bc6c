"""Writes the trial taxonomy of ``schemas/proef``: ``python -m tests.taxonomies.generator``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from tests.taxonomies.linkbases import Arcs, Formulas, Labels, Role, linkbase

HERE: Final = Path(__file__).parent
PACKAGE: Final = HERE.parents[1] / "schemas" / "proef"
TABLE: Final[dict[str, Any]] = tomllib.loads((HERE / "table.toml").read_text("utf-8"))
BASE: Final[str] = TABLE["base"]
_XBRL = "http://www.xbrl.org/2003/xbrl-instance-2003-12-31.xsd"
_DIMENSIONAL = "http://xbrl.org/int/dim/arcrole/"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<!-- Made from tests/taxonomies/table.toml; no part of the Nederlandse Taxonomie. -->\n"
)
_PREFIXES = {
    "bd-types": "dictionary/bd-types",
    "bd-i": "dictionary/bd-data",
    "bd-dim-mem": "dictionary/bd-domain-members",
    "bd-abstr": "presentation/bd-abstr",
    "bd-axes": "validation/bd-axes",
    "bd-domains": "validation/bd-domains",
    "bd-linkroles": "validation/bd-linkroles",
}
_ABSTRACT = 'type="xbrli:stringItemType" abstract="true" nillable="true" xbrli:periodType="duration"'
_ITEM = f'substitutionGroup="xbrli:item" {_ABSTRACT}'


def files() -> dict[str, str]:
    """Every file of the package by its path in it, but for the instances."""
    made = {
        "dictionary/bd-types.xsd": _schema("bd-types", _types()),
        "dictionary/bd-data.xsd": _schema("bd-i", _concepts(), ("bd-types",)),
        "dictionary/bd-domain-members.xsd": _schema("bd-dim-mem", _members()),
        "presentation/bd-abstr.xsd": _schema("bd-abstr", _titles()),
        "validation/bd-axes.xsd": _schema("bd-axes", _axes(), ("bd-domains",)),
        "validation/bd-domains.xsd": _schema("bd-domains", _domains()),
        "validation/bd-linkroles.xsd": _schema("bd-linkroles", _roles()),
    }
    for language, column in (("nl", 0), ("en", 1)):
        labels = Labels(language, {where: texts[column] for where, texts in _labels().items()})
        made[f"dictionary/bd-data-lab-{language}.xml"] = _HEAD + linkbase(labels.extended_link())
    for report, row in reports().items():
        made[f"presentation/bd-{report}-pre.xml"] = _HEAD + _presentation(report, row)
        made[f"validation/bd-{report}-def.xml"] = _HEAD + _definition(report, row)
        made[f"validation/bd-{report}-for.xml"] = _HEAD + _formulas(report, row)
        made[f"entrypoints/bd-rpt-{report}.xsd"] = _entrypoint(report, row)
    taxonomy = {f"taxonomie/{path}": text for path, text in made.items()}
    return {**taxonomy, "META-INF/catalog.xml": _catalog(), "META-INF/taxonomyPackage.xml": _package()}


def reports() -> dict[str, dict[str, Any]]:
    """The reports with the parts that they include."""
    made = {}
    for name, row in TABLE["reports"].items():
        parts = [TABLE["parts"][part] for part in row.get("include", ())] + [row]
        cubes = {cube: [c for p in parts for c in p["cubes"].get(cube, ())] for cube in TABLE["cubes"]}
        checks = [check for part in parts for check in part.get("checks", ())]
        made[name] = {**row, "cubes": {c: names for c, names in cubes.items() if names}, "checks": checks}
    return made


def _title(report: str) -> str:
    return "".join(word.capitalize() for word in report.split("-")) + "Title"


def _schema(prefix: str, content: Iterable[str], imports: Iterable[str] = ()) -> str:
    path = _PREFIXES[prefix]
    wanted = "".join(
        f'  <xs:import namespace="{BASE}{_PREFIXES[other]}" schemaLocation="../{_PREFIXES[other]}.xsd"/>\n'
        for other in imports
    )
    names = "".join(f'\n  xmlns:{p}="{BASE}{_PREFIXES[p]}"' for p in (prefix, *imports))
    return (
        f'{_HEAD}<xs:schema targetNamespace="{BASE}{path}" elementFormDefault="qualified"\n'
        '  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xbrli="http://www.xbrl.org/2003/instance"\n'
        '  xmlns:xbrldt="http://xbrl.org/2005/xbrldt" xmlns:link="http://www.xbrl.org/2003/linkbase"\n'
        f'  xmlns:xlink="http://www.w3.org/1999/xlink"{names}>\n'
        f'  <xs:import namespace="http://www.xbrl.org/2003/instance" schemaLocation="{_XBRL}"/>\n'
        '  <xs:import namespace="http://xbrl.org/2005/xbrldt" schemaLocation="http://www.xbrl.org/2005/xbrldt-2005.xsd"/>\n'
        f"{wanted}{''.join(content)}</xs:schema>\n"
    )


def _types() -> Iterator[str]:
    for name, row in TABLE["types"].items():
        kind = "numeric" if row["base"] == "monetary" else "nonNumeric"
        yield (
            f'  <xs:complexType name="{name}ItemType">\n    <xs:simpleContent>\n'
            f'      <xs:restriction base="xbrli:{row["base"]}ItemType">\n{_facets(row)}'
            f'        <xs:attributeGroup ref="xbrli:{kind}ItemAttrs"/>\n'
            "      </xs:restriction>\n    </xs:simpleContent>\n  </xs:complexType>\n"
        )


def _facets(row: dict[str, Any]) -> str:
    return "".join(
        f'        <xs:{facet} value="{value}"/>\n'
        for facet, values in row["facets"].items()
        for value in (values if isinstance(values, list) else [values])
    )


def _element(prefix: str, name: str, attributes: str) -> str:
    return f'  <xs:element name="{name}" id="{prefix}_{name}" {attributes}/>\n'


def _concepts() -> Iterator[str]:
    rest = 'substitutionGroup="xbrli:item" nillable="false" xbrli:periodType="duration"'
    for name, (type_, *_) in TABLE["concepts"].items():
        yield _element("bd-i", name, f'type="bd-types:{type_}ItemType" {rest}')


def _titles() -> Iterator[str]:
    return (_element("bd-abstr", _title(report), _ITEM) for report in TABLE["reports"])


def _members() -> Iterator[str]:
    for axis, row in TABLE["axes"].items():
        if "members" in row:
            yield from (_element("bd-dim-mem", name, _ITEM) for name in (f"{axis}Domain", *row["members"]))


def _axes() -> Iterator[str]:
    for axis, row in TABLE["axes"].items():
        domain = (
            "" if "members" in row else f' xbrldt:typedDomainRef="bd-domains.xsd#bd-domains_{axis}Domain"'
        )
        group = f'substitutionGroup="xbrldt:dimensionItem" {_ABSTRACT}{domain}'
        yield _element("bd-axes", f"{axis}Dimension", group)
    group = f'substitutionGroup="xbrldt:hypercubeItem" {_ABSTRACT}'
    yield from (_element("bd-axes", f"{cube}Hypercube", group) for cube in TABLE["cubes"])


def _domains() -> Iterator[str]:
    for axis, row in TABLE["axes"].items():
        if "facets" in row:
            yield (
                f'  <xs:element name="{axis}Domain" id="bd-domains_{axis}Domain">\n    <xs:simpleType>\n'
                f'      <xs:restriction base="xs:string">\n{_facets(row)}      </xs:restriction>\n'
                "    </xs:simpleType>\n  </xs:element>\n"
            )


def _roles() -> Iterator[str]:
    yield "  <xs:annotation>\n    <xs:appinfo>\n"
    for report, row in reports().items():
        for part in ("pre", *(f"def_{cube}" for cube in row["cubes"])):
            used = "presentationLink" if part == "pre" else "definitionLink"
            yield (
                f'      <link:roleType roleURI="{BASE}role/{report}/{part}" id="{report}_{part}">'
                f"<link:definition>{row['nl']} ({part})</link:definition>"
                f"<link:usedOn>link:{used}</link:usedOn></link:roleType>\n"
            )
    yield "    </xs:appinfo>\n  </xs:annotation>\n"


def _labels() -> dict[str, tuple[str, str]]:
    """Dutch and English label of everything that has one, by its place seen from the dictionary."""
    made = {f"bd-data.xsd#bd-i_{name}": (nl, en) for name, (_, nl, en) in TABLE["concepts"].items()}
    for report, row in TABLE["reports"].items():
        made[f"../presentation/bd-abstr.xsd#bd-abstr_{_title(report)}"] = (row["nl"], row["en"])
    for axis, row in TABLE["axes"].items():
        made[f"../validation/bd-axes.xsd#bd-axes_{axis}Dimension"] = (row["nl"], row["en"])
        for member, (nl, en) in row.get("members", {}).items():
            made[f"bd-domain-members.xsd#bd-dim-mem_{member}"] = (nl, en)
    return made


def _role(report: str, part: str) -> Role:
    return Role(f"{BASE}role/{report}/{part}", f"{report}_{part}")


def _formulas(report: str, row: dict[str, Any]) -> str:
    made = Formulas(report, f"{BASE}{_PREFIXES['bd-i']}")
    for name in row["required"]:
        made.require(name)
    for check in row["checks"]:
        made.check(check)
    return made.text()


def _presentation(report: str, row: dict[str, Any]) -> str:
    role = _role(report, "pre")
    title = f"../presentation/bd-abstr.xsd#bd-abstr_{_title(report)}"
    link = Arcs("presentation", role.uri)
    for names in row["cubes"].values():
        for name in names:
            link.add(
                "http://www.xbrl.org/2003/arcrole/parent-child",
                title,
                f"../dictionary/bd-data.xsd#bd-i_{name}",
            )
    return linkbase(role.reference() + link.extended_link())


def _definition(report: str, row: dict[str, Any]) -> str:
    """A cube per group of concepts: closed, so that a fact stands in a context with just its axes."""
    title = f"../presentation/bd-abstr.xsd#bd-abstr_{_title(report)}"
    links = references = ""
    for cube, names in row["cubes"].items():
        role = _role(report, f"def_{cube}")
        link = Arcs("definition", role.uri)
        for name in names:
            link.add(f"{_DIMENSIONAL}domain-member", title, f"../dictionary/bd-data.xsd#bd-i_{name}")
        hypercube = f"bd-axes.xsd#bd-axes_{cube}Hypercube"
        link.add(
            f"{_DIMENSIONAL}all", title, hypercube, ' xbrldt:contextElement="scenario" xbrldt:closed="true"'
        )
        for axis in TABLE["cubes"][cube]:
            _add_axis(link, axis, hypercube)
        references += role.reference()
        links += link.extended_link()
    for arcrole in dict.fromkeys(re.findall(rf'"{_DIMENSIONAL}([\w-]+)"', links)):
        place = f"http://www.xbrl.org/2005/xbrldt-2005.xsd#{arcrole}"
        uri = f'arcroleURI="{_DIMENSIONAL}{arcrole}"'
        references += f'  <link:arcroleRef xlink:type="simple" {uri} xlink:href="{place}"/>\n'
    return linkbase(references + links)


def _add_axis(link: Arcs, axis: str, hypercube: str) -> None:
    dimension = f"bd-axes.xsd#bd-axes_{axis}Dimension"
    link.add(f"{_DIMENSIONAL}hypercube-dimension", hypercube, dimension)
    members = TABLE["axes"][axis].get("members", {})
    domain = f"../dictionary/bd-domain-members.xsd#bd-dim-mem_{axis}Domain"
    if members:
        link.add(f"{_DIMENSIONAL}dimension-domain", dimension, domain, ' xbrldt:usable="false"')
    for member in members:
        link.add(
            f"{_DIMENSIONAL}domain-member", domain, f"../dictionary/bd-domain-members.xsd#bd-dim-mem_{member}"
        )


def _entrypoint(report: str, row: dict[str, Any]) -> str:
    places = (
        "../dictionary/bd-data-lab-nl.xml",
        "../dictionary/bd-data-lab-en.xml",
        f"../presentation/bd-{report}-pre.xml",
        f"../validation/bd-{report}-def.xml",
        f"../validation/bd-{report}-for.xml",
    )
    references = "".join(
        '      <link:linkbaseRef xlink:type="simple" xlink:arcrole="http://www.w3.org/1999/xlink/properties/linkbase"'
        f' xlink:href="{place}"/>\n'
        for place in places
    )
    imports = "".join(
        f'  <xs:import namespace="{BASE}{path}" schemaLocation="../{path}.xsd"/>\n'
        for prefix, path in _PREFIXES.items()
        if prefix not in ("bd-types", "bd-domains")
    )
    return (
        f"{_HEAD}<!-- {row['nl']} -->\n"
        f'<xs:schema targetNamespace="{BASE}entrypoints/bd-rpt-{report}" elementFormDefault="qualified"\n'
        '  xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:link="http://www.xbrl.org/2003/linkbase"\n'
        '  xmlns:xlink="http://www.w3.org/1999/xlink">\n  <xs:annotation>\n    <xs:appinfo>\n'
        f"{references}    </xs:appinfo>\n  </xs:annotation>\n{imports}</xs:schema>\n"
    )


def _years(row: dict[str, Any]) -> range:
    first, last = row["years"]
    return range(first, last + 1)


def _catalog() -> str:
    """One file serves a report of several years; only its entry point's name has the year."""
    lines = [
        f'  <rewriteURI uriStartString="{BASE}entrypoints/bd-rpt-{report}-{year}.xsd"'
        f' rewritePrefix="../taxonomie/entrypoints/bd-rpt-{report}.xsd"/>\n'
        for report, row in TABLE["reports"].items()
        for year in _years(row)
    ]
    lines.append(f'  <rewriteURI uriStartString="{BASE}" rewritePrefix="../taxonomie/"/>\n')
    return (
        f'{_HEAD}<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">\n{"".join(lines)}</catalog>\n'
    )


def _package() -> str:
    points = "".join(
        f"    <tp:entryPoint>\n      <tp:name>{escape(row['nl'])} {year} (proef)</tp:name>\n"
        f'      <tp:name xml:lang="en">{escape(row["en"])} {year} (trial)</tp:name>\n'
        f'      <tp:entryPointDocument href="{BASE}entrypoints/bd-rpt-{report}-{year}.xsd"/>\n'
        "    </tp:entryPoint>\n"
        for report, row in TABLE["reports"].items()
        for year in _years(row)
    )
    return (
        f'{_HEAD}<tp:taxonomyPackage xmlns:tp="http://xbrl.org/2016/taxonomy-package" xml:lang="nl">\n'
        f"  <tp:identifier>{BASE.rstrip('/')}</tp:identifier>\n"
        "  <tp:name>Proeftaxonomie van digipoort-sim</tp:name>\n"
        '  <tp:name xml:lang="en">Trial taxonomy of digipoort-sim</tp:name>\n'
        "  <tp:description>In de vorm van de Nederlandse Taxonomie, geen onderdeel ervan.</tp:description>\n"
        '  <tp:description xml:lang="en">In the shape of the Nederlandse Taxonomie, no part of it.'
        "</tp:description>\n"
        "  <tp:version>1</tp:version>\n  <tp:publisher>digipoort-sim</tp:publisher>\n"
        "  <tp:publicationDate>2026-11-22</tp:publicationDate>\n"
        f"  <tp:entryPoints>\n{points}  </tp:entryPoints>\n</tp:taxonomyPackage>\n"
    )


def main() -> None:
    """Write the files of the package anew."""
    for path, text in files().items():
        target = PACKAGE / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
