"""Connections to SQLite and PostgreSQL, set up so that the same statements run on both."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError

from digipoort_sim.errors import ConfigError
from digipoort_sim.store.watch import Watch

_BUSY_SECONDS = 10
"""How long another program may keep SQLite's file locked before it is trouble."""

_BUSY_PAUSE_SECONDS = 0.0003
"""How long to wait before asking again for the file's one write lock."""

_PRIMARY_CODE = 0xFF  # of SQLite's extended result codes
_POOL_SECONDS = 10
_PING_SECONDS = 5.0
_DEFAULTS: Mapping[str, Any] = {
    "connect_timeout": 5,
    # What TCP notices of a server whose machine is gone.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_SERVER_TIMEOUTS = "-c statement_timeout=15s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s"
"""What the server notices: all well below the 30 s after which a door gives up waiting for the database."""

_PRAGMAS = (
    "PRAGMA journal_mode=wal",
    "PRAGMA synchronous=normal",
    # Checkpoints are the business of `checkpoints`; this is for when nobody makes them.
    "PRAGMA wal_autocheckpoint=64000",
    "PRAGMA foreign_keys=on",
)


def make_engine(url: str, watch: Watch | None = None) -> Engine:
    """An engine for the URL of a SQLite file or of a PostgreSQL database.

    Args:
        watch: cuts connections to PostgreSQL that do not answer any more.

    Raises:
        ConfigError: the URL is none of these, or psycopg is not installed.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError(f"database_url {url!r} is not a database URL", rule="DATABASE-URL") from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _sqlite(parsed)
    if backend == "postgresql":
        return _postgresql(parsed, watch or Watch())
    raise ConfigError(
        f"database_url names {backend!r}; only sqlite and postgresql are possible", rule="DATABASE-URL"
    )


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise ConfigError("database_url needs the path of a SQLite file", rule="DATABASE-URL")
    try:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"the folder of {url.database} cannot be made: {error}", rule="STATE") from None
    engine = create_engine(
        url,
        # isolation_level None: the driver begins nothing by itself, `_begin` does.
        connect_args={"isolation_level": None, "check_same_thread": False, "timeout": _BUSY_SECONDS},
        pool_reset_on_return=None,
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: sqlite3.Connection, record: Any) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("write", False):
        _begin_writing(cast(sqlite3.Connection, connection.connection.driver_connection))
    else:
        connection.exec_driver_sql("BEGIN")


def _begin_writing(connection: sqlite3.Connection) -> None:
    """Wait for the write lock of the file, which another process may hold for some milliseconds.

    SQLite's own waiting sleeps longer with every try, up to a tenth of a second, while others overtake.

    Raises:
        OperationalError: (of SQLAlchemy) the file stays locked, or cannot be written.
    """
    connection.execute("PRAGMA busy_timeout=0")
    until = time.monotonic() + _BUSY_SECONDS
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                # Also SQLITE_BUSY_RECOVERY: another process reads what one that was killed left behind.
                if error.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(_BUSY_PAUSE_SECONDS)
    except sqlite3.Error as error:
        raise DBAPIError.instance("BEGIN IMMEDIATE", None, error, sqlite3.Error) from error
    finally:
        connection.execute(f"PRAGMA busy_timeout={_BUSY_SECONDS * 1000}")


def _postgresql(url: URL, watch: Watch) -> Engine:
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            # Positional parameters, so that `Inserter` hands its rows over as they are.
            paramstyle="format",
            connect_args=_connect_arguments(url),
            pool_size=8,
            pool_timeout=_POOL_SECONDS,
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise ConfigError(
            "PostgreSQL needs psycopg: pip install 'digipoort-sim[postgresql]'", rule="DATABASE-URL"
        ) from None
    event.listen(engine, "checkout", _pinging(engine, watch))
    return engine


def _connect_arguments(url: URL) -> dict[str, Any]:
    """Our time-outs, unless the URL has its own."""
    arguments = {name: value for name, value in _DEFAULTS.items() if name not in url.query}
    own = url.query.get("options", "")
    # The last one of a setting counts.
    return {**arguments, "options": f"{_SERVER_TIMEOUTS} {own if isinstance(own, str) else ' '.join(own)}"}


def _pinging(engine: Engine, watch: Watch) -> Callable[[Any, Any, Any], None]:
    """Looks whether a connection still works: SQLAlchemy's own "pre ping", which however waits for ever."""

    def ping(connection: Any, record: Any, proxy: Any) -> None:
        try:
            with watch.over(connection.fileno(), _PING_SECONDS):
                engine.dialect.do_ping(connection)
        except (DBAPIError, engine.dialect.loaded_dbapi.Error):
            raise DisconnectionError from None

    return ping
