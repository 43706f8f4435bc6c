"""``ftp put|ls|get|rm`` as commands: what they print, and how they end."""

from __future__ import annotations

import hashlib
import json
import os
import pty
import stat
import subprocess
from pathlib import Path

import pytest

from digipoort_sim.pki.oin import Oin
from digipoort_sim.testing.simulator import Simulator
from tests.cli.program import COMMAND, Ran, environment, run
from tests.wages import wage_return

pytestmark = pytest.mark.heavy


@pytest.fixture(scope="module")
def cert(digipoort_simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate folder with an account in it."""
    folder = tmp_path_factory.mktemp("party") / "kantoor"
    digipoort_simulator.certificate(Oin.from_kvk("30216247"), folder=folder)
    made = run("ftp", "account", "add", "--cert", folder, "--state", digipoort_simulator.state)
    assert made.code == 0, made.err
    assert "password" not in made.out
    assert stat.S_IMODE((folder / "account.netrc").stat().st_mode) == 0o600
    return folder


def ftp(simulator: Simulator, cert: Path, *arguments: str | Path, **environ: str) -> Ran:
    """Run an ``ftp`` command to its end."""
    return run("ftp", *arguments, "--cert", cert, "--state", simulator.state, **environ)


def test_a_file_goes_in_and_its_answers_come_out(
    digipoort_simulator: Simulator, cert: Path, tmp_path: Path
) -> None:
    """put tells the receipt, ls shows it, get brings it, rm removes what is left; no password is given."""
    file = tmp_path / "loon.xml"
    file.write_text(wage_return())
    put = ftp(
        digipoort_simulator,
        cert,
        "put",
        file,
        "--interface",
        "ftp_gb",
        "--period",
        "2026-1",
        "--wait",
        "--json",
    )
    assert put.code == 0, put.err
    (row,) = put.json
    assert row["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert row["status"]["statuscode"] == "500"
    assert put.err == ""
    gb = ("--interface", "ftp_gb")
    shown = {one["name"] for one in ftp(digipoort_simulator, cert, "ls", *gb, "--json").json}
    assert {f"{row['name']}.ontvangst.xml", f"{row['name']}.status.xml"} <= shown
    got = ftp(digipoort_simulator, cert, "get", "*.status.xml", *gb, "--out", tmp_path, "--delete")
    assert row["kenmerk"] in (tmp_path / f"{row['name']}.status.xml").read_text()
    assert got.out.strip() == str(tmp_path / f"{row['name']}.status.xml")
    (removed,) = ftp(digipoort_simulator, cert, "rm", "*", *gb, "--json").json
    assert removed["path"] == f"/out/{row['name']}.ontvangst.xml"
    assert "empty" in ftp(digipoort_simulator, cert, "ls", *gb).err
    ftp(digipoort_simulator, cert, "put", file, "--interface", "ftp_gb", "--period", "2026-2", "--wait")
    plain = ftp(digipoort_simulator, cert, "rm", "*.ontvangst.xml", *gb)
    assert (plain.code, plain.out.count("removed /out/")) == (0, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("put", "FILE", "--name", "x.xml"), 4, "553"),
        (("put", "FILE", "--name", "x.xml", "--lang", "nl"), 4, "andere naam"),
        (("put", "FILE", "--name", "L\u00f6n.xml"), 4, "'\u00f6' as character 2"),
        (("put", "FILE", "--berichtsoort", "Aangifte_LH", "--password", "wrong"), 4, "530"),
        (("put", "FILE"), 2, "--berichtsoort"),
        (("put", "FILE", "--berichtsoort", "Aangifte_LH", "--resume"), 2, "--name"),
        (("put", "/nowhere.xml", "--berichtsoort", "Aangifte_LH"), 2, "no file"),
        (("put", "FILE", "FILE", "--name", "x"), 2, "one file"),
        (("put", "FILE", "--berichtsoort", "Onbestaand"), 2, "Onbestaand"),
        (("ls", "/nowhere"), 4, "550"),
        (("get", "nothing"), 2, "no /out/nothing"),
        (("ls", "--interface", "ftp_implicit"), 2, "--ftp-implicit-port"),
    ],
)
def test_what_is_refused_is_one_line(
    digipoort_simulator: Simulator,
    cert: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    says: str,
) -> None:
    """The door's reply in words, and what to do: 2 for options, 4 for what the door refuses."""
    file = tmp_path / "loon.xml"
    file.write_text(wage_return())
    ran = ftp(digipoort_simulator, cert, *(str(file) if one == "FILE" else one for one in arguments))
    assert (ran.code, ran.out) == (code, "")
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_account_may_come_from_the_environment(digipoort_simulator: Simulator, tmp_path: Path) -> None:
    """Without a file in the certificate folder, two variables do; without those the error names the ways.

    A folder that is not there is told as that; a second account says what became of the first.
    """
    oin = Oin.from_kvk("30216247")
    folder = tmp_path / "bare"
    digipoort_simulator.certificate(oin, folder=folder)
    user, password = digipoort_simulator.file_account(oin)
    ran = ftp(digipoort_simulator, folder, "ls", DIGIPOORT_FTP_USER=user, DIGIPOORT_FTP_PASSWORD=password)
    assert ran.code == 0, ran.err
    assert f"ftp account add --cert {folder}" in ftp(digipoort_simulator, folder, "ls").err
    assert "client.pem is not there" in ftp(digipoort_simulator, tmp_path / "typo", "ls").err
    first = ftp(digipoort_simulator, folder, "account", "add", "--json")
    second = ftp(digipoort_simulator, folder, "account", "add", "--json")
    assert first.err == ""
    assert f"had the account {first.json['user']}" in second.err


def test_a_person_sees_a_progress_bar(digipoort_simulator: Simulator, cert: Path, tmp_path: Path) -> None:
    """On a terminal the standard error shows the name and bytes; the standard output is the kenmerk alone."""
    file = tmp_path / "loon.xml"
    file.write_text(wage_return())
    ours, theirs = pty.openpty()
    command = [*COMMAND, "ftp", "put", str(file), "--berichtsoort", "Aangifte_LH", "--cert", str(cert)]
    ran = subprocess.run(
        [*command, "--state", str(digipoort_simulator.state)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment(TERM="xterm", COLUMNS="120"),
        text=True,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert ran.returncode == 0, shown
    assert len(ran.stdout.strip()) == 36
    assert "Aangifte_LH_" in shown
    assert "bytes" in shown


def test_json_of_a_refusal_is_json(digipoort_simulator: Simulator, cert: Path, tmp_path: Path) -> None:
    """With --json there is a row with the error for what was refused."""
    file = tmp_path / "loon.xml"
    file.write_text(wage_return())
    ran = ftp(digipoort_simulator, cert, "put", file, "--name", "x.xml", "--json")
    assert ran.code == 4
    (row,) = json.loads(ran.out)
    assert row["kenmerk"] is None
    assert "553" in row["error"]
