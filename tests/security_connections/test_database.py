"""A PostgreSQL that stands still: no door hangs, what failed is not stored later, all is well afterwards."""

from __future__ import annotations

import ftplib
import functools
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from digipoort_sim.exchange.accounts import Accounts
from digipoort_sim.ftp import FtpDoor
from digipoort_sim.pki import client_context
from digipoort_sim.store import engines, watch
from digipoort_sim.store import store as store_module
from digipoort_sim.wus import app
from digipoort_sim.wus import door as door_module
from digipoort_sim.wus.names import OPERATIONS
from tests.postgres import PostgresServer, new_name, postgres_server, postgres_url
from tests.web.conftest import open_door
from tests.wus import door_kit
from tests.wus.door_kit import RunningDoor, delivery, path_of, running_door, signed

__all__ = ["new_name", "postgres_server", "postgres_url"]
AANLEVEREN = OPERATIONS["aanleveren"]
OIN = "00000003123456780000"
PATIENCE = 15


pytestmark = pytest.mark.heavy


@pytest.fixture
def door(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningDoor]:
    """A SOAP door on PostgreSQL, with all times an order of magnitude shorter."""
    monkeypatch.setattr(
        door_kit,
        "Settings",
        functools.partial(door_kit.Settings, database_url=postgres_url, ftp_port=0, web_port=0),
    )
    monkeypatch.setattr(app, "_DATABASE_SECONDS", 2.0)
    monkeypatch.setattr(app, "_EVENT_SECONDS", 0.5)
    monkeypatch.setattr(engines, "_PING_SECONDS", 1.0)
    monkeypatch.setattr(engines, "_DEFAULTS", {"connect_timeout": 2})
    monkeypatch.setattr(engines, "_POOL_SECONDS", 2)
    monkeypatch.setattr(store_module, "_TRANSACTION_SECONDS", 1.5)
    monkeypatch.setattr(watch, "_LOOK_SECONDS", 0.05)
    with running_door(tmp_path / "state") as running:
        yield running


@contextmanager
def standing_still(server: PostgresServer, door: RunningDoor) -> Iterator[None]:
    """Stop every process of the server that could answer."""
    with door.inner.store.read() as tx:
        found = tx.execute(text("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"))
        processes = [int(pid) for pid in found.scalars()]
    processes.append(int((server.folder / "data" / "postmaster.pid").read_text().split()[0]))
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)


def test_the_soap_door_answers_and_stores_nothing_later(
    door: RunningDoor, postgres_server: PostgresServer
) -> None:
    """A delivery to a database that stands still is ALS400 soon, is not stored later, and may come again."""
    assert door.call(AANLEVEREN, delivery(aanleverkenmerk="first")).status == 200
    raw = signed(AANLEVEREN, delivery(aanleverkenmerk="second"), door.folder)
    started = time.monotonic()
    with standing_still(postgres_server, door):
        answer = door.post(path_of(AANLEVEREN), raw)
        assert answer.fault[0] == "ALS400"
        question = door.call(OPERATIONS["getBerichtsoorten"], door_kit.IDENTITY)
        assert question.fault[0] == "STS400"
        assert door.get("/cpl/digipoort-koppelvlak-1.2.xsd").status == 200
    assert time.monotonic() - started < PATIENCE
    time.sleep(0.5)
    assert [row.aanleverkenmerk for row in door.inner.office.messages()] == ["first"]
    assert door.post(path_of(AANLEVEREN), raw).status == 200
    assert b"used before" in door.post(path_of(AANLEVEREN), raw).body


def test_what_strangers_do_meanwhile_is_not_heaped_up(
    door: RunningDoor, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events of refused handshakes wait for the database up to a number; afterwards they are kept again."""
    kept = functools.partial(door.inner.office.events, kind="tls-refused", limit=1000)

    def quiet() -> None:
        until = time.monotonic() + PATIENCE
        while door._door._recording:
            assert time.monotonic() < until
            time.sleep(0.01)

    def knock() -> None:
        with socket.create_connection(("127.0.0.1", door.port), timeout=PATIENCE) as stranger:
            stranger.sendall(b"SSH-2.0-x\r\n")
            assert stranger.recv(100) == b""

    monkeypatch.setattr(door_module, "_MOST_RECORDING", 3)
    with standing_still(postgres_server, door):
        for _ in range(60):
            knock()
    quiet()
    before = len(kept())
    assert before <= 3
    knock()
    quiet()
    assert len(kept()) == before + 1


def test_the_other_doors_do_not_hang(door: RunningDoor, postgres_server: PostgresServer) -> None:
    """Web door and file door refuse after a while, and serve again when the database is back."""
    user, password = Accounts(door.inner.store, door.inner.ids, door.inner.clocks).add(OIN)
    file_door = FtpDoor(door.inner)
    port = file_door.start()["ftp"]

    def login() -> str:
        client = ftplib.FTP_TLS(context=client_context(door.folder), timeout=PATIENCE)
        client.connect("localhost", port)
        try:
            return client.login(user, password)
        finally:
            client.close()

    try:
        with open_door(door.inner) as base:
            assert httpx.get(f"{base}/api/v1/messages", trust_env=False).status_code == 200
            started = time.monotonic()
            with standing_still(postgres_server, door):
                answers = [
                    httpx.get(f"{base}{path}", timeout=PATIENCE, trust_env=False)
                    for path in ("/api/v1/messages", "/api/v1/events", "/login")
                ]
                with pytest.raises((ftplib.Error, EOFError)):
                    login()
            assert [answer.status_code for answer in answers][:2] == [503, 503]
            assert answers[2].status_code == 200
            assert time.monotonic() - started < 2 * PATIENCE
            assert httpx.get(f"{base}/api/v1/messages", trust_env=False).status_code == 200
            assert login().startswith("230")
    finally:
        file_door.stop()
