"""What uploads and downloads have in common: memory, how they fail, and for how long they may stand still."""

from __future__ import annotations

from typing import Any

from pyftpdlib.handlers.ftp.data import DTPHandler
from pyftpdlib.log import logger

from digipoort_sim.ftp.tls.handshake import linger
from digipoort_sim.ftp.transfers.buffers import Buffers


class Transfer(DTPHandler):  # type: ignore[misc]
    """One transfer; stands behind pyftpdlib's TLS layer, which calls it by `super()`."""

    cmd_channel: Any
    _lastdata: int
    _initialized: bool

    @property
    def buffers(self) -> Buffers:
        """The memory of all transfers."""
        return self.cmd_channel.desk.loop.buffers  # type: ignore[no-any-return]

    def is_at_disk(self) -> bool:
        """Whether the transfer waits for the disk, not for the client."""
        return False

    def give_up(self, code: str, text: str, rule: str) -> None:
        """End the transfer as a failure, with this reply; the client may go on sending for a moment."""
        linger(self.socket, self.ioloop)
        self.cmd_channel.prepare_refusal(rule)
        self.transfer_finished = False
        self._resp = (f"{code} {text}.", logger.info)
        self.close()

    def handle_timeout(self) -> None:
        """Look whether anything moved since the last look; if not, that was it. The session goes on."""
        moved = self.get_transmitted_bytes()
        if not self._initialized:  # no transfer was asked for, so there is none to reply to
            self.close()
        elif moved > self._lastdata or self.is_at_disk():
            self._lastdata = moved
        else:
            self.give_up("426", f"nothing was transferred for {self.timeout} seconds", "FTP-STALLED")
