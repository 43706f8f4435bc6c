"""A fresh register per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.register.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A register with the default settings."""
    desk = Desk(tmp_path)
    yield desk
    desk.store.close()
