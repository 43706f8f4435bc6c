"""A post office on both kinds of database, with a clock that tests move."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digipoort_sim.store import Store
from tests.exchange.office import Office, open_office
from tests.postgres import database_url, new_name, postgres_server, postgres_url

__all__ = ["database_url", "new_name", "postgres_server", "postgres_url"]


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """An empty post office with a frozen clock."""
    store = Store.open(database_url)
    yield open_office(store)
    store.close()
