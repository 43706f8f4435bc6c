"""The quick checks of contents: what they cost beside plain parsing, of small, large and hostile ones."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from lxml import etree

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.validation.content_rules import rules_of
from digipoort_sim.validation.pipeline import Validator
from digipoort_sim.validation.subject import Delivered, Part

SMALL, LARGE = 10_000, 20_971_520
_NUMBER = "001000044B37"
_HEAD = f"""<?xml version="1.0" encoding="UTF-8"?>
<xbrli:xbrl xml:lang="nl" xmlns:bd-i="http://www.nltaxonomie.nl/nt20/bd/20251210/dictionary/bd-data"
  xmlns:iso4217="http://www.xbrl.org/2003/iso4217" xmlns:link="http://www.xbrl.org/2003/linkbase"
  xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xlink="http://www.w3.org/1999/xlink">
  <link:schemaRef xlink:type="simple"
    xlink:href="http://www.nltaxonomie.nl/nt20/bd/20251210/entrypoints/bd-rpt-ob-aangifte-2026.xsd"/>
  <xbrli:context id="Msg">
    <xbrli:entity>
      <xbrli:identifier scheme="www.belastingdienst.nl/omzetbelastingnummer">{_NUMBER}</xbrli:identifier>
    </xbrli:entity>
    <xbrli:period>
      <xbrli:startDate>2026-01-01</xbrli:startDate>
      <xbrli:endDate>2026-03-31</xbrli:endDate>
    </xbrli:period>
  </xbrli:context>
  <xbrli:unit id="EUR">
    <xbrli:measure>iso4217:EUR</xbrli:measure>
  </xbrli:unit>
"""
_FACT = '  <bd-i:{0} decimals="INF" contextRef="Msg" unitRef="EUR">{1}</bd-i:{0}>\n'
_TAIL = "</xbrli:xbrl>\n"

Row = Callable[[str, str], None]


@dataclass(frozen=True)
class Cost:
    """What the checks of one content cost.

    Args:
        parsing: seconds of processor time for lxml alone.
        checking: seconds of processor time for parsing, filing rules, XSD and the other quick checks.
        findings: how many there were.
        peak: the most memory that the process had, in MB.
        before: the memory that it had before, with the content in it.
    """

    parsing: float
    checking: float
    findings: int
    peak: float
    before: float


def measure(row: Row) -> None:
    """Everything, each content in a process of its own.

    Args:
        row: prints one line: what, and the figure.
    """
    for name in CONTENTS:
        output = subprocess.run(
            [sys.executable, "-m", "benchmarks.validation", name], capture_output=True, text=True, check=True
        ).stdout
        cost = Cost(**json.loads(output))
        row(f"validation: {name}", _figure(cost))


def _figure(cost: Cost) -> str:
    ratio = cost.checking / cost.parsing
    return (
        f"{1000 * cost.checking:,.2f} ms, {ratio:.1f} x parsing ({1000 * cost.parsing:,.2f} ms); "
        f"{cost.findings} findings, {cost.before:.0f} + {cost.peak - cost.before:.0f} MB"
    )


def instance(size: int, facts: str = "") -> bytes:
    """A VAT return of so many octets: amounts of 110 octets each, as in the official sample.

    Args:
        facts: comes before the amounts.
    """
    left = size - len(_HEAD) - len(_TAIL) - len(facts)
    names = (f"SuppliesServicesOtherRates{number:06d}" for number in range(10**6))
    parts = [_HEAD, facts]
    while left > 0:
        parts.append(_FACT.format(next(names), "15000"))
        left -= len(parts[-1])
    return "".join([*parts, _TAIL]).encode()


def _faulty(size: int) -> bytes:
    """As large, and every amount breaks five rules."""
    text = instance(size).decode().replace(' decimals="INF"', ' precision="4"').replace(">15000<", "><")
    text = text.replace('unitRef="EUR"', 'unitRef="USD" id="f"').replace("Rates0001", "Rates0000")
    return text.encode()


CONTENTS: dict[str, Callable[[], bytes]] = {
    "10 kB of facts": lambda: instance(SMALL),
    "20 MiB of facts": lambda: instance(LARGE),
    "20 MiB of facts, all with faults": lambda: _faulty(LARGE),
}
"""What is measured, by name."""


def cost_of(content: bytes) -> Cost:
    """Measure one content in this process."""
    validator = Validator()
    row = load_catalogue().berichtsoort("Omzetbelasting")
    delivered = Delivered(Part(content, "text/xml", "ob.xbrl"), rules_of(row), (_NUMBER, "Fi"))
    validator.check(Delivered(Part(instance(2_000), "text/xml", "ob.xbrl"), rules_of(row)))
    repeats = max(1, 2_000_000 // len(content))
    before = _memory()
    checking = _seconds(lambda: validator.check(delivered), repeats)
    peak = _memory()
    parser = etree.XMLParser(huge_tree=True)
    parsing = _seconds(lambda: etree.fromstring(content, parser), repeats)
    return Cost(parsing, checking, len(validator.check(delivered).findings), peak, before)


def _seconds(work: Callable[[], object], repeats: int) -> float:
    """Processor time of one piece of work: the least of three rounds."""
    rounds = []
    for _ in range(3):
        began = time.process_time()
        for _ in range(repeats):
            work()
        rounds.append((time.process_time() - began) / repeats)
    return min(rounds)


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:  # one content, for `measure`
        print(json.dumps(asdict(cost_of(CONTENTS[sys.argv[1]]()))))
    else:
        measure(lambda what, figure: print(f"{what}: {figure}"))
