"""Python's collector of cycles, held back while a large content is looked at.

Looking at some hundred thousand elements makes as many objects, and with every quarter more of them the
collector goes over all that the process has: half of the time, for nothing, as none of them is in a cycle.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

LARGE: Final = 524_288
"""Octets of content from which holding it back is worth the while."""

_lock = threading.Lock()
_holding: list[bool] = []
"""For each thread that holds the collector back, whether it ran before the first of them."""


@contextmanager
def held_back(wanted: bool) -> Iterator[None]:
    """Hold the collector of this process back while the block runs; several threads may do so at once."""
    if not wanted:
        yield
        return
    with _lock:
        _holding.append(_holding[0] if _holding else gc.isenabled())
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            ran = _holding.pop()
            if ran and not _holding:
                gc.enable()
