"""Faults on demand before and between transfers: a client meets them once, is told so, and gets on."""

from __future__ import annotations

import ftplib
import io
import socket
import ssl
import time
from datetime import timedelta

import pytest

from digipoort_sim.clock import FixedClock
from digipoort_sim.config import FileFaultSettings
from digipoort_sim.errors import ConfigError
from digipoort_sim.exchange.file_faults import RULE, FileFaults
from digipoort_sim.pki.bad_server import make_bad_server
from tests.ftp.conftest import LOON, OIN, OTHER_OIN, Door, Rooms, loon_name
from tests.ftp.test_tls import refused


def struck(door: Door, count: int = 1) -> list[str]:
    """The details of the events of faults, once there are so many; all are of their own kind."""
    events = [one.event for one in door.events(RULE, count)]
    assert {event.kind for event in events} == {"ftp-fault"}
    return [event.detail for event in events]


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("550", "STOR"),
        ("552", "STOR"),
        ("553", "RNTO"),
        ("452", "STOR"),
        ("550", "DELE"),
        ("550", "RETR"),
    ],
)
def test_a_command_is_refused_once_and_then_done(door: Door, code: str, command: str) -> None:
    """The reply has the code and says who asked for it; the same again succeeds, and nothing is lost."""
    client = door.open().login()
    client.storbinary("STOR /in/there.tmp", io.BytesIO(b"x" * 10))
    (door.folder("out") / "note.xml").write_bytes(b"<note/>")
    fault = door.rooms.file_faults.add(code, command=command)

    def ask() -> str:
        if command == "STOR":
            return client.storbinary(f"STOR /in/{loon_name()}.tmp", io.BytesIO(LOON))
        if command == "RNTO":
            return client.rename("/in/there.tmp", "/in/other.tmp")
        if command == "DELE":
            return client.delete("/in/there.tmp")
        return client.retrbinary("RETR /out/note.xml", lambda data: None)

    reply = refused(ask)
    assert reply.startswith(code)
    assert f"(asked for: fault {fault.id})" in reply
    assert client.size("/in/there.tmp") == 10
    assert ask()[0] == "2"
    assert len(struck(door)) == 1
    assert door.rooms.file_faults.list()[0].is_used_up
    client.quit()


def test_a_fault_strikes_only_whom_it_is_meant_for(door: Door) -> None:
    """Interface, account, OIN and name decide; a name may be the temporary or the final one."""
    client = door.open().login()
    faults = door.rooms.file_faults
    for others in (
        {"interface": "ftp_gb"},
        {"account": "ftp-somebody"},
        {"oin": OTHER_OIN},
        {"name": "*_other_*"},
    ):
        faults.add("552", **others)
    store = f"STOR /in/{loon_name()}.tmp"
    assert client.storbinary(store, io.BytesIO(LOON)).startswith("226")
    faults.clear()
    mine = faults.add("552", interface="ftp", account=door.user, oin=OIN, name=loon_name(), times=2)
    assert refused(lambda: client.storbinary(store, io.BytesIO(LOON))).startswith("552")
    assert refused(lambda: client.storbinary(store, io.BytesIO(LOON))).startswith("552")
    assert client.storbinary(store, io.BytesIO(LOON)).startswith("226")
    assert (faults.list()[0].id, faults.list()[0].hits) == (mine.id, 2)
    client.quit()


def test_a_reply_can_look_like_a_real_one(door: Door) -> None:
    """Text and mark of a reply are configuration; the event says what it was all the same."""
    client = door.open().login()
    faults = door.rooms.file_faults
    faults.add("552", plain=True, text="Quota exceeded")
    reply = refused(lambda: client.storbinary("STOR /in/a.tmp", io.BytesIO(LOON)))
    assert reply == "552 Quota exceeded."
    faults.marks_replies = False
    faults.add("552")
    assert "asked for" not in refused(lambda: client.storbinary("STOR /in/a.tmp", io.BytesIO(LOON)))
    assert all("struck" in detail for detail in struck(door, 2))
    client.quit()


def test_faults_are_not_held_against_the_client(door: Door) -> None:
    """A session may have more faults than refused commands before it is ended."""
    client = door.open().login()
    door.rooms.file_faults.add("550", command="DELE", times=0)
    for _ in range(door.profile.max_refusals + 5):
        assert refused(lambda: client.delete("/in/a.tmp")).startswith("550")
    assert client.voidcmd("NOOP").startswith("2")
    client.quit()


def test_the_server_is_too_busy_once(door: Door) -> None:
    """421 in place of the greeting, the connection is closed, and the next one is good."""
    door.open().rooms.file_faults.add("421")
    assert refused(door.plain).startswith("421")
    door.login().quit()
    assert len(struck(door)) == 1


def test_the_greeting_comes_late(door: Door) -> None:
    """Nothing is said for as long as was asked for; then all goes on."""
    door.open().rooms.file_faults.add("slow-greeting", seconds=0.4)
    began = time.monotonic()
    client = door.login()
    assert time.monotonic() - began >= 0.4
    client.quit()
    assert len(struck(door)) == 1


def test_there_is_no_tls_on_offer_once(door: Door) -> None:
    """FEAT does not name AUTH, AUTH gets the code that was asked for, and the next connection has TLS."""
    door.open().rooms.file_faults.add("no-tls", code="500")
    client = door.plain()
    assert "AUTH" not in client.sendcmd("FEAT")
    assert refused(client.auth).startswith("500")
    client.close()
    door.login().quit()
    assert len(struck(door)) == 1


def test_a_login_is_refused_once_though_all_is_good(door: Door) -> None:
    """530 with the right password, which is not counted as a wrong one; then the same succeeds."""
    client = door.open().connect()
    door.rooms.file_faults.add("530", account=door.user)
    assert refused(lambda: client.login(door.user, door.password, secure=False)).startswith("530")
    assert client.login(door.user, door.password, secure=False).startswith("230")
    client.quit()
    assert len(struck(door)) == 1


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("certificate-expired", "certificate has expired"),
        ("certificate-wrong-host", "Hostname mismatch"),
        ("certificate-self-signed", "self-signed certificate"),
        ("certificate-unknown-ca", "unable to get local issuer certificate"),
        ("certificate-revoked", "certificate revoked"),
    ],
)
def test_the_server_shows_a_bad_certificate_once(door: Door, kind: str, word: str) -> None:
    """A client that looks refuses it, for the right reason; the next connection is good."""
    door.open().rooms.file_faults.add(kind)
    client = door.plain()
    if kind == "certificate-revoked":
        client.context.load_verify_locations(door.rooms.authority.paths.crl_file)
        client.context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    with pytest.raises(ssl.SSLCertVerificationError) as error:
        client.auth()
    assert word.replace("-", " ") in error.value.verify_message.replace("-", " ")
    client.close()
    door.login().quit()
    assert any("bad on purpose" in detail for detail in struck(door))


def test_who_does_not_look_gets_in_with_a_bad_certificate(door: Door) -> None:
    """The session works as any other, data channels too: the fault is the client's to notice."""
    door.open().rooms.file_faults.add("certificate-self-signed")
    client = door.plain()
    client.context.check_hostname, client.context.verify_mode = False, ssl.CERT_NONE
    client.auth()
    client.login(door.user, door.password, secure=False)
    client.prot_p()
    assert client.storbinary("STOR /in/a.tmp", io.BytesIO(LOON)).startswith("226")
    client.quit()


def test_a_passive_address_that_leads_nowhere(door: Door) -> None:
    """PASV gives the address once, EPSV is refused meanwhile, and who uses the server's own gets on."""
    client = door.open().login()
    door.rooms.file_faults.add("wrong-passive-address", address="192.0.2.7")
    assert refused(lambda: client.sendcmd("EPSV")).startswith("502")
    host, port = ftplib.parse227(client.sendcmd("PASV"))
    assert host == "192.0.2.7"
    socket.create_connection(("127.0.0.1", port), 5).close()
    assert client.nlst("/in") == []
    struck(door, 2)
    client.quit()


def test_a_passive_port_at_which_nobody_listens(door: Door) -> None:
    """The connection is refused; the next port is good."""
    client = door.open().login()
    door.rooms.file_faults.add("closed-passive-port")
    with pytest.raises(ConnectionRefusedError):
        client.nlst("/in")
    assert client.nlst("/in") == []
    assert len(struck(door)) == 1
    client.quit()


def test_a_receipt_is_not_in_the_listing_at_first(door: Door, simulated: FixedClock) -> None:
    """As in a store that agrees with itself only later: it can be fetched, but is listed a minute later."""
    client = door.open().login()
    door.upload(client, loon_name())
    status = f"{loon_name()}.status.xml"
    door.wait_for(status)
    fault = door.rooms.file_faults.add("hidden-receipt", name="*.status.xml")
    assert client.nlst("/out") == [f"{loon_name()}.ontvangst.xml"]
    assert [name for name, _ in client.mlsd("/out")] == [f"{loon_name()}.ontvangst.xml"]
    client.voidcmd("TYPE I")
    assert client.size(f"/out/{status}") is not None
    simulated.advance(timedelta(seconds=61))
    assert sorted(client.nlst("/out"))[-1] == status
    assert [one.hits for one in door.rooms.file_faults.list() if one.id == fault.id] == [2]
    client.quit()


def test_the_settings_ask_for_faults_from_the_start(rooms: Rooms) -> None:
    """They stand as if they were asked for by the API; a row that is no fault is a wrong setting."""
    parts = rooms.catalogue, rooms.clocks

    def begun(*asked: dict[str, object]) -> list[tuple[str, int]]:
        settings = FileFaultSettings.model_validate({"asked": asked})
        faults = FileFaults(*parts, settings, lambda kind: make_bad_server(rooms.authority, kind))
        return [(fault.kind, fault.times) for fault in faults.list()]

    assert begun({"kind": "certificate-expired"}, {"kind": "530", "times": 2}) == [
        ("certificate-expired", 1),
        ("530", 2),
    ]
    for row in ({}, {"kind": 5}, {"kind": "530", "after_bytes": 3}, {"kind": "530", "times": -1}):
        with pytest.raises(ConfigError, match=r"file_faults\.asked, row 1: "):
            begun(row)
