"""Downloads: from the disk into memory in one thread, from there to the socket in the loop's thread."""

from __future__ import annotations

import os
from concurrent.futures import Future
from typing import Any

from pyftpdlib.handlers.ftp.producers import FileProducer
from pyftpdlib.log import logger

from digipoort_sim.ftp.transfers.buffers import PIECE_BYTES
from digipoort_sim.ftp.transfers.records import State, write_records, write_whole
from digipoort_sim.ftp.transfers.transfer import Transfer


class Source:
    """A file that is read from one place to its end; `read` is called from any thread, once at a time."""

    def __init__(self, descriptor: int, position: int) -> None:
        self._descriptor = os.dup(descriptor)
        self._begin = self._position = position

    def go_back(self, sent: int) -> None:
        """Read next what comes behind so many octets from where it began."""
        self._position = self._begin + sent

    def read(self, piece: bytearray) -> int:
        """Fill a piece; less than a whole one means that the file ends there.

        Raises:
            OSError: the disk has trouble.
        """
        filled = 0
        while filled < len(piece):
            got = os.preadv(self._descriptor, [memoryview(piece)[filled:]], self._position)
            if not got:
                break
            filled += got
            self._position += got
        return filled

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


class Sending(Transfer):
    """What a file goes out by; listings go pyftpdlib's own way. While one piece goes, the next is read.

    A client that does not take what is in the pieces must not keep others from having some: they are taken
    away from it then, and what was in them is read again when it goes on.
    """

    _source: Source | None = None
    _going: bytearray | None = None
    _left: memoryview
    _ready: tuple[bytearray, int] | None = None
    _ssl_accepting: bool
    _is_fetching = _is_reading = _is_read = False

    def push_with_producer(self, producer: Any) -> None:
        """Begin to send; files are sent octet by octet, whatever TYPE says."""
        if not isinstance(producer, FileProducer):
            super().push_with_producer(producer)
            return
        self._initialized = True
        write_whole(self.socket)
        self._source = Source(producer.file.fileno(), producer.file.tell())
        self._fetch()
        self.listen()

    def close_when_done(self) -> None:
        """A file ends by itself."""
        if self._source is None:
            super().close_when_done()

    def writable(self) -> bool:
        """Whether there is something to send."""
        return self._source is not None or super().writable()

    # --- from the disk

    def _fetch(self) -> None:
        if self._is_fetching or self._is_read or self._ready is not None or self._closed:
            return
        self._is_fetching = True
        piece = self.buffers.take(self._read_into)
        if piece is not None:
            self._read_into(piece)

    def _read_into(self, piece: bytearray) -> bool:
        source = self._source
        if self._closed or source is None:
            self._is_fetching = False
            self._drop_source()
            return False
        self._is_reading = True
        self.cmd_channel.desk.loop.run(
            lambda: source.read(piece), lambda done: self._fetched(piece, done), "disk"
        )
        return True

    def _fetched(self, piece: bytearray, done: Future[int]) -> None:
        self._is_fetching = self._is_reading = False
        error = done.exception()
        if self._closed or error is not None:
            self.buffers.give(piece)
            self._drop_source()
            if not self._closed:
                self.give_up("451", "the file cannot be read", "FTP-DISK")
            return
        size = done.result()
        self._is_read = size < PIECE_BYTES
        if size:
            self._ready = piece, size
            if self._going is None:
                self.buffers.holds(self)
        else:
            self.buffers.give(piece)
        self.listen()

    def hand_back(self) -> None:
        """Give the pieces back, unless one is being read."""
        if self._is_reading or self._source is None:
            return
        self._source.go_back(self.tot_bytes_sent)
        self._is_read = False
        self._give_pieces()

    # --- to the socket

    def initiate_send(self) -> None:
        """Send what fits, at most one piece in one turn; then it is another session's turn."""
        if self._source is None:
            super().initiate_send()
        elif self._going is None and not self._next():
            self._out_of_octets()
        else:
            self._send_piece()

    def _next(self) -> bool:
        """Begin with the next piece, and have the one behind it read."""
        if self._ready is None:
            return False
        (self._going, size), self._ready = self._ready, None
        self._left = memoryview(self._going)[:size]
        self.buffers.holds(self)
        self._fetch()
        return True

    def _send_piece(self) -> None:
        while self._left:
            sent, state = write_records(self.socket, self._left)
            self.tot_bytes_sent += sent
            self._left = self._left[sent:]
            if state is State.WAITS:
                return
            if state is State.BROKEN:
                self.handle_close()
                return
        self._give_going()

    def _out_of_octets(self) -> None:
        if self._is_read:
            self.transfer_finished = True
            self._resp = ("226 Transfer complete.", logger.debug)
            self.close()
        else:
            self._fetch()
            self.del_channel()

    def is_at_disk(self) -> bool:
        """Whether the transfer waits for the disk, not for the client."""
        return (self._is_fetching and self._going is None) or super().is_at_disk()

    def listen(self) -> None:
        """Be told when octets can be sent, if there is a file to send."""
        # Within the handshake, a socket that can be written to would wake the loop again and again.
        if self._source is not None and not self._closed and not self._ssl_accepting:
            self.modify_ioloop_events(self.ioloop.WRITE)
            self._wanted_io_events = self.ioloop.WRITE

    # --- the end

    def handle_close(self) -> None:
        """The client is gone before the end."""
        if self._source is None:
            super().handle_close()
        elif not self._closed:
            text = f"426 Transfer aborted; {self.tot_bytes_sent} bytes transmitted."
            self._resp = (text, logger.debug)
            self.close()

    def close(self) -> None:
        """Close the connection and the file."""
        super().close()
        if self._closed:
            self._give_pieces()
            if not self._is_fetching:
                self._drop_source()

    def _give_going(self) -> None:
        piece, self._going = self._going, None
        if self._ready is None:
            self.buffers.holds_none(self)
        if piece is not None:
            self.buffers.give(piece)

    def _give_pieces(self) -> None:
        ready, self._ready = self._ready, None
        self._give_going()
        if ready is not None:
            self.buffers.give(ready[0])

    def _drop_source(self) -> None:
        source, self._source = self._source, None
        if source is not None:
            source.close()
