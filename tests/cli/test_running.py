"""The command line beside a running server."""

from __future__ import annotations

import json
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import COMMAND, Ran, environment, run

pytestmark = pytest.mark.heavy

OIN = "00000003302162470000"


@contextmanager
def serving(state: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A server on free ports that is ready."""
    ports = ["--wus-port", "0", "--ftp-port", "0", "--web-port", "0"]
    command = [*COMMAND, "serve", "--state", str(state), *ports, *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        ready = run("readyz", "--wait", "--timeout", "30", "--state", state)
        assert ready.code == 0, ready.err
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The state directory of a running server in which a message, a mandate and a letter are."""
    folder = tmp_path_factory.mktemp("state")
    with serving(folder):
        cert, file = folder / "ann", folder / "a.xml"
        file.write_text("<a/>")
        assert run("certs", "issue", "--oin", OIN, "--out", cert, "--state", folder).code == 0
        sent = run(
            *("send", file, "--berichtsoort", "TEST", "--belanghebbende", "001000044B37", "--type", "Fi"),
            *("--cert", cert, "--aanleverkenmerk", "K1", "--state", folder),
        )
        assert sent.code == 0, sent.err
        asked = run(
            *("mandate", "request", "--dienst", "VIA_2025", "--client", "999993653", "--type", "BSN"),
            *("--cert", cert, "--state", folder),
        )
        assert asked.code == 0, asked.err
        assert run("clock", "advance", "15d", "--state", folder).code == 0
        yield folder


def ask(state: Path, *arguments: str) -> Any:
    """The JSON that a command prints."""
    ran: Ran = run(*arguments, "--json", "--state", state)
    assert ran.code == 0, ran.err
    return ran.json


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("messages", "kenmerk berichtsoort aanleverkenmerk identiteitBelanghebbende statuscode via"),
        ("mandates", "id dienst idVertegenwoordigde idGemachtigde toestand"),
        ("letters", "id dienst idVertegenwoordigde idGemachtigde datum activatieToken"),
    ],
)
def test_listings_have_the_fields_of_the_contract(state: Path, command: str, fields: str) -> None:
    """A listing is one JSON array whose rows have the promised fields; show gives the same and more."""
    row = ask(state, command, "list")[0]
    assert set(fields.split()) <= set(row)
    shown = ask(state, command, "show", row[fields.split()[0]])
    assert {name: shown[name] for name in fields.split()} == {name: row[name] for name in fields.split()}


def test_listings_read_well_without_json(state: Path) -> None:
    """Without --json people get the same columns, and a letter's text."""
    header = run("messages", "list", "--state", state).out.splitlines()[0].split()
    assert header[0] == "kenmerk"
    letter = ask(state, "letters", "list")[0]
    assert letter["activatieToken"] in run("letters", "show", letter["id"], "--state", state).out


def test_a_limit_gives_so_many_rows(state: Path) -> None:
    """--limit cuts the listing."""
    assert len(ask(state, "messages", "list")) == 2
    assert len(ask(state, "messages", "list", "--limit", "1")) == 1


def test_the_clock_is_shown_and_moved(state: Path) -> None:
    """clock prints `now`, moves forward, and refuses to go back with exit code 3."""
    before = ask(state, "clock", "show")["now"]
    assert ask(state, "clock", "advance", "1d12h")["now"] > before
    back = run("clock", "set", "2020-01-01", "--state", state)
    assert (back.code, back.out) == (3, "")
    assert "never goes back" in back.err


def test_a_letter_is_returned_once(state: Path) -> None:
    """letters return ends the registration; a second time is refused with exit code 3."""
    letter = ask(state, "letters", "list")[0]["id"]
    assert run("letters", "return", letter, "--state", state).code == 0
    assert run("letters", "return", letter, "--state", state).code == 3
    assert ask(state, "mandates", "list")[0]["toestand"] == "AFGEWEZEN"
    event = next(row for row in ask(state, "events", "list") if row["kind"] == "letter-returned")
    assert ask(state, "events", "show", str(event["id"]))["kind"] == "letter-returned"


def test_what_is_not_there_is_told_in_one_line(state: Path) -> None:
    """An unknown kenmerk, mandate, letter or event: exit code 2 and one line."""
    for command in ("messages", "mandates", "letters", "events"):
        ran = run(command, "show", "12345", "--state", state)
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)


def test_accounts_go_through_the_server(state: Path) -> None:
    """With a running server accounts are made, changed, unlocked and removed through its control API."""
    user = ask(state, "ftp", "account", "add", "--oin", OIN, "--label", "kantoor")["user"]
    assert user in [row["user"] for row in ask(state, "ftp", "account", "list")]
    changed = ask(state, "ftp", "account", "set", user, "--deliver", "mededelingen", "--interface", "ftp_gb")
    assert (changed["label"], changed["deliver"], changed["interface"]) == (
        "kantoor",
        "mededelingen",
        "ftp_gb",
    )
    assert ask(state, "ftp", "account", "show", user) == changed
    assert ask(state, "ftp", "account", "unlock", user) == changed
    assert ask(state, "ftp", "account", "password", user)["password"]
    assert run("ftp", "account", "remove", user, "--state", state).code == 0
    for act in ("remove", "unlock"):
        assert run("ftp", "account", act, user, "--state", state).code == 2


def test_a_second_server_on_the_same_state_says_so(state: Path) -> None:
    """serve on a state directory in use ends at once with one line."""
    ran = run("serve", "--state", state, "--wus-port", "0", "--ftp-port", "0", "--web-port", "0")
    assert ran.code == 2
    assert "another digipoort-sim serves" in ran.err


@pytest.mark.parametrize(("door", "workers"), [("wus", "1"), ("ftp", "2"), ("web", "1"), ("web", "2")])
def test_a_taken_port_says_so(state: Path, tmp_path: Path, door: str, workers: str) -> None:
    """serve on a port in use ends with exit code 2 and one line that names the port and the option."""
    taken = str(json.loads((state / "endpoints.json").read_text())[f"{door}_port"])
    ports = dict.fromkeys(("wus", "ftp", "web"), "0") | {door: taken}
    options = [part for name, port in ports.items() for part in (f"--{name}-port", port)]
    ran = run("serve", "--state", tmp_path, "--workers", workers, *options)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert taken in ran.err
    assert f"--{door}-port" in ran.err


def test_new_is_new_once(state: Path) -> None:
    """fetch --new and poll --new give what is there once; then they say that there is nothing new."""
    cert = state / "ann"
    query = ("mandate", "query", "--dienst", "VIA_2025", "--client", "999993653", "--cert", cert, "--wait")
    kenmerk = run(*query, "--state", state).out.split()[0]
    for arguments in (["fetch", "--new"], ["poll", kenmerk, "--new"]):
        first = run(*arguments, "--cert", cert, "--json", "--state", state)
        assert first.json
        again = run(*arguments, "--cert", cert, "--state", state)
        assert (again.code, again.out) == (0, "")
        assert "nothing new" in again.err


def test_a_certificate_that_does_not_fit_is_explained(state: Path, tmp_path: Path) -> None:
    """Another simulator's folder, a revoked certificate, a wrong key: exit code 2, one line that says it."""
    foreign, revoked, mixed = tmp_path / "foreign", tmp_path / "revoked", tmp_path / "mixed"
    for folder, home in ((foreign, tmp_path / "other"), (revoked, state)):
        assert run("certs", "issue", "--oin", OIN, "--out", folder, "--state", home).code == 0
    assert run("certs", "revoke", revoked / "client.pem", "--state", state).code == 0
    shutil.copytree(revoked, mixed)
    shutil.copy(foreign / "client.key", mixed)
    account = ask(state, "ftp", "account", "add", "--oin", OIN)
    login = ("--via", "ftp", "--user", account["user"], "--password", account["password"])
    send = ("send", state / "a.xml", "--berichtsoort", "TEST", "--belanghebbende", "001000044B37")
    for folder, says in (
        (foreign, "does not vouch for"),
        (revoked, "certificate revoked"),
        (mixed, "is not the key of"),
    ):
        for route in ((), login):
            ran = run(*send, *route, "--cert", folder, "--state", state)
            assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1), ran.err
            assert says in ran.err


def test_a_fault_is_one_line(state: Path) -> None:
    """A SOAP fault, or an answer that is no SOAP, is told on one line, exit code 4; the request is kept."""
    send = ("send", state / "a.xml", "--belanghebbende", "001000044B37", "--cert", state / "ann")
    stub = ("--stub", "--aanleverkenmerk", "OverbelastAanleveren")
    for more, says in (
        (("--berichtsoort", "nosuch"), "ALS120"),
        (("--berichtsoort", "TEST", *stub), "HTTP 503"),
    ):
        ran = run(*send, *more, "--state", state)
        assert (ran.code, ran.out, len(ran.err.splitlines())) == (4, "", 1)
        assert ran.err.startswith(says)
    refused = next(row for row in ask(state, "events", "list") if row["code"] == "ALS120")
    raw = run("events", "show", str(refused["id"]), "--raw", "--state", state)
    assert raw.out.startswith("POST /wus/2.0/aanleverservice/1.2")


def test_the_demonstration_wants_a_simulator_of_its_own(state: Path) -> None:
    """demo on the state of a running server changes nothing there and says why it cannot run."""
    before = ask(state, "messages", "list")
    ran = run("demo", "--state", state)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "another digipoort-sim serves" in ran.err
    assert ask(state, "messages", "list") == before


def test_serve_tells_all_and_leaves_nothing(tmp_path: Path) -> None:
    """serve prints what a caller needs; with --web-host the commands show the token; a stop cleans up."""
    with serving(tmp_path, "--web-host", "127.0.0.1", "--ftp-implicit-port", "0") as process:
        endpoints = json.loads((tmp_path / "endpoints.json").read_text())
        names = "wus ftp ftp_gb ftp_implicit web wus_port ftp_port ftp_gb_port ftp_implicit_port web_port"
        names += " ca service_certificate tls_sha1 service_sha1 pid"
        assert set(endpoints) == set(names.split())
        assert endpoints["ftp_implicit"] == f"ftps://localhost:{endpoints['ftp_implicit_port']}"
        token = tmp_path / "web-token"
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        assert ask(tmp_path, "messages", "list") == []
        token.rename(tmp_path / "kept")
        refused = run("messages", "list", "--state", tmp_path)
        assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert process.returncode == 0
    assert process.stdout is not None
    text = process.stdout.read()
    told = ("wus", "ftp", "ftp_implicit", "web", "ca", "service_certificate", "tls_sha1", "service_sha1")
    for part in (*(endpoints[name] for name in told), "SHA-1 ", "SHA-256 "):
        assert part in text
    assert "certs issue" in text
    assert not (tmp_path / "endpoints.json").exists()
