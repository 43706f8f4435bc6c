"""The whole road of a return through a server with the trial taxonomy: two validations, and what they say."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from digipoort_sim.client.deliveries import Attachment, Parcel, wait_for_end
from digipoort_sim.client.options import Route, Via
from digipoort_sim.client.sending import Sender
from digipoort_sim.validation.result_document import NS_RESULTS
from tests.cli.test_validate_taxonomy import processes_below
from tests.processes import run, serving
from tests.taxonomies.bench import NEEDS_ARELLE
from tests.taxonomies.faults import FAULTS, ICP, OB, SAMPLES
from tests.taxonomies.generator import BASE
from tests.taxonomies.packages import KINDS, Packages, packages_of, sample

pytestmark = [pytest.mark.heavy, NEEDS_ARELLE]

FIRST = ["105", "100", "110", "200"]
REAL = "http://www.nltaxonomie.nl/nt20/bd/20251210/"
"""Of entry points that are known by their form; there is no package of theirs here."""
TOGETHER = (
    *("not of the list", "required fact not there", "sums do not agree"),
    *("difference", "customer without a country"),
)
"""Faults that one return can have at the same time."""


@dataclass(frozen=True)
class Road:
    """A server, which has the trial taxonomy, and a party that delivers."""

    packages: Packages
    state: Path
    account: tuple[str, str]
    server: int

    def taxonomy_processes(self) -> set[int]:
        """Those that the server has now; a fork of one for an instance is not among them."""
        return {pid for pid in processes_below(self.server) if b"taxonomy.worker" in command_line(pid)}

    def statuses(self, berichtsoort: str, content: str, via: Via = "wus") -> list[dict[str, Any]]:
        """Deliver a return, adapted to the packages, and follow it to its end."""
        adapted = self.packages.adapted(content)
        if adapted is None:
            pytest.skip("the packages have no such report")
        user, password = self.account if via == "ftp" else (None, None)
        route = Route(state=self.state, cert=self.state / "kantoor", via=via, user=user, password=password)
        sender = Sender.open(route)
        part = Attachment("return.xbrl", "text/xml", adapted.encode())
        parcel = Parcel(berichtsoort, "001000044B37", "Fi", "Intermediair", part)
        kenmerk = sender.send(parcel)
        return wait_for_end(sender.running.client(route.cert), sender.catalogue, berichtsoort, kenmerk)


@pytest.fixture(scope="module", params=KINDS)
def road(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """A server process with the packages of a kind; one for all tests."""
    state, nothing = tmp_path_factory.mktemp("road"), tmp_path_factory.mktemp("packages")
    packages = packages_of(request.param, nothing)
    (state / "taxonomies").symlink_to(packages.folder.resolve())
    run("certs", "issue", "--kvk", "30216247", "--out", str(state / "kantoor"), state=state)
    with serving(state) as server:
        added = run("ftp", "account", "add", "--oin", "00000003302162470000", "--json", state=state).stdout
        account = json.loads(added)
        yield Road(packages, state, (account["user"], account["password"]), server.pid)


def command_line(pid: int) -> bytes:
    """How a process was started; nothing if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def codes(statuses: list[dict[str, Any]]) -> list[str]:
    """The statuscodes."""
    return [status["statuscode"] for status in statuses]


def messages(status: dict[str, Any]) -> dict[str, set[str]]:
    """The ids in the result document of a status, by their level; every one has a place and a text."""
    root = etree.fromstring(status["statusdetails"])
    assert root.tag == f"{{{NS_RESULTS}}}results"
    found: dict[str, set[str]] = {}
    for msg in root.iterfind(f"{{{NS_RESULTS}}}xbrl/{{{NS_RESULTS}}}messages/{{{NS_RESULTS}}}msg"):
        assert msg.text
        assert int(msg.get("line", "")) >= 0 <= int(msg.get("col", ""))
        found.setdefault(msg.get("level", ""), set()).add(msg.get("id", ""))
    return found


def told(statuses: list[dict[str, Any]]) -> list[dict[str, set[str]]]:
    """What the two statuses 301 say of the validation; nothing is an empty one."""
    of_validation = (status for status in statuses if status["statuscode"] == "301")
    return [messages(status) if status["statusdetails"] else {} for status in of_validation]


def of_trial(road: Road) -> list[dict[str, set[str]]]:
    """What they say of a good return: at most that its taxonomy is the simulator's."""
    return [{}, {"warning": {"XBRL-PROEF"}} if road.packages.kind == "trial" else {}]


@pytest.mark.parametrize(
    ("berichtsoort", "via"), [("Omzetbelasting", "wus"), ("OBSUP", "wus"), ("ICP", "wus"), ("ICP", "ftp")]
)
def test_a_good_return_passes_both_validations(road: Road, berichtsoort: str, via: Via) -> None:
    """The nine statuses of the recorded good flow; neither 301 says that something was not checked."""
    statuses = road.statuses(berichtsoort, sample(SAMPLES[berichtsoort]), via)
    assert codes(statuses) == [*FIRST, "301", "301", "405", "400", "500"]
    assert told(statuses) == of_trial(road)


@pytest.mark.parametrize(
    ("berichtsoort", "via"), [("Omzetbelasting", "wus"), ("OBSUP", "wus"), ("ICP", "ftp")]
)
def test_what_the_taxonomy_finds_ends_in_311(road: Road, berichtsoort: str, via: Via) -> None:
    """All faults of a return that only its taxonomy can see are in one result document, after one 301."""
    name, content, expected = SAMPLES[berichtsoort], sample(SAMPLES[berichtsoort]), set()
    for fault in FAULTS:
        known = road.packages.kind == "trial" or not fault.by_our_rules
        if known and fault.sample == name and fault.name in TOGETHER:
            content, expected = fault.put_into(content), expected | fault.rules
    if not expected:
        pytest.skip("a real taxonomy may have no such assertion")
    statuses = road.statuses(berichtsoort, content, via)
    assert codes(statuses) == [*FIRST, "301", "311"]
    last = statuses[-1]
    assert last["statusomschrijving"] == "Validatie niet gelukt."
    assert last["statusFoutcode"]["foutcode"] == "VAS500"
    assert messages(last)["error"] >= expected
    if road.packages.kind == "real":
        return
    assert messages(last)["error"] == expected
    if berichtsoort == "Omzetbelasting":
        assert "BR-OB-5A" in messages(last)["warning"]  # of the first validation


def test_a_taxonomy_process_that_is_killed_takes_nothing_down(road: Road) -> None:
    """The server lives on when somebody kills its taxonomy process; a new one checks the next return."""
    content = sample(SAMPLES["Omzetbelasting"])
    road.statuses("Omzetbelasting", content)
    killed = road.taxonomy_processes()
    assert killed
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while killed & road.taxonomy_processes():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    statuses = road.statuses("Omzetbelasting", content)
    assert codes(statuses) == [*FIRST, "301", "301", "405", "400", "500"]
    assert told(statuses) == of_trial(road)
    assert len(road.taxonomy_processes() - killed) >= 1


def test_what_the_quick_checks_find_ends_in_311_at_once(road: Road) -> None:
    """A return that breaks a filing rule is refused by the first validation; the taxonomy is not asked."""
    statuses = road.statuses("Omzetbelasting", sample(OB).replace(' xml:lang="nl"', ""))
    assert codes(statuses) == [*FIRST, "311"]
    assert messages(statuses[-1])["error"] == {"FR-NL-2.03"}


def test_a_return_of_another_kind_is_refused(road: Road) -> None:
    """A list of supplies delivered as a VAT return has the wrong entry point."""
    statuses = road.statuses("Omzetbelasting", sample(ICP))
    assert codes(statuses) == [*FIRST, "311"]
    assert "XBRL-ENTRYPOINT" in messages(statuses[-1])["error"]


def test_without_a_package_the_second_301_tells_what_was_not_checked(road: Road) -> None:
    """A return of the real taxonomy is accepted, and its sender told that it was not checked against it."""
    if road.packages.kind == "real":
        pytest.skip("there is a package")
    statuses = road.statuses("Omzetbelasting", sample(OB).replace(BASE, REAL))
    assert codes(statuses) == [*FIRST, "301", "301", "405", "400", "500"]
    first, second = (status for status in statuses if status["statuscode"] == "301")
    assert first["statusdetails"] is None
    assert messages(second) == {"info": {"XBRL-TAXONOMY", "XBRL-FORMULA"}}
