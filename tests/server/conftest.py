"""Fixtures of the tests of whole servers."""

from __future__ import annotations

from tests.postgres import database_url, new_name, postgres_server, postgres_url

__all__ = ["database_url", "new_name", "postgres_server", "postgres_url"]
