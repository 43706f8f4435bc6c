"""The project's mandate taxonomy in Arelle: it loads without a word, and judges as our own checks do."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from digipoort_sim.catalogue.mandate_messages import FIELDS, OPTIONAL, REQUIRED, MessageKind, entrypoint
from digipoort_sim.config import ValidationSettings
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.packages.folder import packages_at_hand
from digipoort_sim.validation.subject import Delivered, Part
from digipoort_sim.validation.taxonomy.arelle_taxonomies import ArelleTaxonomies
from digipoort_sim.validation.taxonomy.package_checking import PackageChecker
from tests.validation.samples import mandate_rules, mandate_text, validated

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(importlib.util.find_spec("arelle") is None, reason="the extra xbrl is not installed"),
]

CONTEXT = re.compile(r"  <xbrli:context.*?</xbrli:context>\n", re.S)
SEGMENT = "</xbrli:identifier><xbrli:segment><a xmlns='urn:x'/></xbrli:segment>"
SCENARIO = "</xbrli:period><xbrli:scenario><a xmlns='urn:x'/></xbrli:scenario>"
MEMBER = SCENARIO.replace(
    "<a xmlns='urn:x'/>",
    "<d:explicitMember xmlns:d='http://xbrl.org/2006/xbrldi' dimension='mr:jaar'>mr:reden</d:explicitMember>",
)


@pytest.fixture(scope="module")
def arelle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ArelleTaxonomies]:
    """One process of Arelle with the project's own packages."""
    settings = ValidationSettings(processes=1)
    taxonomies = ArelleTaxonomies(packages_at_hand(tmp_path_factory.mktemp("none")), settings)
    yield taxonomies
    taxonomies.close()


def broken_only_for_us(good: str) -> dict[str, str]:
    """Changes that the filing rules, or the stricter XSD, are against, and XBRL itself is not."""
    second = CONTEXT.search(good)[0].replace('"Msg"', '"M2"').replace("2025-01", "2024-01")  # type: ignore[index]
    unit = '<xbrli:unit id="U"><xbrli:measure>xbrli:pure</xbrli:measure></xbrli:unit>'
    return {
        "FR-NL-2.03": good.replace(' xml:lang="nl"', ""),
        "FR-NL-3.01": good.replace("2025-12-31", "2025-12-31T00:00:00"),
        "FR-NL-3.02": re.sub(r"<xbrli:startDate>.*?</xbrli:endDate>", "<xbrli:forever/>", good, flags=re.S),
        "FR-NL-3.03": good.replace("  <mr:", f"{second}  <mr:", 1),
        "FR-NL-4.02": good.replace("</xbrli:context>", f"</xbrli:context>{unit}"),
        "XSD": good.replace("<mr:idGemachtigde ", '<mr:idGemachtigde xmlns:x="urn:x" x:y="1" '),
    }


def good_ones(kind: MessageKind, good: str) -> Iterator[str]:
    """A good message of a kind, and others that are as good."""
    yield good
    yield re.sub("  <mr:soortNummer.*\n", "", good)
    yield re.sub("  <mr:soortNummer.*\n", "", good).replace("identificatie/bsn", "identificatie/onbekend")
    yield good.replace(">BSN<", "> bsn <")
    yield good.replace(
        "http://digipoort-sim.example/identificatie/bsn", "digipoort-sim.example/identificatie/bsn/"
    )
    yield with_fact(good, "jaar", "2025")
    yield with_fact(good.replace("VIA_2025", "SBU"), "jaar", "2024")
    for field in OPTIONAL[kind] - {"soortNummer", "jaar"}:
        yield re.sub(f"  <mr:{field} .*\n", "", good)


def broken_ones(kind: MessageKind, good: str) -> Iterator[str]:
    """Messages that are broken in one place each."""
    for field in FIELDS:
        line = re.search(f"  <mr:{field} .*\n", good)
        if line is not None:
            yield good.replace(line[0], line[0] * 2)
            yield good.replace(line[0], re.sub(">.*<", "><", line[0]))
            yield good.replace(line[0], re.sub(">.*<", f">{'1' * 501}<", line[0]))
            if field in REQUIRED[kind]:
                yield good.replace(line[0], "")
        elif field not in OPTIONAL[kind]:
            yield with_fact(good, field, "123456789")
    yield with_fact(good, "jaar", "2024")
    yield with_fact(good.replace("VIA_2025", "SBU"), "jaar", "24")
    yield good.replace("VIA_2025", "VIA/2025")
    yield good.replace(">BSN<", ">XYZ<")
    yield good.replace(">123456782</xbrli", ">999999990</xbrli")
    yield good.replace("identificatie/bsn", "identificatie/rsin")
    yield re.sub("  <mr:soortNummer.*\n", "", good).replace("identificatie/bsn", "identificatie/paspoort")
    yield re.sub("  <mr:soortNummer.*\n", "", good).replace(
        "digipoort-sim.example/identificatie", "x.example"
    )
    yield from (good.replace(part.partition("><")[0] + ">", part) for part in (SEGMENT, SCENARIO, MEMBER))
    yield re.sub("<xbrli:startDate>.*\n", "", good).replace("endDate", "instant")
    yield good.replace("2025-12-31", "2025-02-31")
    yield good.replace("2025-12-31", "2024-12-31")
    yield good.replace("<mr:idGemachtigde contextRef", "<mr:idGemachtigde decimals='0' contextRef")
    yield good.replace('<mr:idGemachtigde contextRef="Msg"', '<mr:idGemachtigde contextRef="Other"')
    yield with_fact(good, "onbekend", "1")
    yield with_fact(good, f"titel{kind.title()}", "1")
    other = CONTEXT.search(good)[0].replace('"Msg"', '"M2"').replace("123456782", "999999990")  # type: ignore[index]
    used = good.replace('<mr:idGemachtigde contextRef="Msg"', '<mr:idGemachtigde contextRef="M2"')
    yield used.replace("  <mr:", f"{other}  <mr:", 1)


def with_fact(text: str, field: str, value: str) -> str:
    """The message with one more fact."""
    return text.replace(
        "</xbrli:xbrl>", f'  <mr:{field} contextRef="Msg">{value}</mr:{field}>\n</xbrli:xbrl>'
    )


def ours(text: str, kind: MessageKind) -> list[Finding]:
    """The errors of our own checks."""
    report = validated(text.encode(), "text/xml", "m.xbrl", mandate_rules(kind))
    return [finding for finding in report.findings if finding.severity == "error"]


def by_arelle(arelle: ArelleTaxonomies, text: str, kind: MessageKind) -> tuple[Finding, ...]:
    """What Arelle says, warnings too."""
    return arelle.findings(Delivered(Part(text.encode(), "text/xml", "m.xbrl"), mandate_rules(kind)))


@pytest.mark.parametrize("kind", MessageKind)
def test_arelle_judges_as_we_do(arelle: ArelleTaxonomies, kind: MessageKind) -> None:
    """Good messages are good to both, without a warning; each that is broken in one place is bad to both."""
    good = mandate_text("xbrl", kind)
    assert arelle.missing(entrypoint(kind)) is None
    for text in good_ones(kind, good):
        assert (ours(text, kind), by_arelle(arelle, text, kind)) == ([], ()), text
    broken = list(broken_ones(kind, good))
    assert good not in broken
    for text in broken:
        assert ours(text, kind), text
        assert any(finding.severity == "error" for finding in by_arelle(arelle, text, kind)), text


def test_what_only_the_filing_rules_are_against(arelle: ArelleTaxonomies) -> None:
    """Filing rules and our stricter XSD forbid what XBRL allows: the differences that there are."""
    kind = MessageKind.OPVOEREN
    for rule, text in broken_only_for_us(mandate_text("xbrl", kind)).items():
        assert rule in {finding.rule for finding in ours(text, kind)}, rule
        assert by_arelle(arelle, text, kind) == (), rule
    other = mandate_text("xbrl").replace("machtiging-opvoeren.xsd", "machtiging-opvragen.xsd")
    assert {finding.rule for finding in ours(other, kind)} == {"XBRL-ENTRYPOINT"}
    assert by_arelle(arelle, other, kind) == ()


def test_messages_of_assertions_are_those_of_our_rules(arelle: ArelleTaxonomies) -> None:
    """An assertion that is not satisfied says the same, in both languages, as our own rule."""
    kind = MessageKind.OPVOEREN
    good = mandate_text("xbrl", kind)
    for text in (
        re.sub("  <mr:dienst .*\n", "", good),
        with_fact(good, "reden", "Einde"),
        with_fact(good, "jaar", "2024"),
        good.replace(">123456782</xbrli", ">999999990</xbrli"),
        good.replace("identificatie/bsn", "identificatie/rsin"),
    ):
        (own,) = ours(text, kind)
        (found,) = by_arelle(arelle, text, kind)
        assert own.text_nl in found.text_nl
        assert own.text_en in found.text_en


def test_the_taxonomy_loads_without_a_word(tmp_path: Path) -> None:
    """Arelle has nothing, not even a warning, against any entry point of the taxonomy by itself."""
    with PackageChecker(packages_at_hand(tmp_path).packages(), ValidationSettings()) as checker:
        assert {kind: checker.problems(entrypoint(kind)) for kind in MessageKind} == dict.fromkeys(
            MessageKind, ()
        )
