"""``doctor`` and ``certs issue-bad`` as users run them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from digipoort_sim.client.doctor_findings import CHECKS
from digipoort_sim.pki.bad import BAD_KINDS
from digipoort_sim.pki.certificate import load_certificates, load_key
from tests.cli.program import run
from tests.wus.door_kit import RunningDoor, running_door


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDoor]:
    """A running door, whose address lies in its state directory."""
    state = tmp_path_factory.mktemp("state")
    with running_door(state) as running:
        endpoints = {"wus": f"https://localhost:{running.port}", "ftp_port": 1, "web": "http://x", "pid": 1}
        (state / "endpoints.json").write_text(json.dumps(endpoints))
        yield running


def state_of(door: RunningDoor) -> Path:
    """The door's state directory."""
    return door.inner.authority.paths.folder.parent


def test_a_good_set_up_is_0(door: RunningDoor) -> None:
    """Without --url the simulator of the state directory is asked; people see a line for each check."""
    ran = run("doctor", "--cert", door.folder, "--state", state_of(door))
    assert (ran.code, ran.err) == (0, "")
    assert all(f"ok           {title}\n" in ran.out for title in CHECKS.values())
    assert ran.out.endswith(f"\n{len(CHECKS)} ok\n")


def test_a_fault_is_1_also_as_json(door: RunningDoor, tmp_path: Path) -> None:
    """A bad certificate fails with its alert; JSON has every check with what was found and what to do."""
    state = state_of(door)
    assert run("certs", "issue-bad", "expired", "--out", tmp_path, "--state", state).code == 0
    ran = run("doctor", "--cert", tmp_path, "--state", state, "--json")
    assert (ran.code, ran.err) == (1, "")
    assert not ran.json["ok"]
    checks = {row.pop("check"): row for row in ran.json["checks"]}
    assert list(checks) == list(CHECKS)
    assert checks["client-certificate"]["code"] == "certificate_expired"
    assert checks["validity"]["outcome"] == "failed"
    assert checks["call"]["outcome"] == "not reached"
    assert "to do: " in run("doctor", "--cert", tmp_path, "--state", state).out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("doctor", "--cert"),
        ("doctor --cert x", "no simulator answers"),
        ("doctor --cert x --url http://localhost", "https://"),
        ("doctor --cert x --url https://localhost --timeout 0", "--timeout"),
        ("doctor --cert x --url https://localhost --sha 2", "--sha"),
        ("doctor --cert x --url https://localhost --belanghebbende \x01", "--belanghebbende"),
        ("certs issue-bad nosuch --out x", "'nosuch' is no kind"),
        ("certs issue-bad expired", "--out"),
        ("certs issue-bad --out x", "KIND"),
    ],
)
def test_a_bad_option_is_2(tmp_path: Path, arguments: str, says: str) -> None:
    """One line says what is wrong with an option, and nothing is made."""
    ran = run(*arguments.split(), DIGIPOORT_SIM_STATE=str(tmp_path / "state"))
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1
    assert not (tmp_path / "state").exists()


def test_nothing_that_is_shown_commands_the_terminal(tmp_path: Path) -> None:
    """A file name with an escape character is written out."""
    ran = run("doctor", "--cert", tmp_path / "a\x1b[2Jb\nok  all is well", "--url", "https://127.0.0.1:1")
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "\\x1b[2Jb ok" in ran.out


def test_the_kinds_of_bad_certificates_are_listed(tmp_path: Path) -> None:
    """Each kind with its rule, its refusal and what is wrong, without a state directory."""
    for arguments in (["--json"], ["--list", "--json"]):
        ran = run("certs", "issue-bad", *arguments, DIGIPOORT_SIM_STATE=str(tmp_path / "state"))
        assert [row["kind"] for row in ran.json] == list(BAD_KINDS)
        assert all(row["rule"] and row["refused"] and row["wrong"] for row in ran.json)
    assert not (tmp_path / "state").exists()


def test_a_bad_certificate_has_its_five_files(door: RunningDoor, tmp_path: Path) -> None:
    """The files are those of certs issue; the key belongs to the certificate and is its owner's only."""
    ran = run("certs", "issue-bad", "weak-key", "--out", tmp_path, "--state", state_of(door))
    assert "1024 bits" in ran.out
    assert "TLS alert bad_certificate, rule CERT-WEAK-KEY" in ran.out
    names = {"client.pem", "client.key", "client.p12", "ca.pem", "service.pem"}
    assert {file.name for file in tmp_path.iterdir()} == names
    key = load_key(tmp_path / "client.key")
    assert key.public_key() == load_certificates(tmp_path / "client.pem")[0].public_key()
    assert (tmp_path / "client.key").stat().st_mode & 0o077 == 0
