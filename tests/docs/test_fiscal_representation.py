"""What `docs/fiscal-representation.md` says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from digipoort_sim.catalogue import load_catalogue
from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator
from tests.docs.test_clients import ROOT, run

PAGE = (ROOT / "docs" / "fiscal-representation.md").read_text()
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
_RULE = re.compile(r"^\| .+ \| `([a-z0-9-]+)` \| (published|inferred|simulator) \| (.+) \|$", re.MULTILINE)


def test_every_rule_stands_there_with_its_provenance_and_tests_that_exist() -> None:
    """Each rule of the catalogue has a row, with the catalogue's provenance and tests that are there."""
    rows = _RULE.findall(PAGE)
    rules = load_catalogue().fiscal
    assert {key for key, _, _ in rows} == set(rules)
    for key, provenance, tests in rows:
        assert provenance == rules[key].provenance, key
        named = _NAMED.findall(tests)
        assert named, key
        for path, function in named:
            assert re.search(rf"^def {function}\(", (ROOT / path).read_text(), re.MULTILINE), (path, function)


def test_refusals_of_the_page_are_those_of_the_catalogue() -> None:
    """The codes of the four refusals are the catalogue's."""
    found = dict(re.findall(r"^\| `([a-z-]+)` \| (MR\d+) \|", PAGE, re.MULTILINE))
    assert len(found) == 4
    assert found == {key: load_catalogue().outcomes[key].code for key in found}


@pytest.mark.heavy
def test_shell_lines_of_the_page_work(digipoort_simulator: Simulator, tmp_path: Path) -> None:
    """The sums come out as shown; over WUS a mandate is refused, then accepted; the release is too early."""
    digipoort_simulator.certificate(Oin.from_kvk("30216247"), folder=tmp_path / "kantoor")
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    script = "set -euo pipefail\n" + "".join(blocks)
    ran = run(["bash", "-c", script], tmp_path, digipoort_simulator.state)
    assert ran.returncode == 0, ran.stderr
    for shown in re.findall(r"^```text\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL):
        for line in shown.splitlines():
            assert re.search(r"\s+".join(map(re.escape, line.split())), ran.stdout), line
    assert "refused: 3" in ran.stdout
    assert "MR300" in ran.stdout + ran.stderr
    assert "Opvoeren machtigingsclaim gelukt." in ran.stdout
    assert "too early: 3" in ran.stdout
