"""Times between the post office and the store, and the times of statuses.

The store keeps whole milliseconds. Statuses of one process never share a moment, so that their order on
the wire is their order in time.
"""

from __future__ import annotations

from collections.abc import Iterator

STATUS_GAP_MS = 1
"""At least so much lies between two statuses of a process."""

STUB_GAP_MS = 10
"""Exactly so much lies between two statuses of the stub (recorded)."""


def status_times(now: int, last: int) -> Iterator[int]:
    """Times for the statuses that are set now, after one at `last`; all in milliseconds."""
    at = max(now, last + STATUS_GAP_MS)
    while True:
        yield at
        at += STATUS_GAP_MS
