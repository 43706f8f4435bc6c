"""A real PostgreSQL for tests, started from the machine's own binaries in a folder of its own.

Import the fixtures where they are needed: ``from tests.postgres import postgres_server, postgres_url``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

_SETTINGS = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c max_connections=50"


@dataclass(frozen=True)
class PostgresServer:
    """A running server that listens on a socket in its folder only."""

    folder: Path

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://tester@/{database}?host={self.folder}"

    def new_database(self, name: str) -> str:
        """Make an empty database; gives its URL."""
        import psycopg

        with psycopg.connect(
            f"host={self.folder} user=tester dbname=postgres", autocommit=True
        ) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        return self.url(name)


def _binaries() -> Path | None:
    found = shutil.which("pg_ctl")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    return Path(found).parent if found else folders[-1].parent if folders else None


def _other_user() -> dict[str, int]:
    """PostgreSQL refuses to run as root; then it runs as the user postgres."""
    if os.getuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root and there is no user postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server; skips where the binaries or psycopg are missing."""
    with started_postgres() as server:
        yield server


@contextmanager
def started_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server for as long as the block lasts; skips where there is none."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("the binaries of PostgreSQL are not on this machine")
    pytest.importorskip("psycopg")
    who = _other_user()
    # Not pytest's own folder: the user postgres may not look into that.
    folder = Path(tempfile.mkdtemp(prefix="digipoort-sim-pg-"))
    if who:
        os.chown(folder, who["user"], who["group"])

    def run(*command: str) -> None:
        subprocess.run(
            [str(binaries / command[0]), *command[1:]],
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
            **who,  # type: ignore[arg-type]
        )

    data, log = str(folder / "data"), str(folder / "log")
    try:
        run("initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-sync")
        run("pg_ctl", "-D", data, "-l", log, "-w", "-o", f"{_SETTINGS} -k {folder}", "start")
        try:
            yield PostgresServer(folder)
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, new_name: Callable[[], str]) -> str:
    """URL of an empty PostgreSQL database."""
    return postgres_server.new_database(new_name())


@pytest.fixture(scope="session")
def new_name() -> Callable[[], str]:
    """Gives names that no database has yet."""
    count = iter(range(1_000_000))
    return lambda: f"test_{next(count)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    url: str = request.getfixturevalue("postgres_url")
    return url
