"""Setting up data channels: passive ones only, one transfer at a time, each with its own reply."""

from __future__ import annotations

from typing import Any

from digipoort_sim.ftp.sessions.commands import PASSIVE, TRANSFERS
from digipoort_sim.ftp.sessions.logging_in import LoggingIn
from digipoort_sim.ftp.sessions.passive import NoPortError, PassivePort

_MOST_DIGITS = 18


class DataSetup(LoggingIn):
    """The part of a session that opens data channels and gives them up."""

    passive_dtp = PassivePort
    data_channel: Any
    _in_dtp_queue: Any
    _out_dtp_queue: Any
    _strange = False

    def process_command(self, cmd: str, *args: Any, **options: Any) -> None:
        """Do what a command says, if it is allowed, and if its data channel can be had."""
        if self._may_transfer(cmd):
            super().process_command(cmd, *args, **options)

    def _may_transfer(self, cmd: str) -> bool:
        if cmd in PASSIVE and not self._prot and self.desk.profile.require_protected_data:
            self.refuse(521, "send PBSZ 0 and PROT P first: data channels need TLS", "FTP-PROT-REQUIRED")
        elif cmd in PASSIVE and self._waits():
            self._give_up_waiting(
                425, "nobody connected to the passive port before the next one", "FTP-NO-DATA"
            )
            return True
        elif cmd in PASSIVE | TRANSFERS and self._runs():
            self.refuse(503, "a transfer is under way; wait for its reply or send ABOR", "FTP-SEQUENCE")
        elif cmd in TRANSFERS and self._dtp_acceptor is None and self.data_channel is None:
            self.refuse(425, "there is no data connection; send PASV or EPSV first", "FTP-NO-DATA")
        else:
            return True
        return False

    def ftp_STOR(self, file: str, mode: str = "w") -> Any:  # noqa: N802
        """Store a file, if its data connection has not gone while the disk was looked at."""
        if self._dtp_acceptor is None and self.data_channel is None:
            self.refuse(425, "the data connection is gone; send PASV or EPSV again", "FTP-NO-DATA")
            return None
        return super().ftp_STOR(file, mode)

    def _runs(self) -> bool:
        """Whether a transfer has its data channel, or waits for it."""
        return self._waits() or (self.data_channel is not None and self.data_channel._initialized)

    def _waits(self) -> bool:
        return self._in_dtp_queue is not None or self._out_dtp_queue is not None

    def _make_epasv(self, extmode: bool = False) -> None:
        local = self.socket.getsockname()[0]
        if not extmode and ":" in local and not local.startswith("::ffff:"):
            self.refuse(522, "PASV is for IPv4 only; use EPSV", "FTP-NETWORK")
            return
        self.server.make_room()
        self._strange = False
        try:
            super()._make_epasv(extmode)
        except NoPortError as error:
            self.refuse(425, error.detail, error.rule)

    def ftp_EPSV(self, line: str) -> None:  # noqa: N802
        """A passive port, or with ALL the promise that only EPSV will come."""
        if line.upper() == "ALL":
            self._epsvall = True
            self.respond("200 Only EPSV opens data channels from now on.")
        else:
            super().ftp_EPSV(line)

    def ftp_REST(self, line: str) -> None:  # noqa: N802
        """The octet at which the next transfer goes on."""
        if line.isascii() and line.isdigit() and len(line) <= _MOST_DIGITS:
            super().ftp_REST(line)
        else:
            self.refuse(501, "REST takes the number of octets that are there already", "FTP-ARGUMENT")

    def ftp_ABOR(self, line: str) -> None:  # noqa: N802
        """End the transfer: it gets its own reply, and then ABOR."""
        runs = self._runs()
        self._shutdown_connecting_dtp()
        if self._waits():
            self._give_up_waiting(426, "the transfer was aborted", "FTP-ABORTED")
        elif self.data_channel is not None:
            channel, self.data_channel = self.data_channel, None
            channel.cut()
            if runs:
                self.refuse(426, "the transfer was aborted", "FTP-ABORTED")
        self.respond("226 Aborted." if runs else "225 There was no transfer to abort.")

    def lose_upload(self, why: str, rule: str) -> None:
        """Give up the upload.

        One that waits for its data connection has its file open: it would write to it even after another
        session has delivered it.
        """
        if self.data_channel is not None:
            self.data_channel.give_up("426", why, rule)
        elif self._waits():
            self._shutdown_connecting_dtp()
            self._give_up_waiting(426, why, rule)

    def data_connection_missed(self) -> None:
        """Nobody connected to the passive port in time."""
        self._dtp_acceptor = None
        if self.connected and self._waits():
            self._give_up_waiting(425, "nobody connected to the passive port in time", "FTP-NO-DATA")

    def note_stranger(self, address: str) -> None:
        """Somebody else connected to the passive port; told once for each port.

        The client hears nothing of it: it would take that for the reply to its next command.
        """
        if self._strange:
            return
        self._strange = True
        detail = f"a connection from {address} to the passive port was sent away: it is not the session's own"
        self.desk.record(self.event_of("ftp-refused", "", "FTP-DATA-FOREIGN", detail))

    def _give_up_waiting(self, code: int, text: str, rule: str) -> None:
        """Give up a transfer that has no data channel yet."""
        incoming, outgoing = self._in_dtp_queue, self._out_dtp_queue
        self._in_dtp_queue = self._out_dtp_queue = None
        file = incoming[0] if incoming else outgoing[2]
        if file is not None:
            file.close()
        if incoming:
            self.on_incomplete_file_received(file.name)
        self.refuse(code, text, rule)
