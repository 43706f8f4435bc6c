"""A counter per test."""

from __future__ import annotations

import pytest

from tests.register.desk import Desk
from tests.register.fiscal.counter import Counter


@pytest.fixture
def counter(desk: Desk) -> Counter:
    """Where permits are asked for."""
    return Counter(desk)
