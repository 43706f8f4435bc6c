"""The project's own taxonomy of mandate messages and its agreement with the code and the catalogue."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.catalogue.mandate_messages import (
    ENTRYPOINTS,
    FIELDS,
    NS_CONCEPTS,
    OPTIONAL,
    REQUIRED,
    MessageKind,
    entrypoint,
)
from digipoort_sim.resources import schemas
from digipoort_sim.validation.content_rules import rules_of
from tests.taxonomies import mandate_formulas
from tests.validation.samples import mandate_text, validated

PACKAGE = schemas() / "machtiging"
TAXONOMY = PACKAGE / "taxonomie" / "2026"
CONCEPTS = TAXONOMY / "dictionary" / "machtiging-data.xsd"
XS = "{http://www.w3.org/2001/XMLSchema}"
HREF = "{http://www.w3.org/1999/xlink}href"
LINK = "{http://www.xbrl.org/2003/linkbase}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def concepts() -> dict[str, str]:
    """Name and id of every concept that is not abstract."""
    root = etree.parse(CONCEPTS).getroot()
    assert root.get("targetNamespace") == NS_CONCEPTS
    return {e.get("name", ""): e.get("id", "") for e in root.findall(f"{XS}element") if not e.get("abstract")}


def test_the_concepts_are_the_fields() -> None:
    """Every field is a concept under its own name, with a label in Dutch and in English."""
    assert tuple(concepts()) == FIELDS
    for language in ("nl", "en"):
        labels = etree.parse(CONCEPTS.with_name(f"machtiging-data-lab-{language}.xml"))
        labelled = {e.get(HREF, "").partition("#")[2] for e in labels.iter(f"{LINK}loc")}
        assert set(concepts().values()) <= labelled


def test_everything_has_a_label_in_both_languages() -> None:
    """Concepts, titles and tables have a label in Dutch and in English; every field has documentation too."""
    ids = {
        f"{file.name}#{element.get('id')}"
        for file in CONCEPTS.parent.glob("*.xsd")
        for element in etree.parse(file).getroot().findall(f"{XS}element")
    }
    for language in ("nl", "en"):
        labels = etree.parse(CONCEPTS.with_name(f"machtiging-data-lab-{language}.xml"))
        assert {e.get(HREF, "") for e in labels.iter(f"{LINK}loc")} == ids
        texts = list(labels.iter(f"{LINK}label"))
        assert {(e.get(LANG), bool(e.text)) for e in texts} == {(language, True)}
        roles = [e.get("{http://www.w3.org/1999/xlink}role", "") for e in texts]
        assert sum(role.endswith("/label") for role in roles) == len(ids)
        assert sum(role.endswith("/documentation") for role in roles) == len(FIELDS)


def test_each_kind_presents_its_fields() -> None:
    """The presentation of an entry point shows just the fields that its kind has."""
    for kind in MessageKind:
        shown = etree.parse(TAXONOMY / "entrypoints" / f"machtiging-{kind}-pre.xml")
        ids = {e.get(HREF, "").partition("#mr_")[2] for e in shown.iter(f"{LINK}loc")}
        assert ids - {f"titel{kind.title()}"} == REQUIRED[kind] | OPTIONAL[kind]


def test_the_linkbases_of_rules_are_those_of_the_code() -> None:
    """Formulas and definitions are just what their generator makes of the fields in the code."""
    entrypoints = TAXONOMY / "entrypoints"
    for name, text in mandate_formulas.files().items():
        made = (entrypoints / name).read_text("utf-8")
        assert made == text, "run python -m tests.taxonomies.mandate_formulas"
    for kind in MessageKind:
        used = (entrypoints / f"machtiging-{kind}.xsd").read_text("utf-8")
        for name in ("machtiging-for.xml", f"machtiging-{kind}-for.xml", f"machtiging-{kind}-def.xml"):
            assert f'xlink:href="{name}"' in used


def test_every_reference_leads_somewhere() -> None:
    """Each relative href in the taxonomy points to a file, and to an id in it."""
    for file in TAXONOMY.rglob("*.x*"):
        for element in etree.parse(file).iter("*"):
            reference = element.get(HREF) or element.get("schemaLocation")
            if reference and not reference.startswith("http:"):
                path, _, fragment = reference.partition("#")
                target = etree.parse(file.parent / path)
                assert not fragment or target.xpath("//*[@id=$id]", id=fragment), reference


def test_the_package_maps_every_entry_point_to_a_file() -> None:
    """A taxonomy package tool finds the four entry points through the catalog."""
    catalog = etree.parse(PACKAGE / "META-INF" / "catalog.xml").getroot()[0]
    start, prefix = catalog.get("uriStartString", ""), catalog.get("rewritePrefix", "")
    package = etree.parse(PACKAGE / "META-INF" / "taxonomyPackage.xml")
    documents = {e.get("href", "") for e in package.iter("{*}entryPointDocument")}
    assert documents == {entrypoint(kind) for kind in MessageKind}
    assert ENTRYPOINTS.startswith(start)
    for document in documents:
        assert (PACKAGE / "META-INF" / Path(document.replace(start, prefix))).is_file()


def test_the_rows_of_the_catalogue_lead_to_the_checks() -> None:
    """The mandate berichtsoorten of the catalogue validate the messages of their kind, and only those."""
    rows = {row.mandate: rules_of(row) for row in load_catalogue().berichtsoorten.values() if row.mandate}
    for kind in MessageKind:
        content = mandate_text("xbrl", kind).encode()
        valid = {
            other
            for other, content_rules in rows.items()
            if validated(content, "text/xml", "m.xbrl", content_rules).valid
        }
        assert valid == {kind}
