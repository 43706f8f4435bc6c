"""``explain`` as a program: files, standard input and events, with options good and bad."""

from __future__ import annotations

import io
import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import update

from digipoort_sim.cli.main import main
from digipoort_sim.clock import Clocks, FixedClock, RealClock
from digipoort_sim.exchange.events import EventRing
from digipoort_sim.exchange.values import Event
from digipoort_sim.pki import Authority
from digipoort_sim.store import Store
from digipoort_sim.store.exchange_tables import events
from digipoort_sim.testing.simulator import Simulator
from tests.wus import door_kit, messages
from tests.wus.tls_kit import authority_in, client_folder

Output = pytest.CaptureFixture[str]
PATH = "/wus/2.0/aanleverservice/1.2"
REAL = Clocks(RealClock(), RealClock())


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of a state directory."""
    return authority_in(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="module")
def state(authority: Authority) -> Path:
    """That state directory."""
    return authority.paths.folder.parent


@pytest.fixture(scope="module")
def message(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A delivery with its HTTP head, made now."""
    client = client_folder(authority, tmp_path_factory.mktemp("client"))
    body = door_kit.signed(messages.AANLEVEREN, door_kit.delivery(), client)
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of this machine count."""
    for name in [name for name in os.environ if name.startswith("DIGIPOORT_SIM_")]:
        monkeypatch.delenv(name)


def explain(state: Path, *arguments: str | Path) -> int:
    """The exit code of the program."""
    return main(["--state", str(state), "explain", *map(str, arguments)])


def told(capsys: Output) -> list[dict[str, Any]]:
    """The JSON objects that were printed, one a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def rule(explained: dict[str, Any], name: str) -> dict[str, Any]:
    """The verdict of one rule."""
    found: dict[str, Any] = next(one for one in explained["rules"] if one["id"] == name)
    return found


def test_the_authority_of_the_state_is_trusted(
    state: Path, message: bytes, tmp_path: Path, capsys: Output
) -> None:
    """Without --trust a message of this simulator's own client is accepted, and nothing is written."""
    before = sorted(state.rglob("*"))
    (tmp_path / "m.http").write_bytes(message)
    assert explain(state, tmp_path / "m.http") == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"{tmp_path / 'm.http'} (aanleverservice aanleveren, judged at ")
    assert shown.endswith("\naccepted\n")
    assert "BROKEN" not in shown
    assert "not judged" not in shown
    assert "warning" not in shown
    assert sorted(state.rglob("*")) == before


def test_standard_input_is_a_file_too(
    state: Path, message: bytes, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """FILE may be a dash."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(message)))
    assert explain(state, "-", "--json") == 0
    (one,) = told(capsys)
    assert (one["file"], one["accepted"], one["fault"]) == ("-", True, None)


def test_the_worst_verdict_is_the_exit_code(
    state: Path, message: bytes, tmp_path: Path, capsys: Output
) -> None:
    """All files are explained; 1 if one is refused, 2 if one cannot be read; a JSON object for each."""
    (tmp_path / "good").write_bytes(message)
    (tmp_path / "bad").write_bytes(message.replace(b">TEST<", b">TESD<"))
    (tmp_path / "empty").write_bytes(b"")
    names = [str(tmp_path / name) for name in ("bad", "empty", "nowhere", "good", "")]
    assert explain(state, *names[:1], *names[3:4], "--json") == 1
    capsys.readouterr()
    assert explain(state, *names, "--json") == 2
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    assert [one["file"] for one in lines] == [
        str(Path(name)) if name != names[4] else names[4] for name in names
    ]
    assert [one["accepted"] for one in lines] == [False, False, False, True, False]
    assert ["error" in one for one in lines] == [False, True, True, False, True]
    assert [line.rpartition(": ")[2] for line in err.splitlines()] == [
        "it is empty",
        "No such file or directory",
        "Is a directory",
    ]


def test_wrong_digests_show_their_octets(state: Path, message: bytes, tmp_path: Path, capsys: Output) -> None:
    """For a wrong digest the canonical octets are told, in JSON and to people, with what is in them tamed."""
    (tmp_path / "m").write_bytes(message.replace(b">TEST<", b">\xc2\x9bTT<"))
    assert explain(state, tmp_path / "m", "--json") == 1
    out = capsys.readouterr().out
    assert out.isascii()
    digest = rule(json.loads(out), "WSS-DIGEST")
    (wrong,) = [one for one in digest["references"] if not one["agrees"]]
    assert (wrong["element"], "\x9bTT<" in wrong["canonical"]) == ("soap:Body", True)
    assert wrong["canonicalOctets"] == len(wrong["canonical"].encode())
    assert wrong["expected"] != wrong["found"]
    assert explain(state, tmp_path / "m") == 1
    shown = capsys.readouterr().out
    assert "\x9b" not in shown
    assert "    | <soap:Body " in shown
    assert "\\x9bTT<" in shown
    assert shown.endswith("\nrefused: 1 rule\n")


def test_time_of_judgement(state: Path, message: bytes, tmp_path: Path, capsys: Output) -> None:
    """--at judges Timestamp and certificates at another time."""
    (tmp_path / "m").write_bytes(message)
    assert explain(state, tmp_path / "m", "--at", "2100-01-01T00:00:00.5+01:00", "--json") == 1
    (one,) = told(capsys)
    assert one["at"] == "2099-12-31T23:00:00.500Z"
    assert {each["id"] for each in one["rules"] if each["passed"] is False} == {
        "WSS-TIMESTAMP",
        "CERT-EXPIRED",
    }


def test_revocation_is_judged_with_a_crl_only(authority: Authority, tmp_path: Path, capsys: Output) -> None:
    """A revoked certificate passes without --crl and is refused with it; a strange CRL is a wrong option."""
    client = client_folder(authority, tmp_path / "client")
    (tmp_path / "m").write_bytes(door_kit.signed(messages.AANLEVEREN, door_kit.delivery(), client))
    authority.revoke(client / "client.pem")
    state = authority.paths.folder.parent
    assert explain(state, tmp_path / "m", "--json") == 0
    (one,) = told(capsys)
    assert "CERT-REVOKED" not in [each["id"] for each in one["rules"]]
    assert explain(state, tmp_path / "m", "--crl", authority.paths.crl_file, "--json") == 1
    (one,) = told(capsys)
    assert rule(one, "CERT-REVOKED")["passed"] is False
    other = authority_in(tmp_path / "other")
    assert explain(state, tmp_path / "m", "--crl", other.paths.crl_file) == 2
    assert "no trusted CA made the CRL" in capsys.readouterr().err
    assert explain(state, tmp_path / "m", "--crl", tmp_path / "m") == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([], "name a FILE"),
        (["m", "--at", "soon"], "xs:dateTime"),
        (["m", "--endpoint", "localhost"], "--endpoint"),
        (["m", "--endpoint", "https://[::1/x"], "--endpoint"),
        (["m", "--trust", "nowhere.pem"], "nowhere.pem"),
        (["m", "--trust", "m"], "no readable certificate"),
        (["m", "--crl", "nowhere.pem"], "nowhere.pem"),
        (["--event", "x"], "--event"),
    ],
)
def test_bad_options_are_one_line(
    options: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    """A wrong option gives one line and exit code 2."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m").write_bytes(b"<a/>")
    assert explain(tmp_path / "state", *options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


def test_root_must_be_among_the_trusted(authority: Authority, tmp_path: Path, capsys: Output) -> None:
    """--trust with an intermediate alone says that the root is missing."""
    (tmp_path / "m").write_bytes(b"<a/>")
    (tmp_path / "ca.pem").write_bytes(authority.ca_certificates[1].public_bytes(Encoding.PEM))
    assert explain(tmp_path, tmp_path / "m", "--trust", tmp_path / "ca.pem") == 2
    assert "no self-signed root" in capsys.readouterr().err


def test_that_no_rule_was_kept_is_said(state: Path, tmp_path: Path, capsys: Output) -> None:
    """A list without rules does not end in an empty line."""
    (tmp_path / "cut").write_bytes(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n<a".encode())
    assert explain(state, tmp_path / "cut") == 1
    assert "\n  kept        none\n" in capsys.readouterr().out


def test_a_huge_file_is_refused_by_its_size(state: Path, tmp_path: Path, capsys: Output) -> None:
    """Of a gigabyte only the beginning is read."""
    with (tmp_path / "huge").open("wb") as file:
        file.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n\r\n<a>".encode())
        file.truncate(1024**3)
    assert explain(state, tmp_path / "huge", "--json") == 1
    (one,) = told(capsys)
    assert [each["id"] for each in one["rules"] if each["passed"] is False] == ["HTTP-SIZE"]


def test_settings_of_the_state_count(state: Path, message: bytes, tmp_path: Path, capsys: Output) -> None:
    """The switches of the door are those of explain."""
    (tmp_path / "m").write_bytes(message)
    (tmp_path / "strict.toml").write_text("[wus]\nstrict_to = true\n")
    assert explain(state, tmp_path / "m", "--config", tmp_path / "strict.toml") == 0
    url = f"https://elsewhere:9443{PATH}"
    assert explain(state, tmp_path / "m", "--config", tmp_path / "strict.toml", "--endpoint", url) == 1
    assert "BROKEN WSA-TO" in capsys.readouterr().out


def test_events_come_from_the_database_without_a_server(
    message: bytes, state: Path, tmp_path: Path, capsys: Output
) -> None:
    """What was kept with an event is explained; without a database, or an event, one line says so."""
    assert explain(tmp_path / "none", "--event", "1") == 2
    assert "no database" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    store = Store.open(f"sqlite:///{state / 'digipoort.sqlite3'}")
    ring = EventRing(store, REAL, 100)
    kept = ring.record(Event("wus-refused", "x", raw=message))
    bare = ring.record(Event("wus-refused", "x"))
    cut = ring.record(
        Event("wus-refused", "x", raw=message.replace(b"-Length: ", b"-Length: 999") + b" " * 300_000)
    )
    store.close()
    assert explain(state, "--event", str(kept), "--json") == 0
    (one,) = told(capsys)
    assert (one["file"], one["accepted"]) == (f"event {kept}", True)
    for event, why in [
        (bare, "nothing that came in was kept"),
        (999, "no event 999"),
        (cut, "only the first"),
    ]:
        assert explain(state, "--event", str(event)) == 2
        assert why in capsys.readouterr().err


def test_an_event_is_judged_at_its_own_time(message: bytes, state: Path, capsys: Output) -> None:
    """What counts for an event is the moment when it came, by the security clock; `--at` has the last word.
    An event of an older version, which did not keep it, is judged now.
    """
    later = FixedClock(RealClock().now() + timedelta(hours=1))
    store = Store.open(f"sqlite:///{state / 'digipoort.sqlite3'}")
    kept = EventRing(store, Clocks(RealClock(), later), 100).record(Event("wus-refused", "x", raw=message))
    assert explain(state, "--event", str(kept)) == 1
    assert "BROKEN WSS-TIMESTAMP" in capsys.readouterr().out
    assert explain(state, "--event", str(kept), "--at", RealClock().now().isoformat()) == 0
    with store.begin() as tx:
        tx.execute(update(events).values(security_at=None))
    store.close()
    assert explain(state, "--event", str(kept)) == 0


def test_what_the_door_said_is_told_with_an_event(message: bytes, state: Path, capsys: Output) -> None:
    """A refusal by a rule of the content is named, though explain accepts; certificates are no request."""
    store = Store.open(f"sqlite:///{state / 'digipoort.sqlite3'}")
    ring = EventRing(store, REAL, 100)
    refused = Event("wus-refused", "no such type", rule="MIME-TYPE", code="ALS150", raw=message)
    content, certificates = (
        ring.record(refused),
        ring.record(
            Event("tls-refused", "it is old\nand more", rule="TLS", raw=b"-----BEGIN CERTIFICATE-----")
        ),
    )
    store.close()
    assert explain(state, "--event", str(content)) == 0
    assert (
        "ALS150, rule MIME-TYPE, which explain does not judge: no such type\naccepted"
        in capsys.readouterr().out
    )
    assert explain(state, "--event", str(content), "--json") == 0
    (one,) = told(capsys)
    assert (one["event"]["rule"], one["event"]["code"]) == ("MIME-TYPE", "ALS150")
    assert explain(state, "--event", str(certificates)) == 2
    says = capsys.readouterr().err
    assert f"it is tls-refused: it is old; see: digipoort-sim events show {certificates}" in says


@pytest.mark.heavy
def test_events_come_from_a_running_server(
    digipoort_simulator: Simulator, tmp_path: Path, capsys: Output
) -> None:
    """A request that a running server refused is explained by the number of its event, with the same rule."""
    door = digipoort_simulator
    folder = tmp_path / "client"
    client_folder(door.inner.authority, folder)
    raw = door_kit.signed(messages.AANLEVEREN, door_kit.delivery(), folder, action="urn:other")
    record = door_event(door, folder, raw)
    assert explain(door.state, "--event", str(record.id), "--json") == 1
    (one,) = told(capsys)
    assert one["fault"]["rule"] == record.event.rule == "WSA-ACTION"
    assert one["fault"]["detail"] == record.event.detail


def door_event(door: Simulator, folder: Path, raw: bytes) -> Any:
    """The event of a message that the server refuses."""
    import http.client

    from digipoort_sim.pki import client_context

    connection = http.client.HTTPSConnection(
        "localhost", door.endpoints.wus_port, context=client_context(folder), timeout=30
    )
    connection.request("POST", PATH, raw, {"Content-Type": "text/xml; charset=utf-8"})
    assert connection.getresponse().status == 500
    connection.close()
    return door.inner.office.events(limit=1)[0]
