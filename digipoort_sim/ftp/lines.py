"""The lines of a control channel: bounded, in order, and one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from digipoort_sim.ftp.refusing import Refusing

T = TypeVar("T")
_MOST_WAITING = 32


class CommandLines(Refusing):
    """The part of a session that takes lines in."""

    ac_in_buffer: bytes
    _in_buffer: list[bytes]
    _in_buffer_len: int

    def __init__(self, conn: Any, server: Any, ioloop: Any = None) -> None:
        self._busy = self._too_long = False
        self._waiting: deque[bytes] = deque()
        super().__init__(conn, server, ioloop)

    def collect_incoming_data(self, data: bytes) -> None:
        """Keep a part of a line, as long as the line is not too long."""
        self._in_buffer_len += len(data)
        if self._in_buffer_len > self.desk.profile.max_command_bytes:
            self._too_long, self._in_buffer = True, []
        else:
            self._in_buffer.append(data)

    def found_terminator(self) -> None:
        """A whole line is there: process it, or let it wait for the one before."""
        if self._closing or self._closed:  # lines may be left of what came before a reset
            self._in_buffer, self._in_buffer_len = [], 0
        elif self._too_long:
            self._too_long, self._in_buffer, self._in_buffer_len = False, [], 0
            self.refuse(500, "the command is too long", "FTP-COMMAND-LENGTH")
        elif self._busy:
            self._waiting.append(b"".join(self._in_buffer))
            self._in_buffer, self._in_buffer_len = [], 0
            if len(self._waiting) > _MOST_WAITING:
                self.end(421, "too many commands at once", "FTP-COMMAND-FLOOD")
        else:
            super().found_terminator()

    def later(self, work: Callable[[], T], then: Callable[[Future[T]], None]) -> None:
        """Do work in another thread and answer afterwards; lines that come meanwhile wait."""
        self._busy = True
        self.desk.loop.run(work, lambda done: self.go_on(lambda: then(done)))

    def hold(self, seconds: float, then: Callable[[], None]) -> None:
        """Answer only after a while; lines that come meanwhile wait."""
        self._busy = True
        self.call_later(seconds, self.go_on, then)

    def go_on(self, then: Callable[[], None]) -> None:
        """Answer now, and then take up the lines that waited."""
        if self._closed:
            return
        self._busy = False
        try:
            then()
        except Exception:
            self.handle_error()
        while self._waiting and not (self._busy or self._closed or self._closing):
            self._in_buffer = [self._waiting.popleft()]
            super().found_terminator()
