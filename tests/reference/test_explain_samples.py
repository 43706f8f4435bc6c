"""``explain`` on requests captured from real client stacks: each gets its documented verdict."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.cli.main import main
from tests.cli.program import run

WIRE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "wire"
pytestmark = pytest.mark.skipif(not WIRE.is_dir(), reason="the wire samples are not beside this checkout")
SAMPLES = sorted(path.stem for path in WIRE.glob("*.http"))
KEYS = {"id", "passed", "provenance", "expected", "found", "mend"}


def created(name: str) -> str:
    """The clock of a sample's own Timestamp."""
    found = re.search(rb"Created>([^<]+)<", (WIRE / f"{name}.http").read_bytes())
    assert found is not None
    return found[1].decode()


def explain(name: str, state: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str]:
    """The exit code and the output of the program for one sample."""
    file = str(WIRE / f"{name}.http")
    code = main(
        [
            "--state",
            str(state),
            "explain",
            file,
            "--trust",
            str(WIRE / "ca.pem"),
            "--at",
            created(name),
            *options,
        ]
    )
    return code, capsys.readouterr().out


@pytest.mark.parametrize("name", [name for name in SAMPLES if "stock" not in name])
def test_good_samples_are_accepted(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At the clock of its Timestamp and with its CA each good sample keeps every rule, with exit code 0."""
    code, out = explain(name, tmp_path, capsys, "--json")
    told = json.loads(out)
    assert (code, told["accepted"], told["file"]) == (0, True, str(WIRE / f"{name}.http"))
    assert all(rule["passed"] is True for rule in told["rules"])
    assert all(set(rule) >= KEYS for rule in told["rules"])
    assert explain(name, tmp_path, capsys)[1].endswith("\naccepted\n")


@pytest.mark.parametrize(
    ("name", "uncovered"),
    [
        ("zeep-stock-only-body-and-timestamp-signed", "wsa:Action, wsa:MessageID, wsa:To"),
        ("node-soap-stock-sha256-no-wsa-signed", "wsa:Action, wsa:MessageID, wsa:ReplyTo, wsa:To"),
    ],
)
def test_stock_clients_are_refused(
    name: str, uncovered: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What libraries sign out of the box is refused with exit code 1, naming the headers not covered."""
    code, out = explain(name, tmp_path, capsys, "--json")
    told = json.loads(out)
    coverage = next(rule for rule in told["rules"] if rule["id"] == "WSS-COVERAGE")
    assert (code, told["accepted"], coverage["passed"]) == (1, False, False)
    assert f"does not cover {uncovered};" in coverage["found"]
    assert coverage["provenance"] == "published"
    assert "zeep" in coverage["mend"]
    assert told["fault"]["foutcode"] == "ALS110"
    people = explain(name, tmp_path, capsys)[1]
    assert "  BROKEN WSS-COVERAGE (published)\n" in people
    assert re.search(r"\nrefused: \d rules?\n$", people)


def test_one_line_of_json_for_each_file(tmp_path: Path) -> None:
    """Of all samples at once, one JSON object per file and line comes out, in the order of the files."""
    files = [str(WIRE / f"{name}.http") for name in SAMPLES]
    ran = run("--state", tmp_path, "explain", *files, "--trust", WIRE / "ca.pem", "--json")
    told: list[dict[str, Any]] = [json.loads(line) for line in ran.out.splitlines()]
    assert [one["file"] for one in told] == files
    assert ran.code == 1
    assert ran.err == ""
    assert not any(one["accepted"] for one in told), "their Timestamps are old now"
    assert all("WSS-TIMESTAMP" in broken(one) for one in told)


def broken(told: dict[str, Any]) -> list[str]:
    """The rules that are broken."""
    return [rule["id"] for rule in told["rules"] if rule["passed"] is False]


def test_the_certificate_needs_its_ca(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --trust and without an authority in the state directory, the chain is what is broken."""
    name = SAMPLES[0]
    file = str(WIRE / f"{name}.http")
    assert main(["--state", str(tmp_path), "explain", file, "--at", created(name), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert broken(told) == ["CERT-UNKNOWN-ISSUER"]
    assert list(tmp_path.iterdir()) == [], "explain makes no authority of its own"


def test_profile_details_are_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The samples' certificates have no policy; that is told, and the message is accepted."""
    code, out = explain("zeep-full-aanleveren", tmp_path, capsys, "--json")
    policy = next(rule for rule in json.loads(out)["rules"] if rule["id"] == "PROFILE-POLICY")
    assert (code, policy["passed"], policy["severity"]) == (0, True, "warning")
    assert "none" in policy["warning"]
