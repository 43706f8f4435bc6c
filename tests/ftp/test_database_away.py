"""A PostgreSQL that is gone for a while: renames wait, files do not get lost, and the log stays short."""

from __future__ import annotations

import ftplib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digipoort_sim.config import Settings
from digipoort_sim.ftp.road import courier
from tests.ftp.conftest import Door, ReusingFtp, eventually, loon_name
from tests.ftp.test_completing import put
from tests.ftp.test_tls import refused
from tests.postgres import PostgresServer


@pytest.fixture
def settings(tmp_path: Path, postgres_url: str) -> Settings:
    """A database that can go away."""
    return Settings(state=tmp_path / "state", ftp_port=0, database_url=postgres_url)


@contextmanager
def away(server: PostgresServer) -> Iterator[None]:
    """Nobody reaches the database, and who was connected is cut off."""
    import psycopg

    socket = server.folder / ".s.PGSQL.5432"
    with psycopg.connect(f"host={server.folder} user=tester dbname=postgres", autocommit=True) as connection:
        hidden = socket.rename(socket.with_name("hidden"))
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(f"{others} AND usename = 'tester'")
        try:
            yield
        finally:
            hidden.rename(socket)


def test_a_rename_while_the_database_is_away(
    door: Door, postgres_server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    """451, the file is still in /in; when the database is back it is renamed again and delivered once."""
    client = door.open().login()
    put(client, f"{loon_name()}.tmp")
    rename = f"/in/{loon_name()}.tmp", f"/in/{loon_name()}"
    with away(postgres_server):
        assert refused(lambda: client.rename(*rename)).startswith("451")
        assert client.nlst("/in") == [f"{loon_name()}.tmp"]
        eventually(lambda: expect_line(caplog))
    work = door.rooms.settings.state / "ftp-work"
    eventually(lambda: expect_empty(work))
    assert eventually(lambda: renamed(client, *rename)).startswith("250")
    door.wait_for(f"{loon_name()}.status.xml")
    assert len(door.rooms.office.messages()) == 1
    lines = [record for record in caplog.records if record.name == courier.__name__]
    assert all(line.exc_info is None and "\n" not in line.getMessage() for line in lines)
    client.quit()


def expect_line(caplog: pytest.LogCaptureFixture) -> None:
    """Fail as long as the courier has not said that it waits."""
    assert "the file door's courier will try again" in caplog.text


def expect_empty(folder: Path) -> None:
    """Fail as long as a file is on its way out of /in."""
    assert list(folder.iterdir()) == []


def renamed(client: ReusingFtp, source: str, target: str) -> str:
    """The reply to the rename; fails as long as the file is busy."""
    try:
        return client.rename(source, target)
    except ftplib.error_temp as error:
        raise AssertionError from error
