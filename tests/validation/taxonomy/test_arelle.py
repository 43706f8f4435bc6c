"""Arelle in its processes: equal findings, no network, no foreign files, and what ends a process."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digipoort_sim.config import ValidationSettings
from digipoort_sim.errors import TechnicalError
from digipoort_sim.resources import schemas
from digipoort_sim.validation.content_rules import ContentRules
from digipoort_sim.validation.findings import Finding
from digipoort_sim.validation.packages.folder import PackageFolder, built_in
from digipoort_sim.validation.packages.zipping import zip_of
from digipoort_sim.validation.subject import Delivered, Part
from digipoort_sim.validation.taxonomy.arelle_taxonomies import ArelleTaxonomies
from digipoort_sim.validation.taxonomy.pool import Pool, Question
from tests.taxonomies.faults import FAULTS, Fault
from tests.validation.samples import mandate_text
from tests.validation.taxonomy.made import AMOUNT, NAME, entrypoint, instance, strange_package

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(not importlib.util.find_spec("arelle"), reason="the extra [xbrl] is not installed"),
]
GOOD = Fault("good", "icp-opgaaf-2026", "", "", frozenset())
SAMPLES = schemas() / "proef" / "voorbeelden"
_COLD = """
import json, sys
from arelle.api.Session import Session
from arelle.RuntimeOptions import RuntimeOptions
from arelle.logging.handlers.StructuredMessageLogHandler import StructuredMessageLogHandler
said = []
for path in sys.argv[2:]:
    handler = StructuredMessageLogHandler()
    with Session() as session:
        session.run(RuntimeOptions(
            entrypointFile=path, packages=sys.argv[1].split("|"), validate=True, calcs="xbrl21",
            internetConnectivity="offline", disablePersistentConfig=True, uiLang="en",
        ), logHandler=handler)
    said.append([m["messageCode"] for m in handler.messages if m["levelname"] in ("ERROR", "WARNING")])
print("ANSWER" + json.dumps(said))
"""


class Elsewhere:
    """A server on a port of this machine that counts who connects to it."""

    def __init__(self) -> None:
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                connection.close()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    """A server that nobody may connect to."""
    server = Elsewhere()
    yield server
    assert server.connections == 0
    with socket.create_connection(("127.0.0.1", int(server.base.rpartition(":")[2].strip("/")))):
        pass  # so that its counting is known to work
    deadline = time.monotonic() + 5
    while not server.connections and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.connections == 1
    server.close()


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory, elsewhere: Elsewhere) -> PackageFolder:
    """The project's own packages and the strange one."""
    folder = tmp_path_factory.mktemp("packages")
    strange_package(folder, elsewhere.base)
    return PackageFolder((*built_in(), folder))


@pytest.fixture(scope="module")
def taxonomies(packages: PackageFolder) -> Iterator[ArelleTaxonomies]:
    """One process for all tests of this module, with little time and memory."""
    arelle = ArelleTaxonomies(packages, ValidationSettings(timeout_seconds=15, max_memory_mb=160))
    yield arelle
    arelle.close()
    assert arelle.pids() == ()


def found(taxonomies: ArelleTaxonomies, content: bytes) -> tuple[Finding, ...]:
    """The findings of a content."""
    return taxonomies.findings(Delivered(Part(content, "text/xml", "a.xbrl"), ContentRules("X", "xbrl")))


def trouble(taxonomies: ArelleTaxonomies, content: bytes) -> TechnicalError:
    """The error that a content ends in."""
    with pytest.raises(TechnicalError) as caught:
        found(taxonomies, content)
    return caught.value


def test_a_good_mandate_message_has_no_finding(taxonomies: ArelleTaxonomies) -> None:
    """The project's own taxonomy and its messages are good in Arelle's eyes."""
    assert found(taxonomies, mandate_text("xbrl").encode()) == ()
    assert found(taxonomies, instance("goed")) == ()


def test_a_finding_has_its_place_and_both_languages(taxonomies: ArelleTaxonomies) -> None:
    """An element that is not in the taxonomy is found once, at its line and column."""
    content = instance("goed", NAME.format("Jan"), '  <v:Onbekend contextRef="Msg">x</v:Onbekend>')
    (finding,) = found(taxonomies, content)
    line = next(n for n, text in enumerate(content.decode().splitlines(), 1) if "v:Onbekend" in text)
    assert (finding.rule, finding.severity) == ("xbrl:schemaImportMissing", "error")
    assert (finding.line, finding.column) == (line, 3)
    assert finding.text_nl == "Het element v:Onbekend komt in de taxonomie niet voor."
    assert finding.text_en == "The element v:Onbekend does not exist in the taxonomy."
    assert finding.provenance == "published"


def test_a_sum_that_is_not_right_is_a_warning(taxonomies: ArelleTaxonomies) -> None:
    """An inconsistency of the calculation linkbase leaves an instance valid, as XBRL 2.1 has it."""
    amounts = (AMOUNT.format("Totaal", 5, "Totaal"), AMOUNT.format("Deel", "4.50", "Deel"))
    (finding,) = found(taxonomies, instance("som", *amounts))
    assert (finding.rule, finding.severity) == ("xbrl.5.2.5.2:calcInconsistency", "warning")
    assert "v:Totaal is 5, maar de delen zijn samen 4.50" in finding.text_nl


def test_findings_are_those_of_arelle_from_scratch(packages: PackageFolder, tmp_path: Path) -> None:
    """A taxonomy that is loaded once and forked gives just the codes that a new session of Arelle gives."""
    one_of_each = list({fault.rules: fault for fault in FAULTS}.values())[::3]
    texts = {fault.name: _with(fault) for fault in one_of_each} | {"good": _with(GOOD)}
    paths = [tmp_path / f"{number}.xbrl" for number in range(len(texts))]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text)
    pool = Pool(packages, 1, 1024)
    warm = [_codes(pool, text) for text in texts.values()]
    used = [str(zip_of(package, tmp_path)) for package in packages.packages()]
    command = [sys.executable, "-c", _COLD, "|".join(used), *map(str, paths)]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    pool.close()
    cold = [sorted(codes) for codes in json.loads(output.partition("ANSWER")[2])]
    assert dict(zip(texts, warm, strict=True)) == dict(zip(texts, cold, strict=True))


def _with(fault: Fault) -> str:
    return fault.put_into((SAMPLES / f"{fault.sample}.xbrl").read_text())


def _codes(pool: Pool, text: str) -> list[str]:
    start = text.index('xlink:href="') + len('xlink:href="')
    question = Question(text.encode(), text[start : text.index('"', start)], "", 30)
    return sorted(record["code"] for record in pool.ask(question)["records"])


_REFERENCE = '<link:{} xlink:type="simple" xlink:href="{}" xlink:arcrole="{}"/>'
_ARCROLE = "http://www.w3.org/1999/xlink/properties/linkbase"


@pytest.mark.parametrize("kind", ["schemaRef", "linkbaseRef", "schemaLocation"])
@pytest.mark.parametrize("target", ["net", "file", "path", "relative", "home"])
def test_an_instance_reads_nothing_but_packages(
    taxonomies: ArelleTaxonomies, elsewhere: Elsewhere, tmp_path: Path, kind: str, target: str
) -> None:
    """Whatever an instance names, by network or on this machine, is not opened."""
    secret = tmp_path / "secret.xsd"
    secret.write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:weg"/>')
    uri = {
        "net": f"{elsewhere.base}secret.xsd",
        "file": secret.as_uri(),
        "path": str(secret),
        "relative": os.path.relpath(secret, "/tmp/x"),
        "home": str(Path(__file__)),
    }[target]
    if kind == "schemaLocation":
        content = instance("goed", attributes=f' xsi:schemaLocation="urn:weg {uri}"')
    else:
        content = instance("goed", references=_REFERENCE.format(kind, uri, _ARCROLE))
    (finding,) = found(taxonomies, content)
    assert (finding.rule, finding.severity) == ("IOerror", "error")
    assert "secret" not in finding.text_nl + finding.text_en


def test_an_entry_point_in_no_package_is_not_asked_for(
    taxonomies: ArelleTaxonomies, elsewhere: Elsewhere
) -> None:
    """Its key says that there is no package; Arelle never sees it."""
    for uri in (f"{elsewhere.base}x.xsd", "file:///etc/passwd", "../../x.xsd", str(Path(__file__)), ""):
        assert taxonomies.missing(uri) == "XBRL-TAXONOMY"
        assert found(taxonomies, instance("goed", href=uri)) == ()


def test_a_package_that_is_broken_is_not_the_senders_fault(taxonomies: ArelleTaxonomies) -> None:
    """A document that is missing or elsewhere is technical trouble; a fault within a warning."""
    for name in ("kapot", "elders"):
        error = trouble(taxonomies, instance(name))
        assert error.rule == "XBRL-PACKAGE"
        assert entrypoint(name) in error.detail
    (finding,) = found(taxonomies, instance("fout"))
    assert (finding.rule, finding.severity) == ("XBRL-PACKAGE", "warning")
    assert "v:Fout" in finding.text_nl


def test_a_check_that_takes_too_long_is_ended(packages: PackageFolder) -> None:
    """A formula that would run for hours ends at its time; the process itself goes on."""
    arelle = ArelleTaxonomies(packages, ValidationSettings(timeout_seconds=3))
    assert found(arelle, instance("goed")) == ()
    before = arelle.pids()
    assert trouble(arelle, instance("traag")).rule == "XBRL-TIMEOUT"
    assert arelle.pids() == before
    arelle.close()


def test_the_alarm_of_a_broken_package_does_not_ring_later(packages: PackageFolder) -> None:
    """The time of a question ends with its answer, also where a package is broken: the process lives on."""
    arelle = ArelleTaxonomies(packages, ValidationSettings(timeout_seconds=2))
    assert found(arelle, instance("goed")) == ()
    before = arelle.pids()
    assert trouble(arelle, instance("kapot")).rule == "XBRL-PACKAGE"
    deadline = time.monotonic() + 2.2
    while arelle.pids() == before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert arelle.pids() == before
    arelle.close()


def test_a_check_that_takes_too_much_memory_is_ended(taxonomies: ArelleTaxonomies) -> None:
    """A formula that would fill the machine ends at its limit; the next check is as good as ever."""
    assert trouble(taxonomies, instance("groot")).rule == "XBRL-MEMORY"
    assert found(taxonomies, instance("goed")) == ()


def test_processes_that_are_killed_are_replaced(taxonomies: ArelleTaxonomies) -> None:
    """A kill of the process, twice over one question, is technical trouble; the next question is answered."""
    errors: list[TechnicalError] = []
    thread = threading.Thread(target=lambda: errors.append(trouble(taxonomies, instance("traag"))))
    assert found(taxonomies, instance("goed")) == ()
    thread.start()
    for _ in range(2):
        _until(lambda: any(_children(pid) for pid in taxonomies.pids()))
        (pid,) = taxonomies.pids()
        os.kill(pid, signal.SIGKILL)
        _until(lambda pid=pid: pid not in taxonomies.pids())
    thread.join(20)
    assert [error.rule for error in errors] == ["XBRL-PROCESS"]
    assert found(taxonomies, instance("goed")) == ()


def test_no_process_outlives_a_server_that_is_killed(packages: PackageFolder, tmp_path: Path) -> None:
    """When the server dies by kill -9, its processes end, also one at work on a long formula, and tidy up."""
    (folder,) = {str(p.path.parent) for p in packages.packages() if p.path.name == "vreemd.zip"}
    server = subprocess.Popen([sys.executable, "-c", _SERVER, folder], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    (pid, scratch) = server.stdout.readline().split()
    _until(lambda: _children(int(pid)))
    processes = [int(pid), *_children(int(pid))]
    assert len(processes) == 2
    assert all(_lives(process) for process in processes)
    server.kill()
    server.wait()
    _until(lambda: not any(_lives(process) for process in processes))
    assert not any(_lives(process) for process in processes)
    assert not Path(scratch).exists()


_SERVER = """
import os, sys, threading, time
from pathlib import Path
from digipoort_sim.config import ValidationSettings
from digipoort_sim.validation.packages.folder import PackageFolder
from digipoort_sim.validation.taxonomy.arelle_taxonomies import ArelleTaxonomies
from tests.validation.taxonomy.test_arelle import found, instance
arelle = ArelleTaxonomies(PackageFolder((Path(sys.argv[1]),)), ValidationSettings())
arelle.start()
assert found(arelle, instance("goed")) == ()
threading.Thread(target=lambda: found(arelle, instance("traag")), daemon=True).start()
(pid,) = arelle.pids()
print(pid, os.readlink(f"/proc/{pid}/cwd"), flush=True)
time.sleep(60)
"""


def test_memory_is_bounded_over_many_checks(taxonomies: ArelleTaxonomies) -> None:
    """Two hundred checks, good and bad, leave the process no more than a little larger."""
    good, bad = instance("goed"), instance("goed", '  <v:Onbekend contextRef="Msg">x</v:Onbekend>')
    assert found(taxonomies, good) == ()
    (pid,) = taxonomies.pids()
    before = _resident(pid)
    for _ in range(100):
        assert len(found(taxonomies, good)) + len(found(taxonomies, bad)) == 1
    assert taxonomies.pids() == (pid,)
    assert _resident(pid) - before < 4 * 1024**2


def test_an_entry_point_of_the_nt_brings_the_rules_of_its_version(tmp_path: Path) -> None:
    """NT16 to NT20 have rules that only Arelle knows; KvK's are for KvK; doubles of ours are left out."""
    bases = {
        domain: f"http://www.nltaxonomie.nl/nt20/{domain}/20260101/entrypoints/" for domain in ("bd", "kvk")
    }
    for domain, base in bases.items():
        (tmp_path / domain).mkdir()
        strange_package(tmp_path / domain, base=base)
    arelle = ArelleTaxonomies(PackageFolder([tmp_path / name for name in bases]), ValidationSettings())
    rules = {}
    for domain, base in bases.items():
        escaped = NAME.format("&lt;p style='colour: red'&gt;Jan&lt;/p&gt;")
        content = instance("goed", escaped, base=base, attributes=' xmlns:ongebruikt="urn:ongebruikt"')
        rules[domain] = {finding.rule for finding in found(arelle, content)}
    arelle.close()
    assert "FR-NL-5.11" in rules["bd"]
    assert "FR-NL-4.02" not in rules["bd"] | rules["kvk"]
    assert not {rule for rule in rules["bd"] if "KVK" in rule}
    assert "FR-KVK-2.03" in rules["kvk"]


def test_versions_of_the_nt_that_arelle_does_not_know_are_told() -> None:
    """Rules of NT21 are not checked, and the report says so; other taxonomies have none to miss."""
    arelle = ArelleTaxonomies(PackageFolder(()), ValidationSettings())
    assert arelle.partly("http://www.nltaxonomie.nl/nt21/bd/20261209/entrypoints/x.xsd") == ("XBRL-NT",)
    assert arelle.partly("http://www.nltaxonomie.nl/nt20/bd/20251210/entrypoints/x.xsd") == ()
    assert arelle.partly(entrypoint("goed")) == ()


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    with contextlib.suppress(OSError):
        return [int(word) for word in listed.read_text().split()]
    return []


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _lives(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
