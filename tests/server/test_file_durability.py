"""A file whose rename was answered is delivered, once: kill -9 in the middle of a load of files."""

from __future__ import annotations

import ftplib
import io
import json
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from digipoort_sim.client.deliveries import statuses
from digipoort_sim.client.folder import CertificateFolder
from digipoort_sim.client.soap import WusClient
from digipoort_sim.pki.tls import client_context
from tests.ftp.conftest import LOON, OIN, ReusingFtp, eventually, loon_name
from tests.ftp.test_delivering import fields
from tests.processes import endpoints, rows, run, serving

pytestmark = pytest.mark.heavy
BIG = b"x" * 3_000_000


@dataclass
class Client:
    """An account, its certificate, and what it was told about its files."""

    state: Path
    cert: Path
    user: str
    password: str
    answered: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)

    def login(self) -> ReusingFtp:
        """A session."""
        session = ReusingFtp(context=client_context(self.cert), timeout=10)
        session.connect("localhost", endpoints(self.state)["ftp_port"])
        session.auth()
        session.login(self.user, self.password, secure=False)
        session.prot_p()
        return session

    def deliver_until_broken(self, prefix: str) -> None:
        """Deliver one file after another until the server is gone."""
        try:
            session = self.login()
            for number in range(10_000):
                name = loon_name(f"{prefix}{number}")
                self.tried.append(name)
                session.storbinary(f"STOR /in/{name}.tmp", io.BytesIO(LOON))
                session.rename(f"/in/{name}.tmp", f"/in/{name}")
                self.answered.append(name)
        except (ftplib.Error, OSError, EOFError):
            return

    def out(self) -> dict[str, bytes]:
        """The files in /out on disk, hidden ones too."""
        folder = self.state / "ftp" / self.user / "out"
        return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture
def client(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of a server that is not running any more; on SQLite, and on PostgreSQL."""
    monkeypatch.setenv("DIGIPOORT_SIM_DATABASE_URL", database_url)
    state, cert = tmp_path / "state", tmp_path / "client"
    state.mkdir()
    run("certs", "issue", "--kvk", "30216247", "--out", str(cert), state=state)
    account = json.loads(run("ftp", "account", "add", "--oin", OIN, "--json", state=state).stdout)
    return Client(state, cert, account["user"], account["password"])


def test_kill_during_a_load_of_files(client: Client) -> None:
    """After kill -9 each answered file has one receipt and one final status, and every other can be renamed.

    An upload that was in the middle is still there as a part, and can be resumed.
    """
    with serving(client.state) as process:
        load = [
            threading.Thread(target=client.deliver_until_broken, args=(prefix,)) for prefix in ("a", "b", "c")
        ]
        session = client.login()
        session.voidcmd("TYPE I")
        connection: Any = session.transfercmd("STOR /in/part.tmp")
        connection.sendall(BIG[:1_000_000])
        for thread in load:
            thread.start()
        until = time.monotonic() + 60
        while len(client.answered) < 60 and time.monotonic() < until:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for thread in load:
            thread.join(30)
    assert len(client.answered) >= 60
    with serving(client.state):
        session = client.login()
        left = [name for name in session.nlst("/in") if name != "part.tmp"]
        for name in left:
            finish(session, name)
        resume(session)
        names = {name for name in client.tried if name in client.answered or f"{name}.tmp" in left}
        eventually(lambda: expect_all(client, names), 60)
        check(client)
        session.quit()


def finish(session: ReusingFtp, temporary: str) -> None:
    """What a client does with a file that it finds in /in: rename it, or upload it anew."""
    target = temporary.removesuffix(".tmp")
    try:
        session.rename(f"/in/{temporary}", f"/in/{target}")
    except ftplib.error_perm as error:
        assert "cut off" in str(error)  # noqa: PT017
        session.storbinary(f"STOR /in/{temporary}", io.BytesIO(LOON))
        session.rename(f"/in/{temporary}", f"/in/{target}")


def resume(session: ReusingFtp) -> None:
    """Go on with the upload that was cut off in the middle."""
    session.voidcmd("TYPE I")
    size = session.size("/in/part.tmp") or 0
    assert size <= 1_000_000
    session.storbinary("STOR /in/part.tmp", io.BytesIO(BIG[size:]), rest=size)
    assert session.size("/in/part.tmp") == len(BIG)


def expect_all(client: Client, names: set[str]) -> None:
    """Fail as long as a file has not both its answers."""
    wanted = {f"{name}.{kind}.xml" for name in names for kind in ("ontvangst", "status")}
    assert wanted <= client.out().keys()


def check(client: Client) -> None:
    """Each name is one message, and WUS tells of it what its files tell."""
    found = client.out()
    assert not [name for name in found if name.startswith(".")]
    kenmerken = {name: fields(content)["kenmerk"] for name, content in found.items()}
    receipts = {name: kenmerk for name, kenmerk in kenmerken.items() if name.endswith(".ontvangst.xml")}
    assert len(set(receipts.values())) == len(receipts)
    for name, kenmerk in receipts.items():
        assert kenmerken[name.replace(".ontvangst.", ".status.")] == kenmerk
    stored = rows("messages", "list", "--limit", "1000", state=client.state)
    assert sorted(row["kenmerk"] for row in stored) == sorted(receipts.values())
    wus = WusClient(endpoints(client.state)["wus"], CertificateFolder.open(client.cert))
    told = [row["statuscode"] for row in statuses(wus, next(iter(receipts.values())))]
    assert told == ["105", "100", "110", "200", "301", "301", "405", "400", "500"]
    assert list((client.state / "ftp-work").iterdir()) == []
