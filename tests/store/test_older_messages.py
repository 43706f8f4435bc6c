"""What becomes of service messages that an older version made."""

from __future__ import annotations

from sqlalchemy import text

from digipoort_sim.store import schema
from digipoort_sim.store.engines import make_engine


def test_service_messages_of_an_older_version_are_older_than_any_new_one(database_url: str) -> None:
    """They get a number below all others, so that the next VIA replaces them; other messages get none."""
    from alembic import command

    row = (
        "INSERT INTO fetchables (id, kenmerk, berichtsoort, berichtkenmerk, at, belanghebbende_nummer, "
        "belanghebbende_type, belanghebbende_key, rol_belanghebbende, stub, mime_type, bestandsnaam, "
        "mandate_id, inhoud) VALUES (:id, :kenmerk, 'VIA', 'b', 1, 'n', 't', 'n|T', '', 0, 'text/xml', "
        "'a.xml', :mandate, 'abc')"
    )
    engine = make_engine(database_url)
    with engine.connect() as connection, connection.begin():
        config = schema.alembic_config(connection)
        command.upgrade(config, "0003")
        connection.execute(text(row), {"id": 1, "kenmerk": "of-a-mandate", "mandate": "m"})
        connection.execute(text(row), {"id": 2, "kenmerk": "overview", "mandate": None})
        command.upgrade(config, "head")
        numbers = connection.execute(text("SELECT kenmerk, number FROM fetchables ORDER BY id")).all()
    engine.dispose()
    assert [tuple(found) for found in numbers] == [("of-a-mandate", -1), ("overview", None)]
