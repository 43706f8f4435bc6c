"""The trial taxonomy is made of its table, and is nobody else's."""

from __future__ import annotations

from lxml import etree

from tests.taxonomies.generator import BASE, PACKAGE, TABLE, files, reports


def test_the_files_are_those_of_the_table() -> None:
    """schemas/proef holds just what the generator writes, beside the instances."""
    made = files()
    there = {str(p.relative_to(PACKAGE)) for p in PACKAGE.rglob("*") if p.is_file()}
    assert {path for path in there if not path.startswith("voorbeelden/")} == set(made)
    for path, text in made.items():
        assert (PACKAGE / path).read_text("utf-8") == text, "run python -m tests.taxonomies.generator"


def test_no_file_is_of_the_real_taxonomy() -> None:
    """Every namespace and address is the simulator's own, or one of XBRL, W3C or OASIS."""
    allowed = (BASE, "http://www.xbrl.org/", "http://xbrl.org/", "http://www.w3.org/", "urn:oasis:")
    for path in (p for p in PACKAGE.rglob("*") if p.is_file()):
        root = etree.parse(path).getroot()
        names = {name for element in root.iter() for name in element.nsmap.values()}
        values = {value for element in root.iter("*") for value in element.attrib.values()}
        addresses = (word for value in names | values for word in value.split() if "://" in word)
        assert [word for word in addresses if not word.startswith(allowed)] == [], path
        assert b"nltaxonomie" not in path.read_bytes()


def test_every_concept_of_a_report_is_in_the_dictionary() -> None:
    """Reports and their parts name only concepts that there are, and every concept is in some report."""
    named = set()
    for row in reports().values():
        own = {name for names in row["cubes"].values() for name in names}
        assert set(row["required"]) <= own
        named |= own
    assert named == set(TABLE["concepts"])
