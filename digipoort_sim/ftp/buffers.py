"""The memory of all transfers together: pieces that go to and fro between the sockets and the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

PIECE_BYTES = 512 * 1024
_PIECES = 32
_RECORD_BYTES = 16 * 1024

LEAST_BYTES = _RECORD_BYTES
"""Room that a piece must have to read on: a whole TLS record, else OpenSSL keeps a part that nobody sees."""


class Buffers:
    """So many pieces for all sessions; who finds none waits for its turn. For the loop's thread only.

    This bounds the memory of transfers (16 MiB) and the work that can wait for the disk, however many
    sessions there are; as each of them asks anew after each piece, all come on alike.
    """

    def __init__(self, pieces: int = _PIECES) -> None:
        self._left = pieces
        self._free: list[bytearray] = []
        self._waiting: deque[Callable[[bytearray], bool]] = deque()

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
