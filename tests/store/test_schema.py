"""The tables of a database, however it came by them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from digipoort_sim.errors import ConfigError
from digipoort_sim.store import Store, schema
from digipoort_sim.store.engines import make_engine
from digipoort_sim.store.metadata import metadata


def test_migrations_make_exactly_the_tables_of_the_metadata(database_url: str) -> None:
    """A database that Alembic migrated from nothing differs in nothing from the metadata."""
    from alembic import command
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    engine = make_engine(database_url)
    with engine.connect() as connection, connection.begin():
        command.upgrade(schema.alembic_config(connection), "head")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert schema.is_current(connection)
    engine.dispose()


def test_head_is_the_newest_migration(tmp_path: Path) -> None:
    """The version that the store takes for the newest one is the newest one that Alembic finds."""
    from alembic.script import ScriptDirectory

    engine = make_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(schema.alembic_config(connection))
    assert script.get_current_head() == schema.HEAD


def test_an_opened_database_has_no_difference_from_a_migrated_one(database_url: str) -> None:
    """A new database, whose tables come straight from the metadata, has Alembic's version too."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    Store.open(database_url).close()
    engine = make_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == schema.HEAD
    engine.dispose()


def test_opening_imports_no_alembic_and_is_fast(tmp_path: Path) -> None:
    """A new and an existing SQLite database are opened in under 150 ms, without Alembic."""
    code = (
        "import sys, time; from digipoort_sim.store import Store\n"
        "for _ in range(2):\n"
        "    start = time.perf_counter(); Store.open(sys.argv[1]).close()\n"
        "    print(time.perf_counter() - start)\n"
        "print([name for name in sys.modules if name.startswith('alembic')])"
    )
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    done = subprocess.run([sys.executable, "-c", code, url], capture_output=True, text=True, check=True)
    new, existing, imported = done.stdout.splitlines()
    assert float(new) < 0.15
    assert float(existing) < 0.15
    assert imported == "[]"


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    """A database with a version that this program does not know is left alone."""
    store = Store.open(database_url)
    with store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(ConfigError, match="9999"):
        Store.open(database_url)


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://localhost/x", "sqlite://", "postgresql:///x?host=/nonexistent-folder"]
)
def test_a_wrong_url_is_a_wrong_setting(url: str) -> None:
    """What cannot be opened is told as a wrong setting, quickly."""
    start = time.monotonic()
    with pytest.raises(ConfigError):
        Store.open(url)
    assert time.monotonic() - start < 5


def test_what_was_given_as_new_stays_so_when_messages_get_their_new_columns(database_url: str) -> None:
    """Messages and marks of an older database outlive the migration that makes their table anew on SQLite."""
    from alembic import command

    engine = make_engine(database_url)
    with engine.connect() as connection, connection.begin():
        config = schema.alembic_config(connection)
        command.upgrade(config, "0006")
        connection.execute(
            text(
                "INSERT INTO fetchables (id, kenmerk, berichtsoort, berichtkenmerk, at, "
                "belanghebbende_nummer, belanghebbende_type, belanghebbende_key, rol_belanghebbende, stub, "
                "mime_type, bestandsnaam, inhoud) "
                "VALUES (7, 'k', 'VIA', 'b', 1, 'n', 't', 'n|T', '', 0, 'text/xml', 'a.xml', 'abc')"
            )
        )
        connection.execute(text("INSERT INTO fetch_marks VALUES ('certificate', 7)"))
        command.upgrade(config, "head")
        marks = connection.execute(text("SELECT certificate, fetchable_id FROM fetch_marks")).all()
        kept = connection.execute(text("SELECT id, kenmerk, number, inhoud FROM fetchables")).all()
    engine.dispose()
    assert [tuple(row) for row in marks] == [("certificate", 7)]
    assert [
        (*row[:3], bytes(row[3], "utf-8") if isinstance(row[3], str) else bytes(row[3])) for row in kept
    ] == [(7, "k", None, b"abc")]
