"""The control channel: TLS first, then the login, and a reason and an event for every refusal."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from OpenSSL import SSL

from digipoort_sim.ftp.folders import Folders
from digipoort_sim.ftp.sessions.commands import COMMANDS, NO_FTP, NOT_OFFERED, RESUMING, WITHOUT_TLS
from digipoort_sim.ftp.sessions.times import Times
from digipoort_sim.ftp.transfers.data import DataChannel

_LISTS = ("LIST", "NLST")


class ControlChannel(Times):
    """One session; the door makes a subclass that has a desk.

    Attributes:
        upload_limit: how many bytes the present upload may have.
    """

    dtp_handler = DataChannel
    abstracted_fs = Folders
    banner = "Digipoort-simulator, FTP. Send AUTH TLS."
    proto_cmds: ClassVar[dict[str, Any]] = dict(COMMANDS)
    unicode_errors = "strict"
    use_sendfile = False

    def __init__(self, conn: Any, server: Any, ioloop: Any = None) -> None:
        self.upload_limit = 0
        super().__init__(conn, server, ioloop)
        if not self.connected:
            return
        self._extra_feats = ["AUTH TLS", "PBSZ", "PROT"]
        self._available_facts = self._current_facts[:]  # without those that tell of users of this machine
        self.desk.sessions[self] = None
        self.call_later(self.desk.profile.login_timeout_seconds, self.end_without_login)

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        """Check what every command must have before it is looked at."""
        if cmd not in self.proto_cmds:
            self._refuse_command(cmd)
        elif not self._ssl_established and cmd in ("PBSZ", "PROT"):
            self.refuse(503, "send AUTH TLS first", "FTP-SEQUENCE")
        elif not self._ssl_established and cmd not in WITHOUT_TLS:
            self.refuse(530, "TLS is required: send AUTH TLS first", "FTP-TLS-REQUIRED")
        elif (self.proto_cmds[cmd]["auth"] or (cmd == "STAT" and arg)) and not self.authenticated:
            self.refuse(530, "log in with USER and PASS first", "FTP-LOGIN-REQUIRED")
        elif self.still_good():
            if cmd in _LISTS and arg.startswith("-"):
                arg = arg.partition(" ")[2]  # options of ls; no name begins with a hyphen
            super().pre_process_command(f"{cmd} {arg}", cmd, arg)

    def _refuse_command(self, cmd: str) -> None:
        if cmd in NO_FTP:
            self.end(421, "this is an FTP server, and the client speaks something else", "FTP-OTHER-PROTOCOL")
        elif cmd == "CCC":
            self.refuse(534, "the control channel stays under TLS", "FTP-TLS-REQUIRED")
        elif cmd in NOT_OFFERED:
            self.refuse(502, f"{cmd} is not offered: {NOT_OFFERED[cmd]}", "FTP-COMMAND-OFFERED")
        elif cmd in RESUMING:
            self.refuse(
                502, f"{cmd} is not offered: files are sent from their beginning here", "FTP-COMMAND-OFFERED"
            )
        else:
            self.refuse(500, "there is no such command; HELP lists those that there are", "FTP-COMMAND")

    def ftp_NOOP(self, line: str) -> None:  # noqa: N802
        """Nothing, but the session counts as used."""
        self.respond("200 Nothing was done.")

    def handle_timeout(self) -> None:
        """Nothing was heard for too long."""
        if self._ssl_accepting:
            self.close()
        else:
            self.end(421, "nothing was heard for too long", "FTP-IDLE")

    def handle_error(self) -> None:
        """A fault of our own in a command: the client is told, an event has it, and the session ends.

        Where TLS itself is broken nothing more can be said.
        """
        error = sys.exc_info()[1]
        if isinstance(error, SSL.Error):
            self.desk.record(self.event_of("ftp-refused", "", "FTP-TLS", f"TLS was broken off: {error}"))
            self.close()
            return
        self.log_exception(self)
        try:
            self.refuse_error(error or RuntimeError())
            self.close_when_done()
        except Exception:
            self.close()

    def close(self) -> None:
        """Close the session, for whatever reason."""
        self.desk.sessions.pop(self, None)
        super().close()
