"""Empty databases of both kinds."""

from __future__ import annotations

from tests.postgres import database_url, new_name, postgres_server, postgres_url

__all__ = ["database_url", "new_name", "postgres_server", "postgres_url"]
