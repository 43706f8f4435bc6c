"""The command line without a server: options, exit codes, one line for what is wrong."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from digipoort_sim import __version__
from tests.cli.program import COMMAND, environment, run

KVK = "30216247"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("nosuch", "No such command"),
        ("serve --nosuch", "No such option"),
        ("serve --wus-port 70000", "--wus-port"),
        ("serve --wus-port x", "--wus-port"),
        ("serve --workers 0", "--workers"),
        ("serve --config /nowhere.toml", "/nowhere.toml"),
        ("certs", "Missing command"),
        ("certs issue --out x", "exactly one of"),
        ("certs issue --out x --kvk 1 --oin 2", "exactly one of"),
        ("certs issue --out x --kvk 123", "KvK"),
        ("certs issue --kvk 30216247", "--out"),
        ("certs revoke nosuch", "nosuch"),
        ("ftp account add --oin 5", "OIN"),
        ("ftp account remove nobody", "nobody"),
        ("send", "FILE"),
        ("send f --berichtsoort B --belanghebbende 1", "--cert"),
        ("send f --berichtsoort B --belanghebbende 1 --cert d --sha 2", "--sha"),
        ("send f --berichtsoort B --belanghebbende 1 --cert d --via ftp", "d/client.pem is not there"),
        ("send f --berichtsoort B --belanghebbende 1 --cert d --user u", "--via ftp"),
        (
            "send f --berichtsoort B --belanghebbende 1 --cert d --via ftp --user u --password p --stub",
            "--stub",
        ),
        ("mandate request --client 1 --cert d", "Missing option '--dienst'"),
        ("mandate query --client 111222333 --cert d", "no simulator answers"),
        ("mandate activate --dienst VIA_2025 --client 1 --cert d", "--code"),
        ("mandate request --dienst VIA_2025 --client 1 --cert d --code 1", "No such option: --code"),
        ("fetch --cert d --type BSN", "--belanghebbende"),
        ("poll --cert d", "KENMERK"),
        ("messages list", "no simulator answers"),
        ("messages show x", "no simulator answers"),
        ("mandates list --json", "no simulator answers"),
        ("letters return x", "no simulator answers"),
        ("events show 1", "no simulator answers"),
        ("clock show", "no simulator answers"),
        ("clock advance soon", "not a duration"),
        ("clock set soon", "not a time"),
        ("readyz", "not ready"),
        ("readyz --wait --timeout 0.1", "not ready"),
        ("catalogue nosuch", "there is no table"),
        ("mandate", "see: digipoort-sim mandate --help"),
    ],
)
def test_what_is_wrong_is_one_clear_line(tmp_path: Path, arguments: str, says: str) -> None:
    """A bad option or a server that is not there: exit code 2, one line that names it, nothing printed."""
    ran = run(*arguments.split(), DIGIPOORT_SIM_STATE=str(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_server_that_is_gone_is_unreachable(tmp_path: Path) -> None:
    """An endpoints.json that a killed server left, or half a file, leads to the same line and code."""
    for text in ('{"web": "http://localhost:1"}', '{"web"', "[]"):
        (tmp_path / "endpoints.json").write_text(text)
        ran = run("messages", "list", "--state", tmp_path)
        assert (ran.code, ran.out) == (2, "")
        assert f"no simulator answers for {tmp_path}" in ran.err


def test_state_may_come_before_or_after_the_command(tmp_path: Path) -> None:
    """--state is understood before the command, after it, and by environment; the nearest one counts."""
    other = tmp_path / "other"
    before = run("--state", tmp_path, "clock", "show")
    after = run("--state", other, "clock", "show", "--state", tmp_path, DIGIPOORT_SIM_STATE=str(other))
    assert f"for {tmp_path};" in before.err
    assert f"for {tmp_path};" in after.err


def test_certificates_need_no_server(tmp_path: Path) -> None:
    """A certificate is issued, listed and revoked by its file; its five files are replaced the next time."""
    state, out = tmp_path / "state", tmp_path / "ann"
    for _ in range(2):
        issued = run("certs", "issue", "--kvk", KVK, "--out", out, "--name", "TRIAL Ann", "--state", state)
        assert issued.code == 0, issued.err
    assert {file.name for file in out.iterdir()} == {
        "client.pem",
        "client.key",
        "client.p12",
        "ca.pem",
        "service.pem",
    }
    assert "SHA-1 " in issued.out
    assert "SHA-256 " in issued.out
    assert run("certs", "revoke", out / "client.pem", "--state", state).code == 0
    assert run("certs", "revoke", out / "client.pem", "--state", state).code == 3
    rows = [row for row in run("certs", "list", "--json", "--state", state).json if row["kind"] == "client"]
    assert [row["revokedAt"] is not None for row in rows] == [False, True]
    assert rows[0]["oin"] == f"00000003{KVK}0000"
    assert rows[0]["subject"] == "TRIAL Ann"


def test_accounts_need_no_server(tmp_path: Path) -> None:
    """An account is made with user and password, listed and removed in the state directory's database."""
    made = run("ftp", "account", "add", "--oin", f"00000003{KVK}0000", "--json", "--state", tmp_path)
    assert made.code == 0, made.err
    assert {"user", "password"} <= set(made.json)
    assert [row["user"] for row in run("ftp", "account", "list", "--json", "--state", tmp_path).json] == [
        made.json["user"]
    ]
    assert run("ftp", "account", "remove", made.json["user"], "--state", tmp_path).code == 0
    assert run("ftp", "account", "list", "--json", "--state", tmp_path).json == []


def test_settings_are_shown_with_their_origin(tmp_path: Path) -> None:
    """config show tells for each setting its value and where that comes from."""
    (tmp_path / "config.toml").write_text("wus_port = 1\n")
    ran = run("config", "show", "--json", "--state", tmp_path, DIGIPOORT_SIM_FTP_PORT="2")
    rows = {row["name"]: (row["value"], row["origin"]) for row in ran.json}
    assert rows["wus_port"] == (1, f"file {tmp_path / 'config.toml'}")
    assert rows["ftp_port"] == (2, "environment DIGIPOORT_SIM_FTP_PORT")
    assert rows["state"] == (str(tmp_path), "option --state")


def test_the_catalogue_is_shown_with_provenance(tmp_path: Path) -> None:
    """A user's own catalogue folder counts, and each line says how sure it is."""
    (tmp_path / "agencies.toml").write_text('[uwv]\nname = "Another UWV"\n')
    rows = run("catalogue", "agencies", "--json", DIGIPOORT_SIM_CATALOGUE=str(tmp_path)).json
    uwv = next(row for row in rows if row["key"] == "uwv")
    assert (uwv["name"], uwv["provenance"]) == ("Another UWV", "simulator")


def test_the_catalogue_without_a_table_lists_the_tables() -> None:
    """catalogue alone tells which tables there are and how sure their rows are; the labels add up."""
    rows = run("catalogue", "--json").json
    assert {"statuses", "faults", "berichtsoorten", "scenarios"} <= {row["table"] for row in rows}
    labels = ("recorded", "published", "inferred", "simulator")
    assert all(sum(row[label] for label in labels) == row["rows"] > 0 for row in rows)


def test_the_version_is_told() -> None:
    """--version prints name and version, and says SIMULATOR."""
    ran = run("--version")
    assert (ran.code, ran.out) == (0, f"digipoort-sim {__version__} (SIMULATOR)\n")


def test_a_narrow_terminal_folds_only_the_last_column() -> None:
    """What is in the other columns can be copied whole, however narrow the terminal is."""
    mine, theirs = pty.openpty()
    environ = environment(COLUMNS="40", TERM="dumb")
    command = [*COMMAND, "catalogue", "outcomes"]
    process = subprocess.Popen(command, stdout=theirs, stdin=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # Linux's way to say that the other end was closed
        while part := os.read(mine, 65536):
            shown += part
    os.close(mine)
    assert process.wait() == 0
    text = shown.decode()
    assert "Een andere gemachtigde heeft deze dienst al voor deze cliënt." in text
    assert "Another intermediary has this service for this client." not in text
    assert "Another intermediary has this" in text


def test_a_pipe_gets_plain_columns(tmp_path: Path) -> None:
    """Without a terminal a listing is one line a row, with no frame and nothing cut off."""
    lines = run("catalogue", "statuses").out.splitlines()
    assert lines[0].split() == ["code", "omschrijving", "final", "foutcode", "provenance"]
    assert any(line.startswith("405   Afleveren naar uitvragende partij bezig...") for line in lines)


def test_a_reader_that_goes_away_is_no_error() -> None:
    """A listing into a pipe that is closed ends quietly."""
    code = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'digipoort_sim.cli.main', "
        "'catalogue', 'statuses', '--json'], stdout=subprocess.PIPE, stderr=subprocess.PIPE); "
        "p.stdout.close(); err = p.stderr.read(); print(p.wait(), err)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment())
    assert done.stdout.strip().endswith(" b''")


def test_commands_start_without_what_they_do_not_need() -> None:
    """Help and a question to the server import neither server rooms, nor cryptography, nor Rich."""
    code = (
        "import sys, json; from digipoort_sim.cli.main import main; main(sys.argv[1:]); "
        "print(json.dumps(sorted(m for m in sys.modules)), file=sys.stderr)"
    )
    heavy = {
        "rich",
        "sqlalchemy",
        "cryptography",
        "lxml",
        "starlette",
        "uvicorn",
        "zeep",
        "jinja2",
    }
    for arguments in (["--help"], ["messages", "list", "--state", "/nowhere"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment()
        )
        assert not heavy & set(json.loads(done.stderr.splitlines()[-1])), arguments


def test_help_is_there_for_every_command() -> None:
    """Help exits with 0 and tells of every command of the contract; no arguments mean help."""
    shown = run("--help")
    assert shown.code == 0
    assert run().out == shown.out
    names = "serve readyz demo certs ftp send mandate poll fetch messages mandates letters events clock"
    for name in [*names.split(), "explain", "doctor", "config", "catalogue"]:
        assert f"  {name} " in shown.out
