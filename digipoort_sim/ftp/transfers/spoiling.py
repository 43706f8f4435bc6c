"""Transfers that go wrong because that was asked for: they break, are reset, stand still, or are slow.

A transfer that nothing is asked of does not come here: one that is to be spoiled changes its class as it
begins, and changes back once the fault has struck.
"""

from __future__ import annotations

import socket
import struct
import time
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pyftpdlib.log import logger

from digipoort_sim.exchange.file_fault_values import Fault, Target
from digipoort_sim.exchange.file_faults import RULE
from digipoort_sim.ftp.fault_targets import told
from digipoort_sim.ftp.tls.handshake import linger
from digipoort_sim.ftp.transfers.buffers import LEAST_BYTES
from digipoort_sim.ftp.transfers.data import DataChannel
from digipoort_sim.ftp.transfers.records import State, write_records

_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: close at once, and let the other side have a TCP RST."""

_NEVER = 2**62


class Spoilable(DataChannel):
    """A data channel whose transfer can be spoiled."""

    def enable_receiving(self, kind: str, cmd: str) -> None:
        """Begin an upload."""
        self._spoil()
        super().enable_receiving(kind, cmd)

    def push_with_producer(self, producer: Any) -> None:
        """Begin a download, or a listing."""
        self._spoil()
        super().push_with_producer(producer)

    def push(self, data: bytes) -> None:
        """Begin a listing."""
        self._spoil()
        super().push(data)

    def _spoil(self) -> None:
        session = self.cmd_channel
        fault, session.spoiling = session.spoiling, None
        if fault is not None:
            healthy = type(self)
            self.__class__ = _spoiled(healthy)  # type: ignore[arg-type]  # a class can be hashed
            self.begin_to_spoil(fault, session.spoiled, healthy)

    def begin_to_spoil(self, fault: Fault, target: Target, healthy: type[Spoilable]) -> None:
        """Take the fault over."""
        raise TypeError("a channel that is to be spoiled has another class")


@lru_cache(maxsize=16)
def _spoiled(healthy: type[Spoilable]) -> type[Spoilable]:
    return type("Spoiled", (Spoiled, healthy), {})


class Spoiled(Spoilable):
    """A data channel on which a fault is going to strike, or has."""

    _fault: Fault
    _target: Target
    _healthy: type[Spoilable]
    _breaks = _is_held = _is_noted = False
    _kept_back: State | None = None
    _free_at = 0.0

    def begin_to_spoil(self, fault: Fault, target: Target, healthy: type[Spoilable]) -> None:
        """Take the fault over."""
        self._fault, self._target, self._healthy = fault, target, healthy

    # --- uploads

    def _room(self) -> memoryview:
        """Who is slow reads one record at a time."""
        room = super()._room()
        return room[:LEAST_BYTES] if self._fault.kind == "throttle" else room

    def _has_room(self) -> bool:
        return not self._is_held and super()._has_room()

    def _wake(self) -> None:
        if not self._is_held:
            super()._wake()

    def _fill(self) -> State:
        before = self.tot_bytes_received
        state = super()._fill()
        over = self.tot_bytes_received - (self._fault.after_bytes or 0)
        if self._closed:
            return state
        if self._fault.kind == "throttle":
            self._slow_down(self.tot_bytes_received - before)
        elif over >= 0 and self._hits():
            return self._stand_still(state) if self._fault.kind == "stall" else self._cut_off(over)
        return state

    def _cut_off(self, over: int) -> State:
        """End here: what is kept is exactly as much as was asked for, as if the rest never came."""
        self._breaks = True
        self._filled -= over
        self.tot_bytes_received -= over
        return State.CUT

    def _stand_still(self, state: State) -> State:
        self._hold(self._fault.seconds)
        self._kept_back = state
        self._rest()
        return State.WAITS

    def _decide(self, ending: State) -> None:
        if self._breaks:
            self._break()
        else:
            super()._decide(ending)

    # --- downloads

    def _send_piece(self) -> None:
        while self._left and not self._is_held:
            sent, state = write_records(self.socket, self._left[: self._allowance(len(self._left))])
            self.tot_bytes_sent += sent
            self._left = self._left[sent:]
            if state is State.WAITS:
                return
            if state is State.BROKEN:
                self.handle_close()
                return
            if self._sent(sent) and self._breaks:
                self._break()
                return
        if self._is_held:
            self.del_channel()
        if not self._left:
            self._give_going()

    def listen(self) -> None:
        """Be told when octets can be sent, unless none may be."""
        if not getattr(self, "_is_held", False):
            super().listen()

    def send(self, data: bytes) -> int:
        """Send a part of a listing."""
        if self._is_held:
            return 0
        sent: int = super().send(data[: self._allowance(len(data))])
        if self._sent(sent) and self._breaks:
            self._is_held = True
            self.call_later(0, self._break)  # whoever called goes on with this channel first
        if self._is_held:
            self.del_channel()
        return sent

    def _allowance(self, most: int) -> int:
        if self._fault.kind == "throttle":
            return min(most, LEAST_BYTES)
        return max(1, min(most, (self._fault.after_bytes or 0) - int(self.tot_bytes_sent)))

    def _sent(self, size: int) -> bool:
        """Whether it is time for the fault to strike."""
        if self._fault.kind == "throttle":
            self._slow_down(size)
            return False
        if self.tot_bytes_sent < (self._fault.after_bytes or 0) or not self._hits():
            return False
        if self._fault.kind == "stall":
            self._hold(self._fault.seconds)
        else:
            self._breaks = True
        return True

    # --- what it comes to

    def _hits(self) -> bool:
        if self._is_noted or not self.cmd_channel.targets.faults.hit(self._fault, self._target):
            self._fault = replace(self._fault, kind="426", after_bytes=_NEVER)
            return False
        self._is_noted = True
        if self._fault.kind != "426":
            self.cmd_channel.note_fault(self._fault, self._where())
        return True

    def _where(self) -> str:
        what = self._target.names[0] if self._target.names else "a listing"
        came = self.get_transmitted_bytes()
        if self._fault.kind not in ("stall", "throttle"):
            came = self._fault.after_bytes or came  # what came beyond that is not taken
        return f"after {came} bytes of {what}"

    def _slow_down(self, size: int) -> None:
        """Nothing more until it is time: what went by last has to have taken as long as it should."""
        if not self._is_noted and not self._hits():
            return
        now = time.monotonic()
        self._free_at = max(self._free_at, now) + size / (self._fault.bytes_per_second or 1)
        if self._free_at > now:
            self._hold(self._free_at - now)

    def _hold(self, seconds: float | None) -> None:
        self._is_held = True
        if seconds is not None:
            self.call_later(seconds, self._let_go)

    def _let_go(self) -> None:
        """Go on where it stopped."""
        self._is_held = False
        state, self._kept_back = self._kept_back, None
        if self._fault.kind == "stall":
            self.__class__ = self._healthy
        if self.receive:
            if state in (State.ENDED, State.CUT):
                self._end_with(state)
            else:
                self._wake()
        elif self._source is not None:
            self.listen()
        else:
            self.add_channel(events=self.ioloop.WRITE)

    def _break(self) -> None:
        if self._fault.kind == "cut-listing":
            self.transfer_finished = True
            self._resp = ("226 Transfer complete.", logger.debug)
            self.close()
        elif self._fault.kind == "reset":
            self._reset()
        else:
            self._give_up_as_asked()

    def _give_up_as_asked(self) -> None:
        session = self.cmd_channel
        usual = f"the connection broke after {self.get_transmitted_bytes()} bytes"
        text = told(self._fault, usual, marks=session.targets.faults.marks_replies)
        session.prepare_refusal(RULE, f"{self._fault} struck {self._where()}")
        linger(self.socket, self.ioloop)
        self.transfer_finished = False
        self._resp = (f"426 {text}.", logger.info)
        if self.receive:
            self.close()
        else:
            self.cut()  # a goodbye of TLS would say that this is the end of the file

    def _reset(self) -> None:
        """Break off both connections, as a firewall does that has forgotten them."""
        session = self.cmd_channel
        for channel in (self, session):
            channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transfer_finished = False
        self.cut()
        session.cut_off()
