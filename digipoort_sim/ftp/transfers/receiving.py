"""Uploads: from the socket into memory in the loop's thread, from there to the disk in another one.

::

    socket ──read──▶ a piece of memory ──submit──▶ sink (hash, write)    one job at a time, in order
             ▲                 │ full, and the job before is not done
             └──── pause ◀─────┘

The loop's thread never waits for the disk, and a session has two pieces at most. When the client has
ended, the reply waits until everything is written.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from pyftpdlib.log import logger

from digipoort_sim.ftp.transfers.buffers import LEAST_BYTES
from digipoort_sim.ftp.transfers.records import State, read_records
from digipoort_sim.ftp.transfers.sink import Sink, TakenOver
from digipoort_sim.ftp.transfers.transfer import Transfer


class Receiving(Transfer):
    """What happens to the octets; stands behind pyftpdlib's TLS layer, which calls it by `super()`."""

    _sink: Sink | None = None
    _piece: bytearray | None = None
    _filled = _start = 0
    _is_prepared = _is_working = _is_resting = False
    _ending: State | None = None

    def enable_receiving(self, kind: str, cmd: str) -> None:
        """Begin an upload; files are stored octet by octet, whatever TYPE says."""
        super().enable_receiving("i", cmd)
        position = None if "a" in self.file_obj.mode else self.file_obj.tell()
        self._sink = Sink(self.file_obj.fileno(), position, self.cmd_channel.desk.sums)
        self._prepare(self._sink)

    # --- from the socket

    def handle_read(self) -> None:
        """Take in what came, as far as there is room for it."""
        if self._closed or not self.receive:
            return
        if self._ending is not None or not self._has_room():
            self._rest()
            return
        state = self._fill()
        if state in (State.ENDED, State.CUT, State.BROKEN):
            self._end_with(state)
        elif not self._closed:
            self._go_on()

    handle_read_event = handle_read

    def _has_room(self) -> bool:
        if not self._is_prepared:
            return False
        if self._piece is None:
            self._piece = self.buffers.take(self._given)
        return self._piece is not None and len(self._piece) - self._filled >= LEAST_BYTES

    def _room(self) -> memoryview:
        """Where the next octets go."""
        if self._piece is None:
            raise TypeError("there is no room")
        return memoryview(self._piece)[self._filled :]

    def _given(self, piece: bytearray) -> bool:
        if self._closed or self._ending is not None or self._piece is not None:
            return False
        self._piece = piece
        self._wake()
        return True

    def _fill(self) -> State:
        got, state = read_records(self.socket, self._room())
        self._filled += got
        self.tot_bytes_received += got
        if not self._filled:
            self._give_back()  # who has nothing in it leaves it to others
        limit = self.cmd_channel.upload_limit
        if self._start + self.tot_bytes_received > limit:
            self._refuse_size(limit)
        return state

    def _refuse_size(self, limit: int) -> None:
        """Too much came: what can never become a delivery goes, and what lacks room in /in stays."""
        profile = self.cmd_channel.desk.profile
        if limit < profile.max_file_bytes:
            mend = "resume it" if profile.resume else "upload it again"
            why = f"/in has room for {limit} bytes of this file; its part stays: make room, then {mend}"
            self.give_up("552", why, "FTP-QUOTA")
            return
        # What is still on its way to the disk goes into the open file, and goes away with it.
        Path(self.file_obj.name).unlink(missing_ok=True)
        why = f"the file is larger than {limit} bytes, the most that is allowed; its part is removed"
        self.give_up("552", why, "FTP-SIZE")

    def _end_with(self, state: State) -> None:
        self._ending = state
        self._rest()
        self._go_on()

    def _rest(self) -> None:
        """Listen to nothing; a client that is gone would wake the loop again and again."""
        self._is_resting = True
        self.del_channel()

    def _wake(self) -> None:
        """Listen again."""
        if self._is_resting and not self._closed and self._ending is None:
            self._is_resting = False
            self.add_channel(events=self.ioloop.READ)

    # --- to the disk

    def _prepare(self, sink: Sink) -> None:
        def prepared(done: Future[bool]) -> None:
            if done.result():
                self._is_prepared, self._start = True, sink.position
                self._wake()
            else:
                self._prepare(sink)

        self._work(sink.prepare, prepared)

    def _go_on(self) -> None:
        """Hand over what is there; or decide, if that was all."""
        if self._is_working or self._closed:
            return
        if self._filled:
            self._submit()
        elif self._ending is not None and self._is_prepared:
            self._decide(self._ending)

    def _submit(self) -> None:
        piece, sink = self._piece, self._sink
        if piece is None or sink is None:
            return
        data = memoryview(piece)[: self._filled]
        self._piece, self._filled = None, 0
        self._work(lambda: sink.write(data), self._written, piece)

    def _written(self, done: Future[None]) -> None:
        done.result()
        flush = self._sink.flush() if self._sink is not None else None
        if flush is not None:
            self.cmd_channel.desk.loop.run(flush, lambda _: None, "long")

    def _work(
        self, job: Callable[[], Any], then: Callable[[Future[Any]], None], piece: bytearray | None = None
    ) -> None:
        """Have the disk do something; go on afterwards, unless the transfer was given up meanwhile."""

        def done(outcome: Future[Any]) -> None:
            if piece is not None:
                self.buffers.give(piece)
            self._is_working = False
            if self._closed:
                self._drop_sink()
            else:
                self._worked(outcome, then)

        self._is_working = True
        self.cmd_channel.desk.loop.run(job, done, "disk")

    def _worked(self, outcome: Future[Any], then: Callable[[Future[Any]], None]) -> None:
        try:
            then(outcome)
        except TakenOver:
            self.give_up("426", "another session uploads the same file", "FTP-TAKEN-OVER")
        except OSError as error:
            self.give_up("452", f"the file cannot be written: {error.strerror or error}", "FTP-DISK")
        except Exception:
            self.handle_error()
        else:
            self._go_on()
            self._wake()

    # --- the end

    def handle_close(self) -> None:
        """The connection is gone."""
        if self._closed:
            return
        if self._sink is None:
            super().handle_close()
        elif self._ending is None:
            self._end_with(State.BROKEN)

    def _decide(self, ending: State) -> None:
        """Everything is written: is the file complete?"""
        strict = self.cmd_channel.desk.profile.require_close_notify
        if ending is State.BROKEN or (ending is State.CUT and strict):
            why = "no TLS close_notify" if ending is State.CUT else "the connection broke"
            self.give_up(
                "426",
                f"the upload was cut off after {self.get_transmitted_bytes()} bytes ({why}); "
                "resume it with REST or APPE",
                "FTP-CLOSE-NOTIFY",
            )
        elif self._sink is not None:
            sink, self._sink = self._sink, None
            self._work(lambda: sink.end(whole=True), self._stored)

    def _stored(self, done: Future[None]) -> None:
        done.result()
        self.transfer_finished = True
        if not self.cmd_channel.completes_delivery():
            self._resp = ("226 Transfer complete.", logger.debug)
        self.close()

    def close(self) -> None:
        """Close the connection; what is on its way to the disk still arrives there."""
        super().close()
        self._give_back()
        if not self._is_working:
            self._drop_sink()

    def is_at_disk(self) -> bool:
        """Whether the transfer waits for the disk, not for the client."""
        return self._is_working or super().is_at_disk()

    def _give_back(self) -> None:
        piece, self._piece = self._piece, None
        if piece is not None:
            self.buffers.give(piece)

    def _drop_sink(self) -> None:
        sink, self._sink = self._sink, None
        if sink is not None:
            self.cmd_channel.desk.loop.run(lambda: sink.end(whole=False), lambda done: None, "disk")
