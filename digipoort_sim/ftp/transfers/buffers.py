"""The memory of all transfers together: pieces that go to and fro between the sockets and the disk."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

PIECE_BYTES = 512 * 1024
_PIECES = 32
_RECORD_BYTES = 16 * 1024
_KEPT_SECONDS = 0.5
"""So long a piece may wait for a client that reads slowly, or not at all, while others wait for a piece."""

LEAST_BYTES = _RECORD_BYTES
"""Room that a piece must have to read on: a whole TLS record, else OpenSSL keeps a part that nobody sees."""


class Holder(Protocol):
    """Who holds pieces for a client that may be slow to take what is in them."""

    def hand_back(self) -> None:
        """Give its pieces back, if it can; what was in them has to be had again."""
        ...


class Buffers:
    """So many pieces for all sessions; who finds none waits for its turn. For the loop's thread only.

    This bounds the memory of transfers (16 MiB) and the work that can wait for the disk, however many
    sessions there are; as each of them asks anew after each piece, all come on alike.
    """

    def __init__(self, pieces: int = _PIECES) -> None:
        self._left = pieces
        self._free: list[bytearray] = []
        self._waiting: deque[Callable[[bytearray], bool]] = deque()
        self._held: dict[Holder, float] = {}

    def take(self, wait: Callable[[bytearray], bool]) -> bytearray | None:
        """A piece; None if there is none, and then `wait` is given one later (False: it wants none now)."""
        if self._free:
            return self._free.pop()
        if self._left:
            self._left -= 1
            return bytearray(PIECE_BYTES)
        self._waiting.append(wait)
        return None

    def give(self, piece: bytearray) -> None:
        """Give a piece back."""
        while self._waiting:
            if self._waiting.popleft()(piece):
                return
        self._free.append(piece)

    def holds(self, holder: Holder) -> None:
        """From now on the holder has pieces that wait for its client."""
        self._held.pop(holder, None)
        self._held[holder] = time.monotonic()

    def holds_none(self, holder: Holder) -> None:
        """It has none any more."""
        self._held.pop(holder, None)

    def take_back(self) -> None:
        """Where others wait, take the pieces back that have waited for their client for too long."""
        if not self._waiting:
            return
        latest = time.monotonic() - _KEPT_SECONDS
        for holder in [one for one, since in self._held.items() if since <= latest]:
            if self._waiting:
                holder.hand_back()
