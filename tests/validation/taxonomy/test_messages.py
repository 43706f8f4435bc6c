"""From Arelle's records to findings, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digipoort_sim.config import ValidationSettings
from digipoort_sim.validation.findings import NOT_CHECKED, Finding
from digipoort_sim.validation.packages.folder import PackageFolder, built_in
from digipoort_sim.validation.taxonomy.arelle_taxonomies import ArelleTaxonomies
from digipoort_sim.validation.taxonomy.doubles import without_doubles
from digipoort_sim.validation.taxonomy.messages import findings_of
from digipoort_sim.validation.taxonomy.pointers import Pointers
from digipoort_sim.validation.taxonomy.records import UNSATISFIED
from digipoort_sim.validation.taxonomy.sentences import SENTENCES
from digipoort_sim.validation.xml_content import LIMITS, XmlContent, read_xml
from tests.validation.samples import INSTANCE
from tests.validation.taxonomy.made import entrypoint

_read = read_xml(INSTANCE.encode(), LIMITS["xbrl"])
assert isinstance(_read, XmlContent)
XML = _read


def record(code: str, text: str = "text", level: str = "ERROR", **more: Any) -> dict[str, Any]:
    """A record as a process sends it, about the first fact."""
    plain = {"level": level, "code": code, "text": text, "values": {}, "in_instance": True}
    return {**plain, "pointers": ["element(/1/4)"], **more}


def findings(*records: dict[str, Any], kvk: bool = False, problems: tuple[str, ...] = ()) -> list[Finding]:
    """The findings of an answer."""
    return list(findings_of({"records": records, "problems": problems}, XML, kvk))


def test_a_code_without_a_sentence_keeps_arelles_text() -> None:
    """Its Dutch text has a lead-in; the code is the rule, whatever it is."""
    (finding,) = findings(record("xbrl.9.9:later", "Something new"))
    assert (finding.rule, finding.line, finding.column) == ("xbrl.9.9:later", 13, 3)
    assert finding.text_nl == "De controle met de taxonomie (xbrl.9.9:later) meldt: Something new"
    assert finding.text_en == "Something new"


def test_findings_stand_by_their_places() -> None:
    """Whatever the order of Arelle, which changes: by line, then rule; those without a place last."""
    told = [
        record("bd-b"),
        record("bd-none", pointers=[]),
        record("bd-a"),
        record("x", pointers=["element(/1/1)"]),
    ]
    assert [f.rule for f in findings(*told)] == [f.rule for f in findings(*reversed(told))]
    assert [f.rule for f in findings(*told)] == ["x", "bd-a", "bd-b", "bd-none"]


def test_no_path_or_inner_name_is_told() -> None:
    """Where the files of this machine lie, and what Arelle calls its objects, is nobody's concern."""
    text = "bad /tmp/digipoort-sim-x1/bericht.xbrl(['ModelSequence[746, xbrl.xsd line 7)']) of file:///home/me/a.xsd"
    (finding,) = findings(record("xbrl.9.9:x", text))
    assert finding.text_en == "bad bericht.xbrl of a.xsd"


@pytest.mark.parametrize(
    ("error", "kind", "dutch"),
    [
        ("lexical pattern mismatch", "decimal", "het is geen getal met een punt als decimaalteken"),
        ("fraction digits facet 2", "decimal", "hoogstens 2 decimalen"),
        ("length 4, maxLength 3", "string", "hoogstens 3 tekens, niet 4"),
        ("X is not in dict_keys(['A', 'B'])", "string", "zij is niet een van 'A', 'B'"),
        ("something else", "newType", "het is geen newType"),
    ],
)
def test_why_a_value_is_wrong_is_said_in_dutch(error: str, kind: str, dutch: str) -> None:
    """The usual facets of XML Schema have words of their own."""
    values = {"value": "X", "element": "d:Name", "typeName": kind, "error": error}
    (finding,) = findings(record("xmlSchema:valueError", values=values))
    assert finding.text_nl == f"De waarde 'X' van d:Name is ongeldig: {dutch}."


def test_an_assertion_speaks_the_taxonomys_words() -> None:
    """Its id is the rule; a language that is missing is stood in for, none at all by a plain sentence."""
    nl, en = f"{UNSATISFIED}Fout{UNSATISFIED}Wrong", f"{UNSATISFIED}{UNSATISFIED}Wrong"
    both, one, none = findings(
        record("message:a1", nl), record("message:a2", en, "WARNING"), record("message:a3", UNSATISFIED * 2)
    )
    assert (both.rule, both.severity, both.text_nl, both.text_en) == ("a1", "error", "Fout", "Wrong")
    assert (one.severity, one.text_nl, one.text_en) == ("warning", "Wrong", "Wrong")
    assert none.text_nl == "Aan de regel a3 van de taxonomie is niet voldaan."


def test_what_we_check_ourselves_is_not_said_by_arelle() -> None:
    """Of the NL plugin only rules that are not ours stay, and those of the KvK for its entry points only."""
    codes = ("NL.FR-NL-3.03", "NL.FG-NL-04", "NL.FR-NL-1.05", "NL.FR-NL-5.11", "NL.FR-KVK-2.03", "arelle:x")
    records = [record(code) for code in codes]
    assert [finding.rule for finding in findings(*records)] == ["FR-NL-5.11"]
    assert [finding.rule for finding in findings(*records, kvk=True)] == ["FR-KVK-2.03", "FR-NL-5.11"]


def test_faults_of_the_taxonomy_are_warnings() -> None:
    """What is not about the instance is told once, as the package's fault."""
    about = record("xbrl.5.1.1.1:itemPeriodType", "Item v:X", in_instance=False, pointers=[])
    (finding,) = findings(about, about, problems=("[xbrl.5.1.1.1:itemPeriodType] Item v:X",))
    assert (finding.rule, finding.severity, finding.line) == ("XBRL-PACKAGE", "warning", 0)
    assert "dat ligt niet aan het bericht" in finding.text_nl


def test_one_rule_does_not_flood_the_report() -> None:
    """So many findings of one rule are listed as of our own rules; others still have their place."""
    many = [record("xbrl.4.6.1:itemContextRef", values={"fact": f"d:F{n}"}) for n in range(1000)]
    found = findings(*many, record("xbrl.9.9:x"))
    assert len(found) == 201
    assert found[-1].rule == "xbrl.9.9:x"


@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_can_be_said(code: str) -> None:
    """Also with values that have braces in them, or none at all."""
    values = dict.fromkeys(("fact", "contextID", "element", "value"), "{0}{naam}%s")
    for one in (record(code), record(code, values=values)):
        (finding,) = findings(one)
        assert finding.text_nl
        assert finding.text_en


def test_a_double_is_left_out_where_it_stands_on_the_same_line() -> None:
    """What a quick check has said, Arelle does not say again; on another line it does."""

    def one(rule: str, line: int) -> Finding:
        return Finding(rule, "error", line, 3, "nl", "en", "published")

    quick = [one("XBRL-CONTEXT-REF", 7)]
    same, other = one("xbrl.4.6.1:itemContextRef", 7), one("xbrl.4.6.1:itemContextRef", 8)
    assert without_doubles(quick, [same, other]) == (other,)


@given(st.text(alphabet="element(/0123456789)Msg ", max_size=30))
def test_any_pointer_is_an_element_or_none(pointer: str) -> None:
    """What a process sends as a place never raises; good ones lead to the element."""
    pointers = Pointers(XML)
    pointers.element(pointer)
    context = pointers.element("Msg")
    assert context is not None
    assert pointers.element("element(Msg/2/1)") is context[1][0]
    assert pointers.element("element(/1/2)") is context
    assert pointers.element("element(/1/99)") is None


def test_why_nothing_can_be_checked_is_known_without_arelle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off, not installed, no package: each has a key with a text; none imports Arelle."""
    folder = PackageFolder(built_in())
    off = ArelleTaxonomies(folder, ValidationSettings(processes=0))
    assert off.missing(entrypoint("goed")) == "XBRL-UIT"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    without = ArelleTaxonomies(folder, ValidationSettings())
    assert without.missing(entrypoint("goed")) == "XBRL-ARELLE"
    without.start()
    assert without.pids() == ()
    assert {"XBRL-UIT", "XBRL-ARELLE", "XBRL-NT", "XBRL-TAXONOMY"} <= NOT_CHECKED.keys()
