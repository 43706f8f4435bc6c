"""The lines of a control channel: bounded, in order, and one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from digipoort_sim.ftp.loop import Threads
from digipoort_sim.ftp.sessions.refusing import Refusing

T = TypeVar("T")
_MOST_WAITING = 32
_MOST_UNREAD = 500
_TELNET = b"\xff\xf4\xf2"
"""IAC, Interrupt Process and Data Mark, which RFC 959 puts before ABOR; no command in UTF-8 begins so."""


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
        line, too_long = b"".join(self._in_buffer), self._too_long
        self._in_buffer, self._in_buffer_len, self._too_long = [], 0, False
        if self._closing or self._closed:  # lines may be left of what came before a reset
            return
        if len(self.producer_fifo) > _MOST_UNREAD:
            self.end(421, "the client does not read its replies", "FTP-COMMAND-FLOOD")
        elif too_long:
            self.refuse(500, "the command is too long", "FTP-COMMAND-LENGTH")
        elif not self._busy:
            self._take(line)
        elif len(self._waiting) < _MOST_WAITING:
            self._waiting.append(line)
        else:
            self.end(421, "too many commands at once", "FTP-COMMAND-FLOOD")

    def _take(self, line: bytes) -> None:
        if self._idler is not None and not self._idler.cancelled:
            self._idler.reset()
        try:
            text = line.lstrip(_TELNET).decode("utf-8")
        except UnicodeDecodeError:
            self.refuse(501, "commands and names must be in UTF-8", "FTP-COMMAND-CHARACTERS")
            return
        if not text.isprintable():
            self.refuse(501, "only printable characters are allowed", "FTP-COMMAND-CHARACTERS")
            return
        command, _, argument = text.partition(" ")
        self.pre_process_command(text, command.upper(), argument)

    def later(
        self, work: Callable[[], T], then: Callable[[Future[T]], None], threads: Threads = "short"
    ) -> None:
        """Do work in another thread and answer afterwards; lines that come meanwhile wait."""
        self._busy = True
        self.desk.loop.run(work, lambda done: self.go_on(lambda: then(done)), threads)

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
            while self._waiting and not (self._busy or self._closed or self._closing):
                self._take(self._waiting.popleft())
        except Exception:
            self.handle_error()
