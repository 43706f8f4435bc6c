"""What lies just on either side of a filing rule; Arelle judges the same instances, in `arelle`."""

from __future__ import annotations

import pytest

from tests.validation.arelle.cases import Case, borders
from tests.validation.rules.broken import (
    CONTEXT,
    FOOTNOTE_LINK,
    NAME,
    OTHER_CONTEXT,
    OTHER_NAME,
    OWED,
    SCHEMA_REF,
    XSI,
    replaced,
)
from tests.validation.samples import rules_of_findings

FRACTION = (
    '<d:Third contextRef="Msg" unitRef="EUR"><xbrli:numerator>1</xbrli:numerator>'
    "<xbrli:denominator>3</xbrli:denominator></d:Third>"
)
CASES: dict[str, Case] = {}
for _case in borders():
    CASES.setdefault(_case.name, _case)


def filing(content: bytes | str, bestandsnaam: str = "instance.xbrl") -> str:
    """The filing rules that an instance breaks, in one line."""
    return " ".join(sorted(rule for rule in rules_of_findings(content, bestandsnaam) if rule.startswith("F")))


EXPECTED = {
    "text 007F": "",
    "text 0080": "FR-NL-1.02",
    "text 009F": "FR-NL-1.02",
    "text 00A0": "",
    "text 00FF": "",
    "text 0100": "FR-NL-1.02",
    "text 209F": "FR-NL-1.02",
    "text 20A0": "",
    "text 20CF": "",
    "text 20D0": "FR-NL-1.02",
    "text 1F600": "FR-NL-1.02",
    "decimal 007F": "",
    "decimal 0080": "FR-NL-1.04",
    "decimal 00A0": "",
    "decimal 0100": "FR-NL-1.04",
    "decimal 20CF": "",
    "hexadecimal 20D0": "FG-NL-09 FR-NL-1.04",
    "attribute": "FG-NL-09 FR-NL-1.02",
    "comment": "FR-NL-1.02",
    "instruction": "FR-NL-1.02",
    "before the root": "FR-NL-1.02",
    "reference &#9;x": "",
    "reference &#x20AC;": "",
    "reference &lt;&gt;&amp;&apos;&quot;": "",
    "reference &eacute;": "FR-NL-1.04",
    "reference ]]&gt;": "",
    "reference in a comment": "",
    "end of a section in a comment": "FR-NL-2.06",
    "end of a section in an attribute": "FR-NL-2.06",
    "encoding 'utf-8'": "",
    'encoding "utf8"': "FR-NL-1.05",
    'encoding "UTF-8 "': "FR-NL-1.05",
    'encoding "us-ascii"': "FR-NL-1.05",
    "no declaration": "",
    "UTF-16": "FR-NL-1.01 FR-NL-1.05",
    "UTF-16LE": "FR-NL-1.05",
    "not UTF-8": "FR-NL-1.05",
    "file a b.xbrl": "FR-NL-1.06",
    "file a.b.xbrl": "FR-NL-1.06",
    "file A-_1.xbrl": "",
    "file \u00e9.xbrl": "FR-NL-1.06",
    "empty language": "FR-NL-2.03",
    "same schemaRef": "FR-NL-2.04",
    "no footnote in the link": "",
    "nil true": "FR-NL-2.07 FR-NL-5.03",
    "nil 0": "FR-NL-2.07 FR-NL-5.03",
    "nil on a context": "FR-NL-2.07",
    "another nil": "",
    "date 2026-01-01Z": "",
    "date 2026-03-31T24:00:00": "FR-NL-3.01 FR-NL-3.04",
    "date 2026-03-31T12:00:00": "FR-NL-3.01",
    "date 2026-04-01T00:00:00": "FR-NL-3.01 FR-NL-3.04",
    "date 2026-02-29": "",
    "instant 2026-03-31": "",
    "instant 2026-03-31T00:00:00": "FR-NL-3.01",
    "dimensions same": "FR-NL-3.04",
    "dimensions other order": "FR-NL-3.04",
    "dimensions other order in the segment": "FR-NL-3.04",
    "dimensions other member": "",
    "dimensions other dimension": "",
    "dimensions other prefix": "FR-NL-3.04",
    "dimensions white space": "FR-NL-3.04",
    "dimensions typed": "FR-NL-3.04",
    "dimensions typed other": "",
    "dimensions typed white space": "",
    "dimensions typed comment": "FR-NL-3.04",
    "units 0": "FG-NL-05 FR-NL-4.01 FR-NL-5.01",
    "units 1": "FG-NL-05 FR-NL-4.01 FR-NL-5.01",
    "units 2": "FG-NL-05",
    "units 3": "FG-NL-05",
    "units 4": "FG-NL-05",
    "units 6": "FG-NL-03 FG-NL-05 FR-NL-4.01 FR-NL-5.01",
    "units 8": "FG-NL-05 FR-NL-4.01 FR-NL-5.01",
    "languages": "FR-NL-5.01",
    "other value": "FR-NL-5.01",
    "equal contexts": "FR-NL-3.04 FR-NL-5.01",
    "equal units": "FR-NL-4.01 FR-NL-5.01",
    "tuple": "",
    "two tuples": "",
    "tuple with id": "FG-NL-09",
    "value ' '": "FR-NL-5.03",
    "value '<!-- x -->'": "FR-NL-5.03",
    "value '\\xa0'": "",
    "empty number": "FR-NL-5.03",
    "precision INF": "FR-NL-5.06",
    "prefix inside": "FG-NL-03",
    "default namespace": "FG-NL-05",
    "prefix of xlink": "FG-NL-03",
    "value with a prefix": "",
    "order": "",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_borders(name: str) -> None:
    """Only what is beyond the border breaks the rule."""
    assert filing(CASES[name].content, CASES[name].bestandsnaam) == EXPECTED[name]


def test_the_order_of_elements() -> None:
    """Contexts stand before units, and both before facts; the schemaRef is first."""
    orders = [case for case in borders() if case.name == "order"]
    assert [filing(case.content) for case in orders] == ["", "FG-NL-04", "FG-NL-04"]


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        (SCHEMA_REF, "", {"FR-NL-2.04", "FG-NL-05"}),
        ("Caf\u00e9", "Caf&#xFF;", set()),
        ('decimals="INF"', 'decimals="INF" precision=""', {"FR-NL-5.06"}),
        ('d:Name contextRef="Msg"', 'd:Name contextRef="Msg" decimals="0"', {"XBRL-DECIMALS"}),
        (CONTEXT, CONTEXT + FOOTNOTE_LINK.format(""), set()),
        ('unitRef="EUR"', 'unitRef=" EUR\n"', set()),
        ('contextRef="Msg"', 'contextRef="\tMsg "', set()),
        ('contextRef="Msg"', 'contextRef="\u00a0Msg"', {"XBRL-CONTEXT-REF", "FR-NL-3.03"}),
        (OWED, FRACTION, set()),
        ("<xbrli:xbrl ", '<xbrli:xbrl id="x" ', set()),
        ("<xbrli:xbrl ", f'<xbrli:xbrl {XSI} xsi:schemaLocation="urn:a a.xsd" ', set()),
        (' scheme="www.belastingdienst.nl/omzetbelastingnummer"', "", {"XBRL-CONTEXT"}),
        (' scheme="www.belastingdienst.nl/omzetbelastingnummer"', ' scheme=""', {"XBRL-CONTEXT"}),
        ("2026-01-01", "2026-03-31", set()),
        ("2026-01-01", "2026-04-01", {"XBRL-PERIOD"}),
    ],
)
def test_just_good_and_just_broken(old: str, new: str, rules: set[str]) -> None:
    """Such as no schemaRef, a reference to U+00FF, white space around an IDREF, and a fraction."""
    assert rules_of_findings(replaced(old, new)) == rules


def test_a_start_at_midnight_is_the_start_of_its_day() -> None:
    """A context whose startDate says the midnight that it means is equal to one that does not."""
    other = OTHER_CONTEXT.replace("2026-01-01", "2026-01-01T00:00:00")
    found = filing(replaced(CONTEXT, CONTEXT + other, NAME, NAME + OTHER_NAME))
    assert found == "FR-NL-3.01 FR-NL-3.04"


@pytest.mark.parametrize(
    ("namespace", "prefix", "rules"),
    [
        ("http://www.nltaxonomie.nl/nt20/bd/20251210/dictionary/bd-data", "bd-i", ""),
        ("http://www.nltaxonomie.nl/nt20/bd/20251210/dictionary/bd-data", "d", "FG-NL-03"),
        ("http://www.nltaxonomie.nl/nt19/bd/20241211/dictionary/bd-data", "bd", "FG-NL-03"),
        ("urn:own:bd-data", "d", ""),
    ],
)
def test_the_prefix_of_the_concepts_of_the_nt(namespace: str, prefix: str, rules: str) -> None:
    """Concepts of the NT have the prefix of the official samples, whatever the version."""
    text = replaced("urn:test:data", namespace, "xmlns:d=", f"xmlns:{prefix}=").replace("d:", f"{prefix}:")
    assert filing(text.replace(f"xbrl{prefix}:", "xbrld:")) == rules


def test_xbrli_may_be_the_default_namespace() -> None:
    """FG-NL-03 is about prefixes; a namespace without one breaks it not, another prefix does."""
    plain = replaced("xmlns:xbrli=", "xmlns=").replace("<xbrli:", "<").replace("</xbrli:", "</")
    assert filing(plain) == ""
    assert filing(replaced("xbrli:", "x:", "xmlns:xbrli=", "xmlns:x=")) == "FG-NL-03"


def test_a_prefix_of_a_typed_member_a_measure_or_a_type_is_used() -> None:
    """FG-NL-05 knows the names in values."""
    declared = 'xmlns:v="urn:v" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:d='
    typed = NAME.replace("<d:Name", '<d:Name xsi:type="v:t"')
    assert filing(replaced("xmlns:d=", declared, NAME, typed)) == ""
    assert filing(replaced("xmlns:d=", declared)) == "FG-NL-05"


def test_the_same_context_twice_with_one_id() -> None:
    """Two contexts that say the same are told as such although their id is the same, too."""
    assert {"FR-NL-3.04", "XBRL-ID"} <= rules_of_findings(replaced(CONTEXT, CONTEXT * 2))
