"""docs/file-road.md: its examples are documents of the schema."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from digipoort_sim.resources import schemas

ROOT = Path(__file__).parents[2]


def test_the_examples_are_valid() -> None:
    """Every XML document on the page is valid by the schema that it names."""
    page = (ROOT / "docs" / "file-road.md").read_text()
    assert (ROOT / "schemas" / "bestanden" / "bestanden.xsd").is_file()
    schema = etree.XMLSchema(file=str(schemas() / "bestanden" / "bestanden.xsd"))
    examples = re.findall(r"```xml\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        schema.assertValid(etree.fromstring(example.encode()))
